"""What may stand at a place of a map's text: a target path, an option of a rule, a script; and how a script is written there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.base.yaml_write import scalar

_SECTIONS = ("map", "parked")
_KEY = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s"'{}\[\],#|>&*!%@`-][^\n]*?)(:)(?=\s|$)""")
_BLOCK = re.compile(r"(?:^|[\s:-])[|>][-+\d]*\s*$")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "v": "\v",
    "f": "\f",
}
# The options whose value is one text, never a list.
_SINGLE = ("script", "when", "each", "loop", "note")
_SCRIPTS = ("script", "when", "each", "by")
# An option line deeper than this is nobody's.
_DEEPEST = 8


class Expected(StrEnum):
    """What may stand at a place."""

    PATH = "path"
    OPTION = "option"
    SCRIPT = "script"
    LOOP = "loop"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Spot:
    """A place: what is `expected`, of the rule at the target `path`.

    The source from `start` to `end` says `text`, in which the place is `at`; `style` is its quotes, `|` for lines of
    their own, "" for none; `lead` is what such lines begin with, and a blank that is still missing; in `flow` it stands inside braces.
    """

    expected: Expected = Expected.NOTHING
    start: int = 0
    end: int = 0
    text: str = ""
    at: int = 0
    path: str = ""
    key: str = ""
    style: str = ""
    lead: str = ""
    flow: bool = False


_NOTHING = Spot()


def spot_at(text: str, offset: int) -> Spot:
    """What may stand at an offset of a map's text; never raises."""
    offset = max(0, min(offset, len(text)))
    line = _Line.around(text, offset)
    above = _above(text, line, offset)
    if not above or above[-1].text.rstrip() not in tuple(f"{name}:" for name in _SECTIONS):
        return _NOTHING
    rules = above[:-1]
    indent = offset - line.start if line.blank else line.indent
    block = next(
        (head for head in reversed(rules) if _BLOCK.search(head.text) and head.column < indent), None
    )
    if block is not None:
        return _in_block(text, offset, block, rules)
    found = _in_option(line, offset, rules) if rules else _in_rule(line, offset)
    return _NOTHING if len(rules) > _DEEPEST or (not found.text and _continued(text, line)) else found


def _continued(text: str, line: _Line) -> bool:
    """The lines below belong to this one: what they say is its value."""
    below = line
    while below.end < len(text):
        below = _Line.around(text, below.end + 1)
        if not below.blank:
            return below.indent > line.indent and not line.blank
    return False


def written(spot: Spot, text: str, at: int) -> tuple[str, int]:
    """The source that says `text` at a spot, in its style where that can be, and how much of it stands behind `at`."""
    if spot.style == "|":
        # Only the line of the place itself goes on behind it without its blanks.
        return _led(text, spot.lead), len(_led(text[at:], spot.lead, first=False))
    style = spot.style
    if not style:
        plain = scalar(text, flow=spot.flow)
        style = plain[:1] if plain != text else ""
    if style == "'" and "\n" in text:
        style = '"'
    behind = len(_encoded(text[at:], style)) + len(style)
    return f"{spot.lead}{style}{_encoded(text, style)}{style}", behind


def _led(text: str, lead: str, *, first: bool = True) -> str:
    """The lines of a text behind their blanks."""
    lines = [lead + line if line else "" for line in text.split("\n")]
    return "\n".join(lines) if first else "\n".join([text.partition("\n")[0], *lines[1:]])


def _encoded(text: str, style: str) -> str:
    if style == "'":
        return text.replace("'", "''")
    if style == '"':
        quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return quoted.replace("\t", "\\t").replace("\r", "\\r")
    return text


def _decoded(source: str, style: str) -> str:
    if style == "'":
        return source.replace("''", "'")
    if style == '"':
        return _ESCAPE.sub(_character, source)
    return source


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPES.get(match[4], match[4])


@dataclass(frozen=True)
class _Line:
    """A line of the text, without its end, and where it begins."""

    text: str
    start: int

    @staticmethod
    def around(text: str, offset: int) -> _Line:
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        return _Line(text[start : len(text) if end < 0 else end], start)

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))

    @property
    def column(self) -> int:
        """Where the key stands behind dashes, or the last dash where there is no key."""
        bare = self.text.lstrip(" -")
        column = len(self.text) - len(bare)
        return column if _KEY.match(bare) or column < 2 else column - 2

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def _above(text: str, line: _Line, offset: int) -> list[_Line]:
    """The lines that this one stands in, the nearest first."""
    found: list[_Line] = []
    indent = offset - line.start if line.blank else line.indent
    while line.start > 0 and indent > 0:
        line = _Line.around(text, line.start - 1)
        if not line.blank and line.indent < indent:
            found.append(line)
            indent = line.indent
    return found


def _path_of(rules: list[_Line]) -> str:
    key = _KEY.match(rules[-1].text, rules[-1].indent)
    return _key_text(key[1]) if key is not None else ""


def _key_text(source: str) -> str:
    style = source[:1] if source[:1] in "\"'" else ""
    return _decoded(source[1:-1] if style else source, style)


