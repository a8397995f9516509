"""Fixed-width text, several kinds of records and mainframe data without the records nobody wants, as they were written."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from studio.engine.cut.wanted import Chain, Cut, Found, Place, address
from studio.engine.failures import MOST_SHOWN
from studio.engine.formats.copybook_read import CopybookParts
from studio.engine.formats.nested import Misplaced, Part
from studio.engine.formats.records_read import RecordParts
from studio.engine.nested import FORMATS
from studio.engine.plan import Plan

_EVERY = 1024
Piece = Part | Misplaced


def cut_records(plan: Plan, stream: BinaryIO, name: str, cut: Cut) -> None:
    """Copy the records that are kept with all that is inside them, and those around; ends with the last looked for."""
    stream.seek(0)
    parts: Any = FORMATS[plan.source.format].parts(plan.source, plan.shape, stream, name)
    parts.heard = {}
    if isinstance(parts, CopybookParts):
        cutter = _Cutter(cut, lambda raw: raw, lambda raw: raw.hex(" "))
    else:
        assert isinstance(parts, RecordParts)
        encode = codecs.getincrementalencoder(parts.encoding())().encode
        cutter = _Cutter(cut, encode, lambda raw: raw)
    for number, (pieces, raw) in enumerate(_records(parts), start=1):
        if not number % _EVERY:
            cut.check()
        cutter.take(pieces, raw)
    cutter.end()


def _records(parts: Any) -> Iterator[tuple[list[Piece], Any]]:
    """What was read of each record, and the record as it was written."""
    pieces: list[Piece] = []
    for piece in parts:
        if pieces and pieces[0].line != piece.line:
            yield pieces, _heard(parts.heard, pieces[0].line)
            pieces = []
        pieces.append(piece)
    if pieces:
        yield pieces, _heard(parts.heard, pieces[0].line)


def _heard(heard: dict[int, Any], line: int) -> Any:
    """The text of a record; that of blank ones before it is forgotten. None where there is none that could run again."""
    found = heard.pop(line, None)
    for before in [each for each in heard if each < line]:
        del heard[before]
    return found


class _At:
    """Where the reader of a place stands: the number of the last node, whether it is open, what is told of it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.number = 0
        self.open = False
        self.line = 0
        self.text = ""


class _Cutter:
    """Counts the nodes at every place as the reader of units does, and writes the records that are kept."""

    def __init__(self, cut: Cut, write: Callable[[Any], bytes], show: Callable[[Any], str]) -> None:
        self._cut = cut
        self._encode = write
        self._show = show
        self._places = [_At(place) for place in cut.places]

    def take(self, pieces: list[Piece], raw: Any) -> None:
        """A record, of which several things may have been told."""
        wanted = False
        alone: list[_At] = []
        for piece in pieces:
            alone += self._alone(piece) if isinstance(piece, Misplaced) else self._placed(piece)
        inside = [at for at in self._places if at.open and _within(pieces[-1], at.place.chain)]
        for at in (*alone, *(each for each in inside if each not in alone)):
            if len(at.text) <= MOST_SHOWN and at.number in at.place.shown and raw is not None:
                at.text += self._show(raw)
        if alone:
            wanted = any(at.number in at.place.kept for at in alone)
        if inside:
            inmost = max(inside, key=lambda at: len(at.place.chain))
            below = self._cut.below(inmost.place.chain)
            wanted = wanted or below or inmost.number in inmost.place.kept
        if raw is not None and (wanted or not (alone or inside)):
            self._cut.write(self._encode(raw))
        for at in alone:
            self._close(at)

    def end(self) -> None:
        """There are no more records."""
        for at in self._places:
            self._close(at)

    def _alone(self, piece: Misplaced) -> list[_At]:
        """The places at which a stretch that is no record counts as a node of its own."""
        found = []
        for at in self._places:
            if at.open and _within(piece, at.place.chain):
                continue
            self._begin(at, piece)
            at.open = False
            found.append(at)
        return found

    def _placed(self, part: Part) -> list[_At]:
        for at in self._places:
            depth = len(at.place.chain)
            before = len(part.chain) - part.opens
            inside = _within(part, at.place.chain)
            if at.open and not (inside and before >= depth):
                self._close(at)
            if inside and before < depth:
                self._begin(at, part)
                at.open = True
        return []

    def _begin(self, at: _At, piece: Piece) -> None:
        self._close(at)
        at.number += 1
        at.line = piece.line

    def _close(self, at: _At) -> None:
        """The node at hand is over; it is told if it is looked for."""
        if at.line and at.number in at.place.shown:
            steps = [
                (key, at.number if each == len(at.place.chain) else 0)
                for each, key in enumerate(at.place.chain, 1)
            ]
            self._cut.tell(Found(at.place, at.number, address(steps), at.line, at.text.rstrip("\r\n")))
        at.open, at.line, at.text = False, 0, ""


def _within(piece: Piece, chain: Chain) -> bool:
    return piece.chain[: len(chain)] == chain
