"""How a plan's input is read: what is used of it, where its records are, and how many passes that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.plan import Shape, Target, Top, Unit
from studio.engine.resolve import Use, is_entry
from studio.engine.shapes import Shapes
from studio.mapping.tree import Tree
from studio.schema.model import Kind, Place

Places = tuple[Place, ...]


@dataclass(frozen=True)
class Passes:
    """See Plan: `kind` is stream, head, twice or whole. `tops` are the outermost loops of each target."""

    kind: str
    tops: tuple[tuple[Top, ...], ...]
    outer: Shape
    watch: tuple[str, ...] = ()
    reason: str = ""


def shape_of(uses: Iterable[Use], format: str) -> Shape:
    """The source nodes in use, as one tree."""
    shapes = Shapes(format)
    for use in uses:
        shapes.add(use)
    return shapes.shape()


@dataclass(frozen=True)
class Uses:
    """What a plan reads: as one tree, the uses that tell how the input is read (see Made), and how to see them all."""

    shape: Shape
    leads: tuple[Use, ...]
    all: Callable[[], Iterable[Use]]


def find_passes(
    roots: tuple[Target, ...], reads: Uses, format: str, tree: Tree, *, pure: bool = True
) -> Passes:
    """How the main input of a plan is read; `pure`: no script does anything but give a value."""
    xml = format == "xml"
    uses = reads.leads
    pure = pure and len(roots) == 1 and not roots[0].steered
    all_tops = tuple(tuple(_top(target, reads, format, pure) for target in outermost(root)) for root in roots)
    tops = tuple(top for found in all_tops for top in found if not top.further)
    outside = [
        use for use in uses if use.read.outside and not any(_at_hand(use, top, format) for top in tops)
    ]
    outer = shape_of(outside, format)
    reason = _why_whole(tops)
    if reason:
        outside = [use for use in uses if use.read.outside]
        return Passes("whole", all_tops, shape_of(outside, format), reason=reason)
    if not tops:
        return Passes("whole", all_tops, outer, reason=_("no loop makes records"))
    if not outer.children:
        return Passes("stream", all_tops, outer)
    early = _watched(tops, outside, tree) if xml else None
    if early is not None:
        return Passes("head", all_tops, outer, early, _("values before the records are read first"))
    address = next(use.read.address for use in outside if use.read.chain)
    return Passes(
        "twice", all_tops, outer, reason=_("{path} is read outside its record").format(path=address)
    )


def outermost(target: Target) -> tuple[Target, ...]:
    """The loops that no other loop is around, in target order."""
    if target.loop is not None:
        return (target,)
    return tuple(found for child in target.children for found in outermost(child))


def _top(target: Target, reads: Uses, format: str, pure: bool) -> Top:
    loop = target.loop
    read = loop.source if loop is not None else None
    if loop is None or read is None:
        return Top(target, (), False, Unit((), (), Shape("")))
    if read.chain and read.chain[0].endswith("::"):
        return Top(target, read.chain, False, Unit((), (), Shape("")), read.chain[0].removesuffix("::"))
    places = next(use.places for use in reads.leads if use.read is read)
    plain = all(hop.filter is None and hop.type is None for hop in read.hops[:-1])
    plain = (
        plain and all(hop.index is None for hop in read.hops) and all(hop.type is None for hop in read.hops)
    )
    repeats = bool(read.hops) and read.hops[-1].every and not read.chain[-1].startswith("@")
    unit = _unit(read.chain, places, reads, format)
    alone = plain and repeats and unit.chain == read.chain
    follows = loop.follows and alone and format in ("delimited", "lines") and read.hops[-1].filter is None
    arranges = loop.arranges and alone and pure and not follows
    arranges = arranges and not any(_is_around(use, read.chain, format) for use in reads.leads)
    streams = loop.streams and plain and repeats
    return Top(target, read.chain, streams, unit, follows=follows, arranges=arranges)


def _unit(chain: tuple[str, ...], places: Places, reads: Uses, format: str) -> Unit:
    """The record, or the uppermost of several nodes around the records that a rule reads from."""
    xml = format == "xml"
    needed = [
        use.read.origin or ()
        for use in reads.leads
        if _is_around(use, chain) and not _comes_along(use, format)
    ]
    length = min((len(origin) for origin in needed), default=len(chain))
    entries = tuple(not xml and is_entry(place) for place in places[:length])
    unit = Unit(chain[:length], entries, Shape(chain[length - 1] if chain else ""))
    here = [use for use in reads.leads if use.read.outside and use.places[:length] == places[:length]]
    if all(_within(use, unit) for use in here):
        return replace(unit, shape=reads.shape.at(unit.chain) or unit.shape)
    inside = [use for use in reads.all() if use.places[:length] == places[:length] and _within(use, unit)]
    return replace(unit, shape=shape_of(inside, format).at(unit.chain) or unit.shape)


def _is_around(use: Use, chain: tuple[str, ...], format: str = "") -> bool:
    """The read comes from a node around a record, of which there may be several (messages: which comes along)."""
    origin = use.read.origin
    if origin is None or chain[: len(origin)] != origin:
        return False
    return format == "edi" or any(place.repeats for place in use.places[: len(origin)])


def _within(use: Use, unit: Unit) -> bool:
    """What is read stands in the record, or beside it in what is read at once with it."""
    return not use.read.outside or use.read.beside(unit.chain)


def _at_hand(use: Use, top: Top, format: str) -> bool:
    """What is read is given with the record."""
    origin = use.read.origin
    around = format == "edi" and origin is not None and top.chain[: len(origin)] == origin
    return _within(use, top.unit) or (around and _comes_along(use, format))


def _why_whole(tops: tuple[Top, ...]) -> str:
    """Why the whole input must be in memory, empty where it need not."""
    for top in tops:
        if not (top.streams or top.follows or top.arranges):
            loop = top.target.loop
            if loop is not None and (loop.group or loop.sort or loop.last is not None):
                return _("{path} groups or sorts all records").format(path=top.target.path)
            return _("the loop of {path} does not simply visit all records").format(path=top.target.path)
    return ""


def _comes_along(use: Use, format: str) -> bool:
    """It is given with each record: an attribute of a node around it, or in the segment that opens a level of EDI."""
    if format == "edi":
        return opens_level(use.places, len(use.read.origin or ()))
    return format == "xml" and _is_attribute(use)


def opens_level(places: Places, depth: int) -> bool:
    """The way down goes through the segment that opens the level of the envelope at a depth."""
    if not 0 < depth < len(places):
        return False
    opening = places[depth - 1].node.facts.get("opens")
    return bool(opening) and places[depth].node.facts.get("code") == opening


def _is_attribute(use: Use) -> bool:
    """One of the node around the record itself."""
    return len(use.places) == len(use.read.origin or ()) + 1 and use.read.chain[-1].startswith("@")


def _watched(tops: tuple[Top, ...], outside: Sequence[Use], tree: Tree) -> tuple[str, ...] | None:
    """The tags of the elements outside the records, if the schema puts them all before the records; else None."""
    found: dict[str, None] = {}
    for use in outside:
        for top in tops:
            shared = _shared(use.read.chain, top.unit.chain)
            if shared == len(top.unit.chain):
                return None
            if shared == len(use.read.chain):
                if use.read.whole:
                    return None  # the records are part of it
                continue
            branch = use.places[shared]
            if branch.node.attribute:
                continue
            record = _place_at(top, shared, tree)
            if record is None or not _before(branch, record):
                return None
            found[use.read.chain[shared]] = None
    return tuple(found)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count


def _place_at(top: Top, depth: int, tree: Tree) -> Place | None:
    assert top.target.loop is not None
    read = top.target.loop.source
    place = tree.find(read.address) if read is not None else None
    up = len(top.chain) - depth - 1
    while place is not None and up > 0:
        place = place.parent
        if place is not None and place.node.kind is not Kind.CHOICE:
            up -= 1
    return place


def _before(branch: Place, record: Place) -> bool:
    if branch.parent is None or record.parent is None or branch.parent.path != record.parent.path:
        return False
    names = [place.path for place in branch.parent.flat_children()]
    return (
        branch.path in names and record.path in names and names.index(branch.path) < names.index(record.path)
    )