def _in_block(text: str, offset: int, block: _Line, rules: list[_Line]) -> Spot:
    """Lines of their own below `key: |`."""
    head = block.text.lstrip(" -")
    key = _KEY.match(head)
    name = _key_text(key[1]) if key is not None else ""
    option = "script" if block is rules[-1] else name
    if option not in _SCRIPTS:
        return _NOTHING
    column = block.column
    first = end = block.end + 1
    while end < len(text):
        line = _Line.around(text, end)
        if not line.blank and line.indent <= column:
            break
        end = line.end + 1
    end = max(first + len(text[first:end].rstrip("\n")), offset)
    lines = text[first:end].split("\n")
    told = re.search(r"\d", block.text[block.text.rindex("|" if "|" in block.text else ">") :])
    indents = (_Line(line, 0).indent for line in lines if line.strip())
    lead = column + int(told[0]) if told else next(indents, column + 2)
    before = text[first:offset].split("\n")
    if len(before[-1]) < lead:
        return _NOTHING
    said = "\n".join(each[lead:] for each in lines)
    at = len("\n".join(each[lead:] for each in before))
    return Spot(Expected.SCRIPT, first, end, said, at, _path_of(rules), option, "|", " " * lead)


def _in_rule(line: _Line, offset: int) -> Spot:
    """The line of a rule: its target path, then its script or options."""
    key = _KEY.match(line.text, line.indent)
    start = line.start + line.indent
    if key is None:
        if line.text.lstrip().startswith(("#", "-", "?")):
            return _NOTHING
        source = line.text.strip()
        style = source[:1] if source[:1] in ('"', "'") else ""
        end = max(line.start + len(line.text.rstrip()), offset)
        return _scalar(Spot(Expected.PATH, min(start, end), end, style=style), line, offset)
    if offset <= line.start + key.end(1):
        style = key[1][:1] if key[1][:1] in "\"'" else ""
        return _scalar(Spot(Expected.PATH, start, line.start + key.end(1), style=style), line, offset)
    if offset <= line.start + key.end() - 1:
        return _NOTHING
    return _value(line, key.end(), offset, Spot(Expected.SCRIPT, path=_key_text(key[1]), key="script"))


def _in_option(line: _Line, offset: int, rules: list[_Line]) -> Spot:
    """A line below that of a rule: an option, or an entry of one."""
    at = line.indent
    listed = False
    while line.text.startswith("- ", at):
        at, listed = at + 2, True
        at += len(line.text[at:]) - len(line.text[at:].lstrip(" "))
    spot = Spot(path=_path_of(rules))
    outer = next((found for head in rules[:-1] if (found := _option_of(head))), "")
    key = _KEY.match(line.text, at)
    if key is not None and offset > line.start + key.end() - 1:
        return _value(line, key.end(), offset, _keyed(spot, (outer, _key_text(key[1]))))
    if listed and key is None:
        return _value(line, at, offset, _keyed(spot, (outer, outer)))
    if len(rules) == 1 and not listed and (key is None or offset <= line.start + key.end(1)):
        end = line.start + (key.end(1) if key is not None else len(line.text.rstrip()))
        return _scalar(replace(spot, expected=Expected.OPTION, start=line.start + at, end=end), line, offset)
    return _NOTHING


def _option_of(head: _Line) -> str:
    key = _KEY.match(head.text.lstrip(" -"))
    return _key_text(key[1]) if key is not None else ""


def _keyed(spot: Spot, keys: tuple[str, ...]) -> Spot:
    """The spot of a value by the keys that lead to it."""
    key, outer = keys[-1], keys[-2] if len(keys) > 1 else ""
    expected = Expected.NOTHING
    if key in _SCRIPTS or outer == "match":
        expected = Expected.SCRIPT
    elif key == "loop" and outer in ("", "loop"):
        expected = Expected.LOOP
    return replace(spot, expected=expected, key=key)


def _value(line: _Line, column: int, offset: int, spot: Spot) -> Spot:
    """The value that begins at a column of the line, or behind the blanks there."""
    text = line.text
    while column < len(text) and text[column] == " " and line.start + column < offset:
        column += 1
    opening = text[column : column + 1]
    if opening == "{" or (opening == "[" and spot.key not in _SINGLE):
        return _Flow(line, offset, spot).run(column) if offset > line.start + column else _NOTHING
    if opening in ("|", ">", "&", "*", "#") or (opening == " " and text[column:].strip()):
        return _NOTHING
    start = line.start + column
    if text[column - 1] == ":":
        spot = replace(spot, lead=" ")
    if text[column : column + 1] in ('"', "'"):
        return _quoted(line, column, offset, spot)
    end = max(line.start + len(text.rstrip()), offset)
    comment = re.compile(r"\s#").search(text, column)
    if comment is not None:
        end = line.start + comment.start()
    return _scalar(replace(spot, start=start, end=end), line, offset) if start <= offset <= end else _NOTHING


