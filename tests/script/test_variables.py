"""Variables and entries: arguments of a script, places that an array cannot have, comparisons with dictionaries."""

from __future__ import annotations

import pytest

from studio.script.check import check_text
from tests.script.both import error, run


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("_1", None),
        ("_12 + 5", 5),
        ("_1 += 5; _1", 5),
        ("_1 + 'a' + _2", "a"),
        ("If(Random(1, 1) > 1, _1 = 2); _1", None),
        ("_1 = 7; _1", 7),
    ],
)
def test_arguments_that_were_not_given_are_null(text: str, value: object) -> None:
    assert run(text) == value
    assert check_text(text) == ()


@pytest.mark.parametrize("text", ["_", "_a", "_1a", "_1 = 1; _x", "_1++"])
def test_other_locals_must_be_set(text: str) -> None:
    assert error(text).message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a = {}; a['x'] -= true", None),
        ("a = {1, 2}; a['x'] = ($g = 5); {$g, a, a['x'] = 3}", [None, [1, 2], None]),
        ("a = {1, 2}; a[0.5] += 'x'; a", [1, 2]),
        ("a = {1, 2}; Eval(a[-1] = ($g = 5), 0); $g", None),
        ("d = Dict(); Eval(d[Null()] = ($g = 5), 0); $g", None),
        ("x = 5; Eval(x[0] = ($g = 5), 0); $g", None),
        ("a = {1}; a[3] = 'z'; a", [1, None, None, "z"]),
        ("a = {1, 2}; a[''] += 3; a[true] = 7; a", [4, 7]),
        ("d = Dict(); d['n'] -= 5; d['n']", -5),
    ],
)
def test_a_value_without_a_place_is_not_computed(text: str, value: object) -> None:
    assert run(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("d = Dict(); e = Dict(); {d <= e, d >= e, d < e, d == e}", [True, True, False, True]),
        ("d = Dict(); e = Dict(); d['a'] = 1; {d <= e, d >= e, d < e}", [False, False, False]),
        ("d = Dict(); t = Date('1969-01-01'); {d < t, d <= t, d > t, t < d}", [True, True, False, False]),
        ("t = Date(0); {'0' == t, t == '0', {'0'} == t}", [False, True, [False]]),
        ("Equal(5, HexToBinary('05')) || Equal({'05'}, {HexToBinary('05')})", False),
        ("{Date(2.5) - Date(0), Date(-2.5) - Date(0)}", [3, -2]),
    ],
)
def test_comparisons_of_other_kinds(text: str, value: object) -> None:
    assert run(text) == value
