"""A document of another kind than the map's is refused, and the error says what it looks like."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.other_kind import looks_like
from studio.engine.plan import Plan
from studio.engine.run import transform
from tests.engine.build import json_items, plan, rows, xml

OUT = rows({"id": "text"})
ROWS = plan({"row": {"loop": "row"}, "row/id": "[id]"}, rows({"id": "text", "q": "text"}), OUT)
JSON = plan({"row": {"loop": "item"}, "row/id": "[id]"}, json_items({"id": "text"}), OUT)
XML = plan({"row": {"loop": "r/i"}, "row/id": "[id]"}, xml({"r": {"i*": {"id": "text"}}}), OUT)


def refused(made: Plan, given: bytes, folder: Path) -> str:
    file = folder / "given"
    file.write_bytes(given)
    with pytest.raises(BadInput) as error:
        transform(made, file, io.BytesIO())
    return error.value.next_step


@pytest.mark.parametrize("made", [ROWS, JSON, XML], ids=["rows", "json", "xml"])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (gzip.compress(b"id,q\n1,2\n" * 99, mtime=0), "compressed (gzip)"),
        (b"PK\x03\x04" + bytes(40), "zip archive or an Excel workbook"),
        (b"%PDF-1.4\n%\xe2\xe3\n1 0 obj", "a PDF"),
        (b"ISA*00*          *00*", "X12 or EDIFACT"),
        (b"UNB+UNOC:3+A+B+260301:1207+1'", "X12 or EDIFACT"),
        ("id;q\n1;2\n".encode("utf-16-be"), "UTF-16 without a mark"),
        (b"<!DOCTYPE html><html><body><p>Error 500<br></body></html>", "HTML"),
    ],
)
def test_what_is_no_text_of_any_kind(made: Plan, given: bytes, said: str, tmp_path: Path) -> None:
    assert said in refused(made, given, tmp_path)


def test_one_kind_for_another(tmp_path: Path) -> None:
    assert "looks like XML" in refused(ROWS, b"\xef\xbb\xbf\n<r><i/></r>", tmp_path)
    assert "looks like JSON" in refused(ROWS, b'[{"id": "1"}]', tmp_path)
    assert "looks like XML" in refused(JSON, b"<r/>", tmp_path)
    assert "looks like JSON" in refused(XML, b' {"id": "1"}', tmp_path)
    assert "JSON lines" in refused(JSON, b'{"id": "1"}\n{"id": "2"}\n', tmp_path)


def test_what_is_of_the_right_kind_and_broken_is_told_as_before(tmp_path: Path) -> None:
    assert refused(XML, b"<r><i></r>", tmp_path).startswith("Close <i> first")
    assert refused(JSON, b'[{"id": 1},,]', tmp_path).startswith("Mend the document there")
    assert refused(ROWS, b"isActive,q\n1,2\n", tmp_path).startswith("Give a file with that column")
    assert (
        looks_like(b"\x00" * 99, "xml")
        == looks_like(b"PK\x03\x04", "excel")
        == looks_like(b"{}", "copybook")
        == ""
    )
    assert "looks like JSON" in looks_like(b'{"a": 1}', "excel")
    assert "zip archive" in looks_like(b"PK\x03\x04", "avro")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_wide_json_lines_end_the_run(encoding: str, tmp_path: Path) -> None:
    """S43: not every line fails by itself."""
    made = plan({"row": {"loop": "item"}, "row/id": "[id]"}, json_items({"id": "text"}, form="lines"), OUT)
    mark = b"\xfe\xff" if encoding.endswith("be") else b""
    assert (
        refused(made, mark + '{"id": "é"}\n{"id": "ö"}\n'.encode(encoding), tmp_path) == "Save it as UTF-8."
    )


def test_a_header_without_the_column_is_told_in_short(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text(",".join([f"{'x' * 100}{n}" for n in range(1000)]) + "\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        transform(ROWS, file, io.BytesIO())
    assert "The column id is missing; the file has: xxxx" in str(error.value)
    assert len(str(error.value)) < 2500
