"""The CSV that goes to the org and comes back: every value survives, cut files are noticed, records are counted right."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import NotReachable
from studio.connectors.salesforce.rows import (
    HeaderStrip,
    RecordCounter,
    encode,
    encode_header,
    quoted,
    read_rows,
)

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(TABLES, st.integers(1, 60))
def test_what_is_encoded_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], block: int
) -> None:
    data = b"".join(encode(table[0], table[1:], block))
    path = tmp_path_factory.mktemp("r") / "rows.csv"
    path.write_bytes(data)
    assert list(read_rows(path)) == table


@given(TABLES)
def test_every_value_is_quoted_and_rows_end_in_lf(table: list[list[str]]) -> None:
    data = b"".join(encode(table[0], table[1:])).decode()
    for row in table:
        line = ",".join('"' + value.replace('"', '""') + '"' for value in row) + "\n"
        assert data.startswith(line)
        data = data[len(line) :]
    assert data == ""


@given(TABLES, st.integers(1, 7))
def test_records_are_counted_and_the_header_stripped_at_any_cut(table: list[list[str]], step: int) -> None:
    data = b"".join(encode(table[0], table[1:]))
    counter, strip, rest = RecordCounter(), HeaderStrip(), b""
    for at in range(0, len(data), step):
        counter.feed(data[at : at + step])
        rest += strip.feed(data[at : at + step])
    assert counter.records == len(table)
    assert not counter.cut
    assert strip.header == encode_header(table[0])
    assert strip.header + rest == data


@given(TABLES, st.data())
def test_a_cut_stream_never_counts_as_whole(table: list[list[str]], draw: st.DataObject) -> None:
    data = b"".join(encode(table[0], table[1:]))
    cut = data[: draw.draw(st.integers(0, len(data) - 2))]
    counter = RecordCounter()
    counter.feed(cut)
    assert counter.cut or counter.records < len(table) or not cut.endswith(b"\n")


def test_a_last_record_without_line_end_counts() -> None:
    counter = RecordCounter()
    counter.feed(b"Id,Name\n1,A\n2,B")
    assert counter.records == 3
    counter.feed(b"")
    assert counter.records == 3


def test_line_separators_of_unicode_do_not_split_values(tmp_path: Path) -> None:
    value = "a\u2028b\x0bc\u0085d\r\ne"
    path = tmp_path / "r.csv"
    path.write_bytes(b"".join(encode(["sf__Id", "Name"], [["001", value]])))
    assert list(read_rows(path))[1] == ["001", value]


@pytest.mark.parametrize(
    "data", [b'"sf__Id","Name"\n"001","A', b'"sf__Id","Name"\n"001","\xff"\n', b'"a"b,c\n']
)
def test_a_damaged_result_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(NotReachable, match="incomplete"):
        list(read_rows(path))


def test_a_mark_and_blank_lines_in_a_result_file(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b'\xef\xbb\xbf"sf__Id","Name"\r\n\r\n"001","A"\r\n')
    assert list(read_rows(path)) == [["sf__Id", "Name"], ["001", "A"]]


def test_a_long_value_passes(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"".join(encode(["Name"], [["x" * 400_000]])))
    assert len(next(iter(list(read_rows(path))[1]))) == 400_000
    assert list(csv.reader(io.StringIO('"a""b"'))) == [['a"b']]


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.text('ab",\n\r é'), min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
def test_quoted_rows_are_those_of_the_standard_library(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert quoted(rows) == text.getvalue()
