"""Collects the texts of the code into the Portuguese catalogue, keeping what is translated."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "resources" / "translations" / "pt_BR" / "LC_MESSAGES" / "weft.po"


def babel(*arguments: str | Path) -> None:
    """Run one Babel command, or stop."""
    command = [str(Path(sys.executable).with_name("pybabel")), "-q", *map(str, arguments)]
    if subprocess.call(command, cwd=ROOT) != 0:
        sys.exit(1)


def main() -> None:
    """Extract, then make or update the catalogue; no line numbers, so that it changes only with the texts."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "weft.pot"
        babel("extract", "-F", "packaging/texts.cfg", "--no-location", "--sort-output", "--omit-header",
              "-k", "_", "-k", "ngettext:1,2", "-k", "N_", "-o", template, "studio", "ui", "cloud")  # fmt: skip
        if CATALOGUE.exists():
            babel(
                "update",
                "-N",
                "--omit-header",
                "--ignore-obsolete",
                "-i",
                template,
                "-o",
                CATALOGUE,
                "-l",
                "pt_BR",
            )
        else:
            CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
            babel("init", "-i", template, "-o", CATALOGUE, "-l", "pt_BR")


if __name__ == "__main__":
    main()
