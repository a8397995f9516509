"""Which bracket belongs to which, also in scripts that are being written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.script.brackets import enclosing, partner


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Length(Trim('a)'))", {6: 17, 11: 16}),
        ("a(b]c)", {1: 5, 3: None}),
        ("If(x, // )\n y", {2: None}),
        ("[it's/here] + f('x')", {0: 10, 15: 19}),
        ("[order[@id == f(1)]/na'me]", {0: 25, 6: 18, 15: 17}),
        ("d['k]'] = {1, [a]}", {1: 6, 10: 17, 14: 16}),
        ("/* ( */ )", {8: None}),
        ("(((", {0: None, 1: None, 2: None}),
    ],
)
def test_brackets_find_their_partner(text: str, pairs: dict[int, int | None]) -> None:
    found = {at: partner(text, at + 1) for at, char in enumerate(text) if char in "()[]{}"}
    known = {at: pair[1] for at, pair in found.items() if pair is not None and pair[0] == at}
    both = dict(pairs)
    both.update({there: here for here, there in pairs.items() if there is not None})
    assert known == both


def test_the_innermost_pair_around_a_place() -> None:
    text = "If(Length([a]) > 2, 'x')"
    assert enclosing(text, 12) == (10, 12)
    assert enclosing(text, 16) == (2, 23)
    assert enclosing(text, 0) is None


@given(st.text(alphabet="ab()[]{}'\"/*$ \n,", max_size=60))
def test_partners_are_mutual_and_of_one_kind(text: str) -> None:
    for at in range(len(text) + 1):
        pair = partner(text, at)
        if pair is not None and pair[1] is not None:
            here, there = pair
            assert partner(text, there + 1) == (there, here)
            assert text[min(pair)] + text[max(pair)] in ("()", "[]", "{}")
