"""Delimited samples: delimiter, quote, header, encoding and types from the text itself."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.delimited import column_names
from studio.schema.infer import Guess, base_of
from studio.schema.model import Base
from studio.schema.read import read_schema
from studio.schema.rows import DELIMITERS, recognise, split
from tests.schema.trees import Reads, lines

_WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCÉã ", min_size=1, max_size=8)
_CELLS = st.one_of(_WORDS, st.integers(-999, 99999).map(str), st.text(alphabet='ab,;|\t"\n\r é', max_size=6))
_TABLES = st.integers(2, 6).flatmap(
    lambda width: st.lists(st.lists(_CELLS, min_size=width, max_size=width), min_size=1, max_size=12)
)


def _written(rows: list[list[str]], delimiter: str, end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


@given(_TABLES, st.sampled_from(DELIMITERS), st.sampled_from(["\n", "\r\n"]))
def test_rows_written_by_others_are_split_the_same(rows: list[list[str]], delimiter: str, end: str) -> None:
    text = _written(rows, delimiter, end, csv.QUOTE_ALL)
    assert [list(row.cells) for row in split(text, delimiter, '"')] == rows


@given(_TABLES, st.sampled_from(DELIMITERS), st.sampled_from(["\n", "\r\n"]))
def test_the_delimiter_is_recognised(rows: list[list[str]], delimiter: str, end: str) -> None:
    # Where another delimiter splits the text as evenly, the text itself does not tell.
    plain = [[cell if not set(cell) & set(",;|\t\"'\r\n") else "x" for cell in row] for row in rows]
    header = [f"Field{n}" for n in range(len(rows[0]))]
    text = _written([header, *plain, plain[0]], delimiter, end)
    dialect = recognise(text)
    assert dialect.delimiter == delimiter


@given(st.integers(2, 6), st.integers(1, 8), st.sampled_from(DELIMITERS), st.data())
def test_a_header_over_numbers_is_recognised_and_numbers_alone_have_none(
    width: int, height: int, delimiter: str, data: st.DataObject
) -> None:
    names = data.draw(
        st.lists(_WORDS.map(str.strip).filter(bool), min_size=width, max_size=width, unique_by=str.casefold)
    )
    assume(not any(name.casefold() in ("true", "false") for name in names))
    rows = [[str(data.draw(st.integers(0, 10**6))) for _column in range(width)] for _row in range(height)]
    assert recognise(_written([names, *rows], delimiter)).header
    assert not recognise(_written(rows, delimiter)).header


@given(st.text(max_size=300))
def test_no_text_breaks_the_recognition(text: str) -> None:
    dialect = recognise(text)
    assert "".join(cell for row in split(text, dialect.delimiter, "") for cell in row.cells) == "".join(
        part for part in text.replace(dialect.delimiter, "").replace("\r", "").replace("\n", "")
    )


def test_a_typical_export(reads: Reads) -> None:
    schema = reads(
        (
            "a.csv",
            "Id;Nome do cliente;Total;Ativo;Criado;Vence;CEP\n"
            '1;"Silva; Filhos";10.50;true;2026-03-01T10:00:00;31/12/2026;01310\n'
            "2;Ada;7;false;2026-03-02 11:30;01/02/2027;04567\n",
        )
    )
    assert schema.kind == "delimited"
    assert {key: schema.facts[key] for key in ("delimiter", "quote", "header", "encoding")} == {
        "delimiter": ";",
        "quote": '"',
        "header": "true",
        "encoding": "utf-8",
    }
    assert lines(schema) == [
        "row 0..n row",
        "row/Id 0..1 integer",
        "row/`Nome do cliente` 0..1 string",
        "row/Total 0..1 decimal",
        "row/Ativo 0..1 boolean",
        "row/Criado 0..1 dateTime",
        "row/Vence 0..1 string",
        "row/CEP 0..1 string",
    ]
    due = schema.find("row/Vence")
    assert due is not None
    assert due.node.value is not None
    assert due.node.value.format == "dd/mm/yyyy"
    assert due.node.facts["position"] == "6"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,2\n3,4\n", ["column1", "column2"]),
        ("a,,a\n1,2,3\n", ["a", "column2", "a_2"]),
        ("name\nAda\n", ["name"]),
        ("NAME\tCITY\r\n", ["NAME", "CITY"]),
        ("Ada,Paris\nBob,Rome\nCy,Paris\n", ["column1", "column2"]),
    ],
)
def test_headers_and_their_absence(reads: Reads, text: str, names: list[str]) -> None:
    schema = reads(("a.csv", text))
    assert [place.node.name for place in schema.root().children()] == names  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("código,descrição\n1,São Paulo\n2,Olá\n".encode(encoding))
    schema = read_schema(file)
    assert [place.node.name for place in schema.root().children()] == ["código", "descrição"]  # type: ignore[union-attr]
    assert "código".encode(schema.facts["encoding"])
    file.write_bytes("a,é\n1,2\n".encode("latin-1"))
    with pytest.raises(BadInput, match="not utf-8: byte 0xE9") as caught:
        read_schema(file, encoding="utf-8", kind="delimited")
    assert caught.value.line == 1


def test_bad_files_are_refused_with_their_place(reads: Reads, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="never closed") as caught:
        reads(("a.csv", 'a,b\n1,2\n3,"open\n4,5\n'))
    assert caught.value.line == 3
    with pytest.raises(BadInput, match="empty"):
        reads(("a.csv", "\n\n"))
    (tmp_path / "b.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(BadInput, match="not text"):
        read_schema(tmp_path / "b.csv")
    schema = reads(("a.csv", "a,b\n1,2\n3,4,5\n6,7,8\n"))
    (problem,) = schema.problems
    assert (problem.line, problem.message) == (
        3,
        "This row has 3 cells, but there are 2 columns; rows like this: 2.",
    )


def test_only_the_head_of_a_large_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n" + "1,Ada\n" * 400_000 + 'x,"open')
    assert lines(read_schema(tmp_path / "a.csv")) == [
        "row 0..n row",
        "row/id 0..1 integer",
        "row/name 0..1 string",
    ]


def test_csv_spectrum_splits_as_its_answers_say(shared: Path) -> None:
    folder = shared / "corpora" / "csv" / "csv-spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) >= 12
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        dialect = recognise(text)
        header, *rows = split(text, dialect.delimiter, dialect.quote)
        said = (folder / "json" / f"{file.stem}.json").read_text("utf-8", "replace")
        # In two pairs of the set a phone number and a line break were changed on one side only.
        answer = json.loads(said.replace("1234567890", "2095257564").replace("\\r\\n", "\\n"))
        assert dialect.header
        assert [dict(zip(header.cells, row.cells, strict=True)) for row in rows] == (
            answer if isinstance(answer, list) else [answer]
        )


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("12", Base.INTEGER),
        ("-0", Base.INTEGER),
        ("007", Base.TEXT),
        ("1.50", Base.DECIMAL),
        (".5", Base.DECIMAL),
        ("1e5", Base.FLOAT),
        ("TRUE", Base.BOOLEAN),
        ("yes", Base.TEXT),
        ("2026-02-28", Base.DATE),
        ("2026-02-30", Base.TEXT),
        ("2026-02-28T10:00", Base.DATETIME),
        ("2026-02-28 25:00", Base.TEXT),
        ("10:30:05", Base.TIME),
        ("1,5", Base.TEXT),
        ("12345678901234567890", Base.TEXT),
        ("", Base.TEXT),
    ],
)
def test_the_base_of_a_text(text: str, base: Base) -> None:
    assert base_of(text) is base


@given(st.lists(st.text(max_size=20), max_size=8))
def test_column_names_are_distinct_and_never_empty(cells: list[str]) -> None:
    names = column_names(cells)
    assert len(set(names)) == len(cells)
    assert all(names)


@given(
    st.lists(
        st.sampled_from(["1", "2.5", "1e3", "x", "", "true", "2026-01-01", "2026-01-01T00:00"]), max_size=6
    )
)
def test_a_guess_fits_every_value_whatever_their_order(texts: list[str]) -> None:
    forward, backward = Guess(), Guess()
    for text in texts:
        forward.see(text)
    for text in reversed(texts):
        backward.see(text)
    assert forward.value_type() == backward.value_type()
    assert forward.empty == texts.count("")
