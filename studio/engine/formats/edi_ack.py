"""Acknowledgements: what became of each message of an interchange, as data and as 997, 999 or CONTRL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.engine.formats.edi_layout import Part
from studio.engine.formats.edi_place import Fault
from studio.engine.formats.edi_read import EdiReader, Message
from studio.engine.formats.edi_segments import CHARSETS
from studio.engine.formats.edi_words import edifact_code, element_code, segment_code, words
from studio.schema.edi.split import Delimiters

_ROLES = {"ISA": "interchange", "UNB": "interchange", "GS": "group", "UNG": "group"}


@dataclass(frozen=True)
class TransactionAck:
    """A message: its type (`850`, `ORDERS`), its control number, what is wrong with it; it is accepted without faults."""

    kind: str
    number: str
    faults: tuple[Fault, ...] = ()
    identifier: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """It fits its definition."""
        return not self.faults


@dataclass
class GroupAck:
    """A group: what its opening segment says by position, its messages, what is wrong with its end."""

    said: list[str]
    messages: list[TransactionAck] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)
    included: str = ""

    @property
    def accepted(self) -> int:
        """How many of its messages are accepted."""
        return sum(one.accepted for one in self.messages)


@dataclass
class InterchangeAck:
    """An interchange: its delimiters, what its opening segment says by position, its groups; `broken` ended the reading."""

    used: Delimiters
    said: list[str]
    groups: list[GroupAck] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)
    broken: Problem | None = None

    @property
    def accepted(self) -> bool:
        """Everything in it is accepted."""
        return (
            not self.wrong
            and not self.broken
            and all(group.accepted == len(group.messages) and not group.wrong for group in self.groups)
        )


def acknowledge(stream: BinaryIO, name: str, layout: Part, facts: Mapping[str, str]) -> list[InterchangeAck]:
    """What became of the messages of a stream; sizes and codes of elements are checked too.

    A broken envelope ends the last interchange. Raises BadInput where there is no interchange at all.
    """
    reader = EdiReader(stream, name, layout, facts, values=True)
    found: list[InterchangeAck] = []
    try:
        for what, thing, more in reader:
            if what == "open":
                _open(found, reader, reader.levels[thing].opens)
            elif what == "message":
                _into(found, reader).messages.append(_message(thing))
            elif what == "wrong":
                _wrong(found, reader, thing)
            elif what == "close" and found and found[-1].groups:
                found[-1].groups[-1].included = more[0].get(1) if thing else found[-1].groups[-1].included
    except BadInput as error:
        if not found:
            raise
        found[-1].broken = Problem(
            Severity.ERROR, error.message, error.file, error.line, error.column, mend=error.next_step
        )
    return found


def problems(acks: list[InterchangeAck], file: str) -> Iterator[Problem]:
    """The same as problems of a file, message by message."""
    number = 0
    for ack in acks:
        for group in ack.groups:
            for message in group.messages:
                number += 1
                for fault in message.faults:
                    yield Problem(
                        Severity.ERROR, words(fault), file, fault.line, fault.column, record=number,
                        mend=_("Correct the message, or its definition."),
                    )  # fmt: skip
            yield from group.wrong
        yield from ack.wrong
        if ack.broken is not None:
            yield ack.broken


def written(acks: list[InterchangeAck], now: datetime) -> bytes:
    """The acknowledgements as interchanges to send back: 997 or 999 (from the group's version) for X12, CONTRL for EDIFACT."""
    return b"".join(
        _contrl(ack, now).encode(CHARSETS.get(ack.said[1][:4], "ascii"), "replace")
        if ack.used.standard == "edifact"
        else _x12(ack, now).encode()
        for ack in acks
    )


def _open(found: list[InterchangeAck], reader: EdiReader, code: str) -> None:
    segment = reader.opening
    said = ["", *(used_text(segment, at) for at in range(1, len(segment.elements) + 1))]
    if _ROLES.get(code) == "interchange":
        found.append(InterchangeAck(segment.delimiters, said))
    else:
        found[-1].groups.append(GroupAck(said))


def used_text(segment: Any, at: int) -> str:
    """An element as it is written, its components with their separator."""
    return str(segment.delimiters.component.join(segment.elements[at - 1][0]))


def _into(found: list[InterchangeAck], reader: EdiReader) -> GroupAck:
    """The group a message is in; messages without group stand in one that says nothing."""
    del reader
    if not found:
        found.append(InterchangeAck(Delimiters("own", "*", ":", "~"), []))
    if not found[-1].groups:
        found[-1].groups.append(GroupAck([]))
    return found[-1].groups[-1]


def _wrong(found: list[InterchangeAck], reader: EdiReader, problem: Problem) -> None:
    inside = reader.depth > 1 and found[-1].groups
    (found[-1].groups[-1].wrong if inside else found[-1].wrong).append(problem)


def _message(message: Message) -> TransactionAck:
    opening = message.opening
    if opening.name == "UNH":
        parts = opening.elements[1][0] if len(opening.elements) > 1 else ("",)
        return TransactionAck(parts[0], opening.get(1), tuple(message.faults), tuple(parts))
    return TransactionAck(opening.get(1), opening.get(2), tuple(message.faults))


# X12


def _x12(ack: InterchangeAck, now: datetime) -> str:
    used = ack.used
    isa = [*ack.said, *[""] * 17][:17]
    swapped = [
        *isa[1:5],
        isa[7],
        isa[8],
        isa[5],
        isa[6],
        f"{now:%y%m%d}",
        f"{now:%H%M}",
        *isa[11:16],
        used.component,
    ]
    widths = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
    swapped[13] = "0"
    head = [text.ljust(width) for text, width in zip(swapped, widths, strict=True)]
    lines = [["ISA", *head]]
    if ack.broken is not None:
        lines.append(["TA1", isa[13].strip(), isa[9], isa[10], "R", "022"])
    for number, group in enumerate(ack.groups, start=1):
        lines += _x12_group(group, number, now, used)
    lines.append(["IEA", str(len(ack.groups)), isa[13].strip()])
    return "".join(used.element.join(line) + used.segment + "\n" for line in lines)


def _x12_group(group: GroupAck, number: int, now: datetime, used: Delimiters) -> list[list[str]]:
    gs = [*group.said, *[""] * 9][:9]
    later = "X" in gs[8]
    kind = "999" if later else "997"
    version = "005010X231A1" if later else gs[8]
    body = [
        ["ST", kind, "0001", *([version] if later else [])],
        ["AK1", gs[1], gs[6], *([gs[8]] if later else [])],
    ]
    for message in group.messages:
        body += _x12_message(message, used, "IK" if later else "AK")
    codes = ["5"] if any("GE" in one.message for one in group.wrong) else []
    accepted, received = group.accepted, len(group.messages)
    state = "A" if accepted == received and not group.wrong else "R" if not accepted else "P"
    body.append(["AK9", state, group.included or str(received), str(received), str(accepted), *codes])
    body.append(["SE", str(len(body) + 1), "0001"])
    start = ["GS", "FA", gs[3], gs[2], f"{now:%Y%m%d}", f"{now:%H%M}", str(number), "X", version]
    return [start, *body, ["GE", "1", str(number)]]


def _x12_message(message: TransactionAck, used: Delimiters, lead: str) -> Iterator[list[str]]:
    yield ["AK2", message.kind, message.number]
    before: tuple[str, int, str] | None = None
    for fault in message.faults:
        if fault.kind in ("count", "control"):
            continue
        code = segment_code(fault)
        missing = fault.kind == "missing"
        here = (fault.name if missing else fault.segment, fault.number, code)
        if here != before:
            yield _cut([f"{lead}3", here[0], str(fault.number), fault.loop[:6], code])
            before = here
        if fault.element:
            place = str(fault.element) + (f"{used.component}{fault.component}" if fault.component else "")
            yield _cut([f"{lead}4", place, "", element_code(fault), fault.text[:99]])
    said = {"count": "4", "control": "3"}
    codes = [said.get(fault.kind, "5") for fault in message.faults]
    yield [f"{lead}5", "A" if message.accepted else "R", *dict.fromkeys(codes)]


def _cut(elements: list[str]) -> list[str]:
    while elements and not elements[-1]:
        elements.pop()
    return elements


# EDIFACT


def _contrl(ack: InterchangeAck, now: datetime) -> str:
    used = ack.used
    unb = [*ack.said, *[""] * 6][:6]
    state = "4" if ack.broken is not None else "7" if ack.accepted else "8"
    body = [["UNH", "1", _joined(used, "CONTRL", "D", "3", "UN")]]
    body.append(_cut(["UCI", unb[5], unb[2], unb[3], state, *(["29"] if ack.wrong else [])]))
    for group in ack.groups:
        for message in group.messages:
            body += _contrl_message(message, used)
    body.append(["UNT", str(len(body) + 1), "1"])
    head = ["UNB", unb[1], unb[3], unb[2], f"{now:%y%m%d}{used.component}{now:%H%M}", unb[5]]
    lines = [head, *body, ["UNZ", "1", unb[5]]]
    marks = (used.component, used.element, used.decimal, used.release or " ", used.repetition or " ")
    usual = "".join(marks[:4]) + used.segment == ":+.?'"
    service = "" if usual else "UNA" + "".join(marks) + used.segment + "\n"
    return service + "".join(used.element.join(line) + used.segment + "\n" for line in lines)


def _contrl_message(message: TransactionAck, used: Delimiters) -> Iterator[list[str]]:
    kind = _joined(used, *message.identifier)
    state = "7" if message.accepted else "4"
    own = next((fault for fault in message.faults if fault.kind in ("count", "control")), None)
    code = [] if own is None else ["29" if own.kind == "count" else "28"]
    yield ["UCM", _released(message.number, used), kind, state, *code]
    before: tuple[int, str] | None = None
    for fault in message.faults:
        if fault.kind in ("count", "control"):
            continue
        code_here = "" if fault.element else edifact_code(fault)
        if (fault.number, code_here) != before:
            yield _cut(["UCS", str(fault.number), code_here])
            before = fault.number, code_here
        if fault.element:
            place = _joined(used, str(fault.element), *([str(fault.component)] if fault.component else []))
            yield ["UCD", edifact_code(fault), place]


def _joined(used: Delimiters, *parts: str) -> str:
    return used.component.join(_released(part, used) for part in parts).rstrip(used.component)


def _released(text: str, used: Delimiters) -> str:
    if not used.release:
        return text
    special = used.element + used.component + used.segment + used.release + used.repetition
    return "".join(used.release + mark if mark in special else mark for mark in text)
