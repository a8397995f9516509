"""What is wrong with a script before it runs: each problem with its line, column and how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path as FilePath

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.script import habits, tree
from studio.script.errors import RunError, ScriptError
from studio.script.functions import Function, find, nearest
from studio.script.infer import Inference
from studio.script.parse import parse_all
from studio.script.scope import NOTHING, Scope
from studio.script.special import check_pairs, variable
from studio.script.system_variables import PREFIX, SYSTEM_VARIABLES, system_variable

_SKIPPED = re.compile(
    r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | //[^\n]* | (?P<quirk>/\*/) | /\*.*?\*/ """,
    re.DOTALL | re.VERBOSE,
)
_SETTERS = ("argumentlist", "initcounter")


def check(
    script: tree.Script, scope: Scope = NOTHING, mistakes: Sequence[ScriptError] = ()
) -> tuple[Problem, ...]:
    """The problems of a script in the order of its text, with the mistakes that were made reading it."""
    found = [((error.offset or 0), _unreadable(error, scope)) for error in mistakes]
    found += _Checker(script, scope, [place for place, _problem in found]).all()
    return tuple(problem for _place, problem in sorted(found, key=lambda pair: pair[0]))


def check_text(
    text: str, scope: Scope = NOTHING, *, file: str | FilePath | None = None
) -> tuple[Problem, ...]:
    """The problems of a script's text; what can be read of a broken one is checked as well."""
    script, mistakes = parse_all(text, file=file)
    return check(script, scope, mistakes)


def _unreadable(error: ScriptError, scope: Scope) -> Problem:
    return Problem(
        Severity.ERROR, error.message, error.file, error.line, error.column, scope.object, scope.path,
        error.next_step,
    )  # fmt: skip


