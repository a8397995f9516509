"""Calls in scripts that can never work: functions that do not exist or take another number of arguments."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.script import tree
from studio.script.functions.registry import find, nearest


def wrong_calls(script: tree.Script, path: str) -> Iterator[Problem]:
    """The problems of the calls in the script of the rule at target `path`."""
    for node in tree.walk(script):
        if isinstance(node, tree.Call):
            problem = _wrong(node, script, path)
            if problem is not None:
                yield problem


def _wrong(call: tree.Call, script: tree.Script, path: str) -> Problem | None:
    function = find(call.name)
    if function is not None and function.minimum <= len(call.arguments) <= function.maximum:
        return None
    line, column = script.place(call.start)
    if function is None:
        near = nearest(call.name)
        mend = _("Did you mean {name}?").format(name=near) if near else _("Check its spelling.")
        message = _("There is no function {name}.").format(name=call.name)
        return Problem(Severity.ERROR, message, None, line, column, None, path, mend)
    message = function.count_message(len(call.arguments))
    return Problem(Severity.ERROR, message, None, line, column, None, path, function.signature)
