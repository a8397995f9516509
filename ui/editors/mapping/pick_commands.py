"""What is done where a schema leaves it open, as commands: picking, one more instance, drawing nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.base.i18n import _
from ui.commands import Command, never

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

PICK_IDS = (
    "map.pick",
    "map.instance",
    "map.draw",
    "map.draw_sample",
    "map.draw_element",
    "map.redraw",
    "map.undraw",
)
PICK_IN_TREES = ("map.pick", "map.instance", "map.draw")


def declared_picks() -> list[Command]:
    """The same commands while no map is in front."""
    return _commands(None)


def pick_commands(editor: MappingEditor) -> list[Command]:
    """Those of the map in front."""
    return _commands(editor)


def _commands(editor: MappingEditor | None) -> list[Command]:
    picking = editor.picking if editor is not None else None
    drawing = editor.picking.drawing if editor is not None else None
    none = never(_("no map is open"))
    nothing: Callable[[], object] = lambda: None  # noqa: E731
    table: tuple[
        tuple[str, str, str, Callable[[], object], Callable[[], str], tuple[str, ...], str], ...
    ] = (
        ("map.pick", _("Choose what stands here…"), "git-fork",
         picking.open_current if picking else nothing, picking.reason if picking else none, ("P",),
         _("Pick alternatives of a choice, types, substitutes or known elements for the current node")),
        ("map.instance", _("One more instance"), "stack",
         picking.one_more_here if picking else nothing, picking.more_reason if picking else none, ("Shift+P",),
         _("Give a repeated target node one more instance with rules of its own")),
        ("map.draw", _("Draw a node here…"), "pencil-simple",
         drawing.begin if drawing else nothing, drawing.reason if drawing else none, ("Shift+N",),
         _("Add an element, attribute or field where the schema admits anything")),
        ("map.draw_sample", _("Draw what the copied sample holds"), "clipboard-text",
         drawing.paste if drawing else nothing, drawing.paste_reason if drawing else none, (),
         _("Add the nodes of the XML or JSON in the clipboard where the schema admits anything")),
        ("map.draw_element", _("Draw an element of another schema…"), "tree-structure",
         drawing.elements.begin if drawing else nothing, drawing.elements.reason if drawing else none, (),
         _("Add an element of another schema of the project, with all below it, where the schema admits anything")),
        ("map.redraw", _("Change the drawn node…"), "pencil-simple",
         drawing.change if drawing else nothing, drawing.drawn_reason if drawing else none, (),
         _("Give a drawn node another name, namespace, type or occurrence")),
        ("map.undraw", _("Remove the drawn node"), "eraser",
         drawing.remove if drawing else nothing, drawing.drawn_reason if drawing else none, (),
         _("Take a drawn node away, with all that is drawn in it and its rules")),
    )  # fmt: skip
    return [
        Command(id, text, _("Map"), do, icon, keys, when, local=id in PICK_IN_TREES, hint=hint)
        for id, text, icon, do, when, keys, hint in table
    ]
