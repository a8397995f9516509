"""What is wrong with a script before it runs: each problem with its line, column and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as FilePath

from studio.base.errors import Problem, Severity
from studio.script import check_flow, check_names, check_types, tree
from studio.script.errors import ScriptError
from studio.script.facts import Facts, Found
from studio.script.parse import parse_all
from studio.script.scope import NOTHING, Scope


def check(
    script: tree.Script, scope: Scope = NOTHING, mistakes: Sequence[ScriptError] = ()
) -> tuple[Problem, ...]:
    """The problems of a script in the order of its text, with the mistakes that were made reading it."""
    found: list[Found] = [((error.offset or 0), _unreadable(error, scope)) for error in mistakes]
    facts = Facts(script, scope, [place for place, _problem in found])
    for part in (check_names, check_flow, check_types):
        found.extend(part.problems(facts))
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
