"""The script language as the bar shows it: the core's completions with icons and values, signatures, the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from studio.base.i18n import _
from studio.mapping import loops
from studio.mapping.context import Contexts, relative
from studio.mapping.scope import scope_of
from studio.script import complete, editing
from studio.script.complete import Completion, Sort
from studio.script.cursor import Where, locate
from studio.script.functions import find
from studio.script.scope import Field, Scope
from studio.script.system_variables import system_variable
from ui.canvas.looks import BASE_ICONS
from ui.editors.mapping.help import Completions, Item, Signature
from ui.editors.mapping.map_state import MapState
from ui.editors.mapping.script_bar import Part
from ui.editors.writing.object_texts import ProjectNames

_ICONS = {Sort.FUNCTION: "math-operations", Sort.VARIABLE: "sliders-horizontal", Sort.WORD: "text-t"}


class Language:
    """Completes scripts of the rule that `path` answers at the moment."""

    def __init__(self, map: MapState, path: Callable[[], str], part: Callable[[], Part]) -> None:
        self._map = map
        self._path = path
        self._part = part
        self._kept: tuple[object, object, str, object, Scope] | None = None
        self._names = ProjectNames(lambda: map.workspace.project)

    def complete(self, text: str, cursor: int) -> Completions:
        """What may stand at the cursor, with the values of the record shown."""
        scope = self._scope()
        if self._part() is Part.LOOP:
            return self._complete_loop(text, cursor, scope)
        where = locate(text, cursor)
        if where.where is Where.NOTHING:
            return self._names.offer(text, cursor, where)
        found = complete.complete(text, cursor, scope)
        icons = {field.path: BASE_ICONS.get(field.base, "text-t") for field in scope.fields}
        items = tuple(item_of(each, icons) for each in found.items)
        return Completions(found.start, found.end, items, found.typed)

    def _complete_loop(self, text: str, cursor: int, scope: Scope) -> Completions:
        """A loop is a path written without its brackets, and visits nodes."""
        found = complete.complete(f"[{text}]", cursor + 1, replace(scope, fields=self._nodes()))
        items = tuple(Item(each.name, each.text, _("node"), icon="brackets-angle") for each in found.items)
        return Completions(found.start - 1, found.end - 1, items, found.typed)

    def _nodes(self) -> tuple[Field, ...]:
        map = self._map
        contexts = Contexts(map.mapping, map.trees.source)
        nodes = loops.repeating_below(
            map.trees.source.find(contexts.outer(self._path())) or map.trees.source.root
        )
        outer = contexts.outer(self._path())
        return tuple(Field(relative(path, outer)) for path in nodes)

    def signature(self, text: str, cursor: int) -> Signature | None:
        """The call around the cursor."""
        return signature_of(complete.signature(text, cursor)) if self._part() is not Part.LOOP else None

    def hover(self, text: str, cursor: int) -> str:
        """What is known of a field, variable or object."""
        if self._part() is Part.LOOP:
            return hover_text(editing.hover(f"[{text}]", cursor + 1, self._scope()))
        return hover_text(editing.hover(text, cursor, self._scope()))

    def _scope(self) -> Scope:
        """The scope of the rule, kept while map, values and rule are the same: typing asks again and again."""
        map, path, variables = self._map, self._path(), self._names.variables()
        if self._kept is None or self._kept[:4] != (map.mapping, map.evidence, path, variables):
            contexts = Contexts(map.mapping, map.trees.source)
            scope = scope_of(contexts, path, evidence=map.evidence, variables=variables)
            self._kept = map.mapping, map.evidence, path, variables, scope
        return self._kept[4]


def hover_text(found: editing.Hover | None) -> str:
    """What is known of a name as a tooltip; functions and system variables have pages of their own."""
    if found is None or find(found.heading.partition("(")[0]) is not None:
        return ""
    if system_variable(found.heading.partition(":")[0].removeprefix("$")) is not None:
        return ""
    return "\n".join((found.heading, *found.lines))


def item_of(found: Completion, icons: Mapping[str, str]) -> Item:
    """A completion of the core as the list shows it; `icons` are those of fields by path."""
    name = found.name
    if found.sort is Sort.FIELD and not found.text.startswith("["):
        # Inside a path only the rest of it is news.
        name = found.text.rstrip("]")
    detail = found.detail if found.sort is not Sort.FUNCTION else found.detail.removeprefix(found.name)
    icon = icons.get(found.name, "text-t") if found.sort is Sort.FIELD else _ICONS[found.sort]
    return Item(name, found.text, detail, found.value, found.note, icon, found.back)


def signature_of(found: complete.Signature | None) -> Signature | None:
    """A call of the core as the box shows it."""
    if found is None:
        return None
    function = found.function
    names = tuple(f"{each.name}, …" if each.many else each.name for each in function.arguments)
    return Signature(function.name, names, found.argument, function.result, function.explanation)
