"""What a map shows and how large: the views of both trees and the zoom, as commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.base.i18n import _
from ui.canvas.link_index import Side
from ui.canvas.views import View
from ui.canvas.zoom import ZOOMS, stepped
from ui.commands import Command, never

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

ZOOM_IDS = ("map.zoom_in", "map.zoom_out", "map.zoom_usual")


def view_id(side: Side, view: View) -> str:
    """The command that shows a tree in a view."""
    return f"map.view_{side.value}_{view.value}"


def view_ids(side: Side) -> tuple[str, ...]:
    """The views of a tree, in the order of a menu."""
    return tuple(view_id(side, view) for view in View)


def declared() -> list[Command]:
    """The same commands while no map is in front."""
    return [*_views(None), *_zooms(None)]


def view_commands(editor: MappingEditor) -> list[Command]:
    """The views and the zoom of the map in front."""
    return [*_views(editor), *_zooms(editor)]


def _views(editor: MappingEditor | None) -> list[Command]:
    return [_view(editor, side, view) for side in Side for view in View]


def _view(editor: MappingEditor | None, side: Side, view: View) -> Command:
    name = _("Source: {view}") if side is Side.SOURCE else _("Target: {view}")

    def show() -> None:
        if editor is not None:
            editor.show_canvas()
            editor.canvas.narrowing.show_view(side, view)

    def shown() -> bool:
        return editor is not None and editor.canvas.narrowing.view(side) is view

    def reason() -> str:
        return _no_values(editor) if editor is not None and view is View.DATA else _no_map(editor)

    text = name.format(view=view.text[0].lower() + view.text[1:])
    return Command(
        view_id(side, view), text, _("Map"), show, "eye", (), reason, checked=shown, hint=view.hint
    )


def _no_map(editor: MappingEditor | None) -> str:
    return "" if editor is not None else _("no map is open")


def _no_values(editor: MappingEditor) -> str:
    return "" if editor.map.evidence is not None else _("there is no record to show")


def _zooms(editor: MappingEditor | None) -> list[Command]:
    if editor is None:
        shut = never(_("no map is open"))
        return _zoom_commands(lambda _by: None, shut, shut, shut)

    def zoom(by: int) -> None:
        editor.canvas.zoom_to(stepped(editor.canvas.zoom, by))

    def edge(size: float, reason: str) -> Callable[[], str]:
        return lambda: reason if editor.canvas.zoom == size else ""

    return _zoom_commands(
        zoom,
        edge(ZOOMS[-1], _("the rows are as large as can be")),
        edge(ZOOMS[0], _("the rows are as small as can be")),
        edge(1.0, _("the rows have their usual size")),
    )


def _zoom_commands(
    zoom: Callable[[int], None], large: Callable[[], str], small: Callable[[], str], usual: Callable[[], str]
) -> list[Command]:
    map = _("Map")
    return [
        Command("map.zoom_in", _("Larger rows"), map, lambda: zoom(1), "magnifying-glass-plus",
                ("Ctrl++", "Ctrl+="), large),
        Command("map.zoom_out", _("Smaller rows"), map, lambda: zoom(-1), "magnifying-glass-minus", ("Ctrl+-",), small),
        Command("map.zoom_usual", _("Rows of the usual size"), map, lambda: zoom(0), "magnifying-glass", ("Ctrl+0",),
                usual),
    ]  # fmt: skip
