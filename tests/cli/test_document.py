"""weft document: the forms, the file's name, pages, what cannot be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The sample's map, with a page."""
    create(tmp_path / "p", sample="orders")
    found = tmp_path / "p" / "transformations" / "orders-to-invoices.yaml"
    text = found.read_text(encoding="utf-8")
    found.write_text(
        text.replace("\nmap:\n", "\npages: {Lines: [invoices/invoice/line]}\nmap:\n", 1), encoding="utf-8"
    )
    return found


def test_the_name_of_the_file_tells_the_form(file: Path, tmp_path: Path) -> None:
    for name, start in (("map.html", "<!DOCTYPE html>"), ("map.svg", "<svg "), ("map.csv", "Target,Type")):
        assert run(["document", str(file), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_one_page_to_standard_output(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["document", str(file), "--as", "csv", "--page", "Lines"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) > 5
    assert all(row["Target"].startswith("invoices/invoice/line") for row in rows)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-o", "map.pdf"], "A map is not documented as .pdf."),
        (["--as", "word"], "A map is not documented as word."),
        (["--page", "Lines 2"], "The map has no page Lines 2."),
    ],
)
def test_what_cannot_be_is_said(
    file: Path,
    more: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(file.parent)
    assert run(["document", str(file), *more]) == 2
    assert said in capsys.readouterr().err
    assert not Path("map.pdf").exists()


def test_pages_that_make_no_sense_are_refused_with_their_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("pages: {Lines: [invoices/invoice/line]}", "pages: 7"), encoding="utf-8")
    assert run(["document", str(file)]) == 2
    assert "orders-to-invoices.yaml" in capsys.readouterr().err


def test_a_page_of_a_map_without_pages(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("pages: {Lines: [invoices/invoice/line]}\n", ""), encoding="utf-8")
    assert run(["document", str(file), "--page", "Foo"]) == 2
    assert capsys.readouterr().err.endswith("The map has no pages. Leave --page out.\n")
