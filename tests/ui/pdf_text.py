"""The texts of a PDF file as Qt writes it, sheet by sheet; no more of the format than that."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9a-fA-F]+)>")


def sheets(file: Path) -> list[str]:
    """What stands on each sheet, spaces between the pieces left out."""
    objects = dict(_OBJECT.findall(file.read_bytes()))
    letters = {
        number: _letters(_stream(objects[found[1]]))
        for number, body in objects.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    texts = []
    for page in pages:
        content = re.search(rb"/Contents (\d+) 0 R", page)
        assert content is not None
        texts.append(_shown(_stream(objects[content[1]]), letters))
    return texts


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1]) if b"FlateDecode" in body else found[1]


def _letters(table: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, rest in re.findall(rb"<(\w+)> <(\w+)> (\[.*?\]|<\w+>)", part, re.DOTALL):
            codes = [
                bytes.fromhex(code.decode()).decode("utf-16-be") for code in re.findall(rb"<(\w+)>", rest)
            ]
            start, end = int(first, 16), int(last, 16)
            if rest.startswith(b"<"):
                codes = [chr(ord(codes[0]) + step) for step in range(end - start + 1)]
            found |= dict(zip(range(start, end + 1), codes, strict=False))
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, code in re.findall(rb"<(\w+)> <(\w+)>", part):
            found[int(glyph, 16)] = bytes.fromhex(code.decode()).decode("utf-16-be")
    return found


def _shown(content: bytes, letters: dict[bytes, dict[int, str]]) -> str:
    shown, font = [], b""
    for chosen, glyphs in _SHOWN.findall(content):
        if chosen:
            font = chosen
            shown.append(" ")
            continue
        text = glyphs.decode()
        shown += [letters[font].get(int(text[at : at + 4], 16), "") for at in range(0, len(text), 4)]
    return "".join(shown).replace("\t", " ")
