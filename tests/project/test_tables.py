"""Value tables are read once, again when they change, and never from outside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.tables import Tables


def put(folder: Path, name: str, data: bytes) -> Path:
    file = folder / "tables" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def test_a_table_maps_keys_to_rows(tmp_path: Path) -> None:
    put(tmp_path, "countries.csv", b"code,name\nBR,Brasil\nDE,Deutschland\nBR,again\n")
    put(tmp_path, "more/taxes.csv", b"\xef\xbb\xbfkind;rate\nA;0,20\n")
    tables = Tables(tmp_path)
    assert list(tables) == ["countries", "more/taxes"]
    assert tables["countries"]["BR"] == {"code": "BR", "name": "Brasil"}
    assert tables["more/taxes"]["A"]["rate"] == "0,20"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = put(tmp_path, "t.csv", b"k,v\na,1\n")
    tables = Tables(tmp_path)
    stamp = tables.stamp
    first = tables["t"]
    assert tables["t"] is first
    file.write_bytes(b"k,v\na,2\n")
    os.utime(file, ns=(1, 1))
    assert tables["t"]["a"]["v"] == "2"
    assert tables.stamp != stamp


@pytest.mark.parametrize("name", ["../secret", "gone", "/etc/passwd"])
def test_what_is_not_a_table_of_the_project_is_not_there(tmp_path: Path, name: str) -> None:
    put(tmp_path, "t.csv", b"k,v\n")
    (tmp_path / "secret.csv").write_text("k,v\na,1\n")
    with pytest.raises(KeyError):
        Tables(tmp_path)[name]


def test_a_broken_table_names_the_file(tmp_path: Path) -> None:
    put(tmp_path, "t.csv", b"k,v\na,\xff\xfe\x00\n")
    with pytest.raises(BadInput) as error:
        Tables(tmp_path)["t"]
    assert error.value.file is not None
    assert error.value.file.endswith("t.csv")
