"""The envelope of interchanges being written: what no rule gave is put in, counted and numbered; delimiters, charset."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.engine.formats.edi_layout import Part, levels_in
from studio.engine.formats.edi_marks import (
    CLOSE,
    COMPONENT,
    ELEMENT,
    KEPT,
    OPEN,
    REPETITION,
    SEGMENT,
    Values,
    repeats_elements,
)
from studio.engine.formats.edi_segments import CHARSETS
from studio.engine.plan import Document
from studio.schema.edi.split import Delimiters

_ISA = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_EMPTY = pattern(f"{COMPONENT}+(?=[{REPETITION}{ELEMENT}]|\\Z)")
_LAST = pattern(f"{REPETITION}+(?={ELEMENT}|\\Z)")
# Functional identifiers of the commonest transactions, for GS01.
_GROUPS = {
    "850": "PO", "855": "PR", "860": "PC", "865": "CA", "810": "IN", "856": "SH", "820": "RA", "830": "PS",
    "832": "SC", "840": "RQ", "843": "RR", "846": "IB", "852": "PD", "862": "SS", "864": "TX", "870": "RS",
    "940": "OW", "943": "AR", "944": "RE", "945": "SW", "947": "AW", "997": "FA", "999": "FA", "204": "SM",
    "210": "IM", "211": "BL", "214": "QM", "990": "GF", "270": "HS", "271": "HB", "276": "HR", "277": "HN",
    "278": "HI", "834": "BE", "835": "HP", "837": "HC", "824": "AG", "861": "RC",
}  # fmt: skip
_USUAL_EDIFACT = Delimiters("edifact", "+", ":", "'", "", "?")
Elements = list[str]


class _Level:
    """An open level: its number, how many levels or segments are in it so far, whether its opening segment is written."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.number = ""
        self.inner = 0
        self.segments = 0
        self.opened = False
        self.closed = False


