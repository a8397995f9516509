"""Install the JavaScript clients of package.json into a folder outside the repository; does nothing when they are there.

    python tests/practice/clients/install.py [FOLDER]

Needs npm, and the network the first time. Prints the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent


def folder() -> Path:
    """Where the clients are: WEFT_CLIENTS, or a folder of the user's cache."""
    named = os.environ.get("WEFT_CLIENTS")
    return Path(named) if named else Path(platformdirs.user_cache_dir("weft-studio-tests", appauthor=False))


def wanted() -> dict[str, str]:
    """Package names with their exact versions."""
    found: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    return found


def installed(target: Path) -> bool:
    """Whether every package is there in its version."""
    for name, version in wanted().items():
        description = target / "node_modules" / name / "package.json"
        if not description.exists() or json.loads(description.read_text())["version"] != version:
            return False
    return True


def install(target: Path) -> None:
    """Install with npm; raises CalledProcessError with npm's words on stderr."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "package.json", target / "package.json")
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed")
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run([npm, "install", *quiet], cwd=target, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else folder()
    if not installed(place):
        install(place)
    print(place)
