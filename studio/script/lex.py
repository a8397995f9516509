"""Script text to tokens, one at a time: what `[` means depends on where it stands, so the parser drives."""

from __future__ import annotations

import re
from typing import NamedTuple

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.script import habits
from studio.script.errors import ScriptError, TooManyMistakes, syntax_error

_ESCAPES = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_SPACE = pattern(r"(?:\s+|//[^\n]*|/\*(?!/).*?\*/|/\*/.*)+", re.DOTALL)
_NUMBER = pattern(r"(?:\d+\.?\d*|\.\d+)")
_WORD = pattern(r"[\w.]+")
_TOKEN = pattern(
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
# Most tokens with the white space before them, in one step; what stands close to anything else takes the long way.
_QUICK = pattern(
    r"""
    \s*(?:
      ([A-Za-z_]\w*)(?![\w$.\#])
    | ([,()\[\]{};^] | &&? | \|\|? | \+[+=]? | -[-=]? | [=!]=(?!=) | !(?!=) | >=? | <(?![A-Za-z/>]) =? | =(?![=<>]) | \*(?![*=]))
    | \$([\w`~@\#$%:.?]+)
    | ([0-9]{1,30}(?:\.[0-9]*)?)(?![\w.])
    | ("[^"\\]*" | '[^'\\\n\r]*')
    )
    """,
    re.VERBOSE,
)
_KINDS = ("", "name", "operator", "global", "number", "text")
# Signs that no script has side by side; what they mean elsewhere is known.
_FOREIGN = ("<>", "=>", "=<", "**", "*=", "/=")
_FOREIGN_LONG = ("===", "!==")
_REFERENCE = pattern(r"<TAG>[^\n;]*?(?:</TAG>|(?=[\n;]|\Z))", re.IGNORECASE)
MOST_MISTAKES = 100
"""After so many mistakes a script is not read on."""
_STOP = {"'": re.compile(r"[\\\n\r']"), '"': re.compile(r'[\\"]')}


class Token(NamedTuple):
    """`kind` is name, vendor, global, number, text, operator, open (`<trans>`), close or end; `value` its meaning.

    What cannot be read is a `hole` where reading goes on after mistakes.
    """

    kind: str
    value: str | int | float
    start: int
    end: int

    def is_operator(self, *operators: str) -> bool:
        """One of these operators or brackets."""
        return self.kind == "operator" and self.value in operators


_token = tuple.__new__


class Lexer:
    """Reads tokens of `text` from `position` on. Errors are ScriptErrors with their place.

    With a list of `mistakes` they are put there instead of being raised, and reading goes on.
    """

    def __init__(
        self,
        text: str,
        file: str | None = None,
        position: int = 0,
        mistakes: list[ScriptError] | None = None,
    ) -> None:
        self.text = text
        self.file = file
        self.mistakes = mistakes
        self.cut = False  # an open comment has swallowed the rest
        self.trail: list[tuple[str, int, int]] | None = None  # every token taken, when asked for
        self.peeked: Token | None = None  # what `peek` has read already
        self._position = position
        self._asked = -1  # where a question mark was taken for an operator

    def wrong(self, error: ScriptError) -> None:
        """Raise a mistake, or keep it: one for each place."""
        if self.mistakes is None:
            raise error
        if all(error.offset != other.offset for other in self.mistakes):
            self.mistakes.append(error)
        if len(self.mistakes) >= MOST_MISTAKES:
            raise TooManyMistakes(error.message)

    def peek(self) -> Token:
        """The next token, left where it is."""
        if self.peeked is None:
            self.peeked = self._read()
        return self.peeked

    def next(self) -> Token:
        """The next token, taken."""
        token = self.peeked
        if token is None:
            token = self._read()
        self._position, self.peeked = token.end, None
        if self.trail is not None:
            self.trail.append((token.kind, token.start, token.end))
        return token

    def jump(self, position: int) -> None:
        """Go on reading at an offset (the end of a path)."""
        while self.trail and self.trail[-1][2] > position:
            self.trail.pop()
        self._position, self.peeked = position, None

    def error(self, message: str, offset: int, next_step: str = "") -> ScriptError:
        """A ScriptError at an offset of this text."""
        return syntax_error(message, self.text, offset, self.file, next_step)

    def _skip_space(self) -> int:
        at = self._position
        match = _SPACE.match(self.text, at)
        at = match.end() if match else at
        if self.text.startswith("/*", at):
            self.wrong(self.error(_("This comment has no end."), at, _("Close it with */.")))
            self.cut, at = True, len(self.text)
        return at

    def _read(self) -> Token:
        match = _QUICK.match(self.text, self._position)
        if match is None:
            return self._read_on()
        place = match.lastindex or 0
        shown: str = match[place]
        value: str | int | float = shown
        if place == 5:
            value = shown[1:-1]
        elif place == 4:
            value = float(shown) if "." in shown else int(shown)
        end = match.end()
        return _token(Token, (_KINDS[place], value, match.start(place) - (place == 3), end))

    def _read_on(self) -> Token:
        """The next token, whatever it is."""
        text, at = self.text, self._position
        char = text[at : at + 1]
        if char.isspace() or char == "/":
            at = self._skip_space()
        if at >= len(text):
            return Token("end", "", len(text), len(text))
        char = text[at]
        if char in "'\"":
            return self._text(at)
        if char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
            return self._number(at)
        match = _TOKEN.match(text, at)
        if match is None:
            return self._strange(at)
        kind = match.lastgroup or ""
        if char == "<" and text[at : at + 5].upper() == "<TAG>":
            return self._bare_reference(at)
        if kind == "operator" and (text[at : at + 2] in _FOREIGN or text[at : at + 3] in _FOREIGN_LONG):
            return self._strange(at)
        return Token(kind, match[0][1:] if kind == "global" else match[0], at, match.end())

    def _strange(self, at: int) -> Token:
        """What no token begins with: named with the way to write it, then taken for what it means elsewhere."""
        text = self.text
        char = text[at]
        if char == "$":
            self.wrong(
                self.error(_("A name must follow the $."), at, _("Write $name for a global variable."))
            )
            return Token("hole", "", at, at + 1)
        if char in habits.QUOTES:
            self.wrong(
                self.error(
                    _("{char} is not a quote here.").format(char=char), at, _("Put texts between \" or '.")
                )
            )
            inside, end = habits.quoted_at(text, at)
            return Token("text", inside, at, end)
        found = habits.sign_at(text, at)
        sign, foreign = found if found else (char, habits.Foreign(""))
        if not (sign == ":" and text.rfind("\n", 0, at) < self._asked):
            shown = sign if sign.isprintable() else f"U+{ord(sign[0]):04X}"
            mend = habits.mend_of(foreign) if foreign.mend else ""
            self.wrong(self.error(_("{char} has no meaning here.").format(char=shown), at, mend))
        if sign.startswith("?"):
            self._asked = at
        end = at + len(sign)
        if foreign.operator:
            return Token("operator", foreign.operator, at, end)
        line = text.find("\n", at)
        self._position = (len(text) if line < 0 else line) if sign == "#" else end
        return self._read()

    def _bare_reference(self, at: int) -> Token:
        """`<TAG>Scripts/x</TAG>` without quotes around it."""
        self.wrong(self.error(_("A reference is a text."), at, _('Put quotes around it: "<TAG>…</TAG>".')))
        match = _REFERENCE.match(self.text, at)
        end = match.end() if match else at + 5
        return Token("text", self.text[at:end], at, end)

    def _number(self, at: int) -> Token:
        match = _NUMBER.match(self.text, at)
        end = match.end() if match else at + 1
        following = self.text[end : end + 1]
        if match is None or following.isalnum() or following == "_" or not match[0].isascii():
            word = _WORD.match(self.text, at)
            shown = word[0] if word else following
            message = _("{text} is neither a number nor a name.").format(text=shown)
            self.wrong(
                self.error(message, at, _("Begin names with a letter; put an operator between two values."))
            )
            return Token("hole", "", at, word.end() if word else at + 1)
        digits = match[0]
        if len(digits) > 400:
            self.wrong(self.error(_("This number has too many digits."), at))
            return Token("hole", "", at, end)
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
        return self._open_text(at)

    def _open_text(self, at: int) -> Token:
        """A text without its closing quote: what stands on its line, without the brackets and semicolon at the end."""
        quote = self.text[at]
        self.wrong(
            self.error(
                _("This text has no closing quote."), at, _("Close it with {quote}.").format(quote=quote)
            )
        )
        line = self.text.find("\n", at)
        inside = self.text[at + 1 : None if line < 0 else line].rstrip("; \t\r)")
        return Token("text", inside, at, at + 1 + len(inside))
