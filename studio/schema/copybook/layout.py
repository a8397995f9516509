"""Where the items of a record lie: offsets and lengths in bytes, redefinitions over each other, what moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.base.errors import Severity
from studio.base.i18n import _
from studio.schema.copybook.items import Item
from studio.schema.copybook.picture import storage_bytes

# Bytes to whose multiples SYNCHRONIZED items are moved, by their length.
_BOUNDARIES = {2: 2, 4: 4, 8: 4}
Report = Callable[[str, int, int, str, Severity], None]


@dataclass
class Laid:
    """An item with its place: `offset` from the start of the record, `size` of one occurrence, `moves` what shifts it.

    `views` are the items that redefine this one, itself not included.
    """

    item: Item
    offset: int
    size: int = 0
    moves: str = ""
    usage: str = ""
    children: list[Laid] = field(default_factory=list)
    views: list[Laid] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The bytes of all its occurrences, the most there can be."""
        return self.size * self.item.most


def lay_out(item: Item, report: Report) -> Laid:
    """The layout of a record, group inside group; offsets are those with all variable tables full."""
    return _lay(item, 0, "", "display", "", False, report)


def _lay(item: Item, offset: int, moves: str, usage: str, sign: str, separate: bool, report: Report) -> Laid:
    usage = item.usage or usage
    sign, separate = (item.sign, item.separate) if item.sign else (sign, separate)
    laid = Laid(item, offset, moves=moves, usage=usage)
    if not item.children:
        _elementary(laid, sign, separate, report)
        return laid
    at = offset
    by_name: dict[str, Laid] = {}
    for child in item.children:
        if child.level == 66:
            continue
        base = by_name.get(child.redefines.upper()) if child.redefines else None
        if child.redefines and base is None:
            report(
                _("{name} redefines {other}, which does not stand before it in the same group.").format(
                    name=child.name, other=child.redefines
                ),
                child.line,
                child.column,
                _("Redefine an item of the same level above it."),
                Severity.ERROR,
            )
        start = base.offset if base is not None else _aligned(child, at, usage)
        inner = _lay(child, start, moves, usage, sign, separate, report)
        at = max(at, inner.offset + inner.total)
        if base is not None:
            _check_view(base, inner, report)
            base.views.append(inner)
            by_name.setdefault(child.name.upper(), base)
        else:
            laid.children.append(inner)
            by_name.setdefault(child.name.upper(), inner)
        if child.depending or _moving(inner):
            moves = child.depending or _moving(inner)
    laid.size = at - offset
    return laid


def _moving(laid: Laid) -> str:
    return next(
        (one.item.depending or _moving(one) for one in laid.children if one.item.depending or _moving(one)),
        "",
    )


def _elementary(laid: Laid, sign: str, separate: bool, report: Report) -> None:
    item = laid.item
    item.sign = item.sign or sign
    item.separate = item.separate or (separate and bool(item.picture and item.picture.signed))
    laid.size = storage_bytes(item.picture, laid.usage, separate=item.separate)
    if item.picture is None and laid.usage not in ("comp-1", "comp-2", "index", "pointer"):
        report(
            _("{name} has neither a picture nor items inside it.").format(name=item.name),
            item.line,
            item.column,
            _("Give it a PIC, or put items of a higher level number below it."),
            Severity.ERROR,
        )
    elif (
        laid.usage in ("binary", "comp-3", "comp-6")
        and item.picture is not None
        and item.picture.kind != "number"
    ):
        report(
            _("{name} is {usage} but its picture is no number.").format(name=item.name, usage=laid.usage),
            item.line,
            item.column,
            _("Use 9, S, V and P only."),
            Severity.WARNING,
        )


def _aligned(item: Item, at: int, usage: str) -> int:
    if not item.sync or item.children:
        return at
    kind = item.usage or usage
    size = storage_bytes(item.picture, kind, separate=False)
    boundary = 8 if kind == "comp-2" else _BOUNDARIES.get(size, 1) if kind in ("binary", "comp-1") else 1
    return (at + boundary - 1) // boundary * boundary


def _check_view(base: Laid, view: Laid, report: Report) -> None:
    if view.total > base.total:
        report(
            _("{name} is longer than {other}, which it redefines: {more} bytes more.").format(
                name=view.item.name, other=base.item.name, more=view.total - base.total
            ),
            view.item.line,
            view.item.column,
            _("What follows is placed behind the longer one."),
            Severity.WARNING,
        )
