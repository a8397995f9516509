"""JSON text as plain values, located errors included; a large document is read as far as its first megabytes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.schema.source import MEGABYTE, check_file, decode, read_bytes, read_head

# Documents beyond the first size are cut at the second and closed again: enough records to know their shape.
_WHOLE = 4 * MEGABYTE
_HEAD = MEGABYTE
_MOST_LINES = 20_000

# A text that is cut off counts as one token too, lest its brackets be taken for the document's.
_TOKEN = pattern(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_CLOSERS = {"{": "}", "[": "]"}


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def read_json(path: Path, *, encoding: str | None = None) -> tuple[Any, bool, str]:
    """The document's value, whether it is JSON lines (then the value is the list of records), and its encoding.

    Numbers are Number texts. Raises BadInput with line and column, TooLarge for nesting no reader can follow.
    """
    size = check_file(path)
    cut = size > _WHOLE
    data = read_head(path, _HEAD if cut else _WHOLE)
    text, name = decode(data, encoding or _wide(data), file=path, whole=not cut)
    if not text.strip(" \t\r\n\0"):
        raise BadInput(
            _("The file is empty."), file=path, next_step=_("Give a JSON document with some data.")
        )
    if is_lines(text):
        return _lines(text, path, cut), True, name
    return parse_json(closed(text) if cut else text, path), False, name


def whole_text(path: Path, *, encoding: str | None = None) -> str:
    """The text of a whole file, for schemas; raises TooLarge beyond what a schema may have, BadInput for its encoding."""
    data = read_bytes(path)
    return decode(data, encoding or _wide(data), file=path)[0]


def parse_json(text: str, path: Path | None = None, *, first_line: int = 1) -> Any:
    """The value of one JSON text, numbers as Number; raises BadInput with the place."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadInput(
            _("This is not JSON: {reason}.").format(reason=json_reason(error)),
            file=path,
            line=error.lineno + first_line - 1,
            column=error.colno,
            next_step=_("Correct this line; a JSON checker shows what is missing."),
        ) from None
    except _ConstantError as error:
        at = text.find(str(error))
        raise BadInput(
            _("This is not JSON: {word} is no JSON value.").format(word=str(error)),
            file=path,
            line=text.count("\n", 0, at) + first_line,
            next_step=_("Write null, or the number as a text."),
        ) from None
    except RecursionError:
        raise TooLarge(
            _("The JSON is nested too deeply to be read."), file=path, next_step=_("Flatten the document.")
        ) from None


def closed(text: str) -> str:
    """The beginning of a document made whole: cut where a value is complete, and every open bracket closed."""
    stack: list[str] = []
    cut = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] == '"':
            continue
        cut = match.start() if token == "," else match.end()
        if token in _CLOSERS:
            stack.append(token)
        elif token != "," and stack:
            stack.pop()
            if not stack:
                return text
    return text[:cut] + "".join(_CLOSERS[bracket] for bracket in reversed(stack))


def is_lines(text: str) -> bool:
    """The first line is a whole object or array and another value follows it."""
    first, _newline, rest = text.lstrip().partition("\n")
    first, rest = first.strip(), rest.lstrip()
    if not first or first[0] not in "{[" or not rest or rest[0] not in "{[":
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(text: str, path: Path, cut: bool) -> list[Any]:
    lines = text.split("\n")
    if cut:
        lines.pop()
    found: list[Any] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(parse_json(line, path, first_line=number))
            if len(found) >= _MOST_LINES:
                break
    return found


def _wide(data: bytes) -> str | None:
    """JSON begins with two ASCII characters, so zero bytes tell UTF-16 and UTF-32 even in a short text."""
    if len(data) >= 2 and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        if data[0] and not data[1]:
            return "utf-16-le" if len(data) < 4 or data[2] or data[3] else "utf-32-le"
        if not data[0]:
            return "utf-16-be" if data[1] else "utf-32-be"
        if b"\0" not in data:
            # Windows-1252 is no encoding of JSON: bytes that are not UTF-8 are an error worth naming.
            return "utf-8"
    return None


class _ConstantError(ValueError):
    pass


def _no_constant(word: str) -> NoReturn:
    raise _ConstantError(word)


def json_reason(error: json.JSONDecodeError) -> str:
    """The parser's reason, in the words of the active language."""
    message = error.msg
    if message.startswith("Expecting property name"):
        return _("a member's name in double quotes is expected here")
    if message.startswith("Expecting value"):
        return _("a value is expected here")
    if message.startswith("Extra data"):
        return _("the document ends before this text")
    if message.startswith("Unterminated string"):
        return _("the text that starts here is not closed")
    if message.startswith("Invalid control character"):
        return _("a line break or control character stands inside a text")
    if "escape" in message:
        return _("an escape inside a text is wrong")
    if "delimiter" in message:
        return _("a comma, a colon or a closing bracket is expected here")
    return message
