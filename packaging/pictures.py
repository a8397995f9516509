"""Makes the screenshots in docs/pictures: the real window on the sample project, drawn offscreen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MAP = ["--open", "transformations/orders-to-invoices"]
LINE = "invoices/invoice/line"
SHOTS: dict[str, list[str]] = {
    "mapping-light": [*MAP, "--select", "invoices/invoice/dueDate", "--theme", "light"],
    "mapping-dark": [*MAP, "--select", f"{LINE}/amount", "--theme", "dark"],
    "schema": ["--open", "schemas/orders.xsd", "--select", "orders/order/customer/terms", "--theme", "light"],
    "mapping-pt": [*MAP, "--select", LINE, "--theme", "light", "--language", "pt_BR"],
}
# Made by hands on the window: `picture_hands.py` says how.
HANDS = ("script", "operation", "debugger", "changes", "coverage", "text")
# The steps of a move and what comes after it: `move_pictures.py` says how; which of them, and in which language.
MOVES = {
    "en": "move-map,move-preflight,move-trial,move-progress,move-results,move-fix,move-undo,move-export,move-history",
    "pt_BR": "move-map,move-preflight,move-results,move-export",
}
# Two people and a server: `together_pictures.py` says how.
TOGETHER = "panel,versions,deploy"
# The window of conflicts and the doctor: `way_pictures.py` says how.
WAY = ("conflict", "doctor")
SIZE = "1600x1000"
PATIENCE = 300


def _done(command: list[str | Path], env: dict[str, str]) -> bool:
    """Whether a Python program of the project ended well; it may take its time, but not for ever."""
    called = [sys.executable, *map(str, command)]
    try:
        done = subprocess.run(
            called, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
    return done.returncode == 0


def _together(only: list[str], project: Path, home: Path, env: dict[str, str]) -> list[str]:
    if only and "together" not in only:
        return []
    # What is shared is a copy: what it writes into the project is not for the other pictures.
    shared = Path(shutil.copytree(project, home / "shared" / project.name))
    hands = [ROOT / "packaging" / "together_pictures.py", shared, PICTURES, "--only", TOGETHER]
    return [] if _done(hands, env | {"WEFT_HOME": str(home / "together")}) else ["together"]


def _way(only: list[str], home: Path, env: dict[str, str]) -> list[str]:
    hands = [ROOT / "packaging" / "way_pictures.py", PICTURES, "light"]
    wanted = [name for name in WAY if not only or name in only]
    return [name for name in wanted if not _done([*hands, name], env | {"WEFT_HOME": str(home / name)})]


def main() -> int:
    """Take each picture in a home of its own, so that nobody's settings show; those named on the command line, else all."""
    only = sys.argv[1:]
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory() as home:
        project = Path(home) / "orders-to-erp"
        env = os.environ | {"WEFT_HOME": home, "WEFT_LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
        made = subprocess.call(
            [sys.executable, "-m", "studio", "new", str(project), "--sample", "orders"], env=env
        )
        if made != 0:
            return made
        for name, options in SHOTS.items():
            if only and name not in only:
                continue
            file = PICTURES / f"{name}.png"
            command: list[str | Path] = ["-m", "ui", project, "--screenshot", file, "--size", SIZE, *options]
            if not _done(command, env):
                failed.append(name)
        for name in HANDS:
            if only and name not in only:
                continue
            env["WEFT_HOME"] = str(Path(home) / name)
            if not _done([ROOT / "packaging" / "picture_hands.py", name, project, PICTURES], env):
                failed.append(name)
        failed += _together(only, project, Path(home), env)
        failed += _way(only, Path(home), env)
        for language, names in () if only else MOVES.items():
            env["WEFT_HOME"] = str(Path(home) / f"move-{language}")
            ending = "" if language == "en" else "-pt"
            moves = [ROOT / "packaging" / "move_pictures.py", project, PICTURES]
            if not _done([*moves, "--language", language, "--only", names, "--ending", ending], env):
                failed.append(f"move-{language}")
    for file in sorted(PICTURES.glob("*.png")):
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} KB")
    if failed:
        print(f"Could not be made: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
