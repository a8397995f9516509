"""What the elements of the envelope mean, in the user's language: the standards fix them for every message."""

from __future__ import annotations

from functools import lru_cache

from studio.base.i18n import _, language


def element_words(name: str) -> str:
    """The meaning of an element of a service segment by its name (`ISA06`), empty for any other."""
    if "-" in name:
        return ""
    segment, position = name[:3].rstrip("0123456789"), name[-2:]
    if name[:2] in ("ST", "SE", "GS", "GE") and len(name) == 4:
        segment = name[:2]
    words = _words(language()).get(segment, ())
    return words[int(position) - 1] if position.isdigit() and 0 < int(position) <= len(words) else ""


@lru_cache(maxsize=4)
def _words(_language: str) -> dict[str, tuple[str, ...]]:
    sender, receiver = _("Sender"), _("Receiver")
    number, version = _("Control number"), _("Version")
    segments, transactions, groups = _("Number of segments"), _("Number of messages"), _("Number of groups")
    date, time = _("Date"), _("Time")
    return {
        "ISA": (
            _("Kind of authorisation"),
            _("Authorisation"),
            _("Kind of security"),
            _("Security"),
            _("Kind of sender"),
            sender,
            _("Kind of receiver"),
            receiver,
            date,
            time,
            _("Repetition separator"),
            version,
            number,
            _("Acknowledgement requested"),
            _("Test or production"),
            _("Component separator"),
        ),
        "IEA": (groups, number),
        "GS": (_("Kind of messages"), sender, receiver, date, time, number, _("Agency"), version),
        "GE": (transactions, number),
        "ST": (_("Kind of message"), number, version),
        "SE": (segments, number),
        "UNB": (
            _("Syntax"),
            sender,
            receiver,
            _("Date and time"),
            number,
            _("Password"),
            _("Application"),
            _("Priority"),
            _("Acknowledgement requested"),
            _("Agreement"),
            _("Test or production"),
        ),
        "UNZ": (transactions, number),
        "UNG": (
            _("Kind of messages"),
            sender,
            receiver,
            _("Date and time"),
            number,
            _("Agency"),
            version,
            _("Password"),
        ),
        "UNE": (transactions, number),
        "UNH": (number, _("Kind of message"), _("Common reference"), _("Place in a sequence")),
        "UNT": (segments, number),
        "UNS": (_("Section that begins here"),),
    }
