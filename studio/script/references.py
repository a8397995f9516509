"""What the names in a script mean, where else they stand, and the edits that rename them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.path import quote
from studio.script import tree
from studio.script.lossless import Edit, Source, read
from studio.script.parse import parse_all

_LOCAL = re.compile(r"[^\W\d]\w*")
_GLOBAL = re.compile(r"[\w`~@#$%:.?]+")
_TAG = re.compile(r"<TAG>\s*(?P<kind>[^/<>]+)/(?P<ref>[^<>]*?)\s*</TAG>", re.IGNORECASE)
_STEP = re.compile(
    r"\s*@?\s*(?:(?:`(?:[^`]|``)*`|[^/\[\]@~:`\n\r]+):)?(?P<name>`(?:[^`]|``)*`|[^/\[\]@~:`\n\r]+)"
)
_VENDOR = re.compile(r"[^$.#]*")
# Functions that name global variables by text: the first and last place where a name may stand, and whether it is set.
_BY_NAME = {"get": (0, 1, False), "set": (0, 1, True), "regexmatch": (2, 100, True)}
_SETTERS = ("argumentlist", "initcounter")


class Sort(StrEnum):
    """What a name means."""

    LOCAL = "local"
    GLOBAL = "global"
    FUNCTION = "function"
    FIELD = "field"
    OBJECT = "object"


@dataclass(frozen=True)
class Name:
    """A meaning: `name` is a variable's without `$`, a field's address, or `kind/ref` of an object of the project."""

    sort: Sort
    name: str


@dataclass(frozen=True)
class Occurrence:
    """Where a name stands, without `$`, quotes or brackets; `sets` says that the variable gets a value there."""

    name: Name
    start: int
    end: int
    sets: bool = False


def occurrences(text: str, context: tuple[str, ...] = ()) -> tuple[Occurrence, ...]:
    """Every name of a script in order. `context` are the steps from which relative paths are read."""
    return _occurrences(read(text), context)


def _occurrences(source: Source, context: tuple[str, ...]) -> tuple[Occurrence, ...]:
    found = [*_names(source.script), *_fields(source.script, source.text, context)]
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


def name_at(text: str, offset: int, context: tuple[str, ...] = ()) -> Occurrence | None:
    """The innermost name around an offset."""
    around = [each for each in occurrences(text, context) if each.start <= offset <= each.end]
    return min(around, key=lambda each: (each.end - each.start, -each.start)) if around else None


def references(text: str, name: Name, context: tuple[str, ...] = ()) -> tuple[Occurrence, ...]:
    """Where a name stands. Functions ignore letter case."""
    if name.sort is Sort.FUNCTION:
        wanted = name.name.lower()
        return tuple(
            each
            for each in occurrences(text, context)
            if each.name.sort is Sort.FUNCTION and each.name.name.lower() == wanted
        )
    return tuple(each for each in occurrences(text, context) if each.name == name)


def definition(text: str, name: Name) -> Occurrence | None:
    """Where a variable is first given a value."""
    return next((each for each in references(text, name) if each.sets), None)


def rename(text: str, name: Name, new: str, context: tuple[str, ...] = ()) -> str:
    """The script with a name written anew everywhere, all else as it was. `edits` tells what may go wrong."""
    return read(text).edited(edits(text, name, new, context))


def _harmless(source: Source, found: tuple[Edit, ...]) -> bool:
    return len(parse_all(source.edited(found))[1]) <= len(source.mistakes)


def edits(text: str, name: Name, new: str, context: tuple[str, ...] = ()) -> tuple[Edit, ...]:
    """The edits that rename. A field's new name is its last step's, an object's the whole reference after the kind.

    Raises BadInput where nothing can be called so, or another variable already is.
    """
    _check(text, name, new)
    written = quote(new) if name.sort is Sort.FIELD else new
    found = tuple(Edit(each.start, each.end, written) for each in references(text, name, context))
    if not _harmless(read(text), found):
        raise _no_name(new)
    return found


def _check(text: str, name: Name, new: str) -> None:
    if name.sort is Sort.FUNCTION:
        raise BadInput(
            _("{name} belongs to the language and keeps its name.").format(name=name.name),
            next_step=_("Rename variables, fields or objects."),
        )
    fits = {
        Sort.LOCAL: _LOCAL.fullmatch(new) is not None and new not in ("true", "false"),
        Sort.GLOBAL: _GLOBAL.fullmatch(new) is not None,
        Sort.FIELD: bool(new) and "\n" not in new and "\r" not in new,
        Sort.OBJECT: re.fullmatch(r"[^<>\n\r]+", new) is not None,
    }[name.sort]
    if not fits:
        raise _no_name(new)
    taken = name.sort in (Sort.LOCAL, Sort.GLOBAL) and references(text, Name(name.sort, new))
    if taken and new != name.name:
        raise BadInput(
            _("The script already has a variable {name}.").format(name=new),
            next_step=_("Choose another name."),
        )


def _no_name(new: str) -> BadInput:
    return BadInput(
        _("{name} cannot be a name here.").format(name=repr(new)),
        next_step=_("Begin with a letter; use letters, digits and underscores."),
    )


def _names(script: tree.Script) -> Iterator[Occurrence]:
    """Variables, functions and objects."""
    targets: set[int] = set()
    for node in tree.walk(script):
        match node:
            case tree.Assign() | tree.Increment():
                targets.add(id(_root(node.target)))
            case tree.Call() if node.name:
                yield Occurrence(Name(Sort.FUNCTION, node.name), node.start, node.name_end)
                if node.name.lower() in _SETTERS:
                    targets.update(id(argument) for argument in node.arguments)
                yield from _by_name(script, node)
            case tree.Local():
                yield Occurrence(Name(Sort.LOCAL, node.name), node.start, node.end, id(node) in targets)
            case tree.Global():
                yield Occurrence(Name(Sort.GLOBAL, node.name), node.start + 1, node.end, id(node) in targets)
            case tree.Literal() if isinstance(node.value, str):
                for kind, ref, start, end in tags(script.text, node.start, node.end):
                    yield Occurrence(Name(Sort.OBJECT, f"{kind}/{ref}"), start, end)


def _root(node: tree.Expression) -> tree.Expression:
    """The variable whose entry is set."""
    while isinstance(node, tree.Index):
        node = node.target
    return node


def _by_name(script: tree.Script, call: tree.Call) -> Iterator[Occurrence]:
    first, last, sets = _BY_NAME.get(call.name.lower(), (0, 0, False))
    for argument in call.arguments[first:last]:
        if isinstance(argument, tree.Literal) and isinstance(argument.value, str):
            name = argument.value.removeprefix("$")
            at = script.text.find(name, argument.start, argument.end)
            if at >= 0 and _GLOBAL.fullmatch(name):
                yield Occurrence(Name(Sort.GLOBAL, name), at, at + len(name), sets)


def tags(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[str, str, int, int]]:
    """References such as `<TAG>Operations/send</TAG>`: kind in lower case, name, and where the name stands."""
    for match in _TAG.finditer(text, start, len(text) if end is None else end):
        yield match["kind"].strip().lower(), match["ref"], match.start("ref"), match.end("ref")


def _fields(script: tree.Script, text: str, context: tuple[str, ...]) -> Iterator[Occurrence]:
    for path in tree.paths(script):
        address = _base(path, context)
        for step in path.steps:
            if step.call:
                continue
            address = (*address, ("@" if step.attribute else "") + quote(step.name))
            span = _written(step, text, path.vendor)
            if span is not None:
                yield Occurrence(Name(Sort.FIELD, "/".join(address)), *span)
            if step.filter is not None:
                yield from _fields(step.filter, text, address)


def _base(path: tree.Path, context: tuple[str, ...]) -> tuple[str, ...]:
    if path.source is not None:
        return (f"{path.source}::",)
    if path.absolute:
        return ()
    above = (*(".." for _ in range(path.up - len(context))), *context[: max(0, len(context) - path.up)])
    return above if path.up else context


def _written(step: tree.PathStep, text: str, vendor: bool) -> tuple[int, int] | None:
    """Where a step's name stands, backquotes included."""
    if vendor:
        match = _VENDOR.match(text, step.start, step.end)
        start = step.start + (match[0].rfind(":") + 1 if match else 0)
        return (start, match.end()) if match else None
    match = _STEP.match(text, step.start, step.end)
    if match is None:
        return None
    start = match.start("name") + len(match["name"]) - len(match["name"].lstrip())
    return start, start + len(match["name"].strip())
