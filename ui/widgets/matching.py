"""Matching what a person types against a category and a name, word by word."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Match:
    """Where the typed words were found, as (start, end) in the category and in the name; a lower rank is better."""

    rank: tuple[int, int]
    category: Spans = ()
    name: Spans = ()


def match(query: str, category: str, name: str) -> Match | None:
    """Each typed word must begin a word of the category or the name, or else stand inside the name; None if not.

    Case and accents do not count. A word may be found in both; matches across the category rank first, then names
    that begin with what was typed.
    """
    words = folded(query).split()
    if not words:
        return Match((0, 0))
    lead, text = folded(category), folded(name)
    in_lead: list[tuple[int, int]] = []
    in_text: list[tuple[int, int]] = []
    inside = 0
    for word in words:
        leads, texts = _beginnings(word, lead), _beginnings(word, text)
        if not leads and not texts:
            at = text.find(word)
            if at < 0:
                return None
            texts, inside = [(at, at + len(word))], 1
        in_lead += leads
        in_text += texts
    starts = any(start == 0 for start, _end in in_text)
    rank = (2 if inside else 0 if in_lead else 1, 0 if starts else 1)
    return Match(rank, tuple(sorted(set(in_lead))), tuple(sorted(set(in_text))))


def folded(text: str) -> str:
    """Lower case without accents, of the same length as `text`."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


def _beginnings(word: str, text: str) -> list[tuple[int, int]]:
    found = next((m.start() for m in _WORD.finditer(text) if text.startswith(word, m.start())), None)
    return [] if found is None else [(found, found + len(word))]
