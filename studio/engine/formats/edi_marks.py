"""Segments on their way out: marks that no value may hold stand for delimiters, until the envelope is complete.

A segment is its code, then for each element `ELEMENT` and its repetitions, each ended by `REPETITION`, with `COMPONENT`
between components; `SEGMENT` ends it. `OPEN` and `CLOSE`, with the name of the level, begin and end the levels of the envelope.
"""

from __future__ import annotations

import re
from dataclasses import replace

from studio.base.i18n import _
from studio.engine.formats.edi_layout import Field, Part
from studio.engine.formats.edi_segments import CHARSETS
from studio.engine.lexical import Unwritable
from studio.engine.plan import Document, Target
from studio.schema.edi.split import Delimiters
from studio.schema.path import parse_path

SEGMENT, ELEMENT, REPETITION, COMPONENT = "\x1c", "\x1d", "\x1e", "\x1f"
OPEN, CLOSE, KEPT = "\x02", "\x03", "\x04"
# What the standards use where nothing else is said.
_EDIFACT = Delimiters("edifact", "+", ":", "'", "", "?")


def delimiters_for(document: Document) -> Delimiters:
    """The delimiters a target is written with: its schema's, else the usual ones of its standard."""
    facts, layout = document.facts, document.messages
    assert layout is not None
    usual = _EDIFACT if layout.opens == "UNB" else Delimiters("x12" if layout.opens else "own", "*", ":", "~")
    repetition = "^" if usual.standard == "x12" and repeats_elements(facts.get("version", "")) else ""
    return Delimiters(
        usual.standard,
        facts.get("element") or usual.element,
        facts.get("component") or usual.component,
        facts.get("segment") or usual.segment,
        facts.get("repetition", repetition),
        facts.get("release", usual.release),
        facts.get("decimal") or usual.decimal,
    )


def repeats_elements(version: str) -> bool:
    """From this version of X12 on elements repeat, and ISA says with which separator."""
    return version[:5] >= "00402"


def charset_for(document: Document, delimiters: Delimiters) -> str:
    """The encoding a target is written in, as Python calls it: its schema's, UNOC's for EDIFACT, else UTF-8."""
    facts = document.facts
    if "encoding" in document.options:
        return document.options["encoding"]
    said = facts.get("encoding", "") if facts.get("form") != "sample" else ""
    if facts.get("syntax") in CHARSETS:
        return CHARSETS[facts["syntax"]]
    if said:
        return said
    return "iso-8859-1" if delimiters.standard == "edifact" else "utf-8"


class Values:
    """What values a target may hold: no delimiter that cannot be released, no control character, its charset only."""

    def __init__(self, document: Document) -> None:
        self.delimiters = used = delimiters_for(document)
        self.charset = charset_for(document, used)
        marks = "" if used.release else used.element + used.component + used.segment + used.repetition
        self._marks = frozenset(marks.replace("\0", ""))
        self._wrong = re.compile("[\x00-\x1f\x7f\ud800-\udfff" + re.escape(marks) + "]")
        self._all = self.charset.lower() in ("utf-8", "utf8")

    def bad(self, text: str) -> bool:
        """The text cannot be written."""
        return self._wrong.search(text) is not None or not (self._all or self._holds(text))

    def check(self, text: str) -> None:
        """Raise Unwritable for such a text."""
        found = self._wrong.search(text)
        if found is None and (self._all or self._holds(text)):
            return
        if found is None:
            raise Unwritable(
                _("The text holds a character that {encoding} does not have.").format(encoding=self.charset)
            )
        if found[0] in self._marks:
            raise Unwritable(
                _("The text holds {mark}, a delimiter of the interchange.").format(mark=found[0])
            )
        raise Unwritable(
            _("The text holds the character U+{code:04X}, which no message may hold.").format(
                code=ord(found[0])
            )
        )

    def _holds(self, text: str) -> bool:
        try:
            text.encode(self.charset)
        except UnicodeEncodeError:
            return False
        return True


class Places:
    """Where target paths are in a layout: a part, or a field and whether it is a component."""

    def __init__(self, layout: Part) -> None:
        self._layout = layout
        self._known: dict[str, tuple[Part | Field, bool]] = {}

    def of(self, path: str) -> tuple[Part | Field, bool]:
        """What stands at a target path."""
        found = self._known.get(path)
        if found is None:
            here: Part | Field = self._layout
            above: Part | Field = here
            for step in parse_path(path)[1:]:
                above = here
                below = here.children if isinstance(here, Part) else {part.name: part for part in here.parts}
                here = below[step.name]
            found = self._known[path] = here, isinstance(above, Field)
        return found


def without_separators(root: Target) -> Target:
    """A target without rules for the elements of ISA that are its delimiters: the writer puts in those it uses."""
    said = {"11", "16"}

    def pruned(target: Target, depth: int) -> Target:
        if target.tag == "ISA":
            kept = tuple(child for child in target.children if child.tag[-2:] not in said)
            return replace(target, children=kept)
        inside = (
            tuple(pruned(child, depth + 1) for child in target.children) if depth < 2 else target.children
        )
        return replace(target, children=inside)

    return pruned(root, 0)


def bare(part: Part) -> str:
    """What keeps a segment that has no elements at all from being left out as empty."""
    return "" if part.fields else ELEMENT + KEPT