class _Checker:
    def __init__(self, script: tree.Script, scope: Scope, damaged: Sequence[int]) -> None:
        self.script = script
        self.scope = scope
        self.damaged = damaged
        self.inference = Inference(scope)
        self.known = [field.path for field in scope.fields]

    def all(self) -> Iterator[tuple[int, Problem]]:
        yield from self.quirks()
        yield from self.unset()
        for node in tree.walk(self.script):
            if isinstance(node, tree.Call):
                yield from self.call(node)
            elif isinstance(node, tree.Path):
                yield from self.field(node)
            elif isinstance(node, tree.Global):
                yield from self.system(node)
            elif isinstance(node, tree.Binary):
                yield from self.operation(node)

    def problem(
        self, severity: Severity, place: tree.Node | int, message: str, mend: str = ""
    ) -> tuple[int, Problem]:
        offset = place if isinstance(place, int) else place.start
        line, column = self.script.place(offset)
        return offset, Problem(
            severity, message, self.script.file, line, column, self.scope.object, self.scope.path, mend
        )

    def quirks(self) -> Iterator[tuple[int, Problem]]:
        for match in _SKIPPED.finditer(self.script.text):
            if match["quirk"]:
                yield self.problem(
                    Severity.WARNING, match.start(), _("/*/ makes the whole rest of the script a comment."),
                    _("Write /* */ around a comment."),
                )  # fmt: skip
                return

    def call(self, node: tree.Call) -> Iterator[tuple[int, Problem]]:
        if tree.is_hole(node):
            return
        function = find(node.name)
        if function is None:
            near = habits.function_for(node.name) or nearest(node.name)
            mend = _("Did you mean {name}?").format(name=near) if near else _("Check its spelling.")
            yield self.problem(
                Severity.ERROR, node, _("There is no function {name}.").format(name=node.name), mend
            )
            return
        if not function.minimum <= len(node.arguments) <= function.maximum:
            if any(node.start <= place <= node.end for place in self.damaged):
                return
            yield self.problem(
                Severity.ERROR, node, function.count_message(len(node.arguments)), function.signature
            )
            return
        yield from self.usage(node, function)

    def usage(self, node: tree.Call, function: Function) -> Iterator[tuple[int, Problem]]:
        try:
            if function.name == "Case":
                check_pairs(node)
            if function.name in ("ArgumentList", "InitCounter", "GetName"):
                variable(node, 0)
        except RunError as error:
            yield self.problem(Severity.ERROR, node, error.message, error.next_step)
        if not function.available and function.name.lower() not in self.scope.offered:
            yield self.problem(
                Severity.WARNING, node, _("{name} is not available here.").format(name=function.name),
                _("It works where an operation runs and its system can be reached."),
            )  # fmt: skip
        if function.name in ("If", "While", "Case"):
            step = 2 if function.name == "Case" else len(node.arguments)
            for condition in node.arguments[::step]:
                yield from self.condition(condition)

    def condition(self, node: tree.Expression) -> Iterator[tuple[int, Problem]]:
        if isinstance(node, tree.Assign) and node.operator == "=":
            yield self.problem(
                Severity.WARNING, node, _("This condition sets a variable."), _("To compare, write ==.")
            )

    def field(self, node: tree.Path) -> Iterator[tuple[int, Problem]]:
        if self.scope.field is None or self.scope.field(node) is not None:
            return
        written = self.script.source(node)
        near = difflib.get_close_matches(written.strip("[] "), self.known, n=1, cutoff=0.6)
        mend = (
            _("Did you mean [{path}]?").format(path=near[0]) if near else _("Choose a field of the source.")
        )
        yield self.problem(
            Severity.ERROR, node, _("The source has no field {path}.").format(path=written), mend
        )

    def system(self, node: tree.Global) -> Iterator[tuple[int, Problem]]:
        """A name among the system variables that is none of them."""
        if not node.name.startswith(PREFIX) or system_variable(node.name) is not None:
            return
        near = difflib.get_close_matches(node.name, SYSTEM_VARIABLES, n=1, cutoff=0.8)
        mend = _("Did you mean {name}?").format(name=f"${near[0]}") if near else _("Check its spelling.")
        yield self.problem(
            Severity.WARNING, node, _("There is no system variable ${name}.").format(name=node.name), mend
        )

    def operation(self, node: tree.Binary) -> Iterator[tuple[int, Problem]]:
        if node.operator in ("==", "!=") and _is_null(node.left, node.right):
            yield self.problem(
                Severity.WARNING, node, _("Null is never equal to anything."), _("Write IsNull(…).")
            )
            return
        reason = self.inference.failure(node)
        if reason is not None:
            yield self.problem(Severity.WARNING, node, reason.message, reason.next_step)

    def unset(self) -> Iterator[tuple[int, Problem]]:
        """Locals read though nothing sets them, or set only further down."""
        first: dict[str, int] = dict.fromkeys(self.scope.locals, -1)
        reads: list[tree.Local] = []
        targets: set[int] = set()
        for node in tree.walk(self.script):
            for target in _set_by(node):
                first[target.name] = min(first.get(target.name, target.start), target.start)
                targets.add(id(target))
            if isinstance(node, tree.Local):
                reads.append(node)
        loops = [
            node
            for node in tree.walk(self.script)
            if isinstance(node, tree.Call) and node.name.lower() == "while"
        ]
        for read in reads:
            if id(read) in targets:
                continue
            if read.name not in first:
                yield self.problem(
                    Severity.ERROR, read, _("The variable {name} is never set.").format(name=read.name),
                    _("Set it first, or write ${name} for a global variable.").format(name=read.name),
                )  # fmt: skip
            elif read.start < first[read.name] and not any(
                loop.start < read.start < loop.end and first[read.name] < loop.end for loop in loops
            ):
                yield self.problem(
                    Severity.WARNING, read,
                    _("The variable {name} is set only further down.").format(name=read.name),
                    _("Set it before it is read."),
                )  # fmt: skip


def _set_by(node: tree.Expression | tree.Script) -> Iterable[tree.Local]:
    if isinstance(node, tree.Assign) and isinstance(node.target, tree.Local) and node.operator == "=":
        return (node.target,)
    if isinstance(node, tree.Call) and node.name.lower() in _SETTERS:
        return tuple(argument for argument in node.arguments if isinstance(argument, tree.Local))
    return ()


def _is_null(*operands: tree.Expression) -> bool:
    return any(isinstance(node, tree.Call) and node.name.lower() == "null" for node in operands)
