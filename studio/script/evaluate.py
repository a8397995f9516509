"""The judge: a plain tree walk that says what every script means. The compiler must agree with it."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import ClassVar, cast

from studio.base.i18n import _
from studio.script import special, tree
from studio.script.errors import LimitReached, Operand, RunError, ScriptError
from studio.script.functions import Argument, Function, find
from studio.script.host import Host
from studio.script.operators import (
    binary,
    counted,
    entry_of,
    first_wrong,
    get_entry,
    holds,
    negative,
    opposite,
    set_entry,
)
from studio.script.system_variables import DEFAULTS
from studio.script.tree import Value
from studio.script.values import EXACT, counts_as_true, truth_of


def evaluate(script: tree.Script, host: Host, variables: dict[str, Value] | None = None) -> Value:
    """The value of the last statement; `variables` are the script's own (locals), for looking at afterwards.

    Raises ScriptError with the place of the failing expression, and whatever the host raises.
    """
    with decimal.localcontext(EXACT):
        try:
            return Evaluation(script, host, {} if variables is None else variables).run()
        except RecursionError:
            raise LimitReached(
                _("The script is nested too deeply to be run here."), file=script.file
            ) from None


class Evaluation:
    """One run of a script. Special functions (If, While …) evaluate their arguments through it."""

    def __init__(self, script: tree.Script, host: Host, variables: dict[str, Value]) -> None:
        self.script = script
        self.host = host
        self.locals = variables

    def run(self) -> Value:
        """The value of the last statement, null when there is none."""
        return self.statements(self.script.statements)

    def statements(self, statements: tuple[tree.Expression, ...]) -> Value:
        """All of them in order; the value of the last."""
        value: Value = None
        for statement in statements:
            value = self.value(statement)
        return value

    def value(self, node: tree.Expression) -> Value:
        """The value of an expression; errors get its place unless they have one."""
        try:
            return self._rules[type(node)](self, node)
        except ScriptError as error:
            error.at(self.script.text, node.start, self.script.file)
            raise

    def truth(self, node: tree.Expression) -> bool:
        """Whether a condition holds."""
        value = self.value(node)
        try:
            return truth_of(value)
        except ScriptError as error:
            error.at(self.script.text, node.start, self.script.file)
            raise

    def _literal(self, node: tree.Literal) -> Value:
        return node.value

    def _local(self, node: tree.Local) -> Value:
        if node.name not in self.locals:
            if node.argument:
                return None
            raise unset(node.name)
        return self.locals[node.name]

    def _global(self, node: tree.Global) -> Value:
        return self.host.variables.get(node.name, DEFAULTS.get(node.name))

    def _array(self, node: tree.Array) -> Value:
        return [self.value(item) for item in node.items]

    def _index(self, node: tree.Index) -> Value:
        target = self.value(node.target)
        return get_entry(target, self.value(node.key))

    def _unary(self, node: tree.Unary) -> Value:
        operand = self.value(node.operand)
        return negative(operand) if node.operator == "-" else opposite(operand)

    def _binary(self, node: tree.Binary) -> Value:
        # Down the left side without recursion: a text may be joined from thousands of pieces.
        chain = [node]
        while isinstance(chain[-1].left, tree.Binary):
            chain.append(chain[-1].left)
        value = self.value(chain[-1].left)
        for here in reversed(chain):
            value = self._apply(here, value)
        return value

    def _apply(self, node: tree.Binary, left: Value) -> Value:
        if node.operator in ("&&", "||"):
            if counts_as_true(left) == (node.operator == "||"):
                return node.operator == "||"
            return counts_as_true(self.value(node.right))
        right = self.value(node.right)
        try:
            return binary(node.operator, left, right)
        except ScriptError as error:
            error.at(self.script.text, node.start, self.script.file)
            if error.operands is None:
                error.operands = self._paths_beside(node, left, right)
            raise

    def _paths_beside(self, node: tree.Binary, left: Value, right: Value) -> tuple[Operand, ...]:
        """The operands of an operator that failed which are paths; of arrays the entries it failed at."""
        paths = [
            (each, value)
            for each, value in ((node.left, left), (node.right, right))
            if isinstance(each, tree.Path)
        ]
        place = first_wrong(node.operator, left, right) if paths else None
        return tuple(
            Operand(
                each,
                self.script.text[each.start : each.end],
                value if place is None else entry_of(value, place),
                place + 1 if place is not None and isinstance(value, list) else None,
            )
            for each, value in paths
        )

    def _block(self, node: tree.Block) -> Value:
        return self.statements(node.statements)

    def _path(self, node: tree.Path) -> Value:
        return self.host.read(node)

    def _assign(self, node: tree.Assign) -> Value:
        if isinstance(node.target, tree.Index):
            return self._assign_entry(node, node.target)
        # The value first: in `a += a -= 2` the target is read after the inner assignment.
        value = self.value(node.value)
        if node.operator != "=":
            value = binary(node.operator[0], self.value(node.target), value)
        self.store(node.target, value)
        return value

    def _assign_entry(self, node: tree.Assign, place: tree.Index) -> Value:
        target, key = self.value(place.target), self.value(place.key)
        if not holds(target, key):
            return None  # no such place in an array: the value is not computed
        if node.operator == "=":
            value = self.value(node.value)
        elif isinstance(target, dict):
            # A dictionary's entry is read before the value is computed, an array's after.
            before = get_entry(target, key)
            value = binary(node.operator[0], before, self.value(node.value))
        else:
            value = self.value(node.value)
            value = binary(node.operator[0], get_entry(target, key), value)
        set_entry(target, key, value)
        return value

    def store(self, target: tree.Local | tree.Global, value: Value) -> None:
        """Set a variable."""
        if isinstance(target, tree.Global):
            self.host.variables[target.name] = value
        else:
            self.locals[target.name] = value

    def _increment(self, node: tree.Increment) -> Value:
        if isinstance(node.target, tree.Index):
            target = self.value(node.target.target)
            key = self.value(node.target.key)
            value = counted(node.operator, get_entry(target, key))
            set_entry(target, key, value)
            return value
        before = self.value(node.target)
        value = counted(node.operator, before)
        self.store(node.target, value)
        return before if node.postfix else value

    def _call(self, node: tree.Call) -> Value:
        function = called(node)
        rule = special.RULES.get(function.name)
        if rule is not None:
            return rule(self, node)
        if function.takes_nodes:
            return function(
                self.host, [self._given(*pair) for pair in zip(node.arguments, function.each(), strict=False)]
            )
        arguments = [self.value(argument) for argument in node.arguments]
        return function(self.host, arguments)

    def _given(self, node: tree.Expression, argument: Argument) -> Value:
        """An argument's value; the source node itself where the function wants it."""
        if argument.takes_node and isinstance(node, tree.Path):
            return cast("Value", self.host.node(node))
        return self.value(node)

    _rules: ClassVar[dict[type, Callable[..., Value]]] = {
        tree.Literal: _literal,
        tree.Local: _local,
        tree.Global: _global,
        tree.Array: _array,
        tree.Index: _index,
        tree.Unary: _unary,
        tree.Binary: _binary,
        tree.Block: _block,
        tree.Path: _path,
        tree.Assign: _assign,
        tree.Increment: _increment,
        tree.Call: _call,
    }


def unset(name: str) -> RunError:
    """The error for reading a local that was never set."""
    return RunError(
        _("The variable {name} has no value yet.").format(name=name),
        next_step=_("Set it first, or write ${name} for a global variable.").format(name=name),
    )


def called(node: tree.Call) -> Function:
    """The function of a call. Raises RunError when there is none or the arguments are too few or many."""
    function = find(node.name)
    if function is None:
        raise RunError(_("There is no function {name}.").format(name=node.name))
    if not function.minimum <= len(node.arguments) <= function.maximum:
        raise RunError(function.count_message(len(node.arguments)))
    return function
