"""A folder that takes no writing and a disk that is full: every command that writes ends with one message."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.practice.ready import Ready
from studio.project.create import create
from tests.practice_beside import org_beside

pytestmark = pytest.mark.network
SAID = {
    errno.ENOSPC: "The disk is full; the file was not written. Free some space",
    errno.EROFS: "The folder does not allow writing; the file was not written. Save to another folder",
}
COMMANDS = [
    "move upsert Account ROWS --key ERP_Id__c --org URL",
    "move upsert Account ROWS --key ERP_Id__c --org URL --results SHUT/results",
    "move check upsert Account ROWS --key ERP_Id__c --org URL",
    "move export SOQL out.csv --org URL",
    "move upsert Account ROWS --key ERP_Id__c --org practice",
    "org add shut --url URL --flow token",
    "new SHUT/new --sample orders",
    "export PROJECT SHUT/out.weft",
    "import PACKAGE SHUT/in",
    "transform PROJECT/transformations/orders-to-csv.yaml PROJECT/samples/orders.xml -o SHUT/out.csv",
    "run PROJECT list-order-lines",
    "agent runs",
]


@pytest.fixture(scope="module")
def org() -> Iterator[Ready]:
    with org_beside(seed=False) as ready:
        yield ready


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, its package and a file of rows."""
    place = tmp_path_factory.mktemp("material")
    create(place / "project", sample="orders")
    assert run(["export", str(place / "project"), str(place / "project.weft")]) == 0
    (place / "rows.csv").write_text("ERP_Id__c,Name\nA-1,One\n")
    return place


def shut(monkeypatch: pytest.MonkeyPatch, folder: Path, code: int) -> None:
    """From now on nothing new can be made below the folder."""

    def refusing(real: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def call(path: Any, *more: Any, **named: Any) -> Any:
            if writes(*more, **named) and isinstance(path, str | Path) and Path(path).is_relative_to(folder):
                raise OSError(code, os.strerror(code), str(path))
            return real(path, *more, **named)

        return call

    monkeypatch.setattr(
        io, "open", refusing(io.open, lambda mode="r", *_, **__: bool(set(mode) & set("wxa+")))
    )
    monkeypatch.setattr(os, "open", refusing(os.open, lambda flags=0, *_, **__: bool(flags & os.O_CREAT)))
    monkeypatch.setattr(os, "mkdir", refusing(os.mkdir, lambda *_, **__: True))


@pytest.mark.parametrize(
    ("command", "code"), [(command, list(SAID)[at % 2]) for at, command in enumerate(COMMANDS)]
)
def test_one_message_and_nothing_written(
    command: str, code: int, material: Path, org: Ready, own_home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("WEFT_ACCESS_TOKEN", org.access_token)
    monkeypatch.chdir(tmp_path)
    places = {"ROWS": material / "rows.csv", "PROJECT": material / "project", "PACKAGE": material / "project.weft",
              "SHUT": tmp_path / "shut", "URL": org.url, "SOQL": "SELECT Id FROM Account"}  # fmt: skip
    (tmp_path / "shut").mkdir()
    words = [next((word.replace(name, str(to)) for name, to in places.items() if name in word), word)
             for word in command.split()]  # fmt: skip
    shut(monkeypatch, tmp_path / "shut" if "SHUT" in command else own_home, code)
    assert run(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert SAID[code] in err
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1
    # A plan that was kept before the output is opened is whole, and is made anew wherever it is missing.
    written = [path for path in own_home.rglob("*") if path.is_file()] if own_home.exists() else []
    assert [path for path in written if path.suffix != ".plan"] == []
    assert not list((tmp_path / "shut").iterdir())
