"""Delimited rows read by the hundred give what the judge gives row by row, broken rows and odd texts included (S42)."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable

import pytest

from studio.base.errors import BadInput
from studio.engine import batches
from studio.engine.formats import delimited_read
from studio.engine.formats.delimited_read import RowUnits
from studio.engine.formats.units import Broken
from tests.engine import build
from tests.engine.flat_maker import FlatMaker
from tests.engine.test_differential import outcome


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a few rows, looked at for columns with few texts from the eighth row on."""
    monkeypatch.setattr(delimited_read, "BATCH", 11)
    monkeypatch.setattr(delimited_read, "STEP", 3)
    monkeypatch.setattr(batches, "SAMPLE", 8)


def test_rows_read_together_agree_with_the_judge(share: Callable[[int], int]) -> None:
    ended: Counter[str] = Counter()
    cases = share(8_000)
    for seed in range(cases):
        maker = FlatMaker(seed)
        made = maker.made()
        data = maker.document()
        judged = outcome(made, data, "interpret")
        generated = outcome(made, data, "auto")
        assert generated == judged, f"seed {seed} to {maker.target}"
        ended["ran" if len(judged) == 4 else "ended"] += 1
        if len(judged) == 4:
            ended["failures"] += bool(judged[1])
            ended["records"] += judged[2][1]  # type: ignore[index]
    assert ended["ran"] > cases * 0.8
    assert ended["failures"] > cases * 0.2
    assert ended["records"] > cases * 5


def cells(text: str, columns: int = 2, **facts: str) -> list[object]:
    """What the reader gives for a text."""
    names = tuple(f"c{number}" for number in range(columns))
    units = RowUnits(io.BytesIO(text.encode()), "test", names, {"header": "no", **facts}, frozenset())
    return [(unit.reason, unit.line) if isinstance(unit, Broken) else list(unit) for unit in units]


def test_rows_over_several_lines_cross_batches() -> None:
    text = "".join(f'{n},"one\ntwo\n{n}"\n' if n % 5 == 0 else f"{n},x\n" for n in range(40))
    assert cells(text) == [[str(n), f"one\ntwo\n{n}" if n % 5 == 0 else "x"] for n in range(40)]


def test_broken_rows_keep_their_lines() -> None:
    assert cells('a,b\n\n1,"x"y\n2,3,4\n5\n"6\n7",8\n9,10') == [
        ["a", "b"],
        ("The quotes of this row are wrong.", 3),
        ("The row has 3 cells instead of 2.", 4),
        ["5", ""],
        ["6\n7", "8"],
        ["9", "10"],
    ]


def test_wrong_bytes_are_told_with_their_line_after_whole_batches() -> None:
    data = b"a,b\n" * 100_000 + b"\xff,b\n"
    made = build.plan(
        {"row": {"loop": "row"}, "row/x": "[a]"},
        build.rows({"a": "text", "b": "text"}),
        build.rows({"x": "text"}),
    )
    with pytest.raises(BadInput, match="not utf-8") as caught:
        build.run(made, data)
    assert caught.value.line == 100_001


def test_a_few_long_lines_are_not_read_ahead_by_the_hundred() -> None:
    long = "x" * 300_000
    units = RowUnits(
        io.BytesIO(f"{long},b\n".encode() * 30), "test", ("a", "b"), {"header": "no"}, frozenset()
    )
    sizes = [len(batch.rows) for batch in units.batches(400) if not isinstance(batch, Broken)]
    assert sum(sizes) == 30
    assert max(sizes) == 3
