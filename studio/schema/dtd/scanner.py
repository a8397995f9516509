"""The text of a DTD with its parameter entities put in as it is read, within limits of size and depth."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.schema.dtd.model import Entity, Spot

# All text that entities may add up to, and how deep they may stand in each other. Real DTDs need a fifth of it.
MOST_CHARACTERS = 24 * 1024 * 1024
DEEPEST = 100
# Putting an entity in takes time even if it is empty.
_EACH_USE = 200

NAME = r"[^\W\d][\w.:\-\u00b7]*"
REFERENCE = re.compile(f"%({NAME});")
_PIECE = re.compile(
    rf"[^%\"'>\-]+|%(?P<pe>{NAME});|\"[^\"]*\"|'[^']*'|(?<=\s)--(?:[^-]|-(?!-))*--|.", re.DOTALL
)
_BREAK = re.compile("\n")


class Source:
    """A file's text that knows its lines."""

    def __init__(self, path: Path, text: str, first_line: int = 1) -> None:
        self.path = path
        self.text = text
        self._first = first_line
        self._breaks: list[int] | None = None

    def line(self, at: int) -> int:
        """The line of an offset."""
        if self._breaks is None:
            self._breaks = [match.start() for match in _BREAK.finditer(self.text)]
        return self._first + bisect_left(self._breaks, at)


class _Frame:
    """A text being read: a file's, or an entity's used at `spot`."""

    __slots__ = ("at", "name", "source", "text")

    def __init__(self, text: str, name: str, source: Source | None) -> None:
        self.text = text
        self.at = 0
        self.name = name
        self.source = source


class Scanner:
    """Reads a stack of texts. `lookup` gives an entity by name, `load` the text of an external one (None: missing)."""

    def __init__(
        self, lookup: Callable[[str], Entity | None], load: Callable[[str, Entity], Source | None]
    ) -> None:
        self.undeclared: dict[str, Spot] = {}
        self.looping: dict[str, Spot] = {}
        self._lookup = lookup
        self._load = load
        self._frames: list[_Frame] = []
        self._total = 0

    def open(self, source: Source, at: int = 0) -> None:
        """Start with a file."""
        self._frames.append(_Frame(source.text, "", source))
        self._frames[-1].at = at

    @property
    def path(self) -> Path | None:
        """The file read at present: what addresses in it are relative to."""
        return next((frame.source.path for frame in reversed(self._frames) if frame.source is not None), None)

    @property
    def spot(self) -> Spot:
        """The place read at present."""
        for frame in reversed(self._frames):
            if frame.source is not None:
                return Spot(str(frame.source.path), frame.source.line(frame.at))
        return Spot()

    @property
    def depth(self) -> int:
        """How many texts are open."""
        return len(self._frames)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern right here, which is then passed; ended entities are left on the way."""
        while self._frames:
            frame = self._frames[-1]
            found = pattern.match(frame.text, frame.at)
            if found is not None:
                frame.at = found.end()
                return found
            if frame.at < len(frame.text):
                return None
            self._frames.pop()
        return None

    def skip_to(self, mark: str) -> bool:
        """Pass the next `mark` in this text; False, and this text passed, where there is none."""
        if not self._frames:
            return False
        frame = self._frames[-1]
        end = frame.text.find(mark, frame.at)
        frame.at = len(frame.text) if end < 0 else end + len(mark)
        return end >= 0

    def skip_ignored(self) -> bool:
        """Pass an ignored section, sections inside it included."""
        if not self._frames:
            return False
        frame = self._frames[-1]
        level = 1
        while level:
            start, end = frame.text.find("<![", frame.at), frame.text.find("]]>", frame.at)
            if end < 0:
                frame.at = len(frame.text)
                return False
            inner = 0 <= start < end
            level += 1 if inner else -1
            frame.at = (start if inner else end) + 3
        return True

    def skip(self, count: int = 1) -> None:
        """Pass so many characters, as far as there are any."""
        if self._frames:
            self._frames[-1].at += count

    def ended(self) -> bool:
        """Nothing is left to read; what is read to its end is left."""
        while self._frames and self._frames[-1].at >= len(self._frames[-1].text):
            self._frames.pop()
        return not self._frames

    def enter(self, name: str) -> bool:
        """Read an entity's text next; False where it is not declared, missing, or inside itself."""
        entity = self._lookup(name)
        if entity is None:
            self.undeclared.setdefault(name, self.spot)
            return False
        if any(frame.name == name for frame in self._frames):
            self.looping.setdefault(name, self.spot)
            return False
        if entity.value is not None:
            text, source = entity.value, None
        else:
            source = self._load(name, entity)
            if source is None:
                return False
            text = source.text
        self._count(len(text))
        self._frames.append(_Frame(text, name, source))
        return True

    def declaration(self) -> tuple[str, list[str], tuple[str, ...]] | None:
        """A declaration's text up to its `>`, entities put in; quoted texts are numbered in it: `\\x01number\\x02`.

        Second the quoted texts, third the entities that are not declared. None where the text ends before.
        """
        parts: list[str] = []
        quoted: list[str] = []
        lost: list[str] = []
        bottom = len(self._frames)
        while True:
            frame = self._frames[-1]
            match = _PIECE.match(frame.text, frame.at)
            if match is None:
                if len(self._frames) <= bottom:
                    return None
                self._frames.pop()
                parts.append(" ")
                continue
            frame.at = match.end()
            piece = match[0]
            if piece == ">":
                return "".join(parts), quoted, tuple(lost)
            if match["pe"]:
                parts.append(" ")
                if not self.enter(match["pe"]):
                    lost.append(match["pe"])
            elif piece[0] in "\"'" and len(piece) > 1:
                parts.append(f" \x01{len(quoted)}\x02 ")
                quoted.append(piece[1:-1])
            elif not piece.startswith("--"):
                parts.append(piece)

    def put_in(self, text: str) -> str:
        """An entity's value with the entities in it put in, as the external subset has it."""
        if "%" not in text:
            return text
        return self._put_in(text, ())

    def _put_in(self, text: str, inside: tuple[str, ...]) -> str:
        def one(match: re.Match[str]) -> str:
            name = match[1]
            entity = self._lookup(name)
            if entity is None:
                self.undeclared.setdefault(name, self.spot)
                return ""
            if name in inside:
                self.looping.setdefault(name, self.spot)
                return ""
            if len(inside) >= DEEPEST:
                raise self._too_large()
            value = entity.value
            if value is None:
                source = self._load(name, entity)
                value = source.text if source is not None else ""
            self._count(len(value))
            return self._put_in(value, (*inside, name)) if "%" in value else value

        return REFERENCE.sub(one, text)

    def _count(self, more: int) -> None:
        self._total += more + _EACH_USE
        if self._total > MOST_CHARACTERS or len(self._frames) >= DEEPEST:
            raise self._too_large()

    def _too_large(self) -> TooLarge:
        spot = self.spot
        return TooLarge(
            _("The entities of the DTD grow beyond what is read: more than {limit} MB, or too deep.").format(
                limit=MOST_CHARACTERS >> 20
            ),
            file=spot.file,
            line=spot.line,
            next_step=_("Check the entity used here; it refers to others again and again."),
        )
