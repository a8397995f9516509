"""Script text to tokens, one at a time: what `[` means depends on where it stands, so the parser drives."""

from __future__ import annotations

import re
from typing import NamedTuple

from studio.base.i18n import _
from studio.script.errors import ScriptError, syntax_error

_ESCAPES = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*(?!/).*?\*/|/\*/.*)+", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)")
_WORD = re.compile(r"[\w.]+")
_TOKEN = re.compile(
    r"""
      (?P<vendor>[^\W\d]\w*(?:[$.\#](?:\w[\w:-]*)?)+)
    | (?P<name>[^\W\d]\w*)
    | (?P<global>\$[\w`~@\#$%:.?]+)
    | (?P<open><trans>)
    | (?P<close></trans>)
    | (?P<operator>&&|\|\||\+\+|--|[<>=!+-]=|[-+*/^<>=!&|(){}\[\],;])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_STOP = {"'": re.compile(r"[\\\n\r']"), '"': re.compile(r'[\\"]')}


class Token(NamedTuple):
    """`kind` is name, vendor, global, number, text, operator, open (`<trans>`), close or end; `value` its meaning."""

    kind: str
    value: str | int | float
    start: int
    end: int

    def is_operator(self, *operators: str) -> bool:
        """One of these operators or brackets."""
        return self.kind == "operator" and self.value in operators


class Lexer:
    """Reads tokens of `text` from `position` on. Errors are ScriptErrors with their place."""

    def __init__(self, text: str, file: str | None = None, position: int = 0) -> None:
        self.text = text
        self.file = file
        self._peeked: Token | None = None
        self._position = position

    def peek(self) -> Token:
        """The next token, left where it is."""
        if self._peeked is None:
            self._peeked = self._read()
        return self._peeked

    def next(self) -> Token:
        """The next token, taken."""
        token = self.peek()
        self._position, self._peeked = token.end, None
        return token

    def jump(self, position: int) -> None:
        """Go on reading at an offset (the end of a path)."""
        self._position, self._peeked = position, None

    def error(self, message: str, offset: int, next_step: str = "") -> ScriptError:
        """A ScriptError at an offset of this text."""
        return syntax_error(message, self.text, offset, self.file, next_step)

    def _skip_space(self) -> int:
        at = self._position
        char = self.text[at : at + 1]
        if not char.isspace() and char != "/":
            return at
        match = _SPACE.match(self.text, at)
        at = match.end() if match else at
        if self.text.startswith("/*", at):
            raise self.error(_("This comment has no end."), at, _("Close it with */."))
        return at

    def _read(self) -> Token:
        text, at = self.text, self._skip_space()
        if at >= len(text):
            return Token("end", "", len(text), len(text))
        char = text[at]
        if char in "'\"":
            return self._text(at)
        if char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
            return self._number(at)
        match = _TOKEN.match(text, at)
        if match is None:
            if char == "$":
                raise self.error(_("A name must follow the $."), at)
            raise self.error(_("{char} has no meaning here.").format(char=char), at)
        kind = match.lastgroup or ""
        return Token(kind, match[0][1:] if kind == "global" else match[0], at, match.end())

    def _number(self, at: int) -> Token:
        match = _NUMBER.match(self.text, at)
        end = match.end() if match else at + 1
        following = self.text[end : end + 1]
        if match is None or following.isalnum() or following == "_":
            word = _WORD.match(self.text, at)
            raise self.error(
                _("{text} is neither a number nor a name.").format(text=word[0] if word else following), at
            )
        digits = match[0]
        if not digits.isascii():
            raise self.error(_("{text} is neither a number nor a name.").format(text=digits), at)
        if len(digits) > 400:
            raise self.error(_("This number has too many digits."), at)
        return Token("number", float(digits) if "." in digits else int(digits), at, end)

    def _text(self, at: int) -> Token:
        text, quote = self.text, self.text[at]
        parts: list[str] = []
        here = at + 1
        stop = _STOP[quote]
        while (match := stop.search(text, here)) is not None:
            parts.append(text[here : match.start()])
            char, here = match[0], match.end()
            if char == quote:
                return Token("text", "".join(parts), at, here)
            if char == "\\":
                following = text[here : here + 1]
                parts.append(_ESCAPES.get(following, "\\" + following))
                here += 1
            elif char == "\r":
                parts.append(" ")
        raise self.error(
            _("This text has no closing quote."), at, _("Close it with {quote}.").format(quote=quote)
        )
