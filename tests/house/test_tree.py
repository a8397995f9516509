"""The house rules a machine can check: file sizes, docstrings, names, hosts and paths, locked requirements."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = sorted(path for top in ("studio", "ui", "cloud") for path in (ROOT / top).rglob("*.py"))
JUNK = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
HOSTS = re.compile(r"py" + r"pi\.org|python" + r"hosted\.org|registry\.n" + r"pmjs|deb\.deb" + r"ian\.org")


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout: only a checkout knows which files belong to the project")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_over_500_lines() -> None:
    everything = (*CODE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "packaging").rglob("*.py"))
    long = {str(p.relative_to(ROOT)): n for p in everything if (n := len(p.read_text().splitlines())) > 500}
    assert long == {}


def test_files_are_short_on_the_whole() -> None:
    sizes = sorted(len(path.read_text().splitlines()) for path in CODE)
    assert sizes[len(sizes) // 2] <= 160
    assert sizes[int(len(sizes) * 0.9)] <= 360


@pytest.mark.parametrize("top", ["studio", "ui", "cloud"])
def test_every_module_says_what_it_is_for(top: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / top).rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_junk_drawers() -> None:
    assert [str(path) for path in CODE if path.stem in JUNK or path.parent.name in JUNK] == []


def test_no_registry_host_and_no_machine_path() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".png", ".ico", ".icns", ".mo"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if HOSTS.search(text) or re.search(r"(?<![\w.])/(work|root)/\w", text):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_requirements_are_locked_with_hashes() -> None:
    for name in ("app.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text()
        pins = re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE)
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(pins) == len(blocks) > 20
        assert all("--hash=sha256:" in block for block in blocks)


def test_qt_is_pinned_below_the_release_that_crashes_old_pythons() -> None:
    text = (ROOT / "requirements" / "app.txt").read_text().lower()
    old = re.search(r"pyside6-essentials==(\d+)\.(\d+)\S* ; python_full_version < '3\.12'", text)
    assert old is not None
    assert (int(old[1]), int(old[2])) == (6, 11)
