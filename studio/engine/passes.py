"""How a plan's input is read: what is used of it, where its records are, and how many passes that takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from studio.base.i18n import _
from studio.engine.plan import Shape, Target, Top, Unit
from studio.engine.resolve import Use, key_of
from studio.engine.targets import is_entry
from studio.mapping.tree import Tree
from studio.schema.model import Base, Kind, Place

Places = tuple[Place, ...]


@dataclass(frozen=True)
class Passes:
    """See Plan: `kind` is stream, head, twice or whole. `tops` are the outermost loops of each target."""

    kind: str
    tops: tuple[tuple[Top, ...], ...]
    outer: Shape
    watch: tuple[str, ...] = ()
    reason: str = ""


@dataclass
class _Growing:
    """A Shape under construction."""

    key: str
    children: dict[str, _Growing] = field(default_factory=dict)
    text: bool = False
    present: bool = False
    repeats: bool = False
    entries: bool = False
    base: Base = Base.TEXT
    mixed: bool = False
    nillable: bool = False
    whole: bool = False

    def frozen(self, whole: bool = False) -> Shape:
        whole = whole or self.whole
        children = {key: child.frozen(whole) for key, child in self.children.items()}
        return Shape(
            self.key,
            children,
            self.text,
            self.present,
            self.repeats,
            self.entries,
            self.base,
            self.mixed,
            self.nillable,
            whole,
        )


def shape_of(uses: Iterable[Use], format: str) -> Shape:
    """The source nodes in use, as one tree."""
    root = _Growing("")
    xml = format == "xml"
    # Most reads have the way down to their node's parent in common with others.
    ways: dict[tuple[int, ...], _Growing] = {(): root}
    for use in uses:
        way = tuple(map(id, use.places))
        found = ways.get(way)
        if found is None:
            found = ways.get(way[:-1]) or _way(root, use.places[:-1], xml)
            ways[way[:-1]] = found
            found = ways[way] = _below(found, use.places[-1], xml)
        here = found
        here.whole = here.whole or use.read.whole
        if use.read.holds_text:
            here.text, here.base = True, use.read.base
        elif not use.loop:
            here.present = True
    return root.frozen()


def _way(here: _Growing, places: Places, xml: bool) -> _Growing:
    for place in places:
        here = _below(here, place, xml)
    return here


def _below(here: _Growing, place: Place, xml: bool) -> _Growing:
    key = key_of(place, xml)
    found = here.children.get(key)
    if found is None:
        node = place.node
        found = _Growing(
            key,
            repeats=place.repeats,
            mixed=node.type.mixed,
            nillable=node.nillable,
            entries=_is_array(place, xml),
        )
        here.children[key] = found
    return found


def _is_array(place: Place, xml: bool) -> bool:
    if xml or place.node.kind is not Kind.ELEMENT:
        return False
    return any(is_entry(child) for child in place.children())


def find_passes(roots: tuple[Target, ...], uses: list[Use], format: str, tree: Tree) -> Passes:
    """How the main input of a plan is read."""
    xml = format == "xml"
    uses = [use for use in uses if not in_further(use)]
    all_tops = tuple(tuple(_top(target, uses, format) for target in outermost(root)) for root in roots)
    tops = tuple(top for found in all_tops for top in found if not top.further)
    outside = [use for use in uses if use.read.outside and not any(_within(use, top.unit) for top in tops)]
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


def in_further(use: Use) -> bool:
    """What is used stands in a further document, or in a row that a join finds."""
    return bool(use.places) and use.places[0].node.name.endswith("::")


def outermost(target: Target) -> tuple[Target, ...]:
    """The loops that no other loop is around, in target order."""
    if target.loop is not None:
        return (target,)
    return tuple(found for child in target.children for found in outermost(child))


def _top(target: Target, uses: list[Use], format: str) -> Top:
    loop = target.loop
    read = loop.source if loop is not None else None
    if loop is None or read is None:
        return Top(target, (), False, Unit((), (), Shape("")))
    if read.chain and read.chain[0].endswith("::"):
        return Top(target, read.chain, False, Unit((), (), Shape("")), read.chain[0].removesuffix("::"))
    places = next(use.places for use in uses if use.read is read)
    plain = all(hop.filter is None and hop.type is None for hop in read.hops[:-1])
    plain = (
        plain and all(hop.index is None for hop in read.hops) and all(hop.type is None for hop in read.hops)
    )
    repeats = bool(read.hops) and read.hops[-1].every and not read.chain[-1].startswith("@")
    return Top(
        target, read.chain, loop.streams and plain and repeats, _unit(read.chain, places, uses, format)
    )


def _unit(chain: tuple[str, ...], places: Places, uses: list[Use], format: str) -> Unit:
    """The record, or the uppermost of several nodes around the records that a rule reads from."""
    xml = format == "xml"
    needed = [
        use.read.origin or () for use in uses if _is_around(use, chain) and not (xml and _is_attribute(use))
    ]
    length = min((len(origin) for origin in needed), default=len(chain))
    entries = tuple(not xml and is_entry(place) for place in places[:length])
    unit = Unit(chain[:length], entries, Shape(chain[length - 1] if chain else ""))
    inside = [use for use in uses if use.places[:length] == places[:length] and _within(use, unit)]
    return replace(unit, shape=shape_of(inside, format).at(unit.chain) or unit.shape)


def _is_around(use: Use, chain: tuple[str, ...]) -> bool:
    """The read comes from a node around a record, of which there may be several."""
    origin = use.read.origin
    if origin is None or chain[: len(origin)] != origin:
        return False
    return any(place.repeats for place in use.places[: len(origin)])


def _within(use: Use, unit: Unit) -> bool:
    """What is read stands in the record, or beside it in what is read at once with it."""
    return not use.read.outside or use.read.beside(unit.chain)


def _why_whole(tops: tuple[Top, ...]) -> str:
    """Why the whole input must be in memory, empty where it need not."""
    for top in tops:
        if not top.streams:
            loop = top.target.loop
            if loop is not None and (loop.group or loop.sort or loop.last is not None):
                return _("{path} groups or sorts all records").format(path=top.target.path)
            return _("the loop of {path} does not simply visit all records").format(path=top.target.path)
    return ""


def _is_attribute(use: Use) -> bool:
    """One of the node around the record itself."""
    return len(use.places) == len(use.read.origin or ()) + 1 and use.read.chain[-1].startswith("@")


def _watched(tops: tuple[Top, ...], outside: list[Use], tree: Tree) -> tuple[str, ...] | None:
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
