"""Functions that decide themselves what to evaluate: If, Case, While, Eval and those that take a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from studio.base.i18n import _
from studio.script import tree
from studio.script.errors import RunError
from studio.script.functions.general import LAST_ERROR
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import number_of, text_of, whole_of

MAX_ITERATIONS = "jitterbit.scripting.while.max_iterations"


class Evaluator(Protocol):
    """What these functions need of the evaluator."""

    host: Host

    def value(self, node: tree.Expression) -> Value:
        """The value of an expression."""

    def truth(self, node: tree.Expression) -> bool:
        """Whether a condition holds."""

    def store(self, target: tree.Local | tree.Global, value: Value) -> None:
        """Set a variable."""


Rule = Callable[[Evaluator, tree.Call], Value]


def _if(run: Evaluator, node: tree.Call) -> Value:
    condition, *branches = node.arguments
    if run.truth(condition):
        return run.value(branches[0])
    return run.value(branches[1]) if len(branches) > 1 else None


def _case(run: Evaluator, node: tree.Call) -> Value:
    check_pairs(node)
    pairs = iter(node.arguments)
    for condition, result in zip(pairs, pairs, strict=True):
        if run.truth(condition):
            return run.value(result)
    return None


def check_pairs(node: tree.Call) -> None:
    """Raise RunError when a Case has a condition without a value."""
    if len(node.arguments) % 2:
        raise RunError(
            _("Case needs a value after every condition."),
            next_step=_("For all other cases write true, value."),
        )


def _while(run: Evaluator, node: tree.Call) -> Value:
    condition, body = node.arguments
    turns, limit = 0, max_iterations(run.host)
    while run.truth(condition):
        if turns >= limit:
            raise too_many_turns(limit)
        turns += 1
        run.host.tick()
        run.value(body)
        limit = max_iterations(run.host)
    return None


def max_iterations(host: Host) -> int:
    """The limit of loops now: the host's, or what the script has set."""
    wanted = host.variables.get(MAX_ITERATIONS)
    return host.limits.iterations if wanted is None else whole_of(wanted)


def too_many_turns(limit: int) -> RunError:
    """The error of a loop without end."""
    return RunError(
        _("While was repeated {n} times, the most allowed.").format(n=limit),
        next_step=_("Set ${name} for more.").format(name=MAX_ITERATIONS),
    )


def _eval(run: Evaluator, node: tree.Call) -> Value:
    tried, instead = node.arguments
    try:
        return as_text(run.value(tried))
    except RunError as error:
        caught(run.host, error)
        return as_text(run.value(instead))


def as_text(value: Value) -> Value:
    """Text, null stays null: what Eval gives."""
    return None if value is None else text_of(value)


def caught(host: Host, error: RunError) -> None:
    """Keep the message of an error that the script goes on after."""
    host.variables[LAST_ERROR] = error.message


def _is_valid(run: Evaluator, node: tree.Call) -> Value:
    try:
        run.value(node.arguments[0])
    except RunError as error:
        caught(run.host, error)
        return False
    return True


def _if_null(run: Evaluator, node: tree.Call) -> Value:
    value = run.value(node.arguments[0])
    return run.value(node.arguments[1]) if value is None else value


def _if_empty(run: Evaluator, node: tree.Call) -> Value:
    value = run.value(node.arguments[0])
    return run.value(node.arguments[1]) if value is None or value == "" else value


def variable(node: tree.Call, place: int) -> tree.Local | tree.Global:
    """An argument that must be a variable."""
    argument = node.arguments[place]
    if isinstance(argument, (tree.Local, tree.Global)):
        return argument
    raise RunError(_("{function} needs the name of a variable.").format(function=node.name))


def _argument_list(run: Evaluator, node: tree.Call) -> Value:
    given = run.host.ask("ArgumentList", ())
    values = given if isinstance(given, list) else []
    for place in range(len(node.arguments)):
        run.store(variable(node, place), values[place] if place < len(values) else None)
    return None


def _init_counter(run: Evaluator, node: tree.Call) -> Value:
    first = number_of(run.value(node.arguments[1])) if len(node.arguments) > 1 else 0
    run.store(variable(node, 0), first)
    return first


def _get_name(_run: Evaluator, node: tree.Call) -> Value:
    return variable(node, 0).name


RULES: dict[str, Rule] = {
    "If": _if,
    "Case": _case,
    "While": _while,
    "Eval": _eval,
    "IsValid": _is_valid,
    "IfNull": _if_null,
    "IfEmpty": _if_empty,
    "ArgumentList": _argument_list,
    "InitCounter": _init_counter,
    "GetName": _get_name,
}
