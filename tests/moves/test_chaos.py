"""Moves among random faults (tests.moves.chaos): nothing lost, nothing doubled, files that add up, undos that undo."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.moves import chaos_case
from tests.moves.chaos import run

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="movers are forked, to be cheap enough"),
]
FULL = range(2000)
# An insert, an update, an upsert and a delete, by either interface: killed, undone, two of them tried first.
QUICK = (7, 12, 14, 15)


def test_moves_among_random_faults(share: Callable[[int], int]) -> None:
    cases = FULL if share(len(FULL)) == len(FULL) else QUICK
    told = run(cases, 2026)
    assert told["failed"] == {}
    assert told["done"] == len(cases)
    assert told["counts"]["killed"] > len(cases) // 3
    assert told["counts"]["undone"] > len(cases) // 4
    assert told["counts"]["trial"] >= 1


def test_the_judge_of_the_chaos_sees_what_is_lost_doubled_or_not_put_back() -> None:
    """Were it blind, its silence would prove nothing."""
    order = random.Random(3)
    case = chaos_case.make(0, order, [])
    applied = [
        {**dict(zip(case.header, row, strict=True)), "weft__row": str(n), "weft__id": f"001{n}"}
        for n, row in enumerate(case.rows, 1)
        if n not in case.wrong
    ]
    names = chaos_case.FIELDS[1:]
    now = {
        row["weft__id"]: {"Id": row["weft__id"], **{name: row.get(name) or None for name in names}}
        for row in applied
    }
    judge = chaos_case._records_agree
    assert judge(case, applied, {}, now) == []
    first = applied[0]["weft__id"]
    lost = {id_: record for id_, record in now.items() if id_ != first}
    assert judge(case, applied, {}, lost)
    doubled = now | {"001X": {**now[first], "Id": "001X"}}
    assert judge(case, applied, {}, doubled)
    changed = now | {first: {**now[first], "Phone": "+7"}}
    assert judge(case, applied, {}, changed)
    assert chaos_case.undo_problems(case, now, now) == []
    assert chaos_case.undo_problems(case, now, changed)
    assert chaos_case.undo_problems(case, {}, {first: now[first]})
