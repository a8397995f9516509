"""A million broken and unbroken scripts are read: no crash, no hang, places inside the text, and a layout that keeps them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.script.errors import ScriptError
from studio.script.format import format_script
from studio.script.parse import parse, parse_all
from tests.script.test_format import meaning

SEED = 20261122
WORDS = [
    "If", "While", "Case", "Left", "x", "$g", "$jitterbit.a", "true", "1", "2.5", ".5", "'a'", '"b"', "'it''s'", "[a]",
    "[a/b[[c]>1]/@d]", "[..]", "Orders$Order.Name$", "a$b#1.c", "(", ")", "[", "]", "{", "}", ",", ";", "=", "+=", "==",
    "!=", "!", "-", "--", "++", "+", "*", "/", "^", "&&", "|", "<", ">=", "<trans>", "</trans>", "//c\n", "/*", "*/", "/*/",
    "\n", " ", "\t", "'", '"', "\\", "`", "@", "#", "$", "%", "?", ":", ".", "“", "”", "–", "é", "\u200b", "😀", "\x00",
    "else", "and", "var", "return", "<>", "===", "=>", "<TAG>Scripts/a</TAG>", "5abc", "٣", "\ud800",
]  # fmt: skip


def inputs(scripts: list[str], count: int) -> Iterator[str]:
    """Scripts damaged at up to three places, soups of tokens, and texts of any characters."""
    chance = random.Random(SEED)
    for number in range(count):
        if number % 4:
            text = chance.choice(scripts)
            for _ in range(chance.randrange(5)):
                at = chance.randrange(len(text) + 1)
                text = (
                    text[:at]
                    + chance.choice(WORDS) * chance.choice((0, 1, 1, 2))
                    + text[at + chance.randrange(4) :]
                )
            yield text
        elif number % 8:
            yield "".join(chance.choices(WORDS, k=chance.randrange(1, 24)))
        else:
            yield "".join(
                chr(chance.choice((chance.randrange(128), chance.randrange(0x3000)))) for _ in range(20)
            )


def test_any_input_is_read(shared: Path, share: Callable[[int], int]) -> None:
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    scripts = [script for line in lines if len(script := json.loads(line)["script"]) < 90]
    assert len(scripts) > 1_000
    count = share(1_000_000)
    broken = whole = 0
    # A quick run takes a small part of the small part.
    for number, text in enumerate(inputs(scripts, count if count == 1_000_000 else count // 5)):
        script, mistakes = parse_all(text)
        if mistakes:
            broken += 1
            check_places(text, mistakes, strictly=number % 8 == 0)
            continue
        whole += 1
        laid_out = format_script(text)
        assert meaning(parse(laid_out).statements) == meaning(script.statements), repr(text)
        if number % 4 == 0:
            assert format_script(laid_out) == laid_out, repr(text)
    assert broken > whole > 100


def check_places(text: str, mistakes: tuple[ScriptError, ...], *, strictly: bool) -> None:
    """Every mistake has a place inside the text; reading strictly finds one as well."""
    for error in mistakes:
        assert error.offset is not None
        assert 0 <= error.offset <= len(text), repr(text)
        assert error.line is not None
        assert 1 <= error.line <= text.count("\n") + 1, repr(text)
    if not strictly:
        return
    try:
        parse(text)
    except ScriptError as strict:
        found = strict.offset
    else:
        found = None
    assert found is not None, repr(text)
    assert 0 <= found <= len(text), repr(text)
