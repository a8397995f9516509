"""The source nodes that a map uses, as a tree that follows its edits: uses are counted, so that one can be taken out."""

from __future__ import annotations

from dataclasses import field

from studio.base.records import dataclass
from studio.engine.plan import Shape
from studio.engine.resolve import Use, is_entry, key_of
from studio.schema.model import Base, Kind, Place

Places = tuple[Place, ...]


@dataclass(eq=False)
class _Growing:
    """A Shape under construction: how many uses end here, and in which way; `kept` is it as it was last given out."""

    key: str
    above: _Growing | None = None
    children: dict[str, _Growing] = field(default_factory=dict)
    ends: int = 0
    texts: int = 0
    presents: int = 0
    wholes: int = 0
    types: int = 0
    repeats: bool = False
    entries: bool = False
    base: Base = Base.TEXT
    mixed: bool = False
    nillable: bool = False
    kept: Shape | None = None

    def shape(self, whole: bool = False) -> Shape:
        """It with all below; `whole` says that a node above is used whole."""
        if self.kept is not None and self.kept.whole == (whole or self.wholes > 0):
            return self.kept
        whole = whole or self.wholes > 0
        self.kept = Shape(
            self.key,
            {key: child.shape(whole) for key, child in self.children.items()},
            self.texts > 0,
            self.presents > 0,
            self.repeats,
            self.entries,
            self.base if self.texts else Base.TEXT,
            self.mixed,
            self.nillable,
            whole,
            self.types > 0,
        )
        return self.kept

    def changed(self) -> None:
        """It is another one from now on, and so are those above it."""
        here: _Growing | None = self
        while here is not None:
            here.kept = None
            here = here.above


class Shapes:
    """The uses of a map, counted, in a source of the given format."""

    def __init__(self, format: str) -> None:
        self._xml = format == "xml"
        self._root = _Growing("")
        # Most reads have the way down to their node's parent in common with others.
        self._ways: dict[tuple[int, ...], tuple[_Growing, Places]] = {}

    def shape(self) -> Shape:
        """The nodes in use."""
        return self._root.shape()

    def add(self, use: Use) -> None:
        """One use more."""
        self._count(use, 1)

    def remove(self, use: Use) -> None:
        """One use less, that was added."""
        here = self._count(use, -1)
        while here.above is not None and not here.ends and not here.children:
            del here.above.children[here.key]
            self._ways.clear()
            here = here.above

    def _count(self, use: Use, by: int) -> _Growing:
        here = self._way(use.places)
        here.ends += by
        here.wholes += by * use.read.whole
        for back, hop in enumerate(reversed(use.read.hops)):
            if hop.type is not None:
                self._way(use.places[: len(use.places) - back]).types += by
        if use.read.holds_text:
            here.texts += by
            here.base = use.read.base
        elif not use.loop:
            here.presents += by
        here.changed()
        return here

    def _way(self, places: Places) -> _Growing:
        if not places:
            return self._root
        key = tuple(map(id, places))
        known = self._ways.get(key)
        if known is None:
            above = self._way(places[:-1])
            # The places are held, so that their ids stay their own.
            known = self._ways[key] = self._below(above, places[-1]), places
        return known[0]

    def _below(self, here: _Growing, place: Place) -> _Growing:
        key = key_of(place, self._xml)
        found = here.children.get(key)
        if found is None:
            node = place.node
            found = _Growing(
                key,
                here,
                repeats=place.repeats,
                mixed=node.type.mixed,
                nillable=node.nillable,
                entries=self._is_array(place),
            )
            here.children[key] = found
        return found

    def _is_array(self, place: Place) -> bool:
        if self._xml or place.node.kind is not Kind.ELEMENT:
            return False
        return any(is_entry(child) for child in place.children())
