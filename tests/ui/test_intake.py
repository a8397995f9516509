"""Schemas and samples dropped on the window: taken in with what they import, asked about, refused with a reason."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from studio.schema.read import read_schema
from tests.ui.driver import Drive, running, window_test
from tests.ui.test_files import answer
from ui.widgets.trees import Tree

ORDER = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="parts/lines.xsd"/><xs:element name="note" type="Note"/></xs:schema>"""
LINES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="Note"><xs:sequence><xs:element name="words" type="xs:string"/></xs:sequence></xs:complexType>
</xs:schema>"""


def drop(drive: Drive, *files: Path) -> None:
    """Files let go over the middle of the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(400, 300), copy, data, left, none)
    QApplication.sendEvent(drive.window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(drive.window, QDropEvent(QPointF(400, 300), copy, data, left, none))


@window_test
async def test_a_dropped_schema_brings_its_imports_and_opens(small: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    (given / "parts").mkdir(parents=True)
    (given / "note.xsd").write_text(ORDER)
    (given / "parts" / "lines.xsd").write_text(LINES)
    async with running(small, agent=True) as drive:
        drop(drive, given / "note.xsd")
        await drive.until(lambda: drive.all("Tree of note.xsd"))
        assert (small / "schemas" / "parts" / "lines.xsd").is_file()
        drop(drive, given)
        await drive.until(lambda: drive.window.windowTitle().startswith("given/note.xsd"))
        assert (small / "schemas" / "given" / "parts" / "lines.xsd").is_file()


@window_test
async def test_a_dropped_sample_is_asked_about(small: Path, tmp_path: Path) -> None:
    sample = tmp_path / "more.xml"
    sample.write_text("<orders><order id='1'><placed>2026-01-01</placed></order></orders>")
    async with running(small, agent=True) as drive:
        drop(drive, sample)
        await drive.until(lambda: drive.all("Use as sample"))
        assert not drive.shows("Looking at 1 file", drive.window)
        drive.click("Use as sample")
        await drive.until(lambda: (small / "samples" / "more.xml").is_file())
        await drive.until(lambda: drive.window.windowTitle().startswith("more.xml"))
        drop(drive, sample)
        await drive.until(lambda: drive.all("Use as schema"))
        drive.click("Use as schema")
        await drive.until(lambda: drive.all("Tree of more.xml"))


@window_test
async def test_what_is_no_schema_is_told_with_its_reason(small: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "empty.xsd"
    wrong.write_text("")
    async with running(small, agent=True) as drive:
        drop(drive, wrong)
        await drive.until(lambda: drive.shows("The file is empty."))
        drive.click("Close")
        assert not (small / "schemas" / "empty.xsd").exists()


@window_test
async def test_without_a_project_a_drop_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "note.xsd").write_text(LINES)
    async with running() as drive:
        drop(drive, tmp_path / "note.xsd")
        await drive.until(lambda: drive.shows("Open a project first, or make a new one"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Schemas behind an address on this computer."""
    (tmp_path / "web" / "parts").mkdir(parents=True)
    (tmp_path / "web" / "note.xsd").write_text(ORDER)
    (tmp_path / "web" / "parts" / "lines.xsd").write_text(LINES)
    handler = partial(_Quiet, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@window_test
async def test_a_schema_comes_from_an_address_with_its_imports(small: Path, server: str) -> None:
    async with running(small, agent=True) as drive:
        drive.choose("Schema", "Schema from an address…")
        await drive.until(lambda: drive.all("Address"))
        assert not drive.find("Fetch").isEnabled()
        drive.write("Address", f"{server}/note.xsd")
        drive.click("Fetch")
        await drive.until(lambda: bool(list(small.glob("schemas/**/parts/lines.xsd"))))
        await drive.until(lambda: "note.xsd" in drive.window.windowTitle())
        drive.choose("Schema", "Schema from an address…")
        await drive.until(lambda: drive.all("Address"))
        drive.write("Address", f"{server}/none.xsd")
        drive.click("Fetch")
        await drive.until(lambda: drive.shows("could not be fetched"))
        drive.click("Close")


@window_test
async def test_several_samples_make_one_schema(small: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<note><words>one</words></note>")
    (tmp_path / "b.xml").write_text("<note><words>two</words><more>3</more></note>")
    async with running(small, agent=True) as drive:
        drop(drive, tmp_path / "a.xml", tmp_path / "b.xml")
        await drive.until(lambda: drive.all("One schema of all"))
        drive.click("One schema of all")
        await drive.until(lambda: drive.all("Tree of a.xsd"))
        made = read_schema(small / "schemas" / "a.xsd")
        words, more = made.find("note/words"), made.find("note/more")
        assert words is not None
        assert more is not None
        assert (words.node.occurs.min, more.node.occurs.min) == (1, 0)


@window_test
async def test_a_schema_is_exported_in_another_form(small: Path, tmp_path: Path) -> None:
    async with running(small, agent=True) as drive:
        tree = drive.find("Project", Tree)
        menu = drive.context_menu(tree, drive.index(tree, "Schemas", "orders.xsd"))
        drive.choose_in(menu, "Export schema…")
        await drive.until(lambda: drive.all("Form"))
        drive.pick("Form", "JSON Schema")
        drive.click("Export")
        await answer(drive, tmp_path / "out.json")
        await drive.until(lambda: drive.shows("out.json was written."))
        made = read_schema(tmp_path / "out.json")
        assert made.kind == "json-schema"
        assert "placed" in (tmp_path / "out.json").read_text()
