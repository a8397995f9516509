"""A script's tree to Python lines and an expression: the same meaning as the judge, with short ways for known types."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from studio.base.records import dataclass
from studio.schema.model import Base
from studio.script import tree
from studio.script.code import Code, Constants, Items, Line, Writer, altered, constant
from studio.script.errors import RunError
from studio.script.guards import entry
from studio.script.kinds import (
    ANY,
    ARRAY,
    BOOL,
    NULL,
    NUMBER,
    TEXT,
    Kinds,
    kinds_of_base,
)  # fmt: skip
from studio.script.operators import negative, opposite
from studio.script.places import marked
from studio.script.runtime import Cache, exact_or_odd
from studio.script.scan import Names, names_of
from studio.script.system_variables import DEFAULTS

_MAY_FAIL = frozenset({tree.Binary, tree.Unary, tree.Call, tree.Index, tree.Local, tree.Path})
_NUMERIC = (Base.INTEGER, Base.DECIMAL)
_WORTH = frozenset({tree.Binary, tree.Unary, tree.Call})
_KEEPABLE = NULL | BOOL | NUMBER | TEXT | Kinds.DATE


@dataclass(frozen=True)
class PathCode:
    """How generated code reads a path.

    `expr` is a Python expression that may be evaluated again and again (a variable, a slot): the field's text, None
    for nothing; with `many` a list of such. `base` is the field's base in the schema. With `typed` the expression
    gives a value as scripts see it, is evaluated once, and `base` is not looked at. `column`, for a `many`, says that
    it is one column of a list of tuples: the list's variable and the place in the tuples. `blank` is an expression of the
    same text in which the empty text stands for null, `number` one that is what the cache of numbers gives for it.
    """

    expr: str
    base: Base = Base.TEXT
    many: bool = False
    typed: bool = False
    column: tuple[str, int] | None = None
    blank: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class Keep:
    """A value worth keeping by a text: the text's variable, how the value is made of it, and the cache to keep it in."""

    text: str
    make: Callable[[Any], tree.Value]
    cache: type[Cache]


Kept = Callable[[tree.Expression], "Keep | None"]
"""Says whether the value of an expression is worth keeping, and how."""


