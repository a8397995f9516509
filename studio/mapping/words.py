"""Names as words: split, unaccented, written out, and translated so that `dtPedido` and `order_date` meet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from studio.mapping.meanings import known_words, meanings, related_words

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_CUSTOM = re.compile(r"__(?:c|r|pc|e|mdt|x)$", re.IGNORECASE)
# One small letter before a capital says what kind of value it is: `vUnit`, `qCom`, `xNome`.
_KINDS = {
    "v": ("amount",), "q": ("quantity",), "d": ("date",), "n": ("number",), "c": ("code",), "p": ("percent",), "x": (),
}  # fmt: skip
_KIND = re.compile(r"([vqdncpx])(?=[A-Z])|(dh)(?=[A-Z])")
# Columns of many databases begin with what kind of value they hold: `cd_cliente`, `ds_email`.
_PREFIXES = {
    "ds": (),
    "nm": ("name",),
    "st": ("status",),
    "fl": (),
    "sg": ("code",),
    "vl": ("amount",),
    "qt": ("quantity",),
}
_PREFIX = re.compile(r"(ds|nm|st|fl|sg|vl|qt)_", re.IGNORECASE)

# Words that say little: half of all fields have them.
_COMMON = frozenset(
    [
        "id",
        "code",
        "number",
        "name",
        "type",
        "value",
        "text",
        "date",
        "time",
        "key",
        "status",
        "total",
        "line",
        "item",
        "field",
        "data",
        "amount",
        "string",
        "content",
        "indicator",
        "node",
        "row",
        "record",
        "list",
        "scheme",
    ]
)
# Words between others.
_FILLERS = frozenset(
    [
        "of",
        "the",
        "and",
        "to",
        "for",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "e",
        "o",
        "a",
        "os",
        "as",
        "para",
        "em",
        "um",
        "uma",
        "is",
        "has",
        "by",
        "in",
        "at",
        "on",
        "no",
        "na",
        "com",
        "html",
    ]
)
_SHORTEST_TOGETHER = 7
_LONGEST_TOGETHER = 24

_MEANING = meanings()
_KNOWN = known_words()
_RELATED = related_words()
# How much a word often used for another counts.
_RELATED_COUNTS = 0.55
_NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in their common form and each once: `QtdItens` → quantity, line."""
    lead, rest = _kind(name)
    result: dict[str, None] = {}
    for word in _joined(_apart(split(rest))):
        for part in _MEANING.get(word) or _MEANING.get(_singular(word)) or (_singular(word),):
            if part not in _FILLERS or word in _MEANING:
                result.setdefault(part)
    if not result:
        return lead
    return tuple(dict.fromkeys((*lead, *result)))


def _kind(name: str) -> tuple[tuple[str, ...], str]:
    """What a name's first letters say of its kind of value, and the rest."""
    found = _KIND.match(name)
    if found is not None:
        return _KINDS.get(found.group(), ("date", "time")), name[found.end() :]
    found = _PREFIX.match(name)
    if found is not None:
        return _PREFIXES[found.group(1).lower()], name[found.end() :]
    return (), name


def _apart(words: tuple[str, ...]) -> list[str]:
    """Long words that are several known ones written together, taken apart."""
    found: list[str] = []
    for word in words:
        found += _together(word) if _SHORTEST_TOGETHER <= len(word) <= _LONGEST_TOGETHER else (word,)
    return found


@lru_cache(maxsize=20_000)
def _together(word: str) -> tuple[str, ...]:
    if word in _KNOWN or _singular(word) in _KNOWN:
        return (word,)
    # The fewest words; each of three letters or more, so that nothing falls apart by chance.
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(3, len(word) + 1):
        for start in range(end - 2):
            before = best[start]
            part = word[start:end]
            if before is None or part not in _KNOWN:
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, part)
    return best[-1] or (word,)


def _joined(words: list[str]) -> list[str]:
    """Two words that mean something together become one: `post code`, `razao social`."""
    found: list[str] = []
    at = 0
    while at < len(words):
        pair = "".join(words[at : at + 2])
        if at + 1 < len(words) and pair in _MEANING and len(_MEANING[pair]) > 0 and not pair.isdigit():
            found.append(pair)
            at += 2
        else:
            found.append(words[at])
            at += 1
    return found


@lru_cache(maxsize=50_000)
def split(name: str) -> tuple[str, ...]:
    """The words of a name as written, in lower case without accents; a custom field's suffix is left out."""
    plain = unicodedata.normalize("NFKD", _CUSTOM.sub("", name))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(part.lower() for part in _PARTS.findall(plain))


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """The name with spelling set aside: `Billing_City` and `billingCity` are the same."""
    return "".join(split(name))


@lru_cache(maxsize=50_000)
def weight(word: str) -> float:
    """How much a word tells."""
    return 0.5 if word in _COMMON or word.isdigit() else 1.0


@lru_cache(maxsize=100_000)
def likeness(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    """How much two sets of words have in common, from 0 to 1; words that say little count half."""
    one, other = set(left), set(right)
    if not one or not other:
        return 0.0
    shared = one & other
    common = sum(map(weight, shared))
    for word in one - shared:
        common += max((alike(word, rest) * weight(word) for rest in other - shared), default=0.0)
    return (
        2
        * min(common, sum(map(weight, one)), sum(map(weight, other)))
        / (sum(map(weight, one)) + sum(map(weight, other)))
    )


@lru_cache(maxsize=200_000)
def alike(left: str, right: str) -> float:
    """How surely two words mean the same: 1 the same, 0.8 one begins with the other, less for an abbreviation or for
    words often used for one another."""
    if left == right:
        return 1.0
    if right in _RELATED.get(left, _NONE):
        return _RELATED_COUNTS
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    if short.isdigit() or long.isdigit():
        return 0.0
    if len(short) >= 4 and (long.startswith(short) or (short[:5] == long[:5] and len(short) >= 6)):
        return 0.8
    return _abbreviates(short, long)


def related(word: str) -> frozenset[str]:
    """The words often used for a word."""
    return _RELATED.get(word, _NONE)


def _abbreviates(short: str, long: str) -> float:
    """`nm` of name, `ctry` of country, `cust` of customer: the same first letter, then consonants or a beginning."""
    if len(short) < 2 or len(long) < len(short) + 2 or short[0] != long[0]:
        return 0.0
    if len(short) >= 3 and long.startswith(short):
        return 0.7
    bones = long[0] + "".join(letter for letter in long[1:] if letter not in "aeiouy")
    vowels = sum(letter in "aeiou" for letter in short[1:])
    if vowels or short[1] != bones[1:2]:
        return 0.0
    rest = iter(bones)
    if not all(letter in rest for letter in short):
        return 0.0
    return 0.7 if len(short) >= 3 or short == bones else 0.4


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
