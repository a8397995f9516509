"""Sentences that were kept in the language of their time, said again in the language of now."""

from __future__ import annotations

import functools
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from studio.base.i18n import DOMAIN, LANGUAGES, _, language, ngettext
from studio.base.paths import resource

_FIELD = re.compile(r"\{(\w+)\}")
# Less than this of a sentence fits too many texts.
_LEAST = 4


_Message = tuple[str, str, tuple[str, ...]]
"""Singular, plural ("" for none), the forms in the other language."""


def retold(text: str) -> str:
    """A sentence of ours in the active language; a text that is none of ours, or is in it already, stays as it is."""
    return _retold(text, language())


@functools.lru_cache(maxsize=2_000)
def _retold(text: str, now: str) -> str:
    best: tuple[int, bool, _Message, Mapping[str, str]] | None = None
    for name in LANGUAGES:
        for literal, message, values in _found(text, name):
            # Where both languages know it, the one with more of its own letters in it said it.
            if best is None or (literal, name == now) > best[:2]:
                best = literal, name == now, message, values
    return text if best is None or best[1] else _said(best[2], best[3])


def _said(message: _Message, values: Mapping[str, str]) -> str:
    singular, plural, _forms = message
    if not plural:
        return _(singular).format(**values)
    number = re.sub(r"\D", "", values.get("n", "2")) or "2"
    return ngettext(singular, plural, int(number)).format(**values)


def _found(text: str, name: str) -> Iterator[tuple[int, _Message, Mapping[str, str]]]:
    """The messages of a language that say the text: how many letters are theirs, and what they are filled with."""
    messages = _messages()
    for at, form in _begun(name).get(text.partition(" ")[0], ()):
        if form == text:
            yield len(form), messages[at], {}
            continue
        pattern = _pattern(form)
        match = pattern.fullmatch(text) if pattern is not None else None
        if match is not None:
            yield len(_FIELD.sub("", form)), messages[at], match.groupdict()


@functools.lru_cache(maxsize=2_000)
def _pattern(form: str) -> re.Pattern[str] | None:
    """What a message looks like filled in; None for one that is nothing but fields, or has other braces."""
    letters = _FIELD.sub("", form)
    if letters == form or "{" in letters or len(letters) < _LEAST:
        return None
    seen: set[str] = set()
    parts: list[str] = []
    at = 0
    for field in _FIELD.finditer(form):
        parts.append(re.escape(form[at : field.start()]))
        parts.append(f"(?P={field[1]})" if field[1] in seen else f"(?P<{field[1]}>.+)")
        seen.add(field[1])
        at = field.end()
    return re.compile("".join([*parts, re.escape(form[at:])]), re.DOTALL)


@functools.cache
def _begun(name: str) -> Mapping[str, list[tuple[int, str]]]:
    """The messages of a language by their first word: their number and what they say."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for at, (singular, plural, forms) in enumerate(_messages()):
        for form in (singular, plural) if name == "en" else forms:
            if form:
                found[form.partition(" ")[0]].append((at, form))
    return found


@functools.cache
def _messages() -> tuple[_Message, ...]:
    """Every message of the catalogue."""
    file = resource("translations") / "pt_BR" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    return tuple(_read(file)) if file.is_file() else ()


def _read(file: Path) -> Iterator[_Message]:
    """A compiled catalogue holds the plurals too, which gettext does not tell."""
    data = file.read_bytes()
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, originals, translations = struct.unpack_from(f"{order}3I", data, 8)
    for at in range(count):
        texts = []
        for table in (originals, translations):
            length, start = struct.unpack_from(f"{order}2I", data, table + 8 * at)
            texts.append(data[start : start + length].decode("utf-8"))
        singular, _zero, plural = texts[0].rpartition("\x04")[2].partition("\0")
        if singular:
            yield singular, plural, tuple(texts[1].split("\0"))
