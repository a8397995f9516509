"""X12 and EDIFACT messages as schemas: the envelope, segments and elements by position, as they occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from studio.base.errors import BadInput, Problem
from studio.base.i18n import _
from studio.schema.edi.check import envelope_problems
from studio.schema.edi.envelope import Level, level_node, levels_of
from studio.schema.edi.split import Delimiters, Element, Segment, find_delimiters, segments
from studio.schema.edi.words import element_words
from studio.schema.infer import Guess
from studio.schema.model import MANY, OPTIONAL, Kind, Node, Schema, Type
from studio.schema.source import MEGABYTE, decode, read_head

# Later messages rarely hold segments the first ones lack, and the first tree must not wait for them.
_HEAD = MEGABYTE // 4
_MOST_SEGMENTS = 10_000
# Values looked at for the type of an element.
_ENOUGH = 300
_MOST_ELEMENTS = 500


def read_edi_sample(path: Path, *, encoding: str | None = None, more: Iterable[Path] = ()) -> Schema:
    """The schema of a message, or of several together (`more`); facts: delimiters, version, transaction.

    Broken envelopes are located problems; raises BadInput where there is no interchange.
    """
    shapes: dict[str, _Shape] = {}
    problems: list[Problem] = []
    facts: dict[str, str] = {}
    files = [path, *more]
    for file in files:
        text, name, cut = read_text(file, encoding)
        delimiters = find_delimiters(text, str(file))
        found = split_head(text, delimiters, cut)
        cut = cut or len(found) >= _MOST_SEGMENTS
        problems += envelope_problems(found, delimiters.standard, str(file), cut=cut)
        if facts and facts["standard"] != delimiters.standard:
            raise BadInput(
                _("One sample is X12, another EDIFACT: they have no tree in common."),
                file=file,
                next_step=_("Give samples of one standard."),
            )
        facts = facts or {
            "form": "sample",
            "encoding": name,
            **delimiters.facts(),
            **identity(found),
        }
        _collect(found, delimiters.standard, shapes)
    groups = "UNG" in shapes
    levels = levels_of(facts["standard"], groups=groups)
    root = _root(levels, shapes)
    return Schema("edi", (root,), files=tuple(map(str, files)), problems=tuple(problems), facts=facts)


def read_text(path: Path, encoding: str | None = None) -> tuple[str, str, bool]:
    """The text of a message's head, its encoding, and whether there is more of it."""
    data = read_head(path, _HEAD)
    cut = len(data) == _HEAD
    text, name = decode(data, encoding, file=path, whole=not cut)
    return text, name, cut


def split_head(text: str, delimiters: Delimiters, cut: bool) -> list[Segment]:
    """The segments of a text, without the last one where the text is cut."""
    found: list[Segment] = []
    for segment in segments(text, delimiters):
        found.append(segment)
        if len(found) >= _MOST_SEGMENTS:
            return found
    return found[:-1] if cut and len(found) > 1 else found


class _Shape:
    """What is seen of one segment code: its elements, and how often it stood in one message."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.most = self.count = 0
        self.elements: list[_Part] = []

    def see(self, segment: Segment) -> None:
        # Of a segment met hundreds of times, a few more tell all there is to tell.
        self.count += 1
        if self.count > _ENOUGH and self.count % 16:
            return
        for at, element in enumerate(segment.elements[:_MOST_ELEMENTS]):
            if at == len(self.elements):
                self.elements.append(_Part())
            self.elements[at].see(element)

    def node(self) -> Node:
        """The segment's node."""
        children = tuple(part.node(f"{self.code}{at:02}", at) for at, part in enumerate(self.elements, 1))
        occurs = MANY if self.most > 1 else OPTIONAL
        return Node(
            self.code,
            Kind.SEGMENT,
            Type(self.code, children=lambda: children),
            occurs,
            facts={"code": self.code},
        )


class _Part:
    """What is seen of one element: its components, whether it repeats."""

    def __init__(self) -> None:
        self.repeats = False
        self.guesses: list[Guess] = []

    def see(self, element: Element) -> None:
        self.repeats = self.repeats or len(element) > 1
        for components in element:
            for at, text in enumerate(components[:_MOST_ELEMENTS]):
                if at == len(self.guesses):
                    self.guesses.append(Guess())
                self.guesses[at].see(text)

    def node(self, name: str, position: int) -> Node:
        """The element's node, with its components below where it has several."""
        occurs = MANY if self.repeats else OPTIONAL
        facts = {"position": str(position)}
        if len(self.guesses) < 2:
            guess = self.guesses[0] if self.guesses else Guess()
            return _leaf(name, guess, facts, occurs is MANY)
        parts = tuple(
            _leaf(f"{name}-{at:02}", guess, {"position": str(at)}, False)
            for at, guess in enumerate(self.guesses, 1)
        )
        return Node(
            name,
            Kind.ELEMENT,
            Type(name, children=lambda: parts),
            occurs,
            documentation=element_words(name),
            facts=facts,
        )


def _leaf(name: str, guess: Guess, facts: dict[str, str], repeats: bool) -> Node:
    value = guess.value_type()
    return Node(
        name,
        Kind.FIELD,
        Type(value.name, value=value),
        MANY if repeats else OPTIONAL,
        nillable=guess.empty > 0,
        documentation=element_words(name),
        facts={**facts, **guess.facts()},
    )


def _collect(found: list[Segment], standard: str, shapes: dict[str, _Shape]) -> None:
    starts = {level.opens for level in levels_of(standard, groups=True)}
    count: Counter[str] = Counter()
    for segment in found:
        if not segment.known:
            continue
        if segment.name in starts:
            count.clear()
        shape = shapes.setdefault(segment.name, _Shape(segment.name))
        shape.see(segment)
        count[segment.name] += 1
        shape.most = max(shape.most, count[segment.name])


def _root(levels: tuple[Level, ...], shapes: dict[str, _Shape]) -> Node:
    service = {code for level in levels for code in (level.opens, level.closes)}
    inner = tuple(shape.node() for code, shape in shapes.items() if code not in service)
    for level in reversed(levels):
        opens = (shapes[level.opens].node(),) if level.opens in shapes else ()
        closes = (shapes[level.closes].node(),) if level.closes in shapes else ()
        inner = (level_node(level, (*opens, *inner, *closes)),)
    return inner[0]


def identity(found: list[Segment]) -> dict[str, str]:
    """Which messages they are: `transaction` and `version`, each once, one per line."""
    transactions: dict[str, None] = {}
    versions: dict[str, None] = {}
    for segment in found:
        if segment.name == "ST":
            transactions[segment.get(1)] = None
            if segment.get(3):
                versions[segment.get(3)] = None
        elif segment.name == "GS" and segment.get(8):
            versions[segment.get(8)] = None
        elif segment.name == "UNH":
            transactions[segment.get(2, 1)] = None
            versions[f"{segment.get(2, 2)}.{segment.get(2, 3)}"] = None
    return {"transaction": "\n".join(transactions), "version": "\n".join(versions)}
