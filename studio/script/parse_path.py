"""`[path]` references and the vendor's `a$b.c$` notation to tree.Path."""

from __future__ import annotations

import re
from collections.abc import Callable

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.script.lex import Lexer
from studio.script.tree import Path, PathStep, Script

FilterReader = Callable[[int], tuple[Script, int]]
"""Reads the script from an offset on; gives it and the offset of the `]` after it."""

_NAME = pattern(r"[^/\[\]@~:`\n\r]+")
_QUOTED = pattern(r"`((?:[^`]|``)*)`")
_NUMBER = pattern(r"\s*([1-9][0-9]{0,8}|\*)\s*\]")
_SPACE = pattern(r"\s*")
_CALLS = {"text()": "text", "members()": "members"}
_MAX_STEPS = 100
# Names alone, an attribute at the end: what most paths are.
_PLAIN = pattern(
    r"(/|(?:\.\./){0,40})([A-Za-z_]\w*(?:/[A-Za-z_]\w*){0,50}(?:/@[A-Za-z_]\w*)?|@[A-Za-z_]\w*)(?=\]|\Z)"
)


class PathReader:
    """Reads one path out of a lexer's text; filters are read by the given function."""

    def __init__(self, lexer: Lexer, read_filter: FilterReader) -> None:
        self.lexer = lexer
        self.text = lexer.text
        self._read_filter = read_filter
        self._at = 0

    def read(self, position: int) -> tuple[Path, int]:
        """The path from an offset on, and the offset where it ends (a `]` or the end of the text)."""
        match = _PLAIN.match(self.text, position)
        if match is not None:
            return _plain_path(match, match.start(), match.end()), match.end()
        self._at = position
        self._space()
        start = self._at
        source = self._source()
        absolute = self._skip("/")
        up = 0 if absolute else self._leading_ups()
        if self._dot():
            return Path(start, self._at, absolute, up, source, (), whole=True), self._at
        steps = self._steps(required=not absolute and up == 0)
        self._space()
        return Path(start, self._at, absolute, up, source, steps, whole=not steps), self._at

    def _space(self) -> None:
        match = _SPACE.match(self.text, self._at)
        self._at = match.end() if match else self._at

    def _skip(self, word: str) -> bool:
        if self.text.startswith(word, self._at):
            self._at += len(word)
            return True
        return False

    def _source(self) -> str | None:
        """The name before `::`, or nothing."""
        before = self._at
        name = self._bare_name()
        if name and self._skip("::"):
            return name
        self._at = before
        return None

    def _leading_ups(self) -> int:
        up = 0
        while self.text.startswith("..", self._at):
            self._at += 2
            up += 1
            if not self._skip("/"):
                break
            if self._at >= len(self.text) or self.text[self._at] == "]":
                raise self.lexer.error(_("A name must follow the slash."), self._at)
        return up

    def _dot(self) -> bool:
        """`.` alone: the context's own value."""
        match = re.compile(r"\.(\s*)(?=\]|\Z)").match(self.text, self._at)
        if match is None:
            return False
        self._at = match.end()
        return True

    def _steps(self, required: bool) -> tuple[PathStep, ...]:
        steps: list[PathStep] = []
        self._space()
        ended = self._at >= len(self.text) or self.text[self._at] == "]"
        if ended and not required:
            return ()
        while True:
            steps.append(self._step())
            if len(steps) > _MAX_STEPS:
                raise self.lexer.error(
                    _("A path has at most {limit} steps.").format(limit=_MAX_STEPS), self._at
                )
            if not self._skip("/"):
                return tuple(steps)

    def _step(self) -> PathStep:
        self._space()
        start = self._at
        attribute = self._skip("@")
        quoted = self.text.startswith("`", self._at)
        name = self._bare_name()
        prefix = None
        if name and self.text.startswith(":", self._at):
            self._at += 1
            quoted = self.text.startswith("`", self._at)
            prefix, name = name, self._bare_name()
        call = "" if attribute or quoted or prefix else _CALLS.get(name, "")
        self._check_name(name, start, quoted)
        type_name = None
        if self._skip("~"):
            type_name = self._bare_name()
            if type_name and self._skip(":"):
                type_name += ":" + self._bare_name()
            self._check_name(type_name, self._at, quoted=False)
        condition, index, every = self._brackets()
        self._space()
        return PathStep(
            "" if call else name, attribute, prefix, type_name, condition, index, every, call, start, self._at
        )

    def _check_name(self, name: str, offset: int, quoted: bool) -> None:
        if not name:
            raise self.lexer.error(
                _("A name is missing in this path."),
                min(self._at, len(self.text)),
                _("Write names joined by slashes, such as [customer/name]."),
            )
        if name == ".." and not quoted:
            raise self.lexer.error(_("Going up (..) is possible only where a path begins."), offset)

    def _bare_name(self) -> str:
        """A name, unquoted; empty where there is none."""
        if (match := _QUOTED.match(self.text, self._at)) is not None:
            self._at = match.end()
            return match[1].replace("``", "`")
        if self.text.startswith("`", self._at):
            raise self.lexer.error(_("This name has no closing backquote."), self._at)
        match = _NAME.match(self.text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0].strip()

    def _brackets(self) -> tuple[Script | None, int | None, bool]:
        """An optional filter, then an optional number or star."""
        condition: Script | None = None
        while self._skip("["):
            if (match := _NUMBER.match(self.text, self._at)) is not None:
                self._at = match.end()
                every = match[1] == "*"
                self._no_more_brackets()
                return condition, None if every else int(match[1]), every
            if condition is not None:
                raise self.lexer.error(
                    _("A step has one condition at most."),
                    self._at - 1,
                    _("Join the conditions with &&."),
                )
            condition, self._at = self._read_filter(self._at)
            self._at += 1
        return condition, None, False

    def _no_more_brackets(self) -> None:
        if self.text.startswith("[", self._at):
            raise self.lexer.error(
                _("Nothing may follow the number of a step."),
                self._at,
                _("Write the condition first: name[condition][1]."),
            )


