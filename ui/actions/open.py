"""What can be found by typing: commands for the palette; objects, fields and functions for quick open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping.model import SchemaUse, Transformation
from studio.schema.model import Kind, Place
from studio.script.functions import FUNCTIONS
from ui.actions.frame import Frame, workspace_of
from ui.bridge.project_tree import groups, object_icon, object_ids, object_name
from ui.commands import native
from ui.editors.base import Editor
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
    if editor is not None and editor.ref.startswith("schemas/"):
        yield from _nodes(frame, editor)
    if editor is None or not isinstance(found, Transformation):
        return
    for title, use in ((_("Source"), found.source), (_("Target"), found.target)):
        for place in islice(_places(frame, use), MAX_FIELDS):
            yield _entry(title, place, editor)


def _nodes(frame: Frame, editor: Editor) -> Iterator[Entry]:
    """The nodes of the schema in front, of a large one only once it is known."""
    workspace, use = workspace_of(frame), SchemaUse(editor.ref)
    try:
        roots = workspace.schema(use).roots if workspace.schemas.fresh(use) else ()
    except WeftError:
        return
    named = (f"{node.prefix}:{node.name}" if node.prefix else node.name for node in roots)
    places = chain.from_iterable(_places(frame, replace(use, root=name)) for name in named)
    for place in islice(places, MAX_FIELDS):
        yield _entry(_("Field"), place, editor)


def _entry(title: str, place: Place, editor: Editor) -> Entry:
    icon = _FIELD_ICONS.get(place.node.kind, "brackets-angle")
    return Entry(title, place.node.name, partial(editor.go_to, place.path), icon, note=place.path)


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
