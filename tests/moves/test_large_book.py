"""A workbook read in bands gives what the usual reader gives, cell by cell; what is unusual is left to that one."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from studio.moves.places import place_of
from studio.moves.sources import large_book
from studio.moves.sources.bring import bring
from studio.moves.sources.kinds import Pick

_TEXTS = (
    "Padaria",
    "",
    " blank ",
    "çã<&>\"'",
    "line\nbreak",
    "007",
    "1.500,00",
    "x" * 3000,
    "\u2028",
    't="s"',
    "<c r=",
    "_x000D_",
)


def written(path: Path, seed: int, rows: int) -> Path:
    """Cells of every kind, gaps between rows and columns, a sheet that only tells something, texts in colours."""
    order = random.Random(seed)
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        day, moment = (
            book.add_format({"num_format": "dd/mm/yyyy"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        hours, zeros = book.add_format({"num_format": "[h]:mm:ss"}), book.add_format({"num_format": "00000"})
        bold = book.add_format({"bold": True})
        book.add_worksheet("Read me").write(2, 1, "These are our customers")
        sheet = book.add_worksheet("Customers")
        first = order.randrange(3)
        for at, name in enumerate(("Name", "Day", "Moment", "Hours", "Code", "Any")):
            sheet.write(1, first + at, name)
        line = 2
        for _n in range(rows):
            line += 1 + (order.random() < 0.02) * order.randrange(40)
            if order.random() < 0.9:
                sheet.write_string(line, first, order.choice(_TEXTS))
            else:
                sheet.write_rich_string(line, first, "two ", bold, "parts", " of text")
            sheet.write_datetime(
                line, first + 1, date(2020, 1, 1) + timedelta(days=order.randrange(2000)), day
            )
            if order.random() < 0.7:
                sheet.write_datetime(line, first + 2, datetime(2024, 3, 1, 12, order.randrange(60)), moment)
            sheet.write_number(line, first + 3, order.random() * 3, hours)
            sheet.write_number(line, first + 4, order.randrange(99999), zeros)
            kind = order.randrange(6)
            if kind == 0:
                sheet.write_boolean(line, first + 5, True)
            elif kind == 1:
                sheet.write_formula(line, first + 5, "=1+1", None, "a & b")
            elif kind == 2:
                sheet.write_formula(line, first + 5, "=1/0", None, "#DIV/0!")
            elif kind == 3:
                sheet.write_number(line, first + 5, order.choice((1e21, 0.1 + 0.2, -3, 12345678901234567)))
            elif kind == 4:
                sheet.write_blank(line, first + 5, None, bold)
    return path


def rows_of(
    path: Path, folder: Path, **pick: Any
) -> tuple[tuple[str, ...], list[list[str]], dict[int, str], str]:
    folder.mkdir()
    found = bring(place_of(str(path)), Pick(**pick), folder)
    with found.file.rows() as rows:
        return found.file.header, list(rows), dict(found.held), found.shown


@pytest.mark.parametrize("seed", range(4))
def test_bands_give_what_the_whole_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, share: Callable[[int], int]
) -> None:
    path = written(tmp_path / "book.xlsx", seed, 150 + share(3000))
    whole = rows_of(path, tmp_path / "whole")
    monkeypatch.setattr(large_book, "LARGE", 0)
    monkeypatch.setattr(large_book, "_BAND_ROWS", 7 + seed)
    used: list[str] = []
    bands = large_book.LargeBook.bands

    def watched(
        self: large_book.LargeBook, name: str, part: str
    ) -> Iterator[tuple[int, int, list[list[Any]]]]:
        used.append(name)
        return bands(self, name, part)

    monkeypatch.setattr(large_book.LargeBook, "bands", watched)
    assert rows_of(path, tmp_path / "bands") == whole
    assert len(whole[1]) > 150
    assert set(used) == {"Read me", "Customers"}
    assert rows_of(path, tmp_path / "named", sheet="Customers", header_row=2) == whole


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb'<row r="3"', rb"<row"),
        (rb'<c r="A3"', rb"<c"),
        (rb"<sheetData>", rb"<sheetData><!-- a word -->"),
        (rb'r="A3"', rb"r='A3'"),
    ],
)
def test_what_is_written_unusually_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "usual.xlsx")) as book:
        sheet = book.add_worksheet()
        for line in range(5):
            sheet.write_row(line, 0, [f"a{line}", line])
    path = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(tmp_path / "usual.xlsx") as given, zipfile.ZipFile(path, "w") as made:
        for name in given.namelist():
            data = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert re.search(old, data)
                data = re.sub(old, new, data)
            made.writestr(name, data)
    whole = rows_of(path, tmp_path / "whole")
    monkeypatch.setattr(large_book, "LARGE", 0)

    def never(*_given: object) -> None:
        raise AssertionError("read in bands")

    monkeypatch.setattr(large_book, "LargeBook", never)
    assert rows_of(path, tmp_path / "again") == whole
    with pytest.raises(AssertionError, match="in bands"):
        rows_of(tmp_path / "usual.xlsx", tmp_path / "usual")


def test_where_a_file_is_cut_to_be_looked_at_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "book.xlsx", 1, 20)
    for piece in (1, 2, 7, 50):
        monkeypatch.setattr(large_book, "_PIECE", piece)
        with path.open("rb") as stream:
            assert large_book.usual(stream)
