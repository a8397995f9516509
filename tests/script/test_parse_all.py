"""All mistakes of a script in one pass: each where it is, with the way to mend it; any text is read."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.script import tree
from studio.script.errors import ScriptError, caret
from studio.script.lex import MOST_MISTAKES
from studio.script.parse import parse, parse_all
from tests.script.scripts import scripts
from tests.script.test_parse import bare

VALUE = "A value, a variable, a function or a [path] belongs here."
SEMICOLON = "Put a semicolon or an operator between two expressions."


def mistakes(text: str) -> list[tuple[int, int, str]]:
    return [(error.line or 0, error.column or 0, error.next_step) for error in parse_all(text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 5\ny = 6\nz = 7", [(2, 1, SEMICOLON), (3, 1, SEMICOLON)]),
        ("1 + * 2; 3 +; 4", [(1, 5, VALUE), (1, 13, VALUE)]),
        ("a;; b", [(1, 3, "One semicolon between two statements is enough.")]),
        ("Left('a' 2); ToUpper('b'; )", [
            (1, 10, "Put a comma between two arguments, or an operator between two values."),
        ]),
        ("x = Left('a', 2\ny = 3\nz = Left('b', 1", [
            (2, 1, "Close the call of Left with )."),
            (3, 1, SEMICOLON),
            (3, 9, "Close the call of Left with )."),
        ]),
        ("a = \"abc;\nb = \"def\";\nc = 'x", [
            (1, 5, 'Close it with ".'),
            (3, 5, "Close it with '."),
        ]),
        ("a = 'it's ok'; b = 'it''s'", [
            (1, 9, "Write \\' for a quote inside a text."),
            (1, 24, "Write \\' for a quote inside a text."),
        ]),
        ("x = “hello” + ‘b’ – 1", [
            (1, 5, "Put texts between \" or '."),
            (1, 15, "Put texts between \" or '."),
            (1, 19, "This is a dash; write the minus sign -."),
        ]),
        ("if (a == 1) { b = 2; c } else { d }", [
            (1, 13, "If is a function: write the statements as its second argument."),
            (1, 26, "Give If a third argument: If(condition, then, else)."),
        ]),
        ("var x = 5; return x", [
            (1, 1, "Variables are not declared; write name = value."),
            (1, 12, "Leave the word out; the value of the last statement is the result."),
        ]),
        ("a === b; a <> b; a and b; a %= 2", [
            (1, 3, "To compare, write ==."),
            (1, 12, "To say unequal, write !=."),
            (1, 20, "Write && for and."),
            (1, 29, "For a remainder, write Mod(a, b)."),
        ]),
        ("Replace((a, 'b', 'c'); (1 2); a[0 1]", [
            (1, 11, "Close the bracket opened here with )."),
            (1, 27, "Close the bracket opened here with )."),
            (1, 35, "Close the index with ]."),
        ]),
        ("a ? b : c", [(1, 3, "Write If(condition, then, else).")]),
        ("<TAG>Scripts/a</TAG>; # b\n/* c", [
            (1, 1, 'Put quotes around it: "<TAG>…</TAG>".'),
            (1, 23, "A comment begins with //."),
            (2, 1, "Close it with */."),
        ]),
        ("<trans>(1 + 2; {3, 4\n", [
            (1, 1, "Close the script with </trans>."),
            (1, 14, "Close the bracket opened here with )."),
            (1, 16, "Close the array with }."),
        ]),
        ("Sum([a/b, 2);\n[b/]; [c/../d]; x[0", [
            (1, 5, "Close it with ]."),
            (2, 4, "Write names joined by slashes, such as [customer/name]."),
            (2, 10, ""),
            (2, 18, "Close the index with ]."),
        ]),
        ("1 = 2; {1; 2}; ++5; 7up", [
            (1, 1, "To compare, write ==."),
            (1, 10, "Separate entries with commas; statements need no braces around them."),
            (1, 18, ""),
            (1, 21, "Begin names with a letter; put an operator between two values."),
        ]),
    ],
)  # fmt: skip
def test_all_mistakes_are_found(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert mistakes(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Left('a'", "This parenthesis has no end."),
        ("(1 + 2", "This parenthesis has no end."),
        ("{1, 2", "This brace has no end."),
        ("x[0", "This bracket has no end."),
    ],
)
def test_what_is_not_closed_is_called_by_its_name(text: str, message: str) -> None:
    assert [error.message for error in parse_all(text)[1]] == [message]


def test_blocks_in_braces_are_read_as_what_they_mean() -> None:
    script, _mistakes = parse_all("if (a) { b = 2; c } else { d }\ne = 5")
    assert [bare(node) for node in script.statements] == [
        ("if", "a", ("block", ("=", "b", 2), "c"), ("block", "d")),
        ("=", "e", 5),
    ]


def test_what_is_left_of_a_statement_is_kept() -> None:
    script, _mistakes = parse_all("x = ; y = 1 +; Left(, z)")
    assert [bare(node) for node in script.statements[:2]] == [("=", "x", ("",)), ("=", "y", ("+", 1, ("",)))]
    assert any(isinstance(node, tree.Local) and node.name == "z" for node in tree.walk(script))


def test_a_hopeless_script_is_given_up() -> None:
    script, found = parse_all("a = 1;" + "@" * 5000)
    assert len(found) == MOST_MISTAKES
    assert bare(script.statements[0]) == ("=", "a", 1)
    _script, found = parse_all("x = 2; " + "(" * 300)
    assert "levels deep" in found[-1].message or "levels deep" in found[0].message
    _script, found = parse_all("1" * 1_000_001)
    assert len(found) == 1


def test_the_caret_stands_below_the_place() -> None:
    assert caret("a = 1;\n\tb = = 2", 2, 6) == "\tb = = 2\n\t    ^"
    shown, below = caret("x" * 400 + "?" + "y" * 400, 1, 401).split("\n")
    assert shown[below.index("^")] == "?"
    assert len(shown) == 100
    assert caret("a", 7, 1) == ""


def check_reading(text: str) -> None:
    """Strict and forgiving reading agree on whether there is a mistake; places are inside the text."""
    script, found = parse_all(text)
    for error in found:
        assert error.message
        assert error.offset is not None
        assert 0 <= error.offset <= len(text)
        assert (error.line, error.column) == tree.line_column(text, error.offset)
    for node in tree.walk(script):
        assert 0 <= node.start <= node.end <= len(text)
    if not found:
        assert parse(text) == script
        return
    with pytest.raises(ScriptError) as caught:
        parse(text)
    assert caught.value.offset is not None
    assert 0 <= caught.value.offset <= len(text)


@given(scripts)
def test_scripts_without_mistakes_are_read_alike(text: str) -> None:
    assert parse_all(text) == (parse(text), ())


@given(st.text(alphabet="ab$1.5 \n;,()[]{}'\"<>=!&|+-*/^#?:%“”–\\`@~/Iftrue", max_size=60))
def test_any_text_is_read(text: str) -> None:
    check_reading(text)


@given(scripts, st.data())
def test_damaged_scripts_are_read(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    check_reading(
        text[:start] + data.draw(st.sampled_from(["", ")", "'", "{", ";", "]", "é", "/*"])) + text[end:]
    )


def test_real_scripts_are_read_however_damaged(shared: Path) -> None:
    chance = random.Random(7)
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for line in chance.sample(lines, 300):
        text = json.loads(line)["script"]
        at = chance.randrange(len(text) + 1)
        check_reading(text[:at])
        check_reading(text[:at] + chance.choice("()[]{}'\";,=$#<") + text[at + chance.randrange(3) :])
        check_reading(text.replace(chance.choice("();\"'"), "", 1))
