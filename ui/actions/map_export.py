"""Map: its documentation for people, written as HTML, SVG, CSV or PDF, or printed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QPagedPaintDevice, QPdfWriter

from studio.base.atomic import cannot_write, discard, write_text
from studio.base.i18n import _, ngettext
from studio.base.lazily import Lazily
from studio.mapping.documentation import FORMS, form_of, text_of
from studio.mapping.documented import Documented, working
from ui.actions.frame import Frame, workspace_of
from ui.actions.map_pages import editor_of
from ui.bridge.paper import Paper, prepare
from ui.commands import Command
from ui.dialogs.ask import ask_new_file, finished

if TYPE_CHECKING:
    from PySide6 import QtPrintSupport
else:
    QtPrintSupport = Lazily("PySide6.QtPrintSupport")

PDF = "pdf"


def commands(frame: Frame) -> list[Command]:
    """The export and the print."""

    def reason() -> str:
        return "" if editor_of(frame) is not None else _("no map is open")

    return [
        Command(
            "map.export", _("Export the map…"), _("Map"), lambda: _export(frame), "export", (), reason,
            hint=_("Write what the map, or the page shown, does: as HTML or PDF to read, SVG to look at, CSV to count"),
        ),
        Command(
            "map.print", _("Print the map…"), _("Map"), lambda: _print(frame), "printer", ("Ctrl+Alt+P",), reason,
            hint=_("Print the drawing and the rules of the map, or of the page shown"),
        ),
    ]  # fmt: skip


async def _export(frame: Frame) -> None:
    editor = editor_of(frame)
    if editor is None:
        return
    editor.commit()
    filters = ";;".join(
        (_("HTML page (*.html)"), _("PDF document (*.pdf)"), _("SVG drawing (*.svg)"), _("CSV table (*.csv)"))
    )
    start = workspace_of(frame).folder / f"{editor.ref.rpartition('/')[2]}.html"
    file = await ask_new_file(frame.widget(), _("Export the map"), filters, "html", str(start))
    if file is None:
        return
    form = PDF if file.suffix.lower() == f".{PDF}" else form_of(file)
    if not form:
        names = ", ".join((*FORMS, PDF))
        frame.tell(_("Give the file one of these endings: {names}.").format(names=names))
        return
    found = await _documented(frame)
    if found is None:
        return
    if form == PDF:
        await _write_pdf(frame, file, found)
    else:
        write_text(file, text_of(found, form))
    frame.tell(_("The map is written to {file}.").format(file=file))


async def _documented(frame: Frame) -> Documented | None:
    editor = editor_of(frame)
    if editor is None:
        return None
    found = None
    # A large map is read rule by rule, and the window stays quick.
    for found in working(editor.map.transformation, editor.map.trees, editor.map_pages.name):  # noqa: B007
        await asyncio.sleep(0)
    return found


async def _write_pdf(frame: Frame, file: Path, found: Documented) -> None:
    # Beside it first: a disk that is full must not leave half a file.
    part = file.with_name(f".{file.name}.part")
    writer = QPdfWriter(str(part))
    writer.setTitle(found.transformation.name)
    writer.setCreator("Weft Studio")
    prepare(writer)
    try:
        await _draw(frame, writer, found)
        part.replace(file)
    except OSError as error:
        raise cannot_write(file, error) from error
    finally:
        discard(part)


async def _draw(frame: Frame, device: QPagedPaintDevice, found: Documented) -> int:
    sheet = 0
    for sheet in Paper(device, found).sheets():
        if sheet and sheet % 10 == 0:
            frame.tell(_("Page {n}").format(n=sheet))
        await asyncio.sleep(0)
    return sheet


async def _print(frame: Frame) -> None:
    editor = editor_of(frame)
    if editor is None:
        return
    editor.commit()
    printer = QtPrintSupport.QPrinter(QtPrintSupport.QPrinter.PrinterMode.HighResolution)
    prepare(printer)
    name = editor.ref.rpartition("/")[2]
    printer.setDocName(editor.title())
    if printer.outputFormat() is QtPrintSupport.QPrinter.OutputFormat.PdfFormat:
        # Without a printer it is a file, beside the project's others.
        printer.setOutputFileName(str(workspace_of(frame).folder / f"{name}.pdf"))
    dialog = QtPrintSupport.QPrintDialog(printer, frame.widget())
    dialog.setWindowTitle(_("Print the map"))
    dialog.setAccessibleName(_("Print the map"))
    if not await finished(dialog):
        return
    found = await _documented(frame)
    if found is None:
        return
    try:
        sheets = await _draw(frame, printer, found)
    except OSError as error:
        raise cannot_write(Path(printer.outputFileName() or printer.printerName()), error) from error
    told = ngettext("{n} page was printed.", "{n} pages were printed.", sheets).format(n=sheets)
    if printer.outputFileName():
        told = f"{told} {_('The map is written to {file}.').format(file=printer.outputFileName())}"
    frame.tell(told)
