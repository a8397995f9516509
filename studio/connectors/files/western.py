"""Whether bytes that are no UTF-8 are Windows-1252, as spreadsheets of western languages save a CSV: told by the words."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import IO

WESTERN = "cp1252"
_PIECE = 1 << 20
# A file may begin with many lines of plain letters; so far it is looked through for the first other one.
_MOST = 64 << 20
_WORD = re.compile(r"\w+")
# What stands within words of another encoding when it is taken for this one, and never in a western word.
_FOREIGN = re.compile(r"[^\W\d_][\u0080-\u00bf\u2018-\u2122\u0192\u02c6\u02dc\u00d7\u00f7][^\W\d_]")
_ALLOWED = frozenset("\u2019\u00b7\u00aa\u00ba\u2013\u2014")
_LONGEST_RUN = re.compile(r"[\u00c0-\u024f]{3}")


def is_western(sample: bytes, rest: IO[bytes]) -> bool:
    """The first bytes beyond plain letters, in the sample or after it, are no UTF-8 and make words in Windows-1252."""
    read = len(sample)
    piece, before = sample, b""
    while piece and piece.isascii() and read < _MOST:
        before = piece[-64:]
        piece = rest.read(_PIECE)
        read += len(piece)
    if not piece or piece.isascii() or _is_utf8(piece):
        return False
    try:
        # A word may begin in the piece before.
        text = (before + piece).decode(WESTERN)
    except UnicodeDecodeError:
        return False
    return _reads_well(text)


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the piece's end.
        return error.start > len(piece) - 4 and error.reason == "unexpected end of data"
    return True


def _reads_well(text: str) -> bool:
    if any("\x80" <= sign <= "\x9f" for sign in text):
        return False
    if any(found[0][1] not in _ALLOWED for found in _FOREIGN.finditer(text)):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    inside = "".join(word for word in words if len(word) > 1)
    plain = sum(sign.isascii() for sign in inside)
    return plain * 2 >= len(inside) and all(map(_is_word, words))


def _is_word(word: str) -> bool:
    """No capital with an accent behind a small letter, and no row of letters with accents."""
    if _LONGEST_RUN.search(word):
        return False
    return not any(sign > "\x7f" and sign.isupper() and left.islower() for left, sign in pairwise(word))
