"""Places in a document, and the paths of a test that mean some of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A step of a place: its name as in a path, the number among its siblings of that name, whether it is alone.
Step = tuple[str, int, bool]
Place = tuple[Step, ...]

_DOCUMENT = re.compile(r"([^/\[\]@~:`\s]+)::")
_STEP = re.compile(r"(?P<name>\*\*|\*|@?\*|@?[^\[\]/*]+|@?`[^`]*`)(?:\[(?P<number>[1-9][0-9]{0,8})\])?\Z")
ANY = "*"
DEEP = "**"


@dataclass(frozen=True)
class Pattern:
    """A path of a test: steps of names, `*` for any one, `**` for any number; `[n]` means one instance alone.

    `document` is the further target it is a path of, empty for the main one.
    """

    text: str
    steps: tuple[tuple[str, int | None], ...]
    document: str = ""

    def fits(self, place: Place) -> bool:
        """It means this place."""
        return _fits(self.steps, place)


def pattern(text: str) -> Pattern:
    """The pattern of a path; raises ValueError for what is none."""
    steps = []
    named = _DOCUMENT.match(text)
    for part in _parts(text[named.end() if named else 0 :].removeprefix("/")):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(text)
        steps.append((_bare(match["name"]), int(match["number"]) if match["number"] else None))
    return Pattern(text, tuple(steps), named[1] if named else "")


def _bare(name: str) -> str:
    """A name without backquotes, or without the prefix and the type a step of a map may have: places have neither."""
    if "`" in name:
        return name.replace("`", "")
    at = "@" if name.startswith("@") else ""
    return at + name.removeprefix("@").rpartition(":")[2].partition("~")[0]


def _parts(text: str) -> list[str]:
    """The steps of a path: a slash between backquotes belongs to a name."""
    return re.split(r"/(?=(?:[^`]*`[^`]*`)*[^`]*\Z)", text)


def _fits(steps: tuple[tuple[str, int | None], ...], place: Place) -> bool:
    # The places that the steps so far lead to, as how many steps of `place` are used up.
    reached = {0}
    for name, number in steps:
        if name == DEEP:
            reached = set(range(min(reached), len(place) + 1)) if reached else reached
            continue
        reached = {at + 1 for at in reached if at < len(place) and _is(name, number, place[at])}
    return len(place) in reached


def _is(name: str, number: int | None, step: Step) -> bool:
    if number is not None and number != step[1]:
        return False
    return (
        name == step[0]
        or (name == ANY and not step[0].startswith("@"))
        or name == f"@{ANY}" == step[0][:1] + ANY
    )


def shown(place: Place) -> str:
    """A place as a path, with the numbers of those that are not alone: `invoices/invoice[3]/total`."""
    text = ""
    for name, number, alone in place:
        if name:
            text += ("/" if text else "") + name
        text += "" if alone else f"[{number}]"
    return text
