"""Small faults put into a module's code: which places there are, and the code with one of them."""

from __future__ import annotations

import ast
import copy
import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "studio" / "engine"
FILES = sorted(
    [ENGINE / f"{name}.py" for name in ("compile", "resolve", "passes", "interpret", "rows", "running")]
    + list((ENGINE / "generate").glob("*.py"))
    + list((ENGINE / "formats").glob("*.py"))
)
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}

NOTHING = "nothing"


@dataclass(frozen=True)
class Mutant:
    """A place in a file, by its number in the order of `places`, and what is done to it."""

    file: Path
    place: int
    line: int
    function: str
    text: str
    what: str
    turn: int
    statement: str
    place_in_it: int

    @property
    def module(self) -> str:
        """The module's name."""
        return ".".join(self.file.relative_to(ROOT).with_suffix("").parts)

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stays the same while other lines change; the last is its turn among those alike."""
        return (self.module.removeprefix("studio.engine."), self.function, self.text, self.what, self.turn)

    @property
    def meaning(self) -> tuple[str, str, str, str, int]:
        """What stays the same however the code is laid out: the statement in one spelling, which of its faults it is."""
        short = self.module.removeprefix("studio.engine.")
        return (short, self.function, self.statement, self.what, self.place_in_it)


@functools.cache
def mutants() -> tuple[Mutant, ...]:
    """Every one there is, in a fixed order."""
    return tuple(found for file in FILES for found in mutants_of(file, file.read_text(encoding="utf-8")))


def mutants_of(file: Path, source: str) -> Iterator[Mutant]:
    """Those of one file's code."""
    lines = source.splitlines()
    tree = ast.parse(source)
    functions = dict(_functions(tree, ""))
    statements = dict(_statements(tree, ""))
    turns: Counter[tuple[str, str, str]] = Counter()
    turns_in: Counter[tuple[str, str, str]] = Counter()
    for place, node in enumerate(_places(tree)):
        line = getattr(node, "lineno", 0)
        for what in _faults(node):
            alike = functions[node], lines[line - 1].strip(), what
            meant = functions[node], statements[node], what
            turns[alike] += 1
            turns_in[meant] += 1
            yield Mutant(file, place, line, *alike, turns[alike], statements[node], turns_in[meant])


def _statements(node: ast.AST, said: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the statement that holds it, without what is below that."""
    if isinstance(node, ast.stmt):
        said = _head(node)
    yield node, said
    for child in ast.iter_child_nodes(node):
        yield from _statements(child, said)


def _head(statement: ast.stmt) -> str:
    if not hasattr(statement, "body"):
        return ast.unparse(statement)
    alone = copy.copy(statement)
    for below in ("body", "orelse", "handlers", "finalbody", "decorator_list"):
        if hasattr(alone, below):
            setattr(alone, below, [ast.Pass()] if below == "body" else [])
    if isinstance(alone, ast.Try):
        return "try:"
    return ast.unparse(alone).strip().splitlines()[0]


def _functions(node: ast.AST, name: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the qualified name of the function that holds it."""
    yield node, name.removesuffix(".<locals>.")
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield from _functions(child, f"{name}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{name}{child.name}.")
        else:
            yield from _functions(child, name)


def mutated(mutant: Mutant) -> ast.Module:
    """The module's code with the fault; as it is where the fault is `NOTHING`."""
    tree = ast.parse(mutant.file.read_text(encoding="utf-8"))
    if mutant.what == NOTHING:
        return tree
    node = list(_places(tree))[mutant.place]
    put = _Put(node, _replacement(node, mutant.what))
    return ast.fix_missing_locations(put.visit(tree))


class _Put(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """As the base class does."""
        if node is self._old:
            return ast.copy_location(self._new, node)
        return super().generic_visit(node)


def _places(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of the code that runs inside functions: no annotations, texts for people, assertions, docstrings."""
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, inside = waiting.pop()
        if inside:
            yield node
        for child in reversed(list(_below(node))):
            waiting.append((child, inside or isinstance(node, (ast.FunctionDef, ast.Lambda))))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.Assert, ast.Import, ast.ImportFrom)):
        return
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield from (child for child in node.body if not _is_text(child))
    elif isinstance(node, ast.AnnAssign):
        yield from (child for child in (node.value,) if child is not None)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "cast", "Broken")
    ):
        return
    elif not isinstance(node, ast.Raise):
        yield from ast.iter_child_nodes(node)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _faults(node: ast.AST) -> Iterator[str]:
    """What can be done to a node."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        yield "compares otherwise"
    elif isinstance(node, ast.BoolOp):
        yield "and for or"
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED and not _holds_text(node):
        yield "counts otherwise"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "without not"
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield "never"
        yield "always"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "the other truth"
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield "one more"
    elif isinstance(node, (ast.Expr, ast.AugAssign)) and not isinstance(
        getattr(node, "value", None), ast.Yield
    ):
        yield "left out"
    elif isinstance(node, ast.Continue):
        yield "ends the loop"
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "gives nothing"


def _holds_text(node: ast.BinOp) -> bool:
    return any(isinstance(each, (ast.Constant, ast.JoinedStr)) and not isinstance(getattr(each, "value", ""), int) for each in (node.left, node.right))  # fmt: skip


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _replacement(node: ast.AST, what: str) -> ast.AST:
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare):
        new.ops[0] = _COMPARED[type(new.ops[0])]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, ast.BinOp):
        new.op = _COUNTED[type(new.op)]()
    elif isinstance(new, ast.UnaryOp):
        return new.operand
    elif isinstance(new, (ast.If, ast.IfExp)):
        new.test = ast.Constant(what == "always")
    elif isinstance(new, ast.Constant):
        new.value = not new.value if isinstance(new.value, bool) else int(new.value) + 1  # type: ignore[call-overload]
    elif isinstance(new, ast.Continue):
        return ast.Break()
    elif isinstance(new, ast.Return):
        new.value = ast.Constant(None)
    else:
        return ast.Pass()
    return new
