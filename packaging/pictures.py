"""Makes the screenshots in docs/pictures: the real window on the sample project, drawn offscreen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MAP = ["--open", "transformations/orders-to-invoices"]
SHOTS: dict[str, list[str]] = {
    "mapping-light": [*MAP, "--theme", "light"],
    "mapping-dark": [*MAP, "--theme", "dark"],
    "mapping-pt": [*MAP, "--theme", "light", "--language", "pt_BR"],
    "operation": ["--open", "operations/send-invoices", "--theme", "light"],
    "start": ["--start-page", "--theme", "light"],
    "move": ["--start-page", "--theme", "light", "--do", "move.open"],
}
SIZE = "1600x1000"


def main() -> int:
    """Take each picture in a home of its own, so that nobody's settings show."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory() as home:
        project = Path(home) / "orders-to-erp"
        env = os.environ | {"WEFT_HOME": home, "WEFT_LANGUAGE": "en"}
        made = subprocess.call(
            [sys.executable, "-m", "studio", "new", str(project), "--sample", "orders"], env=env
        )
        if made != 0:
            return made
        for name, options in SHOTS.items():
            file = PICTURES / f"{name}.png"
            command = [
                sys.executable,
                "-m",
                "ui",
                str(project),
                "--screenshot",
                str(file),
                "--size",
                SIZE,
                *options,
            ]
            if subprocess.call(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL) != 0:
                failed.append(name)
            else:
                print(file)
    if failed:
        print(f"Could not be made: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
