"""Which back end maps records that are read by the hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine import batches, rows
from studio.engine.interpret import Judge
from studio.engine.plan import Plan, Top
from studio.engine.world import World

if TYPE_CHECKING:
    from studio.engine import columns
else:
    columns = Lazily("studio.engine.columns")

BIG = 32_000_000
"""Bytes of input from which on columns are quicker by so much that it is worth the memory they take."""


def mapper(
    engine: str, plan: Plan, top: Top, depth: int, world: World, judge: Judge
) -> batches.Mapped | None:
    """What maps the rows; None where they are not mapped by the hundred."""
    measured = judge.timings is not None  # what is done by the hundred is not measured rule by rule
    cut = top.target.loop is not None and top.target.loop.first is not None
    if cut or measured or engine == "interpret":
        return None
    try:
        return batches.Mapper(plan, top, depth, world, judge)
    except rows.Declined:
        return None


def by_column(
    engine: str, plan: Plan, top: Top, world: World, judge: Judge, size: int
) -> columns.ColumnMapper | None:
    """What maps the rows by the column; None where that is not to be done. Raises BadInput where it was asked for.

    The engine auto does it where the input, of `size` bytes, is big and its rows are sorted, grouped or joined.
    """
    if engine == "auto":
        watched = type(judge) is not Judge or judge.timings is not None
        if watched or size < BIG or not whole_input(top):
            return None
    elif engine != "columns":
        return None
    if judge.timings is not None:
        raise by_column_not(_("rules are measured one by one"))
    try:
        return columns.ColumnMapper(plan, top, world, judge, frugal=engine == "auto")
    except rows.Declined as declined:
        if engine == "auto":
            return None
        raise by_column_not(str(declined)) from None


def whole_input(top: Top) -> bool:
    """Its rows are put in order or joined, which costs most where they are many."""
    loop = top.target.loop
    return loop is not None and (bool(loop.joins) or (top.arranges and bool(loop.sort or loop.group)))


def by_column_not(reason: str) -> BadInput:
    """The error where the engine columns was asked for."""
    return BadInput(
        _("The engine columns cannot run this map: {reason}.").format(reason=reason),
        next_step=_("Run it with the engine auto, rows or interpret."),
    )


def check_columns(plan: Plan) -> None:
    """Raise BadInput where a plan is not for the engine columns at all."""
    if len(plan.tops) != 1:
        raise by_column_not(_("several loops make records") if plan.tops else _("no loop makes records"))
    try:
        columns.check(plan, plan.tops[0])
    except rows.Declined as declined:
        raise by_column_not(str(declined)) from None


def why_not_columns(plan: Plan, world: World, judge: Judge) -> str:
    """Why a plan is not mapped by the column, empty where it is when that is asked for."""
    if len(plan.tops) != 1:
        return _("several loops make records") if plan.tops else _("no loop makes records")
    try:
        columns.ColumnMapper(plan, plan.tops[0], world, judge)
    except rows.Declined as declined:
        return str(declined)
    return ""
