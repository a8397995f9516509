"""What a map's scripts change beyond their record, and whether generated code may do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from studio.base.records import dataclass
from studio.engine.plan import Expr, Read, Target
from studio.script import tree
from studio.script.functions.general import LAST_ERROR
from studio.script.functions.registry import find

# Functions that are not pure, yet may be asked again or in another order without anybody noticing.
_HARMLESS = frozenset(
    {
        "now", "now_", "random", "randomstring", "guid", "tablelookup", "getinstance", "recordcount",
        "sourceinstancecount", "targetinstancecount", "getutcformatteddate", "getutcformatteddatetime",
        "converttimezone", "countsourcerecords", "get", "formatdate", "eval", "if", "case", "while", "isvalid", "argumentlist", "dict",
        "array", "collection", "map", "equal", "haskey", "getkeys", "collectvalues", "hextostring", "stringtohex",
        "getsourceattrnames", "getsourceelementnames", "getsourceinstancearray", "getsourceinstanceelementarray",
        "getsourceinstancemap", "getsourceinstanceelementmap", "getinputstring", "getnodename", "getnodevalue",
        "getxmlstring", "isnil", "selectnodes", "selectsinglenode", "selectnodesfromxmlany", "selectnodefromxmlany",
        "debugbreak", "getlasterror", "setlasterror", "resetlasterror", "raiseerror", "writetooperationlog",
    }
)  # fmt: skip
# These change what they are given: harmless as long as that is no global variable.
_CHANGING = frozenset({"addtodict", "removekey", "mapcache", "sortarray", "reducedimension"})
_KEEPS_ERROR = frozenset({"eval", "isvalid", "raiseerror", "setlasterror", "resetlasterror"})
_LOGS = "writetooperationlog"


@dataclass(frozen=True)
class Effects:
    """What happens besides the output.

    `in_order`: something that rules read is changed, so that only the judge's order will do. `logs`: lines are written
    to the log, by rules that generated code runs as often as the judge and in the same order.
    """

    in_order: bool
    logs: bool


def effects_of(*roots: Target) -> Effects:
    """The effects of all scripts of the target trees."""
    found = [_below(root, outermost=True) for root in roots]
    keeps, reads = any(does.keeps for does in found), any(does.reads for does in found)
    return Effects(
        any(does.in_order for does in found) or (keeps and reads), any(does.calls for does in found)
    )


class _All(NamedTuple):
    """What the scripts of a node and all below do: see _Does; `calls` is for the log."""

    calls: bool
    keeps: bool
    reads: bool
    in_order: bool


# Nodes that no edit has touched come again in plan after plan. The node is held, so that its id stays its own.
_BELOW: dict[tuple[int, bool], tuple[Target, _All]] = {}


def _below(target: Target, outermost: bool) -> _All:
    known = _BELOW.get((id(target), outermost))
    if known is not None:
        return known[1]
    calls = keeps = reads = in_order = False
    for expr, once in _scripts(target, outermost):
        does = _does(expr)
        calls = calls or does.logs
        keeps = keeps or does.keeps
        reads = reads or does.reads
        in_order = in_order or does.changes or (not once and does.logs)
    for child in target.children:
        inner = _below(child, outermost and target.loop is None)
        calls, keeps = calls or inner.calls, keeps or inner.keeps
        reads, in_order = reads or inner.reads, in_order or inner.in_order
    if len(_BELOW) > _MOST_KNOWN:
        _BELOW.clear()
    found = _All(calls, keeps, reads, in_order)
    _BELOW[id(target), outermost] = target, found
    return found


# What these give may be another value the next time, for the same record.
_FRESH = frozenset(
    {
        "now", "now_", "random", "randomstring", "guid", "getutcformatteddate", "getutcformatteddatetime",
        "countsourcerecords", "getlasterror", "setlasterror", "resetlasterror", "debugbreak", _LOGS,
    }
)  # fmt: skip
# Of the functions that change globals: those that set some by their names and do nothing else.
_SETTING = frozenset({"regexmatch", "set"})
_STAYS: dict[int, tuple[Target, bool]] = {}


def stays(target: Target) -> bool:
    """Whether a node with all below it gives the same again for the same record, document and globals.

    What its scripts read and set of the globals is for engine.replay to see.
    """
    known = _STAYS.get(id(target))
    if known is None:
        exprs = (expr for expr, _once in _scripts(target, outermost=False))
        found = all(_repeatable(expr) for expr in exprs) and all(stays(child) for child in target.children)
        if len(_STAYS) > _MOST_KNOWN:
            _STAYS.clear()
        known = _STAYS[id(target)] = target, found
    return known[1]


def _repeatable(expr: Expr) -> bool:
    does = _does(expr)
    if does.logs or does.reads:
        return False
    for name in (node.name.lower() for node in _nodes(expr) if isinstance(node, tree.Call)):
        function = find(name)
        harmless = name in _HARMLESS or name in _SETTING or name in _CHANGING
        if name in _FRESH or not (harmless or function is None or function.pure):
            return False
    return True


class _Does(NamedTuple):
    """What one script does: write to the log, keep errors, read the latest, change what outlives it."""

    logs: bool
    keeps: bool
    reads: bool
    changes: bool


# Scripts are resolved once and compiled into plan after plan. The script is held, so that its id stays its own.
_KNOWN: dict[int, tuple[Expr, _Does]] = {}
_MOST_KNOWN = 20_000


def _does(expr: Expr) -> _Does:
    known = _KNOWN.get(id(expr))
    if known is None:
        nodes = [node for node in _nodes(expr) if type(node) in _DOING]
        names = {node.name.lower() for node in nodes if isinstance(node, tree.Call)}
        reads = any(map(_asks_error, nodes))
        does = _Does(_LOGS in names, bool(names & _KEEPS_ERROR), reads, _changes(nodes)) if nodes else _IDLE
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[id(expr)] = expr, does
    return known[1]


_IDLE = _Does(logs=False, keeps=False, reads=False, changes=False)
_DOING = frozenset({tree.Call, tree.Global, tree.Assign, tree.Increment})


def _scripts(target: Target, outermost: bool) -> Iterator[tuple[Expr, bool]]:
    """Every script of a node, with whether it runs once per turn and in target order wherever it runs.

    Generated code asks a filter no oftener than it must, and an inner loop's options turn by turn.
    """
    loop = target.loop
    for expr in target.exprs():
        own = loop is None or all(expr is not each for each in loop.exprs())
        yield expr, own or (outermost and loop is not None and expr is loop.when)
        yield from ((inner, False) for _path, read in expr.reads for inner in _filters(read))
    if loop is not None and loop.source is not None:
        yield from ((inner, False) for inner in _filters(loop.source))


def _filters(read: Read) -> Iterator[Expr]:
    for hop in read.hops:
        if hop.filter is not None:
            yield hop.filter
            for _path, inner in hop.filter.reads:
                yield from _filters(inner)


def _nodes(expr: Expr) -> list[tree.Expression | tree.Script]:
    """The nodes of a script, those of its paths' filters left out."""
    return tree.without_filters(expr.script) if expr.script is not None else []


def _changes(nodes: Sequence[tree.Expression | tree.Script]) -> bool:
    """The script changes a global variable, or something else that outlives its rule."""
    reads_globals = any(isinstance(node, tree.Global) for node in nodes)
    return any(_outlives(node, reads_globals) for node in nodes)


def _outlives(node: tree.Expression | tree.Script, reads_globals: bool) -> bool:
    if isinstance(node, (tree.Assign, tree.Increment)):
        # An entry of a local may be an entry of a global by another name.
        return reads_globals and not isinstance(node.target, tree.Local)
    if not isinstance(node, tree.Call):
        return False
    function = find(node.name)
    if function is None or function.pure or function.name.lower() in _HARMLESS:
        return False
    return reads_globals or function.name.lower() not in _CHANGING


def _asks_error(node: tree.Expression | tree.Script) -> bool:
    """It may read the latest error, which failing rules change."""
    if isinstance(node, tree.Global):
        return node.name == LAST_ERROR
    if not isinstance(node, tree.Call):
        return False
    name = node.name.lower()
    if name != "get" or not node.arguments:
        return name == "getlasterror"
    asked = node.arguments[0]
    return not isinstance(asked, tree.Literal) or str(asked.value).removeprefix("$") == LAST_ERROR
