"""Places in a map's text: what is expected there, and scripts written there in the text's own quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.model import Group, Join, Rule, Sort
from studio.mapping.text import rules_from_text, write_rules
from studio.project.map_text_place import Expected, spot_at, written

HEAD = "weft: transformation/1\nsource: {schema: s.xsd}\nmap:\n"
TAIL = '\n  z/z: "[z]"\n'


def _spot(marked: str) -> tuple[str, str, str, str, int]:
    text = HEAD + marked + TAIL
    offset = text.index("^")
    spot = spot_at(text.replace("^", ""), offset)
    return spot.expected.value, spot.key, spot.path, spot.text, spot.at


@pytest.mark.parametrize(
    ("marked", "expected", "key", "said", "at"),
    [
        ("  a/b: Trim([x^])", "script", "script", "Trim([x])", 7),
        ('  a/b: "[cus^]"', "script", "script", "[cus]", 4),
        ("  a/b: '[it''s^]'", "script", "script", "[it's]", 5),
        ('  a/b: "a\\n[x^]"', "script", "script", "a\n[x]", 4),
        ('  a/b: "[cus^', "script", "script", "[cus", 4),
        ("  a/b: [cus^", "script", "script", "[cus", 4),
        ("  a/b: ^", "script", "script", "", 0),
        ("  a/b:^", "script", "script", "", 0),
        ('  "a/b": "[x^]"', "script", "script", "[x]", 2),
        ("  a/b: {loop: or^d}", "loop", "loop", "ord", 2),
        ("  a/b: {loop: ord, when: ^}", "script", "when", "", 0),
        ("  a/b: {loop: ord, when: [q^", "script", "when", "[q", 2),
        ('  a/b: {group: {by: ["[x]", "[y^]"]}}', "script", "by", "[y]", 2),
        ('  a/b: {sort: [{by: "[x^]", order: desc}]}', "script", "by", "[x]", 2),
        ("  a/b: {lo^}", "option", "", "lo", 2),
        ("  a/b: {loop: o, ^}", "option", "", "", 0),
        ("  a/b:\n    wh^", "option", "", "wh", 2),
        ("  a/b:\n    when: [x^", "script", "when", "[x", 2),
        ("  a/b:\n    group:\n      by:\n        - '[x^]'", "script", "by", "[x]", 2),
        ("  a/b: |-\n    one;\n    tw^o\n", "script", "script", "one;\ntwo", 7),
        ("  a/b:\n    script: |\n      one;\n      tw^o\n", "script", "script", "one;\ntwo", 7),
        ("  a/b:\n    note: |\n      on^e\n", "nothing", "", "", 0),
        ("  a/b: {note: hi^}", "nothing", "", "", 0),
        ("  a/b: {first: 1^}", "nothing", "", "", 0),
    ],
)
def test_what_is_expected_at_a_place(marked: str, expected: str, key: str, said: str, at: int) -> None:
    path = "" if expected == "nothing" else "a/b"
    assert _spot(marked) == (expected, key, path, said, at)


@pytest.mark.parametrize(
    ("marked", "said"), [("  ^", ""), ("  inv^", "inv"), ("  inv/no^te: x", "inv/note"), ('  "inv^"', "inv")]
)
def test_a_target_path_is_expected_at_the_beginning_of_a_rule(marked: str, said: str) -> None:
    found = _spot(marked)
    assert (found[0], found[3]) == ("path", said)


@pytest.mark.parametrize("text", ["weft: tr^", "source: {schema: s^}", "# no^te", "map:\n  # no^te"])
def test_nothing_is_offered_elsewhere(text: str) -> None:
    assert spot_at(text.replace("^", ""), text.index("^")).expected is Expected.NOTHING


@pytest.mark.parametrize(
    ("marked", "script", "line"),
    [
        ("  a/b: ^", "[x]", '  a/b: "[x]"'),
        ("  a/b:^", "[x]", '  a/b: "[x]"'),
        ("  a/b: Tr^", "Trim()", "  a/b: Trim()"),
        ("  a/b: {when: ^}", "[x]", '  a/b: {when: "[x]"}'),
        ("  a/b: {when: Tr^}", "Trim()", "  a/b: {when: Trim()}"),
        ('  a/b: "[x^', "[x]", '  a/b: "[x]"'),
        ("  a/b: '[x^]'", "[it's]", "  a/b: '[it''s]'"),
        ('  a/b: "[x^]"', '[x] + "y"', '  a/b: "[x] + \\"y\\""'),
    ],
)
def test_a_script_is_written_in_the_quotes_that_stand_there(marked: str, script: str, line: str) -> None:
    text = HEAD + marked + TAIL
    offset = text.index("^")
    text = text.replace("^", "")
    spot = spot_at(text, offset)
    source, behind = written(spot, script, len(script))
    assert text[: spot.start] + source + text[spot.end :] == HEAD + line + TAIL
    assert source[len(source) - behind :] in ("", '"', "'")


_SCRIPTS = st.text(alphabet="ab[]/@\"'\\ \n,{}:#+()é\U0001f600", min_size=1, max_size=24)
_RULES = st.builds(
    Rule,
    st.just("a/b"),
    script=st.none() | _SCRIPTS,
    when=st.none() | _SCRIPTS,
    group=st.none() | st.builds(lambda by: Group((by,)), _SCRIPTS),
    sort=st.just(()) | st.builds(lambda by: (Sort(by, True),), _SCRIPTS),
    join=st.just({}) | st.builds(lambda m: {"j": Join("j::row", {"k": m})}, _SCRIPTS),
)


@given(_RULES, st.data())
def test_a_script_written_again_at_any_place_of_a_rule_leaves_the_rule_as_it_is(
    rule: Rule, data: st.DataObject
) -> None:
    lines = "\n".join(write_rules([rule]))
    text = f"map:\n{lines}{TAIL}"
    offset = data.draw(st.integers(5, 5 + len(lines)))
    spot = spot_at(text, offset)
    if spot.expected is Expected.SCRIPT:
        assert spot.start <= offset <= spot.end
        source, behind = written(spot, spot.text, spot.at)
        now = text[: spot.start] + source + text[spot.end :]
        assert rules_from_text(now.removeprefix("map:\n"))[0] == rule
        again = spot_at(now, spot.start + len(source) - behind)
        assert (again.text, again.at, again.key) == (spot.text, spot.at, spot.key)


@given(st.text(alphabet="ab: {}[]\"'|->#,\n \\map", max_size=60), st.integers(0, 70))
def test_any_place_of_any_text_has_an_answer(text: str, offset: int) -> None:
    text = f"map:\n{text}"
    spot = spot_at(text, offset)
    assert 0 <= spot.start <= spot.end <= len(text)
    written(spot, spot.text, spot.at)
