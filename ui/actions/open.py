"""What can be found by typing: commands for the palette; objects, fields and functions for quick open."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping.model import SchemaUse, Transformation
from studio.schema.model import Kind, Place
from studio.script.functions import FUNCTIONS
from ui.actions.frame import Frame, workspace_of
from ui.bridge.project_tree import groups, object_icon, object_ids, object_name
from ui.commands import native
from ui.widgets.finder import Entry

MAX_FIELDS = 2000
MAX_DEPTH = 12
_FIELD_ICONS = {Kind.ATTRIBUTE: "at", Kind.ELEMENT: "brackets-angle", Kind.FIELD: "text-t"}


def command_entries(frame: Frame) -> list[Entry]:
    """Every command, with the reason where it cannot be done now."""
    return [
        Entry(
            command.category,
            command.shown,
            partial(frame.table.run, command.id),
            command.icon,
            command.when(),
            native(command.keys[0]) if command.keys else "",
        )
        for command in frame.table
    ]


def object_entries(frame: Frame) -> list[Entry]:
    """The project's objects, the fields of the map in front, the functions of the script language."""
    return [*_objects(frame), *_fields(frame), *function_entries(frame)]


def function_entries(frame: Frame) -> list[Entry]:
    """The functions of the script language; choosing one shows it in the Inspector."""
    return [
        Entry(
            _("Function"),
            function.name,
            partial(frame.show_function, function.name),
            "math-operations",
            note=function.explanation,
        )
        for function in FUNCTIONS.values()
    ]


def _objects(frame: Frame) -> Iterator[Entry]:
    project = workspace_of(frame).project
    for group in groups():
        for id in object_ids(project, group.kind):
            yield Entry(
                group.title,
                object_name(project, id),
                partial(frame.open_object, id),
                object_icon(project, id),
                note=id.partition("/")[2],
            )


def _fields(frame: Frame) -> Iterator[Entry]:
    editor = frame.area.current
    found = workspace_of(frame).project.get(editor.ref) if editor is not None else None
    if editor is None or not isinstance(found, Transformation):
        return
    for title, use in ((_("Source"), found.source), (_("Target"), found.target)):
        for place in islice(_places(frame, use), MAX_FIELDS):
            yield Entry(
                title,
                place.node.name,
                partial(editor.go_to, place.path),
                _FIELD_ICONS.get(place.node.kind, "brackets-angle"),
                note=place.path,
            )


def _places(frame: Frame, use: SchemaUse) -> Iterator[Place]:
    try:
        root = workspace_of(frame).schema(use).root(use.root)
    except WeftError:
        return
    waiting = [(root, 0)] if root is not None else []
    while waiting:
        place, depth = waiting.pop(0)
        if place.node.name and place.node.kind is not Kind.CHOICE:
            yield place
        if depth < MAX_DEPTH and not place.recursive:
            waiting += [(child, depth + 1) for child in place.children()]
