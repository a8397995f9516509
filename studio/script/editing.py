"""What an editor asks about a script: hover, definition, references, renaming, layout, problems with their extent."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.base.errors import Problem
from studio.base.i18n import _
from studio.script import complete as completing
from studio.script import references as naming
from studio.script.check import check
from studio.script.facts import GROUPS, type_name
from studio.script.format import format_script
from studio.script.functions import Function, find
from studio.script.infer import Inference
from studio.script.kinds import ANY, NULL, Kinds
from studio.script.lossless import Edit, Source, read
from studio.script.references import Name, Occurrence, Sort
from studio.script.scope import NOTHING, Scope
from studio.script.system_variables import system_variable
from studio.script.tree import Path
from studio.script.tree import walk as walk_tree

MOST = completing.MOST
complete = completing.complete
signature = completing.signature
definition = naming.definition


@dataclass(frozen=True)
class Hover:
    """What is known of the name from `start` to `end`: a heading as code, then sentences."""

    start: int
    end: int
    heading: str
    lines: tuple[str, ...] = field(default=())


def diagnose(text: str, scope: Scope = NOTHING) -> tuple[tuple[Problem, int, int], ...]:
    """The problems of a script, each with the offsets that an editor underlines."""
    source = read(text)
    return tuple(
        (problem, *extent(source, problem)) for problem in check(source.script, scope, source.mistakes)
    )


def extent(source: Source, problem: Problem) -> tuple[int, int]:
    """From where to where a problem's place is underlined: the token there, one character at least."""
    start = offset_of(source.text, problem.line or 1, problem.column or 1)
    piece = next((piece for piece in source.pieces if piece.start <= start < piece.end), None)
    if piece is None:
        return max(0, min(start, len(source.text) - 1)), len(source.text)
    line = source.text.find("\n", start, piece.end)
    return start, max(start + 1, line if line >= 0 else piece.end)


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a line and column, both from 1; at most the line's end."""
    start = 0
    for _line in range(line - 1):
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        start = end + 1
    end = text.find("\n", start)
    return min(start + column - 1, end if end >= 0 else len(text))


def hover(text: str, offset: int, scope: Scope = NOTHING) -> Hover | None:
    """What is known of the name at an offset."""
    source = read(text)
    at = naming.name_at(text, offset)
    if at is None:
        return None
    match at.name.sort:
        case Sort.FUNCTION:
            function = find(at.name.name)
            return _function(at, function) if function is not None else None
        case Sort.LOCAL | Sort.GLOBAL:
            return _variable(source, at, scope)
        case Sort.FIELD:
            return _field(source, at, scope)
    return Hover(at.start, at.end, at.name.name, (_("An object of the project."),))


def _function(at: Occurrence, function: Function) -> Hover:
    lines = [function.explanation]
    for argument in function.arguments:
        if argument.explanation:
            lines.append(f"{argument.name}: {argument.explanation}")
    if function.failure:
        lines.append(function.failure)
    if function.example:
        lines.append(_("Example: {script}").format(script=function.example))
    return Hover(at.start, at.end, f"{function.signature}: {function.result}", tuple(lines))


def _variable(source: Source, at: Occurrence, scope: Scope) -> Hover:
    mark = "$" if at.name.sort is Sort.GLOBAL else ""
    known = system_variable(at.name.name) if mark else None
    if known is not None:
        return Hover(at.start, at.end, f"${at.name.name}: {known.type}", (known.explanation,))
    kinds = Inference(source.script, scope).variables.get(mark + at.name.name, ANY)
    lines = [_("A global variable.") if mark else _("A variable of this script.")]
    if (types := types_text(kinds)) is not None:
        lines.append(_("It holds {types}.").format(types=types))
    first = definition(source.text, at.name)
    if first is not None:
        lines.append(_("First set in line {n}.").format(n=source.script.place(first.start)[0]))
    return Hover(at.start, at.end, f"{mark}{at.name.name}", tuple(lines))


def _field(source: Source, at: Occurrence, scope: Scope) -> Hover:
    path = next(
        (
            node
            for node in walk_tree(source.script)
            if isinstance(node, Path) and any(step.start <= at.start < step.end for step in node.steps[-1:])
        ),
        None,
    )
    found = scope.field(path) if path is not None and scope.field is not None else None
    if found is None:
        return Hover(at.start, at.end, f"[{at.name.name}]", (_("A field of the source."),))
    lines = [found.note] if found.note else []
    if found.value:
        lines.append(_("In this record: {value}").format(value=found.value))
    type = f"{found.base.value}[]" if found.many else found.base.value
    return Hover(at.start, at.end, f"[{found.path}]: {type}", tuple(lines))


def types_text(kinds: Kinds) -> str | None:
    """The types that kinds allow, in the user's language; None for anything."""
    if kinds == ANY or not kinds:
        return None
    names = [type_name(group) for group in GROUPS if kinds & group]
    if kinds & NULL:
        names.append(_("null"))
    return ", ".join(names)


def highlights(text: str, offset: int) -> tuple[Occurrence, ...]:
    """Where the name at an offset stands."""
    at = naming.name_at(text, offset)
    return naming.references(text, at.name) if at is not None else ()


def rename_at(text: str, offset: int, new: str) -> tuple[Edit, ...]:
    """The edits that rename what stands at an offset; none where nothing does. Raises BadInput as `edits` does."""
    at = naming.name_at(text, offset)
    return naming.edits(text, at.name, new.removeprefix("$")) if at is not None else ()


def renamable(text: str, offset: int) -> Occurrence | None:
    """The name at an offset, unless it belongs to the language."""
    at = naming.name_at(text, offset)
    return at if at is not None and at.name.sort is not Sort.FUNCTION else None


def name_at(text: str, offset: int) -> Name | None:
    """The meaning of what stands at an offset."""
    at = naming.name_at(text, offset)
    return at.name if at is not None else None


def layout(text: str) -> str:
    """The script laid out anew. Raises ScriptError when it cannot be read."""
    return format_script(text)
