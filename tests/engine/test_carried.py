"""Whole numbers that are passed on and constant texts, which generated code looks at less closely than at others."""

from __future__ import annotations

from typing import Any

import pytest

from studio.schema.model import Schema
from tests.engine.build import both, json_items, plan, rows, xml

NUMBERS = ["5", "+5", "-5", "005", "٣", "²", "1_0", " 5", "5 ", "1.0", "1e3", "", "x", "5\u0660", "9" * 40]
SOURCES: list[tuple[Schema, str, Any]] = [
    (rows({"n": "integer"}), "row", lambda texts: "n\n" + "\n".join(f'"{text}"' for text in texts)),
    (
        xml({"r": {"i*": {"n?": "integer"}}}),
        "r/i",
        lambda texts: "<r>" + "".join(f"<i><n>{text}</n></i>" for text in texts) + "</r>",
    ),
    (
        json_items({"n": "integer"}, "lines"),
        "item",
        lambda texts: "".join(f'{{"n": "{text}"}}\n' for text in texts),
    ),
]
TARGETS = [
    (xml({"out": {"row*": {"n?": "integer", "t?": "text"}}}), "out/row"),
    (rows({"n": "integer", "t": "text"}), "row"),
    (rows({"n": "integer", "t": "text"}, form="definition"), "row"),
    (rows({"n": "integer", "t": "text"}, form="definition", delimiter="5"), "row"),
]


@pytest.mark.parametrize("source", range(len(SOURCES)))
@pytest.mark.parametrize("target", range(len(TARGETS)))
def test_whole_numbers_pass_as_the_judge_has_them(source: int, target: int) -> None:
    schema, loop, written = SOURCES[source]
    made, row = TARGETS[target]
    counts = both(plan({row: {"loop": loop}, f"{row}/n": "[n]"}, schema, made), written(NUMBERS))[2]
    assert counts[0] == len(NUMBERS)
    assert counts[1] >= 4
    assert target == 1 or counts[1] < len(NUMBERS)


@pytest.mark.parametrize("target", range(len(TARGETS)))
@pytest.mark.parametrize("mark", ["<", "&", '"', ",", "\n", "\t", "5", ">", "ß"])
def test_constant_texts_are_escaped_where_they_must_be(target: int, mark: str) -> None:
    made, row = TARGETS[target]
    schema, loop, written = SOURCES[1]
    script = f"If([n] > 3, 'a{mark}b', If([n] < 0, 'no', 'c'))"
    rules = {row: {"loop": loop}, f"{row}/t": script, f"{row}/n": "If([n] > 0, '1', '2')"}
    text = both(plan(rules, schema, made), written(["5", "1", "-1", ""]))[0]
    assert "no" in text
