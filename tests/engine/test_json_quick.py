"""JSON lines decoded into rows at once give what the plain reader gives; lines of other types, and broken ones, are its."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from studio.engine.formats import json_quick
from tests.engine import build
from tests.engine.differ import Maker
from tests.engine.differential import outcome

SPEC = {
    "a": "text",
    "n": "decimal",
    "c?": {"x": "text", "m": "integer"},
    "l[]": {"q": "decimal", "s": "text"},
}
RULES = {
    "top/i": {"loop": "item"},
    "top/i/a": "[a]",
    "top/i/n": "[n]",
    "top/i/sum": "Round(Sum([l/item/q]), 2)",
    "top/i/x": "[c/x]",
    "top/i/m": "[c/m] + 1",
    "top/i/l": {"loop": "l/item"},
    "top/i/l/q": "[q]",
    "top/i/l/s": "[s]",
}
OUT = {
    "a?": "text",
    "n?": "decimal",
    "sum?": "decimal",
    "x?": "text",
    "m?": "decimal",
    "l*": {"q?": "decimal", "s?": "text"},
}
USUAL = (
    '{"a":"x","n":1.50,"c":{"x":"y","m":7},"l":[{"q":2,"s":"t"},{"q":-0.5e3,"s":"u"}]}',
    '{"z":[{"deep":[1,2]}], "n": -0 ,"a":"\\u00e9 \\\\ \\"","c":{},"l":[]}',
    '{"l":[{"s":"<&>"}],"a":"é"}',
    '{"a":null,"n":null,"c":null}',
    "{}",
    '{"a":"1","a":"2","n":1,"n":2.0}',
)
ODD = (
    '{"a":1,"n":"1"}',
    '{"a":true,"n":true}',
    '{"a":"x","n":[1]}',
    '{"a":["x"],"c":[{"x":"y"}]}',
    '{"a":"x","c":"y"}',
    '{"l":{"q":1}}',
    '{"l":null}',
    '{"l":[null,{"q":1}]}',
    '{"l":[1,2]}',
    '{"a":{"b":1}}',
    '{"a":"\\ud800"}',
    '{"a":"\\u0000","n":1}',
    '{"a":"\ufffe"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"n":1E400}',
    '{"n":1e99999}',
    '{"n":' + "9" * 70 + "}",
    '{"n":null,"c":{"x":null}}',
    '  {"a":"x"}\t',
    "",
    "[]",
    "null",
    '"x"',
    '{"z":' + "[" * 300 + "]" * 300 + "}",
)
BROKEN = (
    '{"a":"x"',
    '{"a":"x",}',
    '{"z":01}',
    '{"n":1.}',
    '{"n":NaN}',
    '{"z":Infinity}',
    '{"a":"x\ty"}',
    '{"z":"\\x"}',
    '{"z":"\x01"}',
    '{"a":"x"}{}',
    "{'a':1}",
    '{"z":' + "[" * 5000 + "]" * 5000 + "}",
    '{"z":"\\u12"}',
)


def _encoded(line: str, draw: random.Random) -> bytes:
    data = line.encode("utf-8", "surrogatepass")
    return data.replace(b"x", b"\xff", 1) if draw.random() < 0.02 else data


def test_rows_are_those_of_the_judge(share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """S42, S44: any lines, in any order."""
    monkeypatch.setattr(json_quick, "_SAMPLE", 3)
    taken: Counter[bool] = Counter()
    plain = json_quick.Quick.decoded

    def noted(self: json_quick.Quick, line: str) -> json_quick.Decoded | None:
        found = plain(self, line)
        taken[found is not None] += 1
        return found

    monkeypatch.setattr(json_quick.Quick, "decoded", noted)
    made = build.plan(RULES, build.json_items(SPEC, "lines"), build.xml({"top": {"i*": OUT}}))
    assert made.errors == ()
    for seed in range(share(8_000)):
        draw = random.Random(seed)
        odd, broken = draw.choice((0, 0.1, 0.4)), draw.choice((0, 0.05))
        lines = [USUAL[0]] * draw.choice((0, 3)) + [
            draw.choice(BROKEN if draw.random() < broken else ODD if draw.random() < odd else USUAL)
            for _line in range(draw.randint(3, 40))
        ]
        data = b"\n".join(_encoded(line, draw) for line in lines)
        assert build.run(made, data, "rows") == build.run(made, data, "interpret"), seed
    assert taken[True] > taken[False] / 2


def test_random_maps_over_many_lines(share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_quick, "_SAMPLE", 2)
    compared = 0
    for seed in range(200_000, 200_000 + share(5_000)):
        maker = Maker(seed)
        if maker.source == "lines":
            made, data = maker.made(), maker.document(30)
            assert outcome(made, data, "auto") == outcome(made, data, "interpret"), seed
            compared += 1
    assert compared > 10


def test_lines_that_all_differ_are_left_to_the_plain_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_quick, "_SAMPLE", 1)
    quick: list[json_quick.Quick] = []
    plain = json_quick.Quick.decoded

    def noted(self: json_quick.Quick, line: str) -> json_quick.Decoded | None:
        quick.append(self)
        return plain(self, line)

    monkeypatch.setattr(json_quick.Quick, "decoded", noted)
    monkeypatch.setattr(json_quick, "_MISSES", 5)
    made = build.plan(RULES, build.json_items(SPEC, "lines"), build.xml({"top": {"i*": OUT}}))
    data = USUAL[0] + "\n" + '{"a":1}\n' * 200
    assert build.run(made, data, "rows") == build.run(made, data, "interpret")
    assert quick[-1]._decode is None
    assert quick[-1]._missed == 6
