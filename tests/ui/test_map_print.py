"""A map on paper: as a PDF file and through the print dialog; the page shown only; large maps sheet by sheet."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from PySide6.QtGui import QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from studio.mapping.documented import documented
from tests.mapping.test_documented import MAP, TREES
from tests.ui.canvas_hands import INVOICE, TARGET, open_map
from tests.ui.driver import Drive, running, window_test
from tests.ui.pdf_text import sheets
from tests.ui.test_files import answer
from ui.bridge.paper import Paper, prepare

SIZE = "1400x900"


async def by_palette(drive: Drive, text: str) -> None:
    """A command by its name: the menu of the map is longer than a small screen."""
    drive.key("Ctrl+Shift+P", drive.window)
    await drive.rest()
    field = drive.find("Find", QLineEdit)
    drive.type(text, field)
    drive.key("Return", field)


@window_test
async def test_the_map_is_exported_as_pdf_beside_the_project_s_files(small: Path, tmp_path: Path) -> None:
    # Qt's own dialog looks at the folder for longer than our handlers may take.
    async with running(small, size=SIZE, watched=False) as drive:
        await open_map(drive)
        await by_palette(drive, "Export the map")
        await drive.until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        assert Path(dialog.directory().path()) == small
        await answer(drive, tmp_path / "map.pdf")
        await drive.until(lambda: drive.shows(f"The map is written to {tmp_path / 'map.pdf'}."))
    drawing, table = sheets(tmp_path / "map.pdf")
    assert "orders.xsd" in drawing
    assert "Page 1" in drawing
    assert f"{INVOICE}/issueDate" in table
    assert "[placed]" in table
    assert not list(tmp_path.glob("*.part"))


@window_test
async def test_the_page_shown_is_printed(small: Path, tmp_path: Path) -> None:
    async with running(small, size=SIZE, watched=False) as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        drive.click("Pages of the map")
        await drive.rest(0.05)
        await map.choose("Pages", "New page of the selected nodes")
        drive.key("Ctrl+Alt+P", map.tree(TARGET))
        await drive.until(lambda: isinstance(QApplication.activeModalWidget(), QPrintDialog))
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        field = dialog.findChild(QLineEdit, "filename")
        assert isinstance(field, QLineEdit)
        assert Path(field.text()) == small / "orders-to-invoices.pdf"
        drive.key("Ctrl+A", field)
        drive.type(str(tmp_path / "page.pdf"), field)
        pressed = next(b for b in dialog.findChildren(QPushButton) if b.isVisible() and b.isDefault())
        drive.click(pressed)
        await drive.until(
            lambda: drive.shows(f"2 pages were printed. The map is written to {tmp_path / 'page.pdf'}.")
        )
    text = "".join(sheets(tmp_path / "page.pdf"))
    assert "· issueDate" in text
    assert f"{INVOICE}/@number" not in text


@window_test
async def test_a_print_given_up_prints_nothing(small: Path) -> None:
    async with running(small, size=SIZE, watched=False) as drive:
        map = await open_map(drive)
        drive.key("Ctrl+Alt+P", map.tree(TARGET))
        await drive.until(lambda: isinstance(QApplication.activeModalWidget(), QPrintDialog))
        drive.key("Escape", QApplication.activeModalWidget())
        await drive.until(lambda: QApplication.activeModalWidget() is None)
        assert not list(small.glob("*.pdf"))


@window_test
async def test_a_file_that_cannot_be_made_is_told(small: Path, tmp_path: Path) -> None:
    async with running(small, size=SIZE, watched=False) as drive:
        await open_map(drive)
        (tmp_path / "map.pdf").mkdir()
        await by_palette(drive, "Export the map")
        await drive.until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
        # A folder stands where the file should be made: the place beside it cannot take its name.
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "map.pdf"))
        dialog.accept()
        await drive.until(lambda: _told(drive))
    assert not list(tmp_path.glob(".*.part"))


def _told(drive: Drive) -> bool:
    return drive.shows("could not be written") or drive.shows("cannot be written")


def test_long_scripts_and_many_rules_go_on_from_sheet_to_sheet(qapp: QApplication, tmp_path: Path) -> None:
    script = "\n".join(f"line{n} = 'é😀' + {n};" for n in range(120)) + "\n" + "long " * 300
    found = documented(MAP, TREES)
    many = [replace(found.entries[0], path=f"{INVOICE}/f{n}", script=f"'value {n}'") for n in range(300)]
    found = replace(
        found, entries=(*found.entries, *many, replace(found.entries[0], path="last", script=script))
    )
    file = tmp_path / "map.pdf"
    writer = QPdfWriter(str(file))
    prepare(writer)
    # No step draws more than a sheet.
    drawn = list(Paper(writer, found).sheets())
    assert all(after - before <= 1 for before, after in pairwise(drawn))
    texts = sheets(file)
    assert len(texts) == drawn[-1] > 10
    whole = "\n".join(texts)
    assert all(f"value {n}'" in whole for n in range(300))
    assert "line0 = 'é" in whole
    assert "line119 = 'é" in whole
    assert all(f"Page {n}" in text for n, text in enumerate(texts, 1))
