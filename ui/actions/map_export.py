"""Map: its documentation for people, written as HTML, SVG or CSV."""

from __future__ import annotations

import asyncio

from studio.base.atomic import write_text
from studio.base.i18n import _
from studio.mapping.documentation import FORMS, form_of, text_of
from studio.mapping.documented import working
from ui.actions.frame import Frame
from ui.actions.map_pages import editor_of
from ui.commands import Command
from ui.dialogs.ask import ask_new_file


def commands(frame: Frame) -> list[Command]:
    """The export."""
    return [
        Command(
            "map.export", _("Export the map…"), _("Map"), lambda: _export(frame), "export", (),
            lambda: "" if editor_of(frame) is not None else _("no map is open"),
            hint=_("Write what the map, or the page shown, does: as HTML to read, SVG to look at, CSV to count"),
        )
    ]  # fmt: skip


async def _export(frame: Frame) -> None:
    editor = editor_of(frame)
    if editor is None:
        return
    editor.commit()
    filters = ";;".join((_("HTML page (*.html)"), _("SVG drawing (*.svg)"), _("CSV table (*.csv)")))
    name = editor.ref.rpartition("/")[2]
    file = await ask_new_file(frame.widget(), _("Export the map"), filters, "html", f"{name}.html")
    if file is None:
        return
    form = form_of(file)
    if not form:
        frame.tell(_("Give the file one of these endings: {names}.").format(names=", ".join(FORMS)))
        return
    # A large map is read rule by rule, and the window stays quick.
    for found in working(editor.map.transformation, editor.map.trees, editor.map_pages.name):
        await asyncio.sleep(0)
        if found is not None:
            write_text(file, text_of(found, form))
            frame.tell(_("The map is written to {file}.").format(file=file.name))
