"""X12 and EDIFACT messages as schemas: the envelope, segments and elements by position, as they occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.edi.check import envelope_problems
from studio.schema.edi.element_names import content_words
from studio.schema.edi.envelope import Level, is_required, level_node, levels_of, service_segment
from studio.schema.edi.numbers import type_of
from studio.schema.edi.segment_words import segment_words
from studio.schema.edi.split import Delimiters, Element, Segment, find_delimiters, segments
from studio.schema.edi.words import element_words
from studio.schema.infer import Guess
from studio.schema.model import MANY, ONCE, OPTIONAL, Kind, Node, Occurs, Schema, Type
from studio.schema.source import MEGABYTE, decode, read_head

# Later messages rarely hold segments the first ones lack, and the first tree must not wait for them.
_HEAD = MEGABYTE // 4
_MOST_SEGMENTS = 10_000
# Values looked at for the type of an element.
_ENOUGH = 300
_MOST_ELEMENTS = 500


def read_edi_sample(path: Path, *, encoding: str | None = None, more: Iterable[Path] = ()) -> Schema:
    """The schema of a message, or of several together (`more`); facts: delimiters, version, transaction.

    Segments stand in the order they were met, without loops: a note says so where one repeats. Broken envelopes are
    located problems; raises BadInput where there is no interchange.
    """
    shapes: dict[str, Shape] = {}
    problems: list[Problem] = []
    facts: dict[str, str] = {}
    files = [path, *more]
    # A file may hold several interchanges; most hold one.
    whole = ONCE
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
        opening = levels_of(delimiters.standard)[0].opens
        if cut or sum(1 for one in found if one.name == opening) > 1:
            whole = MANY
    groups = "UNG" in shapes
    levels = levels_of(facts["standard"], groups=groups)
    root = replace(_root(levels, shapes), occurs=whole)
    problems += _no_loops(levels, shapes, str(path), facts)
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


class Shape:
    """What is seen of one segment code: its elements, and how often it stood in one message."""

    def __init__(self, first: Segment) -> None:
        self.code = first.name
        self.standard = first.delimiters.standard
        self.most = self.count = 0
        self.elements: list[_Part] = []
        # Where it stands first: a message of one line has all its segments there.
        self.line, self.column = first.line, first.column

    def see(self, segment: Segment) -> None:
        """One more of them."""
        # Of a segment met hundreds of times, a few more tell all there is to tell.
        self.count += 1
        if self.count > _ENOUGH and self.count % 16:
            return
        for at, element in enumerate(segment.elements[:_MOST_ELEMENTS]):
            if at == len(self.elements):
                self.elements.append(_Part())
            self.elements[at].see(element)

    def node(self, occurs: Occurs | None = None) -> Node:
        """The segment's node; how often it occurs is what was seen, unless it is known."""
        children = tuple(part.node(self, at) for at, part in enumerate(self.elements, 1))
        words = segment_words(self.standard, self.code)
        return self.placed(
            Node(
                self.code,
                Kind.SEGMENT,
                Type(self.code, children=lambda: children),
                occurs or (MANY if self.most > 1 else OPTIONAL),
                documentation=words,
                facts={"code": self.code, **({"label": words} if words else {})},
            )
        )

    def placed(self, node: Node) -> Node:
        """The node with the place of the first segment of this code."""
        return replace(node, line=self.line, facts={**node.facts, "column": str(self.column)})


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

    def node(self, segment: Shape, position: int) -> Node:
        """The element's node, with its components below where it has several."""
        name = f"{segment.code}{position:02}"
        occurs = MANY if self.repeats else ONCE if is_required(segment.code, position) else OPTIONAL
        words = element_words(name) or content_words(segment.standard, segment.code, position)
        facts = {"position": str(position), **({"label": words} if words else {})}
        if len(self.guesses) < 2:
            guess = self.guesses[0] if self.guesses else Guess()
            return segment.placed(_leaf(segment.standard, name, guess, facts, occurs))
        parts = tuple(
            segment.placed(_leaf(segment.standard, f"{name}-{at:02}", guess, {"position": str(at)}, OPTIONAL))
            for at, guess in enumerate(self.guesses, 1)
        )
        made = Node(
            name,
            Kind.ELEMENT,
            Type(name, children=lambda: parts),
            occurs,
            documentation=words,
            facts=facts,
        )
        return segment.placed(made)


def _leaf(standard: str, name: str, guess: Guess, facts: dict[str, str], occurs: Occurs) -> Node:
    value = type_of(standard, name, guess)
    return Node(
        name,
        Kind.FIELD,
        Type(value.name, value=value),
        occurs,
        nillable=guess.empty > 0,
        documentation=facts.get("label", ""),
        facts={**facts, **guess.facts()},
    )


def _collect(found: list[Segment], standard: str, shapes: dict[str, Shape]) -> None:
    starts = {level.opens for level in levels_of(standard, groups=True)}
    count: Counter[str] = Counter()
    for segment in found:
        if not segment.known:
            continue
        if segment.name in starts:
            count.clear()
        if segment.name not in shapes:
            shapes[segment.name] = Shape(segment)
        shape = shapes[segment.name]
        shape.see(segment)
        count[segment.name] += 1
        shape.most = max(shape.most, count[segment.name])


def _root(levels: tuple[Level, ...], shapes: dict[str, Shape]) -> Node:
    service = _service(levels)
    inner = tuple(shape.node() for code, shape in shapes.items() if code not in service)
    for level in reversed(levels):
        opens = _end(level.opens, shapes)
        made = level_node(level, (opens, *inner, _end(level.closes, shapes)))
        inner = (shapes[level.opens].placed(made) if level.opens in shapes else made,)
    return inner[0]


def _end(code: str, shapes: dict[str, Shape]) -> Node:
    """A segment that opens or closes a level: always there once, even where the sample is cut before it."""
    return shapes[code].node(ONCE) if code in shapes else service_segment(code)


def _service(levels: tuple[Level, ...]) -> set[str]:
    return {code for level in levels for code in (level.opens, level.closes)}


def _no_loops(
    levels: tuple[Level, ...], shapes: dict[str, Shape], file: str, facts: dict[str, str]
) -> list[Problem]:
    """Where segments repeat a message has loops, which no sample tells for certain."""
    repeated = next(
        (shape for code, shape in shapes.items() if shape.most > 1 and code not in _service(levels)), None
    )
    if repeated is None:
        return []
    return [
        Problem(
            Severity.NOTE,
            _(
                "{name} and others repeat, but a sample does not tell which segments form a loop together: "
                "they are shown side by side, each with all its occurrences."
            ).format(name=repeated.code),
            file,
            repeated.line,
            repeated.column,
            mend=_mend(facts),
        )
    ]


def _mend(facts: dict[str, str]) -> str:
    known = facts["transaction"].replace("\n", ", ")
    if facts["standard"] == "x12":
        return _(
            "For loops, names and codes take in a definition of {message}: an implementation map in XML, "
            "a definition in JSON, or a description in YAML (weft: schema/1)."
        ).format(message=known)
    return _(
        "For groups, names and codes take in a definition of {message}: a message of an EDIFACT directory in XML, "
        "a definition in JSON, or a description in YAML (weft: schema/1)."
    ).format(message=known)


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
