"""Which kinds of value the parts of a script may have, followed through its variables in the order they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import ClassVar

from studio.script import tree
from studio.script.functions import Function, find
from studio.script.kinds import (
    ANY,
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    DICTIONARY,
    NULL,
    NUMBER,
    TEXT,
    Kinds,
    kinds_of_base,
    kinds_of_binary,
    kinds_of_call,
    kinds_of_value,
)
from studio.script.scope import Scope
from studio.script.system_variables import system_variable

_OF_SYSTEM = {"string": TEXT | NULL, "number": NUMBER | NULL, "bool": BOOL | NULL, "array": ARRAY | NULL}
# Where a function gives a variable a value.
SETTERS = ("argumentlist", "initcounter")
_CHANGING = ("set", "regexmatch", "runscript", "runoperation", "runplugin", "setinstances")

Types = dict[str, Kinds]


class Inference:
    """Kinds of every expression of a script, in `known` by identity. A variable is known by its name, a global's with `$`."""

    def __init__(self, script: tree.Script, scope: Scope) -> None:
        self._scope = scope
        self.known: dict[int, Kinds] = {}
        self._types: Types = {}
        self._lazy: dict[str, Callable[[tree.Call], Kinds]] = {
            "If": self._if,
            "Case": self._case,
            "While": self._while,
            "Eval": self._tried,
            "IsValid": self._tried,
            "IfNull": self._instead,
            "IfEmpty": self._instead,
        }
        for statement in script.statements:
            self._visit(statement)

    @property
    def variables(self) -> Mapping[str, Kinds]:
        """What each variable may hold at the script's end."""
        return self._types

    def _visit(self, node: tree.Expression) -> Kinds:
        kinds = self.known[id(node)] = self._rules[type(node)](self, node)
        return kinds

    def _literal(self, node: tree.Literal) -> Kinds:
        return kinds_of_value(node.value)

    def _local(self, node: tree.Local) -> Kinds:
        return ANY if node.argument else self._types.get(node.name, ANY)

    def _index(self, node: tree.Index) -> Kinds:
        self._visit(node.target)
        self._visit(node.key)
        return ANY

    def _array(self, node: tree.Array) -> Kinds:
        for item in node.items:
            self._visit(item)
        return ARRAY

    def _block(self, node: tree.Block) -> Kinds:
        kinds = ANY
        for statement in node.statements:
            kinds = self._visit(statement)
        return kinds

    def _global(self, node: tree.Global) -> Kinds:
        if f"${node.name}" in self._types:
            return self._types[f"${node.name}"]
        known = system_variable(node.name)
        return _OF_SYSTEM.get(known.type, ANY) if known is not None else ANY

    def _assigned(self, node: tree.Assign) -> Kinds:
        value = self._visit(node.value)
        if isinstance(node.target, tree.Index):
            self._visit(node.target)
            holder = root(node.target)
            if self._visit(holder) not in (ARRAY, DICTIONARY):
                self._set(holder, ANY)
            return value
        if node.operator != "=":
            before = self._visit(node.target)
            value = _result("+" if node.operator == "+=" else "-", before, value)
        else:
            self.known[id(node.target)] = value
        self._set(node.target, value)
        return value

    def _set(self, target: tree.Expression, kinds: Kinds) -> None:
        if isinstance(target, tree.Local):
            self._types[target.name] = kinds
        elif isinstance(target, tree.Global):
            self._types[f"${target.name}"] = kinds

    def _counted(self, node: tree.Increment) -> Kinds:
        before = self._visit(node.target)
        after = before if before.only(NUMBER) else ANY
        self._set(root(node.target), after)
        return after

    def _unary(self, node: tree.Unary) -> Kinds:
        operand = self._visit(node.operand)
        if node.operator == "!":
            return BOOL | (operand & ARRAY)
        return operand if operand.only(NUMBER) else ANY

    def _field(self, node: tree.Path) -> Kinds:
        for step in node.steps:
            for statement in step.filter.statements if step.filter is not None else ():
                self._visit(statement)
        field = self._scope.field(node) if self._scope.field is not None else None
        if field is None:
            return ANY
        return ARRAY if field.many else kinds_of_base(field.base)

    def _chain(self, node: tree.Binary) -> Kinds:
        """The kinds of a chain of operators, down its left side without recursion."""
        chain = [node]
        while isinstance(chain[-1].left, tree.Binary):
            chain.append(chain[-1].left)
        kinds = self._visit(chain[-1].left)
        for here in reversed(chain):
            if here.operator in ("&&", "||"):
                self._maybe(partial(self._visit, here.right))
                kinds = BOOL
            else:
                kinds = _result(here.operator, kinds, self._visit(here.right))
            self.known[id(here)] = kinds
        return kinds

    def _maybe(self, *ways: Callable[[], Kinds]) -> Kinds:
        """One of the ways is taken, or none: afterwards variables hold what any of them leaves."""
        before, ends, kinds = dict(self._types), [dict(self._types)], Kinds(0)
        for way in ways:
            self._types = dict(before)
            kinds |= way()
            ends.append(self._types)
        self._types = _joined(ends)
        return kinds

    def _call(self, node: tree.Call) -> Kinds:
        function = find(node.name) if node.name else None
        rule = self._lazy.get(function.name) if function is not None else None
        if rule is not None and function is not None and function.minimum <= len(node.arguments):
            return rule(node)
        given = [self._visit(argument) for argument in node.arguments]
        for argument in node.arguments if node.name.lower() in SETTERS else ():
            self._set(argument, ANY)
        if function is None or _changes(function):
            self._types = {name: kinds for name, kinds in self._types.items() if not name.startswith("$")}
        if function is None or not function.minimum <= len(given) <= function.maximum:
            return ANY
        return kinds_of_call(function, given)

    def _if(self, node: tree.Call) -> Kinds:
        self._visit(node.arguments[0])
        then, *other = node.arguments[1:] or node.arguments[:1]
        before = dict(self._types)
        kinds = self._visit(then)
        first = self._types
        self._types = before
        kinds |= self._visit(other[0]) if other else NULL
        self._types = _joined([first, self._types])
        return kinds

    def _case(self, node: tree.Call) -> Kinds:
        kinds, ends = NULL, []
        for number, argument in enumerate(node.arguments):
            if number % 2 == 0:
                self._visit(argument)
                continue
            before = dict(self._types)
            kinds |= self._visit(argument)
            ends.append(self._types)
            self._types = before
        self._types = _joined([*ends, self._types])
        return kinds

    def _while(self, node: tree.Call) -> Kinds:
        # Before the second turn the body has run: what it sets may hold anything from the start.
        for name in set_in(node):
            self._types[name] = ANY
        for argument in node.arguments:
            self._visit(argument)
        for name in set_in(node):
            self._types[name] = ANY
        return NULL

    def _tried(self, node: tree.Call) -> Kinds:
        self._maybe(*(partial(self._visit, argument) for argument in node.arguments))
        return BOOL if node.name.lower() == "isvalid" else TEXT | NULL

    def _instead(self, node: tree.Call) -> Kinds:
        first = self._visit(node.arguments[0])
        return (first & ~NULL) | self._maybe(partial(self._visit, node.arguments[1]))

    _rules: ClassVar[dict[type, Callable[..., Kinds]]] = {
        tree.Literal: _literal,
        tree.Local: _local,
        tree.Global: _global,
        tree.Array: _array,
        tree.Index: _index,
        tree.Unary: _unary,
        tree.Binary: _chain,
        tree.Block: _block,
        tree.Path: _field,
        tree.Assign: _assigned,
        tree.Increment: _counted,
        tree.Call: _call,
    }