def _quoted(line: _Line, column: int, offset: int, spot: Spot) -> Spot:
    end = _closing(line.text, column)
    style = line.text[column]
    closed = end <= len(line.text) and end - column > 1 and line.text[end - 1] == style
    inside = line.start + column < offset and (offset < line.start + end or not closed)
    if not inside:
        return _NOTHING
    return _scalar(
        replace(spot, start=line.start + column, end=line.start + end, style=style),
        line,
        offset,
        closed=closed,
    )


def _closing(text: str, column: int) -> int:
    """Behind the quotes that close those at a column; the end of the line where none do."""
    quote, at = text[column], column + 1
    while at < len(text):
        if quote == '"' and text[at] == "\\":
            at += 2
        elif text[at] != quote:
            at += 1
        elif quote == "'" and text.startswith("''", at):
            at += 2
        else:
            return at + 1
    return len(text)


def _scalar(spot: Spot, line: _Line, offset: int, *, closed: bool = True) -> Spot:
    """The spot with what its source says."""
    if spot.expected is Expected.NOTHING:
        return _NOTHING
    skip = len(spot.style)
    first, last = spot.start - line.start + skip, spot.end - line.start - (skip if closed else 0)
    source = line.text[first : max(first, last)]
    # A blank line ends where the cursor is.
    source += " " * (last - first - len(source)) if not skip else ""
    before = source[: max(0, offset - spot.start - skip)]
    return replace(spot, text=_decoded(source, spot.style), at=len(_decoded(before, spot.style)))


class _Flow:
    """Reads options in braces up to the place in question."""

    def __init__(self, line: _Line, offset: int, spot: Spot) -> None:
        self._text = line.text
        self._line = line
        self._offset = offset
        self._column = offset - line.start
        self._spot = replace(spot, flow=True, key="")
        self._first = spot.key if spot.key != "script" else ""

    def run(self, column: int) -> Spot:
        """The spot inside the brackets that open at a column."""
        found, _end = self._inside(column, (self._first,) if self._first else ())
        return found or _NOTHING

    def _inside(self, at: int, keys: tuple[str, ...]) -> tuple[Spot | None, int]:
        braces = self._text[at] == "{"
        at += 1
        while at <= len(self._text):
            at = self._blanks(at)
            if at >= len(self._text) and self._column > at:
                return _NOTHING, at
            if self._text[at : at + 1] in ("}", "]") and self._column > at:
                return None, at + 1
            found, at = self._member(at, keys) if braces else self._entry(at, keys)
            if found is not None:
                return found, at
            if self._column <= at:
                return _NOTHING, at
            at = self._blanks(at)
            if self._text[at : at + 1] == ",":
                at += 1
            elif self._text[at : at + 1] not in ("}", "]"):
                return _NOTHING, at
        return _NOTHING, at

    def _blanks(self, at: int) -> int:
        while self._text[at : at + 1] == " " and at < self._column:
            at += 1
        return at

    def _member(self, at: int, keys: tuple[str, ...]) -> tuple[Spot | None, int]:
        key = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s,{}\[\]:"']+)\s*(:)?(?=[\s,}]|$)""").match(
            self._text, at
        )
        if key is None or self._column <= key.end(1):
            end = key.end(1) if key is not None else self._column
            if keys or self._column < at:
                return _NOTHING, end
            line = self._line
            spot = replace(
                self._spot,
                expected=Expected.OPTION,
                start=line.start + at,
                end=line.start + max(end, self._column),
            )
            return _scalar(spot, line, self._offset), end
        if not key[2]:
            return _NOTHING, key.end()
        return self._entry(key.end(), (*keys, _key_text(key[1])))

    def _entry(self, at: int, keys: tuple[str, ...]) -> tuple[Spot | None, int]:
        """A value, with what leads to it."""
        at = self._blanks(at)
        spot = _keyed(self._spot, keys or ("",))
        opening = self._text[at : at + 1]
        if opening == " " and self._text[at:].lstrip()[:1] not in ("", ",", "}", "]"):
            return _NOTHING, at
        if opening == "{" or (opening == "[" and spot.key not in _SINGLE):
            return self._inside(at, keys) if self._column > at else (_NOTHING, at)
        if opening in ('"', "'") and opening:
            end = _closing(self._text, at)
            closed = end - at > 1 and self._text[end - 1] == opening
            if self._column < end or not closed:
                return _quoted(self._line, at, self._offset, spot), end
            return None, end
        end = self._plain_end(at, spot.key in _SINGLE)
        if self._column <= end:
            spot = replace(spot, start=self._line.start + at, end=self._line.start + max(at, end))
            return _scalar(spot, self._line, self._offset), end
        return None, end

    def _plain_end(self, at: int, single: bool) -> int:
        """Where a text without quotes ends; a path in brackets that is being written belongs to it."""
        depth = 0
        while at < len(self._text):
            letter = self._text[at]
            if letter == "[" and single:
                depth += 1
            elif letter == "]" and depth:
                depth -= 1
            elif letter in "{}" or (letter in ",]" and not depth):
                break
            at += 1
        while at > self._column and self._text[at - 1] == " ":
            at -= 1
        return at
