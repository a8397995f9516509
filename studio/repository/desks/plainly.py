"""What differs between two versions of one file, told for people: which rule or setting, what stood there, what stands there.

Objects are compared key by key and rule by rule; a script or a schema line by line; anything else only by its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from studio.base import yaml_read
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.project.layout import id_of

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


def _told(path: str, before: bytes | None, after: bytes | None) -> Iterator[Place]:
    if max(len(before or b""), len(after or b"")) > _LARGE:
        yield _sizes(before, after)
        return
    sides = [_text(data) for data in (before, after)]
    if any(side is None and data is not None for side, data in zip(sides, (before, after), strict=True)):
        yield _sizes(before, after)
        return
    one, other = sides
    if _is_object(path):
        found = [_plain(path, side) for side in (one, other)]
        if all(isinstance(side, Mapping) for side in found):
            yield from _members((), found[0], found[1])
            return
    yield from _lines(one or "", other or "")


def _is_object(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and id_of(path) is not None


def _text(data: bytes | None) -> str | None:
    if data is None or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _plain(path: str, text: str | None) -> Any:
    if text is None:
        return {}
    try:
        return yaml_read.parse(text, file=path).plain()
    except WeftError:
        return None


def _members(path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Place]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield from _value((*path, str(key)), before.get(key), after.get(key))


def _value(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Place]:
    if before == after:
        return
    sides = (before, after)
    if all(isinstance(side, Mapping | None) for side in sides) and not _is_rule(path):
        yield from _members(path, before or {}, after or {})
    elif all(isinstance(side, list) for side in sides):
        yield from _items(path, before, after)
    else:
        yield _place(_name(path), _said(before), _said(after))


def _is_rule(path: tuple[str, ...]) -> bool:
    """A rule, or a step of an operation, is read as one thing."""
    return len(path) > 1 and path[0] in ("map", "parked", "activities")


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