class Generator:
    """Generates one script. `host` is the variable that holds the Host, `variables` one with its globals, if any.

    With `marks` the places of expressions are told in the code (see places).
    """

    def __init__(
        self,
        script: tree.Script,
        path_code: Callable[[tree.Path], PathCode],
        constants: Constants,
        host: str,
        variables: str | None = None,
        marks: bool = False,
        kept: Kept | None = None,
    ) -> None:
        self.script = script
        self._kept_by = kept
        self.path_code = path_code
        self.constants = constants
        self.host = host
        self.globals = variables or f"{host}.variables"
        self._marks = marks
        self.writer = Writer(constants)
        self.names: Names = names_of(script)
        self._variables: dict[str, str] = {}
        self.known: dict[str, Kinds] = {}
        self.lazy = 0
        # Globals that were read and cannot have changed since, with the variables that hold them.
        self._held: dict[str, str] = {}
        self._forgotten = 0

    # Statements

    def run(self) -> Code:
        """The code of the whole script; its lines are in `writer`."""
        code = self.sequence(self.script.statements)
        loose = [name for name in self._variables if name not in self.names.straight]
        self.writer.lines[:0] = [
            Line(0, f"{self._variables[name]} = s_UNSET", self.script.start) for name in loose
        ]
        return code

    def sequence(self, statements: Sequence[tree.Expression]) -> Code:
        """The statements in order; the code of the last one."""
        code = constant(None, self.constants)
        for number, statement in enumerate(statements):
            if number and not (code.stable and not code.composite):
                self.writer.settled(code)
            code = self.code(statement)
        return code

    def code(self, node: tree.Expression) -> Code:
        """The code of an expression."""
        outer, self.writer.offset = self.writer.offset, node.start
        code = self._remembered_node(node) if self._kept_by is not None and type(node) in _WORTH else None
        code = code or self._placed(self._rules[type(node)](self, node), node)
        code = self.writer.shallow(code)
        self.writer.offset = outer
        return code

    def _remembered_node(self, node: tree.Expression) -> Code | None:
        """The value of an expression of one field, kept by the field's text; None where that gains nothing."""
        kept, self._kept_by = self._kept_by, None
        found = kept(node) if kept is not None else None
        if found is None:
            self._kept_by = kept
            return None
        with self.writer.captured():
            code = self._rules[type(node)](self, node)
        self._kept_by = kept
        if code.known or not code.kinds.only(_KEEPABLE):
            return None
        key, make = found.text, found.make
        fast = None
        if code.kinds & NUMBER and code.kinds.only(NUMBER | NULL):
            fast = f"{self.constants.add(found.cache(lambda text: exact_or_odd(make(text))))}[{key}]"
        value = f"{self.constants.add(found.cache(make))}[{key}]"
        text = value if code.kinds == TEXT else None
        return Code(value, code.kinds, stable=True, fast=fast, text=text, bounded=code.bounded)

    def _placed(self, code: Code, node: tree.Expression) -> Code:
        """The code, with the sign of its place if it may fail."""
        if not self._marks or code.stable or type(node) not in _MAY_FAIL:
            return code
        return altered(code, value=marked(code.value, node.start))

    def operands(self, nodes: Sequence[tree.Expression]) -> list[Code]:
        """The codes of expressions evaluated one after the other, whatever lines the later ones need."""
        codes: list[Code] = []
        for node in nodes:
            codes = self.before(codes, lambda node=node: self.code(node))  # type: ignore[misc]
        return codes

    def before(self, codes: list[Code], make: Callable[[], Code]) -> list[Code]:
        """The codes and the made one; the former are settled ahead of any lines that the latter writes."""
        mark = len(self.writer.lines)
        made = make()
        later = self.writer.lines[mark:]
        if later:
            del self.writer.lines[mark:]
            codes = [self.writer.steady(code) for code in codes]
            self.writer.lines += later
        return [*codes, made]

    def condition(self, code: Code, node: tree.Expression | None = None) -> str:
        """A Python condition that holds where the value counts as true for If, Case and While; errors are the node's."""
        if code.kinds == BOOL:
            return self.writer.use(code)
        test = f"s_truth({self.writer.use(code)})"
        if code.guard is not None and not code.guard.joined:
            test = f"({code.guard.short} if {code.guard.test} else {test})"
        return marked(test, node.start) if self._marks and node is not None else test

    # Values

    def _literal(self, node: tree.Literal) -> Code:
        return constant(node.value, self.constants)

    def variable(self, name: str) -> str:
        """The Python name of a local."""
        if name not in self._variables:
            self._variables[name] = self.constants.fresh("v")
        return self._variables[name]

    def _local(self, node: tree.Local) -> Code:
        name = self.variable(node.name)
        if node.name in self.known:
            kinds = self.known[node.name] if node.name in self.names.straight else ANY
            return Code(name, kinds, bounded=False)
        if node.name in self.names.straight:
            return constant(None, self.constants) if node.argument else Code(f"s_unset({node.name!r})", ANY)
        other = None if node.argument else f"s_unset({node.name!r})"
        return Code(f"({name} if {name} is not s_UNSET else {other})", ANY, bounded=False)

    def _global(self, node: tree.Global) -> Code:
        default = DEFAULTS.get(node.name)
        given = "" if default is None else f", {default!r}"
        code = Code(f"{self.globals}.get({node.name!r}{given})", ANY, safe=True, bounded=False)
        if node.name not in self.names.often:
            return code
        if node.name not in self._held:
            self._held[node.name] = self.writer.settled(code).value
        return Code(self._held[node.name], ANY, stable=True, bounded=False)

    def forget(self) -> None:
        """Globals may have changed: those that are read from here on are read anew."""
        self._held = {}
        self._forgotten += 1

    @contextlib.contextmanager
    def sometimes(self) -> Iterator[None]:
        """What is generated inside does not always run."""
        self.lazy += 1
        before, forgotten = dict(self._held), self._forgotten
        yield
        self._held = before if self._forgotten == forgotten else {}
        self.lazy -= 1

    def _array(self, node: tree.Array) -> Code:
        entries = self.operands(node.items)
        shown = ", ".join(self.values(entries))
        return Code(f"[{shown}]", ARRAY, depth=_deepest(entries) + 1, bounded=False)

    def _index(self, node: tree.Index) -> Code:
        place = node.key.value if isinstance(node.key, tree.Literal) else None
        if isinstance(node.target, tree.Path) and node.target.plain and type(place) is int:
            path = self.path_code(node.target)
            if path.many and not path.typed:
                return self._field(_entry_of(path, place))
        target, key = self.operands((node.target, node.key))
        return entry(self.writer, *self.before([target], lambda: self.in_line(key)))

    def _path(self, node: tree.Path) -> Code:
        code = self.path_code(node)
        if not node.plain:
            self.forget()  # its filters are scripts
        if code.typed:
            return Code(code.expr, ARRAY if code.many else ANY)
        if code.many:
            return self._many(code)
        return self._field(code)

    def _field(self, code: PathCode) -> Code:
        """A single field's value."""
        if code.base is Base.TEXT:
            return Code(
                code.expr, TEXT | NULL, stable=True, raw=code.expr, base=code.base,
                text=code.blank, blank=code.blank, written=code.expr,
            )  # fmt: skip
        numeric = code.base in _NUMERIC
        key = code.blank or code.expr
        raw_text = written = None
        if code.base is not Base.BOOLEAN:
            raw_text = f"('' if {key}.isspace() else {key})" if code.blank else f"s_raw({key})"
            written = f"({key} if {key} and not {key}.isspace() else None)"
        number = code.number or f"s_Numbers[{key}]"
        return Code(
            f"s_V{code.base.name}[{key}]", kinds_of_base(code.base), stable=True,
            fast=number if numeric else None, sure=numeric, decimal=numeric,
            nulled=f"({number} or s_ZERO)" if numeric else None,
            text=raw_text, raw=key, base=code.base, blank=code.blank, written=written,
        )  # fmt: skip

    def _many(self, code: PathCode) -> Code:
        if code.base is Base.TEXT:
            return Code(f"{code.expr}[:]", ARRAY, many=code.expr)
        entry = self.constants.fresh("i")
        source, text = code.expr, entry
        if code.column is not None:
            source, text = code.column[0], f"{entry}[{code.column[1]}]"
        items = None
        if code.base in _NUMERIC:
            items = Items(((entry, source),), f"s_Numbers[{text}]")
        value = f"[s_V{code.base.name}[{text}] for {entry} in {source}]"
        return Code(value, ARRAY, items=items, many=value)

    # Operators

    def _unary(self, node: tree.Unary) -> Code:
        operand = self.code(node.operand)
        apply = negative if node.operator == "-" else opposite
        folded = self.folded(lambda: apply(operand.constant), (operand,))
        if folded is not None:
            return folded
        if node.operator == "!" and operand.kinds.only(BOOL | NUMBER | TEXT | NULL):
            return Code(f"(not {self.condition(operand)})", BOOL, depth=operand.depth + 1)
        fast = f"(-{operand.fast})" if node.operator == "-" and operand.sure else None
        name = "s_neg" if node.operator == "-" else "s_not"
        kinds = operand.kinds & (NUMBER | TEXT) if operand.kinds.only(NUMBER | TEXT | NULL) else ANY
        value = operand.value if fast else self.writer.use(operand)
        return Code(
            f"{name}({value})", kinds if node.operator == "-" else BOOL | ARRAY, fast=fast, sure=bool(fast),
            composite=bool(fast), depth=operand.depth + 1,
        )  # fmt: skip

    def _binary(self, node: tree.Binary) -> Code:
        chain = [node]
        while isinstance(chain[-1].left, tree.Binary):
            chain.append(chain[-1].left)
        code = self.code(chain[-1].left)
        for here in reversed(chain):
            self.writer.offset = here.start
            if here.operator in ("&&", "||"):
                code = self._logical(here, code)
            else:
                left, right = self.before([code], lambda here=here: self.code(here.right))  # type: ignore[misc]
                code = self.combined(here.operator, left, right)
                code = self.writer.shallow(self._placed(code, here) if here.start != node.start else code)
        return code

    def _logical(self, node: tree.Binary, left: Code) -> Code:
        first = self._counts(left)
        with self.writer.captured() as lines, self.sometimes():
            second = self._counts(self.code(node.right))
        word = "and" if node.operator == "&&" else "or"
        if not lines:
            return Code(f"({first} {word} {second})", BOOL, depth=left.depth + 1)
        name = self.constants.fresh()
        self.writer.emit(f"{name} = {first}")
        with self.writer.block(f"if {name}:" if word == "and" else f"if not {name}:"):
            self.writer.lines += lines
            self.writer.emit(f"{name} = {second}")
        return Code(name, BOOL, stable=True)

    def _counts(self, code: Code) -> str:
        if code.kinds == BOOL:
            return self.writer.use(code)
        test = f"s_counts({self.writer.use(code)})"
        if code.guard is None or code.guard.joined:
            return test
        return f"({code.guard.short} if {code.guard.test} else {test})"

    def combined(self, operator: str, left: Code, right: Code) -> Code:
        """`left operator right`, each evaluated once, in this order; the class that knows the operators says it."""
        raise NotImplementedError

    def values(self, codes: Sequence[Code]) -> list[str]:
        """Their expressions, to be evaluated in this order."""
        done: list[Code] = []
        for code in codes:
            done = self.before(done, lambda code=code: self.in_line(code))  # type: ignore[misc]
        return [code.value for code in done]

    def in_line(self, code: Code) -> Code:
        """The code as an expression that needs no try statement."""
        return self.writer.settled(code) if code.composite else code

    def folded(self, compute: Callable[[], tree.Value], codes: Sequence[Code]) -> Code | None:
        """The constant that an operation on constants gives; None where one is unknown or it fails."""
        if not all(code.known for code in codes):
            return None
        try:
            value = compute()
        except RunError:
            return None
        if isinstance(value, (list, dict)) or (isinstance(value, str) and len(value) > 10_000):
            return None
        return constant(value, self.constants)

    # Variables

    def _assign(self, node: tree.Assign) -> Code:
        target = node.target
        if isinstance(target, tree.Index):
            return self._assign_entry(node, target)
        value = self.code(node.value)
        if node.operator != "=":
            value = self.writer.steady(value)
            value = self.combined(node.operator[0], self.code(target), value)
        return self.store(target, value)

    def _assign_entry(self, node: tree.Assign, target: tree.Index) -> Code:
        owner, key = (self.writer.steady(code) for code in self.operands((target.target, target.key)))
        name = self.constants.fresh()
        self.writer.emit(f"{name} = None")
        # Where there is no such place the value is not computed.
        with self.sometimes(), self.writer.block(f"if s_holds({owner.value}, {key.value}):"):
            value = self._entry_value(node, owner.value, f"s_get({owner.value}, {key.value})")
            self.writer.emit(f"s_set({owner.value}, {key.value}, {value.value})")
            self.writer.emit(f"{name} = {value.value}")
        return Code(name, value.kinds | NULL, stable=True, bounded=False)

    def _entry_value(self, node: tree.Assign, owner: str, get: str) -> Code:
        if node.operator == "=":
            return self.writer.steady(self.code(node.value))
        # A dictionary's entry is read before the value is computed, an array's after.
        name = self.constants.fresh()
        self.writer.emit(f"{name} = {get} if type({owner}) is dict else None")
        value = self.writer.steady(self.code(node.value))
        self.writer.emit(f"if type({owner}) is not dict: {name} = {get}")
        before = Code(name, ANY, stable=True, bounded=False)
        return self.writer.settled(self.combined(node.operator[0], before, value))

    def store(self, target: tree.Local | tree.Global, code: Code) -> Code:
        """Set a variable; its new value."""
        code = self.writer.steady(code)
        if isinstance(target, tree.Global):
            self.writer.emit(f"{self.globals}[{target.name!r}] = {code.value}")
            self.forget()
        else:
            self.writer.emit(f"{self.variable(target.name)} = {code.value}")
            if not self.lazy:
                self.known[target.name] = code.kinds
        return altered(code, bounded=False)

    def _increment(self, node: tree.Increment) -> Code:
        target = node.target
        if isinstance(target, tree.Index):
            owner, key = (self.writer.steady(code) for code in self.operands((target.target, target.key)))
            before = Code(f"s_get({owner.value}, {key.value})", ANY)
            after = self.writer.settled(Code(f"s_counted({node.operator!r}, {before.value})", ANY))
            self.writer.emit(f"s_set({owner.value}, {key.value}, {after.value})")
            return after
        before = self.writer.settled(self.code(target))
        name = before.value
        counted = f"s_counted({node.operator!r}, {name})"
        short = f"{name} {node.operator[0]} 1 if type({name}) is int else {counted}"
        after = self.store(target, Code(short, ANY))
        return before if node.postfix else after

    def _block(self, node: tree.Block) -> Code:
        return self.sequence(node.statements)

    def _call(self, node: tree.Call) -> Code:
        return self.call(node)

    def call(self, node: tree.Call) -> Code:
        """The code of a call; the class that knows the functions says it."""
        raise NotImplementedError

    _rules: ClassVar[dict[type, Callable[..., Code]]] = {
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


def _entry_of(path: PathCode, place: int) -> PathCode:
    """One entry of a repeated field, without making values of the others; null beyond its end."""
    rows, column = path.column if path.column is not None else (path.expr, None)
    text = f"{rows}[{place}]" if column is None else f"{rows}[{place}][{column}]"
    return PathCode(f"({text} if len({rows}) > {place} else None)", path.base)


def _deepest(codes: Sequence[Code]) -> int:
    return max((code.depth for code in codes), default=0)
