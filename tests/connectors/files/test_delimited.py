"""Reading delimited files: recognition, strict decoding, values byte for byte, faults named by row and column."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.files.recognise import DELIMITERS, recognise

# Text as it stands in real files: anything but what no encoding can carry or a reader could not tell from a line end.
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


def write(
    path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\n"
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def read(path: Path, **given: str) -> list[list[str]]:
    with DelimitedFile.open(path, **given).rows() as rows:
        return list(rows)


@given(
    st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(ENCODINGS),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_values_come_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str, delimiter: str, end: str
) -> None:
    path = tmp_path_factory.mktemp("d") / "rows.csv"
    write(path, [["Name", "Città", "Note"], *rows], encoding, delimiter, end)
    asked = encoding if encoding in ("utf-16-le", "utf-16-be") else ""
    file = DelimitedFile.open(path, encoding=asked, delimiter=delimiter)
    with file.rows() as got:
        assert list(got) == rows
    assert file.header == ("Name", "Città", "Note")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_usual_file_is_recognised(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [
        ["ERP_Id__c", "Name", "City"],
        ["A-1", "Padaria, Estrela; do Sul", "São|Paulo"],
        ["A-2", "x", "y^z`"],
    ]
    write(tmp_path / "f.csv", rows, encoding, delimiter)
    assert DelimitedFile.open(tmp_path / "f.csv").header == tuple(rows[0])
    assert read(tmp_path / "f.csv") == rows[1:]


def test_unquoted_files_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Name;Revenue\nA;1,5\nB;2,25\nC;3\n")
    assert recognise(path).delimiter == ";"
    path.write_text("Name\nA, B and C\nD\n")
    assert read(path)[1] == ["D"]
    assert recognise(path).shown == "UTF-8, comma"


def test_line_ends_and_unicode_separators_inside_values_are_kept(tmp_path: Path) -> None:
    value = "one\r\ntwo\nthree\rfour\u2028five\u0085six\x0bseven"
    write(tmp_path / "f.csv", [["a", "b"], [value, "x"]], end="\r\n")
    assert read(tmp_path / "f.csv") == [[value, "x"]]


def test_blank_lines_are_no_rows_but_an_empty_value_is(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('\nName\n\nA\n""\n\nB\n')
    assert read(path) == [["A"], [""], ["B"]]


def test_wrong_bytes_are_named_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"Name,City\nA,B\nC,S\xe3o Paulo\n")
    with pytest.raises(BadInput, match=r"Row 2, column City: byte 0xE3 makes no character in UTF-8.*cp1252"):
        read(path)
    assert read(path, encoding="windows-1252")[1] == ["C", "São Paulo"]


def test_a_wrong_byte_in_the_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"Name,Cit\xe0\nA,B\n")
    with pytest.raises(BadInput, match=r"The first line, column 2: byte 0xE0"):
        DelimitedFile.open(path)


def test_wrong_bytes_beyond_the_sample_are_found(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"Name\n" + b"x" * 80 + b"\n" + b"good\n" * 100_000 + b"b\xffd\n")
    with pytest.raises(BadInput, match=r"Row 100002, column Name: byte 0xFF"):
        read(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('a,b\n1,"open\n2,3\n', "not closed"),
        ('a,b\n1,"x"y\n', "followed by"),
        ("a,,c\n1,2,3\n", "Column 2 has no name"),
        ("a, ,c\n1,2,3\n", "Column 2 has no name"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 have the same name: a"),
        ("", "empty"),
        ("\n\n", "empty"),
        ("\ufeff", "empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, newline="")
    with pytest.raises(BadInput, match=reason) as caught:
        read(path)
    assert caught.value.file == str(path)
    assert caught.value.next_step


def test_a_missing_file_and_an_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="could not be read"):
        DelimitedFile.open(tmp_path / "gone.csv")
    (tmp_path / "f.csv").write_text("a\n1\n")
    for name in ("klingon", "rot13", "hex"):
        with pytest.raises(BadInput, match="no encoding"):
            DelimitedFile.open(tmp_path / "f.csv", encoding=name)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_rows_or_one_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("d") / "f.csv"
    path.write_bytes(data)
    with contextlib.suppress(BadInput):
        assert all(isinstance(value, str) for row in read(path) for value in row)


def test_the_preview_reads_only_the_start(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a\n" + "".join(f"{n}\n" for n in range(1000)))
    assert DelimitedFile.open(path).first(3) == [["0"], ["1"], ["2"]]


LONG = "a" * 70
WESTERN = "Código;Nome\r\n1;Padaria São João – “Ltda”\r\n2;Ação d’Água 5º\r\n"


@pytest.mark.parametrize(
    "text",
    [WESTERN, "a;b\r\n" + f"{LONG};x\r\n" * 8000 + "1;Conceição\r\n", "a\nÉtablissement Ñandú\nFußball\n"],
)
def test_a_western_file_that_is_no_utf_8_is_recognised_and_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode("cp1252"))
    file = DelimitedFile.open(path, guess=True)
    assert file.dialect.guessed
    assert file.dialect.shown.startswith("Windows-1252, as it is not UTF-8")
    with file.rows() as rows:
        *_more, last = rows
    assert last == text.splitlines()[-1].split(";")
    with pytest.raises(BadInput):
        # Nobody who does not show it takes a guess.
        read(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a\nПривет, мир\n", "cp1251"),
        ("a\nŁódź i Gdańsk\nzażółć\n", "cp1250"),
        ("a\nAção\nSão Paulo\n", "cp850"),
        ("a\nAção\nSão Paulo\n", "mac_roman"),
        ("a\n日本語\n", "shift_jis"),
        ("a\nSão Paulo\n", "utf-8"),
    ],
)
def test_another_encoding_is_not_taken_for_it(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode(encoding))
    assert not recognise(path, guess=True).guessed


def test_a_file_without_names_calls_its_columns_as_a_sheet_does(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("1;x\n2;y\n")
    file = DelimitedFile.open(path, bare=True)
    assert file.header == ("A", "B")
    with file.rows() as rows:
        assert list(rows) == [["1", "x"], ["2", "y"]]
    path.write_bytes(b"1;x\n2;S\xe3o\n")
    with pytest.raises(BadInput, match="Row 2, column B"), DelimitedFile.open(path, bare=True).rows() as rows:
        list(rows)
