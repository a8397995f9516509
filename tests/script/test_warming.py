"""Scripts that run at once and become Python once they are asked often: the same all the way."""

from __future__ import annotations

import pytest

from studio.script.errors import ScriptError
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.warming import FIRST, Warming


def test_a_script_is_compiled_once_it_is_asked_often() -> None:
    warming = Warming(parse("$sum = $sum + Length($word); $sum * 2"), first=3)
    host = PlainHost(variables={"word": "abc"})
    seen = []
    for _turn in range(6):
        seen.append((warming.run(host), warming.compiled))
    assert seen == [(6, False), (12, False), (18, False), (24, True), (30, True), (36, True)]


def test_loops_are_compiled_before_they_run() -> None:
    warming = Warming(parse("n = 0; WHILE(n < 5, n++); n"))
    assert warming.run(PlainHost()) == 5
    assert warming.compiled
    named = Warming(parse('"while" + $x'))
    assert named.run(PlainHost(variables={"x": 1})) == "while1"
    assert not named.compiled


def test_errors_and_their_places_are_the_same_before_and_after() -> None:
    warming = Warming(parse("1;\n2 + $list[$at]"))
    host = PlainHost(variables={"at": 0})
    said = []
    for _turn in range(FIRST + 2):
        with pytest.raises(ScriptError) as raised:
            warming.run(host)
        said.append((raised.value.message, raised.value.line, raised.value.column))
    assert warming.compiled
    assert len(set(said)) == 1
    assert said[0][1:] == (2, 5)