class EnvelopeWriter:
    """Takes marked segments in any pieces of whole ones and gives the bytes of the interchange.

    `now` is the time that stands where no rule gives one. Raises BadInput for what an envelope cannot hold.
    """

    def __init__(self, document: Document, now: Callable[[], datetime]) -> None:
        assert document.messages is not None
        self._facts = document.facts
        self._values = Values(document)
        self._used = self._values.delimiters
        self._levels = {part.name: part for part in levels_in(document.messages) if part.opens}
        self._order = list(self._levels)
        self._now = now
        self._stack: list[_Level] = []
        self._counts: dict[str, int] = {}
        self._charset = self._values.charset
        self._break = "\n" if document.facts.get("breaks") == "true" and self._used.segment != "\n" else ""
        self._groups = False
        used = self._used
        special = used.element + used.component + used.segment + used.repetition + used.release
        self._special = re.compile("[" + re.escape(special) + "]") if used.release else None
        self._delimit = str.maketrans(
            {ELEMENT: used.element, COMPONENT: used.component, REPETITION: used.repetition, KEPT: ""}
        )

    def write(self, text: str) -> bytes:
        """The bytes of further segments."""
        return b"".join(self._piece(piece) for piece in text.split(SEGMENT) if piece)

    def _piece(self, piece: str) -> bytes:
        if piece[0] == OPEN:
            return self._open(self._levels[piece[1:]])
        if piece[0] == CLOSE:
            return self._close(self._stack[-1]) if self._stack else b""
        code, *elements = _LAST.sub("", _EMPTY.sub("", piece)).split(ELEMENT)
        while elements and not elements[-1]:
            elements.pop()
        level = self._stack[-1] if self._stack else None
        before = b""
        if level is not None and not level.opened:
            level.opened = True
            if code == level.part.opens:
                return self._opening(level, elements)
            before = self._opening(level, [])
        if level is not None and code == level.part.closes:
            level.closed = True
            return before + self._closing(level, elements)
        return before + (self._segment(code, elements) if elements else b"")

    def _open(self, part: Part) -> bytes:
        before = b""
        if self._stack:
            above = self._stack[-1]
            if not above.opened:
                above.opened = True
                before = self._opening(above, [])
            above.inner += 1
        self._stack.append(_Level(part))
        return before

    def _close(self, level: _Level) -> bytes:
        found = b""
        if not level.opened:
            level.opened = True
            found = self._opening(level, [])
        if not level.closed:
            found += self._closing(level, [])
        self._stack.pop()
        return found

    def _segment(self, code: str, elements: Elements) -> bytes:
        if self._stack:
            self._stack[-1].segments += 1
        text = ELEMENT.join((code, *elements))
        if self._special is not None and self._special.search(text):
            text = self._special.sub(lambda mark: self._used.release + mark[0], text)
        return self._bytes(text.translate(self._delimit) + self._used.segment + self._break)

    def _bytes(self, text: str) -> bytes:
        try:
            return text.encode(self._charset)
        except UnicodeEncodeError as error:
            raise BadInput(
                _("The interchange says {encoding}, which does not have the character {mark}.").format(
                    encoding=self._charset, mark=text[error.start]
                ),
                next_step=_("Map another syntax identifier (UNB01), UNOW for UTF-8 for example."),
            ) from error

    # Opening and closing segments

    def _number(self, level: _Level, given: str, width: int) -> str:
        """The control number: what a rule gave, else one more than the last of the level around it."""
        name = level.part.name
        self._counts[name] = self._counts.get(name, 0) + 1
        for inner in self._order[self._order.index(name) + 1 :]:
            self._counts[inner] = 0
        level.number = given or str(self._counts[name]).zfill(width)
        return level.number

    def _opening(self, level: _Level, given: Elements) -> bytes:
        code = level.part.opens
        make = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "UNB": self._unb, "UNG": self._ung, "UNH": self._unh,
        }.get(code)  # fmt: skip
        return make(level, given) if make else self._segment(code, given)

    def _isa(self, level: _Level, given: Elements) -> bytes:
        used, now = self._used, self._now()
        said = _defaults(
            given,
            (
                "00",
                "",
                "00",
                "",
                "ZZ",
                "",
                "ZZ",
                "",
                f"{now:%y%m%d}",
                f"{now:%H%M}",
                "U",
                self._version()[:5],
                "",
                "0",
                "P",
            ),
        )
        said[12] = self._number(level, said[12].strip(), 9).zfill(9)
        said[10] = used.repetition or ("^" if repeats_elements(said[11]) else said[10])
        said = [*said[:15], used.component]
        for at, (text, width) in enumerate(zip(said, _ISA, strict=True), start=1):
            if len(text) > width:
                raise BadInput(
                    _("ISA{place:02} holds {count} characters at most, not {text}.").format(
                        place=at, count=width, text=text
                    ),
                    next_step=_("Correct the rule of this element."),
                )
        fixed = [text.ljust(width) for text, width in zip(said, _ISA, strict=True)]
        level.segments += 1
        return self._bytes(used.element.join(("ISA", *fixed)) + used.segment + self._break)

    def _version(self) -> str:
        found = next(iter(self._facts.get("version", "").split("\n")), "")
        return found if found[:3].isdigit() and len(found) >= 5 else "00401"

    def _transaction(self) -> str:
        return self._facts.get("transaction", "").split("\n")[0]

    def _gs(self, level: _Level, given: Elements) -> bytes:
        now, version = self._now(), self._version()
        version = version if len(version) >= 6 else f"{version[:5].ljust(5, '0')}0"[-6:]
        kind = _GROUPS.get(self._transaction(), "")
        said = _defaults(given, (kind, "", "", f"{now:%Y%m%d}", f"{now:%H%M}", "", "X", version))
        said[5] = self._number(level, said[5], 1)
        return self._segment("GS", said)

    def _st(self, level: _Level, given: Elements) -> bytes:
        said = _defaults(given, (self._transaction(), ""))
        said[1] = self._number(level, said[1], 4)
        return self._segment("ST", said)

    def _unb(self, level: _Level, given: Elements) -> bytes:
        now = self._now()
        syntax = self._facts.get("syntax") or ("UNOW" if self._charset.lower() == "utf-8" else "UNOC")
        said = _defaults(given, (f"{syntax}{COMPONENT}3", "", "", f"{now:%y%m%d}{COMPONENT}{now:%H%M}", ""))
        said[4] = self._number(level, said[4], 1)
        named = said[0].split(COMPONENT)[0]
        self._charset = CHARSETS.get(named, self._charset)
        used = self._used
        service = ""
        if self._facts.get("una") == "true" or not _is_usual(used):
            marks = (used.component, used.element, used.decimal, used.release or " ", used.repetition or " ")
            service = "UNA" + "".join(marks) + used.segment + self._break
        return self._bytes(service) + self._segment("UNB", said)

    def _ung(self, level: _Level, given: Elements) -> bytes:
        now = self._now()
        kind = self._transaction()
        said = _defaults(given, (kind, "", "", f"{now:%y%m%d}{COMPONENT}{now:%H%M}", "", "UN"))
        said[4] = self._number(level, said[4], 1)
        self._groups = True
        return self._segment("UNG", said)

    def _unh(self, level: _Level, given: Elements) -> bytes:
        version, _dot, release = self._facts.get("version", "").split("\n")[0].partition(".")
        kind = COMPONENT.join((self._transaction(), version or "D", release, "UN"))
        said = _defaults(given, ("", kind))
        said[0] = self._number(level, said[0], 1)
        return self._segment("UNH", said)

    def _closing(self, level: _Level, given: Elements) -> bytes:
        code = level.part.closes
        count = level.segments + 1 if level.part.opens in ("ST", "UNH") else level.inner
        said = _defaults(given, (str(count), level.number))
        return self._segment(code, said)


def _is_usual(used: Delimiters) -> bool:
    """The delimiters are those that need no UNA; the separator of repetitions counts only where there is one."""
    usual = _USUAL_EDIFACT
    mine = (used.component, used.element, used.decimal, used.release, used.segment)
    return mine == (usual.component, usual.element, usual.decimal, usual.release, usual.segment) and (
        used.repetition in ("", "*")
    )


def _defaults(given: Elements, usual: tuple[str, ...]) -> Elements:
    """The elements given, with the usual ones where there are none."""
    filled = [text or other for text, other in zip(given, usual, strict=False)]
    return filled + list(usual[len(given) :]) + given[len(usual) :]
