"""Map: pages made, filled, renamed and gone, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Callable

from studio.base.i18n import _, ngettext
from studio.mapping import address, pages
from studio.mapping.model import Transformation
from ui.actions.frame import Frame
from ui.canvas.link_index import Side
from ui.canvas.shape import RowKind
from ui.commands import Command
from ui.dialogs.name import ask_name
from ui.editors.mapping.editor import MappingEditor
from ui.editors.mapping.pages import PAGE_IDS

IDS = ("map.pages", "map.page_next", "map.page_previous", "", *PAGE_IDS)


def commands(frame: Frame) -> list[Command]:
    """The commands of the menu Pages."""
    map = _("Map")

    def some() -> str:
        editor = editor_of(frame)
        if editor is None:
            return _("no map is open")
        return "" if editor.map_pages.names else _("the map has no pages")

    def chosen() -> str:
        editor = editor_of(frame)
        if editor is None:
            return _("no map is open")
        return "" if _selected(editor) else _("no target node is selected")

    def shown() -> str:
        editor = editor_of(frame)
        if editor is None:
            return _("no map is open")
        return "" if editor.map_pages.name else _("the whole map is shown")

    def both() -> str:
        return shown() or chosen()

    return [
        Command("map.pages", _("Pages of the map…"), map, lambda: _with(frame, lambda e: e.map_pages.open_menu()),
                "stack", (), lambda: "" if editor_of(frame) is not None else _("no map is open")),
        Command("map.page_next", _("Next page"), map, lambda: _with(frame, lambda e: e.map_pages.step(1)),
                "caret-right", ("Alt+PgDown",), some),
        Command("map.page_previous", _("Previous page"), map, lambda: _with(frame, lambda e: e.map_pages.step(-1)),
                "caret-left", ("Alt+PgUp",), some),
        Command("map.page_new", _("New page of the selected nodes"), map, lambda: _with(frame, _new), "plus", (), chosen,
                hint=_("A page shows some target nodes with all that is in them, and their links only")),
        Command("map.page_add", _("Put the selected nodes on the page"), map, lambda: _with(frame, _add), "plus", (),
                both),
        Command("map.page_off", _("Take the selected nodes off the page"), map, lambda: _with(frame, _off), "minus", (),
                both),
        Command("map.page_rename", _("Rename the page…"), map, lambda: _rename(frame), "pencil-simple", (), shown),
        Command("map.page_delete", _("Delete the page"), map, lambda: _with(frame, _delete), "trash", (), shown),
    ]  # fmt: skip


def editor_of(frame: Frame) -> MappingEditor | None:
    """The map in front."""
    found = frame.area.current
    return found if isinstance(found, MappingEditor) else None


def _with(frame: Frame, do: Callable[[MappingEditor], object]) -> None:
    editor = editor_of(frame)
    if editor is not None:
        editor.commit()
        do(editor)


def _selected(editor: MappingEditor) -> tuple[str, ...]:
    rows = editor.canvas.rows[Side.TARGET]
    chosen = (rows[row] for row in editor.canvas.target.selection.rows())
    return tuple(row.path for row in chosen if row.kind is RowKind.NODE)


def _put(editor: MappingEditor, label: str, transformation: Transformation, show: str) -> None:
    editor.map.put(label, transformation)
    editor.map_pages.show(show)


def _new(editor: MappingEditor) -> None:
    chosen = _selected(editor)
    given = editor.map.transformation
    name = pages.free_name(given, address.name(chosen[0]).rpartition("::")[2])
    _put(editor, _("New page {name}").format(name=name), pages.with_page(given, name, chosen), name)


def _add(editor: MappingEditor) -> None:
    chosen, name, given = _selected(editor), editor.map_pages.name, editor.map.transformation
    label = ngettext("Put {n} node on the page {name}", "Put {n} nodes on the page {name}", len(chosen))
    changed = pages.with_page(given, name, (*given.pages[name], *chosen))
    _put(editor, label.format(n=len(chosen), name=name), changed, name)


def _off(editor: MappingEditor) -> None:
    chosen, name, given = _selected(editor), editor.map_pages.name, editor.map.transformation
    kept = [path for path in given.pages[name] if path not in chosen]
    if len(kept) == len(given.pages[name]):
        editor.desk.tell(_("The page holds none of these nodes itself; it holds a node above them."))
        return
    label = _("Take nodes off the page {name}").format(name=name)
    _put(editor, label, pages.with_page(given, name, kept), name)


def _delete(editor: MappingEditor) -> None:
    name = editor.map_pages.name
    given = editor.map.transformation
    _put(editor, _("Delete the page {name}").format(name=name), pages.with_page(given, name, ()), "")


async def _rename(frame: Frame) -> None:
    editor = editor_of(frame)
    if editor is None:
        return
    old = editor.map_pages.name
    new = (await ask_name(frame.widget(), _("Rename the page"), _("New name"), old)).strip()
    given = editor.map.transformation
    if not new or new == old or old not in given.pages:
        return
    if new in given.pages:
        frame.tell(_("The map has a page {name} already.").format(name=new))
        return
    _put(editor, _("Rename the page {name}").format(name=old), pages.renamed(given, old, new), new)
