from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio.practice.bulk.csvtext import (
    DELIMITERS,
    LINE_ENDS,
    Record,
    WrongLineEnd,
    header_line,
    quoted,
    records,
)

CELLS = st.text(st.sampled_from(list('abé𝄞 ,;|\t^`"\n\r\u2028\x0b#')), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6)


def read(text: str, delimiter: str = ",", end: str = "\n", *, any_end: bool = False) -> list[Record]:
    return list(records(io.StringIO(text, newline="\n"), delimiter, end, any_end=any_end))


@given(ROWS, st.sampled_from(sorted(DELIMITERS)), st.sampled_from(sorted(LINE_ENDS)), st.booleans())
def test_what_we_write_is_read_back_to_the_letter(
    rows: list[list[str]], delimiter: str, end: str, last_end: bool
) -> None:
    letter, ending = DELIMITERS[delimiter], LINE_ENDS[end]
    text = ending.join(quoted(row, letter) for row in rows) + (ending if last_end and rows else "")
    assert read(text, letter, ending) == [Record(row) for row in rows]


@given(ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from([0, 1]))
def test_it_reads_what_the_standard_library_writes(
    rows: list[list[str]], delimiter: str, end: str, quoting: int
) -> None:
    # The library leaves a lone return unquoted; before a line feed it would read as another line end.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in cell for row in rows for cell in row))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    assert read(out.getvalue(), delimiter, end) == [Record(row) for row in rows]


@given(st.text(st.sampled_from(list('ab,"\n\r ')), max_size=40))
def test_any_text_is_read_without_a_crash_and_no_letter_of_a_good_record_is_lost(text: str) -> None:
    found = read(text, any_end=True)
    plain = text.replace('"', "").replace(",", "").replace("\n", "").replace("\r", "")
    if all(record.error is None for record in found):
        kept = "".join("".join(record.values) for record in found)
        for unwanted in '",\n\r':
            kept = kept.replace(unwanted, "")
        assert kept == plain


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"a" ,b', "between a closing quote"),
        ('"a"x,b', "between a closing quote"),
        ('5" pipe,b', "not quoted"),
        (' "a",b', "not quoted"),
    ],
)
def test_a_record_with_stray_quotes_is_refused_alone(line: str, words: str) -> None:
    header, bad, good = read(f"x,y\n{line}\n1,2\n")
    assert words in str(bad.error)
    assert len(bad.values) == 2
    assert (header.error, good) == (None, Record(["1", "2"]))


def test_a_missing_closing_quote_takes_the_rest_along() -> None:
    (_header, rest) = read('x\n"a\nb\nc\n')
    assert rest == Record(["a\nb\nc\n"], "a closing quote is missing")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("x\r\n1\r\n", "\n"),
        ('"x"\r\n', "\n"),
        ('x,y\n"1",2\r\n', "\n"),
        ('x,y\n1,"2"\r\n', "\n"),
        ("x\n", "\r\n"),
        ('x\r\n"1"\n', "\r\n"),
        ('x\r\n"1\r\n2"\n', "\r\n"),
    ],
)
def test_another_line_end_than_declared_is_noticed(text: str, end: str) -> None:
    with pytest.raises(WrongLineEnd):
        read(text, end=end)
    assert read(text, end=end, any_end=True)


def test_line_ends_inside_quotes_are_values() -> None:
    assert read('a,b\n"1\r\n2","3\n4"\n') == [Record(["a", "b"]), Record(["1\r\n2", "3\n4"])]
    assert read('a,b\r\n"1\n2","3\r"\r\n', end="\r\n") == [Record(["a", "b"]), Record(["1\n2", "3\r"])]


def test_blank_lines_are_no_records_but_empty_values_are() -> None:
    assert read('a\n\n""\n\n') == [Record(["a"]), Record([""])]


def test_a_record_may_not_be_endless() -> None:
    (record,) = read('"' + "x" * 200_000 + '","' + 'y""' * 70_000 + '"\n')
    assert record.error is None
    (record,) = read('"' + "x" * 300_000 + '","' + 'y""' * 70_000 + '"\n')
    assert "longer than 400000" in str(record.error)


def test_our_own_columns_are_quoted_and_others_where_they_must_be() -> None:
    assert (
        header_line(["sf__Id", "Name", "Account.ERP_Id__c", "a,b"], ",")
        == '"sf__Id",Name,Account.ERP_Id__c,"a,b"'
    )