def root(node: tree.Expression) -> tree.Expression:
    """The variable whose entry is meant."""
    while isinstance(node, tree.Index):
        node = node.target
    return node


def set_in(node: tree.Expression | tree.Script) -> set[str]:
    """The variables that get a value inside a node; a global's name begins with `$`."""
    return set_by(tree.walk(node))


def set_by(nodes: Iterable[tree.Expression | tree.Script]) -> set[str]:
    """The variables that one of the nodes itself gives a value; a global's name begins with `$`."""
    found: set[str] = set()
    for inner in nodes:
        targets: tuple[tree.Expression, ...] = ()
        if isinstance(inner, (tree.Assign, tree.Increment)):
            targets = (root(inner.target),)
        elif isinstance(inner, tree.Call) and inner.name.lower() in SETTERS:
            targets = inner.arguments
        for target in targets:
            if isinstance(target, (tree.Local, tree.Global)):
                found.add(target.name if isinstance(target, tree.Local) else f"${target.name}")
    return found


def _changes(function: Function) -> bool:
    """The function may change global variables."""
    return function.name.lower() in _CHANGING or not (function.available or function.pure)


def _joined(ends: list[Types]) -> Types:
    """What variables hold after one of several ways. A local that one way leaves unset is not read there."""
    merged = ends[0]
    for end in ends[1:]:
        if end != merged:
            merged = _merged(merged, end)
    return merged


def _merged(one: Types, other: Types) -> Types:
    merged = dict(one)
    for name, kinds in other.items():
        known = one.get(name)
        if known is kinds:
            continue
        if known is None:
            merged[name] = ANY if name.startswith("$") else kinds
        else:
            merged[name] = known | kinds
    for name in one.keys() - other.keys():
        if name.startswith("$"):
            merged[name] = ANY
    return merged


@lru_cache(maxsize=4096)
def _result(operator: str, left: Kinds, right: Kinds) -> Kinds:
    if operator == "+" and TEXT in (left, right) and not (left | right) & (ARRAY | DICTIONARY | BINARY):
        return TEXT
    if operator == "+" and left.only(TEXT | NULL) and right.only(TEXT | NULL):
        return TEXT | NULL
    if operator == "+" and left == DATE and right.only(NUMBER):
        return DATE
    if operator == "+" and (left | right) & DATE:
        return ANY
    if operator == "-" and (left | right) & (ARRAY | DATE):
        return ANY
    return kinds_of_binary(operator, left, right)
