"""What is the same for all records of a node is made once (S40): the same texts, failures and counts as one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from studio.engine.generate.hoisting import hoist
from studio.engine.generate.lines import Lines
from studio.script.runtime import Cache
from tests.engine.build import both, plan, run, xml
from tests.engine.test_gathered import boxed
from tests.engine.test_loops import TARGET, cells


def moved(body: list[str], constants: dict[str, Any] | None = None) -> list[str]:
    """The statements that come before the loop over q_1_0."""
    lines = Lines()
    lines.lines = ["def f(a0, a1):", "    for (q_1_0,) in a1:", "        try:"]
    lines.lines += ["            " + line for line in body]
    hoist(lines, 1, 3, constants or {}, ["q_1_0"])
    compile("\n".join([*lines.lines, "        except Exception: pass"]), "<test>", "exec")
    return [line.strip() for line in lines.lines[1 : lines.lines.index("    for (q_1_0,) in a1:")]]


def test_only_what_is_the_same_each_turn_is_moved() -> None:
    stays = ["g_out.append(x_9); continue"]
    assert moved(["x_2 = (a0 or '').upper()", "x_9 = x_2 + q_1_0", *stays]) == ["x_2 = (a0 or '').upper()"]
    assert moved(["x_2 = k_1[a0]", *stays], {"k_1": Cache(str)}) == ["x_2 = k_1[a0]"]
    # Something that may be another the next time, or that does more than give a value.
    assert moved(["x_2 = k_1[a0]", *stays], {"k_1": {}}) == []
    assert moved(["x_2 = k_1()", *stays], {"k_1": str}) == []
    assert moved(["x_2 = k_1(a0)", *stays], {"k_1": Cache(str)}) == []
    assert moved(["x_2 = g_world.now()", *stays]) == []
    assert moved(["x_2 = a0.pop()", *stays]) == []
    assert moved(["x_2 = [n_3 for n_3 in map(print, a0)]", *stays]) == []
    assert moved(["x_2 = f'{q_1_0}'", *stays]) == []
    assert moved(["if not a0: continue", *stays]) == []
    # What is set again by something that stays, or was set by it.
    assert moved(["x_2 = a0", "if q_1_0: x_2 = 'b'", *stays]) == []
    assert moved(["x_2 = q_1_0", "x_3 = x_2", *stays]) == []
    assert moved(["x_3 = x_2", "x_2 = a0", *stays]) == ["x_2 = a0"]
    assert moved(["n_2 = 1", "if q_1_0: n_2 -= 1", *stays]) == []
    assert moved(["l_2 = a0", "l_2.append(q_1_0)", *stays]) == []
    assert moved(["l_2 = []", "for y_3 in a0: l_2.append(y_3)", *stays]) == []
    assert moved(["l_2 = [y_3[0] for y_3 in a0]", *stays]) == []
    # A text that looks like a name is none.
    assert moved(["x_2 = (a0 == 'q_1_0')", *stays]) == ["x_2 = (a0 == 'q_1_0')"]


def test_blocks_are_moved_whole() -> None:
    block = ["p_2 = None", "for y_3 in a0:", "    if (y_3[0] == 'x'):", "        p_2 = y_3", "        break"]
    assert moved([*block, "x_9 = p_2[1] + q_1_0", "g_out.append(x_9)"]) == [line.strip() for line in block]
    attempt = ["try: t_1 = (s_Numbers[a0] > 1)", "except s_FAST: t_1 = False"]
    assert moved([*attempt, "g_out.append(t_1)"]) == attempt


def test_what_fails_for_all_records_fails_for_each_that_comes_by_it() -> None:
    """S38 S40"""
    zero = [(4, "out/row/b", "/ cannot be used between number and null.")]
    assert boxed({"a": "[n]", "b": "12 / [../no]"}) == (["1", "0", "3", "5"], zero, (6, 5, 1, 0))
    assert boxed({"a": "[n]", "b": "12 / [../no]"}, when="[n] != 4") == (
        ["1", "0", "3", "5"],
        [],
        (6, 5, 0, 1),
    )


def test_values_that_are_others_each_time_stay_so() -> None:
    made = plan({"out/row": {"loop": "r/b/i"}, "out/row/a": "GUID() + [../who]"}, BOX, TARGET)
    texts = cells(run(made, DATA, "rows")[0])
    assert len(set(texts)) == len(texts) == 3


BOX = xml({"r": {"b*": {"who?": "text", "n?": "integer", "i*": {"v?": "decimal", "t?": "text"}}}})
DATA = "<r><b><who>A</who><i><v>1</v></i><i><v>2</v></i><i/></b></r>"


def test_random_records_agree_with_the_judge(share: Callable[[int], int]) -> None:
    """S40: outer values that are odd, missing or fail, inner ones too, conditions that leave some or all out."""
    rules = [
        "[../who]", "ToUpper([../who]) + '-' + [t]", "[../n] + [v]", "Round([../n] * [v], 2)", "[../n] * 2", "12 / [../n]",
        "Count([../i[*]])", "Sum([../i[[t] == 'x']/v])", "If([../n] > 1, [../who], [t])", "Left([../who], 2)", "[../i[[v] > 1][1]/t]", "[v]", "IfNull([../who], 'none')",
    ]  # fmt: skip
    failed = turns = 0
    cases = share(4_000)
    for seed in range(cases):
        draw = random.Random(seed)
        target = {f"out/row/{name}": draw.choice(rules) for name in "abc"}
        loop: dict[str, Any] = {"loop": draw.choice(["r/b/i", "r/b/i[[../who] != 'B']"])}
        if draw.random() < 0.6:
            loop["when"] = draw.choice(["[v] > 0", "[../n] > 1", "[../who] == 'A'", "12 / [../n] > 1"])
        made = plan({"out/row": loop, **target}, BOX, TARGET)
        data = "<r>" + "".join(_box(draw) for _box_number in range(draw.randrange(5))) + "</r>"
        _text, failures, counts = both(made, data)
        failed += len(failures)
        turns += counts[1]
    assert failed > cases / 8
    assert turns > cases / 2


def _box(draw: random.Random) -> str:
    items = "".join(
        f"<i>{_leaf(draw, 'v', ['1', '2.5', '-0', 'odd', ''])}{_leaf(draw, 't', ['x', '&lt;', 'A,b', ''])}</i>"
        for _item in range(draw.randrange(4))
    )
    return f"<b>{_leaf(draw, 'who', ['A', 'B', 'ß', ''])}{_leaf(draw, 'n', ['0', '1', '2', 'odd', ''])}{items}</b>"


def _leaf(draw: random.Random, name: str, texts: list[str]) -> str:
    return f"<{name}>{draw.choice(texts)}</{name}>" if draw.random() < 0.8 else ""
