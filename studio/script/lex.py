"""Script text to tokens, one at a time: what `[` means depends on where it stands, so the parser drives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.base.i18n import _
from studio.script.errors import ScriptError, syntax_error

_ESCAPES = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*(?!/).*?\*/|/\*/.*)+", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)")
_NAME = re.compile(r"[^\W\d]\w*")
_VENDOR = re.compile(r"[^\W\d]\w*(?:[$.#](?:\w[\w:-]*)?)+")
_GLOBAL = re.compile(r"\$[\w`~@#$%:.?]+")
_OPERATOR = re.compile(r"&&|\|\||\+\+|--|[<>=!+-]=|[-+*/^<>=!&|(){}\[\],;]")
_TAG = re.compile(r"</?trans>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
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
        match = _SPACE.match(self.text, self._position)
        at = match.end() if match else self._position
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
        if char == "$":
            match = _GLOBAL.match(text, at)
            if match is None:
                raise self.error(_("A name must follow the $."), at)
            return Token("global", match[0][1:], at, match.end())
        if char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
            return self._number(at)
        if (match := _TAG.match(text, at)) is not None:
            return Token("close" if match[0][1] == "/" else "open", match[0], at, match.end())
        return self._name_or_operator(at)

    def _name_or_operator(self, at: int) -> Token:
        if (match := _VENDOR.match(self.text, at)) is not None:
            return Token("vendor", match[0], at, match.end())
        if (match := _NAME.match(self.text, at)) is not None:
            return Token("name", match[0], at, match.end())
        if (match := _OPERATOR.match(self.text, at)) is not None:
            return Token("operator", match[0], at, match.end())
        raise self.error(_("{char} has no meaning here.").format(char=self.text[at]), at)

    def _number(self, at: int) -> Token:
        match = _NUMBER.match(self.text, at)
        end = match.end() if match else at + 1
        following = self.text[end : end + 1]
        if match is None or following.isalnum() or following == "_":
            word = re.compile(r"[\w.]+").match(self.text, at)
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
        stop = re.compile(r"[\\\n\r" + quote + "]" if quote == "'" else r'[\\"]')
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