def plain_path(text: str, position: int, start: int) -> Path | None:
    """The path from an offset on, if it is one of names alone and its `]` follows; it stands there from `start` on."""
    match = _PLAIN.match(text, position)
    if match is None or text[match.end() : match.end() + 1] != "]":
        return None
    return _plain_path(match, start, match.end() + 1)


def _plain_path(match: re.Match[str], start: int, ends: int) -> Path:
    at = match.start(2)
    steps: list[PathStep] = []
    for piece in match[2].split("/"):
        attribute = piece[0] == "@"
        end = at + len(piece)
        steps.append(PathStep(piece[1:] if attribute else piece, attribute, start=at, end=end))
        at = end + 1
    absolute = match[1] == "/"
    up = 0 if absolute else len(match[1]) // 3
    return Path(start, ends, absolute, up, None, tuple(steps))


_MARK = pattern(r"([^$.#]*)(#\d*)?([$.]?)")


def vendor_path(text: str, start: int) -> Path:
    """The path written `Orders$Order.Customer$Name$`: `.` follows a repeating node, `$` a single one, `#` all.

    Without a trailing mark the last name is an attribute. `$1$` picks the first alternative of a choice, which has
    no step of its own in our paths.
    """
    steps: list[PathStep] = []
    at = 0
    while at < len(text):
        match = _MARK.match(text, at)
        if match is None or match.end() == at:
            break
        name, number, mark = match[1], match[2] or "", match[3]
        if name and not name.isdigit():
            prefix, colon, local = name.rpartition(":")
            steps.append(
                PathStep(
                    local,
                    attribute=not mark and match.end() == len(text),
                    prefix=prefix if colon else None,
                    index=int(number[1:]) if len(number) > 1 else None,
                    every=number == "#",
                    start=start + at,
                    end=start + match.end(),
                )
            )
        at = match.end()
    return Path(start, start + len(text), True, 0, None, tuple(steps), vendor=True)
