"""Plain data as YAML that reads well in a diff: keys in the given order, no wrapping, quotes only where needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# What must be escaped: controls, the line breaks of YAML 1.1, marks, noncharacters and lone surrogates.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SHORT = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
}
_BAD_START = re.compile(r"[\s?:,\[\]{}#&*!|>'\"%@`]|-(?:\s|$|--)|\.\.\.")
_BAD_INSIDE = re.compile(r":(?:\s|$)|\s#|[\t\n]|\s$")
# Commas, brackets and colons end a text in braces; texts with operators only look as if they did.
_BAD_IN_FLOW = re.compile(r"[,\[\]{}:?#*&|<>!'\"]")
_LONGEST_SIMPLE_KEY = 1000


class Written(tuple[str, ...]):
    """The lines of a mapping's members, written before (see `entry`), at two spaces."""


def write(data: Mapping[str, Any], *, blocks: Sequence[str] = ()) -> str:
    """The text of a document whose members stand one per line.

    A member is written on one line (`{…}` or `[…]`) unless its key is in `blocks`, whose own members or items stand
    one per line, or it holds a text of several lines. Texts, numbers, booleans, lists and mappings are allowed.
    """
    lines: list[str] = []
    for key, value in data.items():
        lines += entry(key, value, indent=0, block=key in blocks)
    return "\n".join(lines) + "\n" if lines else "{}\n"


def entry(key: str, value: Any, *, indent: int, block: bool = False) -> list[str]:
    """The lines of `key: value` at `indent` spaces."""
    lead = " " * indent
    name = scalar(key)
    start = f"{lead}{name}:" if len(name) <= _LONGEST_SIMPLE_KEY else f"{lead}? {name}\n{lead}:"
    if isinstance(value, Written):
        return [start, *value] if value else [f"{start} {{}}"]
    if isinstance(value, Mapping | list | tuple) and value and (block or _several_lines(value)):
        return [start, *_block(value, indent + 2)]
    first, *rest = _inline(value, indent + 2)
    return [f"{start} {first}", *rest]


def _block(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from entry(key, item, indent=indent)
        return
    lead = " " * indent
    for item in value:
        if isinstance(item, Mapping) and item:
            lines = list(_block(item, indent + 2))
        elif isinstance(item, list | tuple) and _several_lines(item):
            # A list in a list: the inner dash must not join the outer one on a line we then cut.
            yield f"{lead}-"
            yield from _block(item, indent + 2)
            continue
        else:
            lines = _inline(item, indent + 2)
            lines[0] = f"{lead}  {lines[0]}"
        yield f"{lead}- {lines[0][indent + 2 :]}"
        yield from lines[1:]


def _inline(value: Any, indent: int) -> list[str]:
    if isinstance(value, str) and _literal(value):
        return _literal_lines(value, indent)
    return [flow(value) if isinstance(value, Mapping | list | tuple) else scalar(_text(value))]


def flow(value: Any) -> str:
    """The value on one line, inside brackets or braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key, flow=True)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(_text(value), flow=True)


def scalar(text: str, *, flow: bool = False) -> str:
    """One text on one line: plain where that is safe, else "…", else '…' if it holds a double quote or backslash."""
    if _plain(text, flow):
        return text
    if not _ESCAPED.search(text) and "\n" not in text:
        if '"' not in text and "\\" not in text:
            return '"' + text.replace("\t", "\\t") + '"'
        return "'" + text.replace("'", "''") + "'"
    return (
        '"' + _ESCAPED.sub(_escape, text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) + '"'
    )


def _plain(text: str, flow: bool) -> bool:
    if not text or _BAD_START.match(text) or _BAD_INSIDE.search(text) or _ESCAPED.search(text):
        return False
    return not (flow and _BAD_IN_FLOW.search(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code < 0xE000:
        return "\ufffd"  # half a character has no UTF-8 form; nothing that reads it back could keep it
    return _SHORT.get(match[0]) or (f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}")


def _literal(text: str) -> bool:
    """The text can and should stand on lines of its own: several lines, at most one line end at its end."""
    body = text[:-1] if text.endswith("\n") else text
    return "\n" in body and not body.endswith("\n") and not _ESCAPED.search(text) and body.strip() != ""


def _literal_lines(text: str, indent: int) -> list[str]:
    body = text[:-1] if text.endswith("\n") else text
    # Where the first line is blank or begins with a space, the reader must be told how far we indent.
    sign = "2" if body[0] in " \n\t" else ""
    end = "" if text.endswith("\n") else "-"
    lead = " " * indent
    return [f"|{sign}{end}", *(lead + line if line else "" for line in body.split("\n"))]


def _several_lines(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_several_lines(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_several_lines(item) for item in value)
    return isinstance(value, str) and _literal(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
