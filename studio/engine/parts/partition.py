"""Whether a plan can run in parts, and what a part is."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.plan import Expr, Plan, Read, Target
from studio.script import tree

_NUMBERS = frozenset({"recordcount", "sourceinstancecount", "targetinstancecount"})
_TEXTS = ("xml", "json", "lines", "delimited")


class NotSplit(Exception):
    """The input is read by one process; the text says why."""


@dataclass(frozen=True)
class Partition:
    """The bytes from `start` to `end` of a file, which are whole records.

    To be read like a document they stand between the first `head` bytes of the file and `tail`. `line` is what the
    line numbers of such a document lack to be those of the file.
    """

    number: int
    start: int
    end: int
    head: int = 0
    tail: bytes = b""
    line: int = 0

    @property
    def name(self) -> str:
        """What its part file is called, run after run."""
        return f"part-{self.number:06}"


def why_in_one(plan: Plan) -> str:
    """Why the records of a plan cannot be mapped apart from each other; empty where they can."""
    if plan.passes == "whole":
        return plan.reason
    if plan.further or plan.lookups or plan.outputs:
        return _("it has further sources or targets")
    if plan.target.format not in _TEXTS or "encoding" in plan.target.options:
        return _("the target is not written as plain text")
    if len(plan.tops) != 1:
        return _("several loops make records")
    if plan.in_order:
        return _("scripts change what other rules read")
    if plan.logs:
        return _("scripts write to the log")
    target = plan.tops[0].target
    if plan.tops[0].arranges:
        return _("{path} groups or sorts all records").format(path=target.path)
    if plan.tops[0].follows:
        return _("{path} groups neighbouring records").format(path=target.path)
    if target.loop is not None and target.loop.first is not None:
        return _("{path} takes the first records only").format(path=target.path)
    if any(_asks_number(expr) for expr in _per_record(target)):
        return _("scripts ask for the number of the record")
    return ""


def _per_record(target: Target) -> Iterator[Expr]:
    """The scripts of a record whose nearest loop is the outermost, and those of the loops right below it."""
    yield from _with_filters(target)
    for child in target.children:
        if child.loop is None:
            yield from _per_record(child)
        else:
            for expr in child.loop.exprs():
                yield from _and_inside(expr)


def _with_filters(target: Target) -> Iterator[Expr]:
    for expr in target.exprs():
        yield from _and_inside(expr)
    if target.loop is not None and target.loop.source is not None:
        yield from _filters(target.loop.source)


def _and_inside(expr: Expr) -> Iterator[Expr]:
    yield expr
    for _path, read in expr.reads:
        yield from _filters(read)


def _filters(read: Read) -> Iterator[Expr]:
    for hop in read.hops:
        if hop.filter is not None:
            yield from _and_inside(hop.filter)


def _asks_number(expr: Expr) -> bool:
    found = tree.walk(expr.script) if expr.script is not None else ()
    return any(isinstance(node, tree.Call) and node.name.lower() in _NUMBERS for node in found)
