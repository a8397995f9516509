"""What differs between two versions of one file, told for people: which rule or setting, what stood there, what stands there.

Objects are compared key by key and rule by rule; a script or a schema line by line; anything else only by its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from studio.base.i18n import _
from studio.project.differing import Part, parts_differing

# More is no reading for people; what is left out is counted.
_MOST = 400
_LONGEST = 2_000
_LARGE = 4 * 1024 * 1024
_LINES = 20_000
Place = dict[str, Any]


def places(path: str, before: bytes | None, after: bytes | None) -> list[Place]:
    """The places of a file that differ: `place`, `before` and `after` (None: nothing there), at most some hundred."""
    told = list(_told(path, before, after))
    if len(told) > _MOST:
        left = len(told) - _MOST
        return [*told[:_MOST], _place(_("and {n} more").format(n=left), None, None)]
    return told


def told_parts(parts: Iterable[Part]) -> list[Place]:
    """Rules and settings that differ, in words; a list is told item by item."""
    found: list[Place] = []
    for part in parts:
        if isinstance(part.before, list) and isinstance(part.after, list):
            found += _items(part.path, part.before, part.after)
        else:
            found.append(_place(_name(part.path), _said(part.before), _said(part.after)))
    return found


def _told(path: str, before: bytes | None, after: bytes | None) -> Iterator[Place]:
    if max(len(before or b""), len(after or b"")) > _LARGE:
        yield _sizes(before, after)
        return
    parts = parts_differing(path, before, after)
    if parts:
        yield from told_parts(parts)
        return
    sides = [_text(data) for data in (before, after)]
    if any(side is None and data is not None for side, data in zip(sides, (before, after), strict=True)):
        yield _sizes(before, after)
    elif path.startswith("connections/"):
        # Not as lines: what is called like a credential would not be hidden.
        yield _sizes(before, after)
    else:
        yield from _lines(sides[0] or "", sides[1] or "")


def _text(data: bytes | None) -> str | None:
    if data is None or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _items(path: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]) -> Iterator[Place]:
    ones, others = [_said(item) for item in before], [_said(item) for item in after]
    for kind, start, end, first, last in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, last - first)):
            old = ones[start + offset] if start + offset < end else None
            new = others[first + offset] if first + offset < last else None
            number = (start if old is not None else first) + offset + 1
            yield _place(_name((*path, str(number))), old, new)


def _name(path: tuple[str, ...]) -> str:
    # Where a rule's target path stands, "map" before it says nothing.
    shown = path[1:] if len(path) > 1 and path[0] == "map" else path
    return " ▸ ".join(shown)


def _said(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_said(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(str(_said(part)) for part in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _lines(before: str, after: str) -> Iterator[Place]:
    ones, others = before.splitlines(), after.splitlines()
    if max(len(ones), len(others)) > _LINES:
        yield _place(_("lines"), str(len(ones)), str(len(others)))
        return
    for kind, start, end, first, last in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        number = (first if last > first else start) + 1
        old, new = "\n".join(ones[start:end]), "\n".join(others[first:last])
        yield _place(
            _("line {n}").format(n=number), old if end > start else None, new if last > first else None
        )


def _sizes(before: bytes | None, after: bytes | None) -> Place:
    def said(data: bytes | None) -> str | None:
        return None if data is None else _("{n} bytes").format(n=len(data))

    return _place(_("the whole file"), said(before), said(after))


def _place(place: str, before: str | None, after: str | None) -> Place:
    return {"place": place, "before": _short(before), "after": _short(after)}


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST else text[:_LONGEST] + "…"
