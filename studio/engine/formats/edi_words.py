"""What is wrong with a segment or element, as a sentence and as the codes of acknowledgements."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.formats.edi_place import Fault

# The codes of AK304 and IK304, then of AK403 and IK403 (X12), then of UCS and UCD (data element 0085, EDIFACT).
_X12_SEGMENT = {
    "unknown": "6", "none": "1", "unexpected": "2", "missing": "3", "loops": "4", "often": "5", "order": "7",
}  # fmt: skip
_X12_ELEMENT = {
    "element": "1", "many": "3", "components": "3", "short": "4", "long": "5", "letters": "6", "code": "7",
    "date": "8", "time": "9",
}  # fmt: skip
_EDIFACT = {
    "unknown": "15", "none": "12", "unexpected": "15", "missing": "13", "loops": "36", "often": "35",
    "order": "15", "element": "13", "many": "16", "components": "16", "short": "40", "long": "39",
    "letters": "37", "code": "12", "date": "12", "time": "12",
}  # fmt: skip
# What an acknowledgement says of a segment whose elements are wrong.
X12_IN_ELEMENTS = "8"


def segment_code(fault: Fault) -> str:
    """The X12 code of what is wrong with a segment."""
    return _X12_SEGMENT.get(fault.kind, X12_IN_ELEMENTS)


def element_code(fault: Fault) -> str:
    """The X12 code of what is wrong with an element."""
    return _X12_ELEMENT.get(fault.kind, "")


def edifact_code(fault: Fault) -> str:
    """EDIFACT's code of what is wrong."""
    return _EDIFACT.get(fault.kind, "12")


def words(fault: Fault) -> str:
    """What is wrong, with the number of the segment in its message."""
    where = {"number": fault.number, "name": fault.segment}
    if fault.element:
        place = f"{fault.element:02}" + (f"-{fault.component:02}" if fault.component else "")
        return _element_words(fault, {**where, "place": place, "text": _shown(fault.text)})
    kinds = {
        "none": _("Segment {number}: this is no segment."),
        "unknown": _("Segment {number}: {name} is not in the definition of the message."),
        "unexpected": _("Segment {number}: {name} may not stand here."),
        "order": _("Segment {number}: {name} stands out of order."),
        "often": _("Segment {number}: {name} occurs more often than it may."),
        "loops": _("Segment {number}: the loop that {name} begins occurs more often than it may."),
        "missing": _("Before segment {number} ({name}), {missing} is missing."),
        "count": _("Segment {number}: {name} counts {text} segments, but there are {missing}."),
        "control": _("Segment {number}: {name} has another number than the message."),
    }
    return kinds[fault.kind].format(missing=fault.name, text=_shown(fault.text), **where)


def _element_words(fault: Fault, where: dict[str, object]) -> str:
    kinds = {
        "element": _("Segment {number}: {name} lacks element {place}."),
        "many": _("Segment {number}: {name} has no element {place} in the definition."),
        "components": _("Segment {number}: element {place} of {name} has more components than it may."),
        "short": _("Segment {number}: element {place} of {name} is too short: {text}"),
        "long": _("Segment {number}: element {place} of {name} is too long: {text}"),
        "letters": _("Segment {number}: element {place} of {name} is no number: {text}"),
        "code": _("Segment {number}: element {place} of {name} holds no code it may: {text}"),
        "date": _("Segment {number}: element {place} of {name} is no date of its form: {text}"),
        "time": _("Segment {number}: element {place} of {name} is no time of its form: {text}"),
    }
    return kinds[fault.kind].format(**where)


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
