"""What rules have in common is reckoned once, wherever it stands first, and never where it was not reckoned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from studio.engine.generate.lines import Lines
from studio.engine.generate.sharing import UNKNOWN, share

AMOUNT = "((s_Numbers[q_0] * s_Numbers[q_1]) * (k_1 - (s_Numbers[q_2] or s_ZERO)))"


class _Numbers(dict[Any, Any]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __getitem__(self, text: str) -> Any:
        self.asked.append(text)
        return None if text == "" else object() if text == "odd" else Decimal(text)


def _again(what: str, *texts: str) -> Any:
    """The long way: the same once more, alone."""
    alone = {"s_Numbers": _Numbers(), "s_ZERO": Decimal(0), "k_1": Decimal(1), "k_2": {"1": Decimal(2)}}
    try:
        return eval(what, alone, dict(zip(("q_0", "q_1", "q_2"), texts, strict=True)))
    except (TypeError, KeyError):
        return "failed"


def _run(
    statements: list[str], rows: list[tuple[str, str, str]], *, shares: bool
) -> tuple[list[Any], str, int]:
    """What the statements give for the rows, the code, and how often a number was asked for."""
    lines = Lines()
    with lines.block("def turns(g_rows, out):"), lines.block("for (q_0, q_1, q_2, ) in g_rows:"):
        start = len(lines.lines)
        for statement in statements:
            lines.emit(statement)
    if shares:
        share(lines, start, ["q_0", "q_1", "q_2"])
    numbers = _Numbers()
    space: dict[str, Any] = {
        "s_Numbers": numbers, "s_ZERO": Decimal(0), "k_1": Decimal(1), "k_2": {"1": Decimal(2)}, "s_FAST": (TypeError, KeyError),
        "g_unknown": UNKNOWN, "k_3": str, "again": _again,
    }  # fmt: skip
    source = "\n".join(lines.lines)
    exec(source, space)
    out: list[Any] = []
    space["turns"](rows, out)
    return out, source, len(numbers.asked)


ROWS = [
    ("2", "3.50", "0.1"),
    ("1", "odd", "0"),
    ("", "4", ""),
    ("5", "1.005", ""),
    ("7", "2", "odd"),
    ("0", "9", "1"),
]


@pytest.mark.parametrize(
    "statements",
    [
        [f"try: out.append(str({AMOUNT}))", "except s_FAST: out.append('long')", f"try: out.append({AMOUNT} * k_1)",
         "except s_FAST: out.append('longer')"],
        # First where not every turn comes by, and then needed by all.
        [f"if q_0 == '5': out.append({AMOUNT} * k_1)", f"try: out.append({AMOUNT} + k_1)",
         f"except s_FAST: out.append(again('{AMOUNT} + k_1', q_0, q_1, q_2))"],
        # Where nothing may be said of it before it is known.
        [f"if q_0 == '5': out.append({AMOUNT} * k_1)", "try:", f"    out.append({AMOUNT} is None)",
         f"except s_FAST: out.append(again('{AMOUNT} is None', q_0, q_1, q_2))"],
        [f"try: out.append(k_3({AMOUNT}) + 'x')", "except s_FAST: out.append('long')", f"try: out.append(k_3({AMOUNT}) * 2)",
         "except s_FAST: out.append('long')", f"try: out.append(k_1 - {AMOUNT})", "except s_FAST: out.append('long')"],
        # A text that looks like it.
        [f"out.append('{AMOUNT} * 2 of s_Numbers[q_0]')", f"out.append(\"it's {AMOUNT} * 2\" + f'{{q_0}}{AMOUNT}')",
         f"try: out.append({AMOUNT} * k_2[q_0])", "except s_FAST: out.append('long')"],
        # A name that gets another value.
        [f"try: out.append({AMOUNT} * k_1)", "except s_FAST: out.append('long')", "q_0 = '3'", f"try: out.append({AMOUNT} * k_1)",
         "except s_FAST: out.append('long')"],
    ],
)  # fmt: skip
def test_it_gives_what_it_gave(statements: list[str]) -> None:
    given, _source, often = _run(statements, ROWS, shares=False)
    found, _source, less = _run(statements, ROWS, shares=True)
    assert found == given
    assert less <= often


def test_it_is_reckoned_once() -> None:
    statements = [f"out.append(str({AMOUNT}))", f"out.append({AMOUNT} * k_1)", "out.append(s_Numbers[q_2])"]
    found, source, often = _run(statements, ROWS[:1] * 3, shares=True)
    assert found == [str(Decimal("6.300")), Decimal("6.300"), Decimal("0.1")] * 3
    assert source.count(" * s_Numbers[q_1]") == 1
    assert often == 3 * 3
