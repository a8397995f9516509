"""The part of a script around a cursor, with what must run before it."""

from __future__ import annotations

import pytest

from studio.script.evaluate import evaluate
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.parts import part_at


@pytest.mark.parametrize(
    ("text", "words", "part", "value"),
    [
        ("a = 'x'; Left(a + 'yz', 2)", "Left", "Left(a + 'yz', 2)", "xy"),
        ("a = 'x'; Left(a + 'yz', 2)", "+", "a + 'yz'", "xyz"),
        ("a = 'x'; Left(a + 'yz', 2)", "a +", "a", "x"),
        ("$n = 1; $n = $n + 1; If($n > 1, $n * 10, 0)", "* 10", "$n * 10", 20),
        ("$n = 1; 5 - $n", "5", "5 - $n", 4),
    ],
)
def test_the_innermost_part_with_a_value(text: str, words: str, part: str, value: object) -> None:
    at = text.rindex(words)
    found = part_at(text, at, at)
    assert found is not None
    assert found.text == part
    assert text[found.start : found.end] == part
    assert evaluate(parse(found.asking), PlainHost()) == value


def test_a_selection_is_asked_as_it_is() -> None:
    text = "x = 2; 1 + x * 3"
    found = part_at(text, text.index(" x * 3"), len(text))
    assert found is not None
    assert evaluate(parse(found.asking), PlainHost()) == 6


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("$a = 1", 1),
        ("Length('abc')", 3),
        ("'abc'", 2),
        ("Foo(", 2),
        ("", 0),
        ("[order[@id == 1]/name] + 'x'", 9),
    ],
)
def test_what_has_no_value_of_its_own(text: str, at: int) -> None:
    found = part_at(text, at, at)
    assert found is None or found.text == "[order[@id == 1]/name]"


def test_half_a_word_has_no_value() -> None:
    assert part_at("Left('abc', 2) + 1", 1, 14) is None
