"""The joins of a loop: rows of another document, looked up by the values of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.passes import Places, shape_of
from studio.engine.plan import Join, Lookup, Read, Shape, Unit
from studio.engine.resolve import DOCUMENT, Frame, Frames, Resolver, Unresolved, Use, is_entry, parsed_path
from studio.mapping.model import Join as Given
from studio.mapping.model import Rule
from studio.schema.model import Kind, Node, Place, Type
from studio.schema.path import document_of


@dataclass(frozen=True)
class _Made:
    """A lookup before all that is read of its rows is known: `way` are the places down to them in their document."""

    source: Read
    fields: tuple[Read, ...]
    way: Places


class Joining:
    """Resolves joins; `lookups()` are those they ask, once the scripts of all rules are resolved."""

    def __init__(self, resolver: Resolver, formats: dict[str, str]) -> None:
        self._resolver = resolver
        self._formats = formats
        self._made: dict[str, _Made] = {}

    def joins(self, rule: Rule, outer: Frames, frame: Frame) -> tuple[tuple[Join, ...], Frame]:
        """The joins of a rule's loop and the frame with their rows; what is wrong goes to the resolver's problems."""
        found: list[Join] = []
        for name, given in rule.join.items():
            made = self._join(name, given, rule, (*outer, frame))
            if made is not None:
                join, chain = made
                found.append(join)
                frame = replace(frame, joins=((name, chain), *frame.joins))
        return tuple(found), frame

    def _join(self, name: str, given: Given, rule: Rule, frames: Frames) -> tuple[Join, Places] | None:
        try:
            key, chain = self._lookup(name, given, rule.path)
        except BadInput as error:
            self._wrong(rule, name, error.message, error.next_step)
            return None
        except Unresolved as error:
            self._wrong(rule, name, error.message, error.mend)
            return None
        scripts = tuple(self._resolver.expr(text, frames, rule.path) for text in given.match.values())
        return Join(name, key, scripts, given.kind == "left"), chain

    def _wrong(self, rule: Rule, name: str, reason: str, mend: str) -> None:
        message = _("The join {name} cannot be made: {reason}").format(name=name, reason=reason)
        self._resolver.problems.append(
            Problem(Severity.ERROR, message, None, None, None, None, rule.path, mend)
        )

    def _lookup(self, name: str, given: Given, rule: str) -> tuple[str, Places]:
        """The key of the lookup a join asks, and the places down to its rows."""
        resolver = self._resolver
        if not given.match:
            raise Unresolved(
                _("It matches no field."), 0, _("Say which field of its rows equals which value of the loop.")
            )
        before = len(resolver.uses)
        source, way = resolver.read(parsed_path(given.loop, ""), (DOCUMENT,), rule, loop=True)
        uses = resolver.uses[before:]
        del resolver.uses[before:]
        if not source.hops or any(
            hop.filter is not None or hop.index or hop.type for hop in source.hops[:-1]
        ):
            raise Unresolved(_("Its path has a condition or a number before its last step."), 0, _plain())
        if source.hops[-1].index or source.hops[-1].type or source.chain[-1].startswith("@"):
            raise Unresolved(_("Its path does not lead to all nodes of a kind."), 0, _plain())
        key = f"{given.loop} by {', '.join(given.match)}::"
        chain = (Place(Node(key, Kind.ELEMENT, Type("")), None, key), way[-1])
        inside = (DOCUMENT, Frame((), loop=False, joins=((name, chain),)))
        fields = tuple(self._field(name, text, inside, rule) for text in given.match)
        resolver.uses += [Use(use.read, (*chain, *use.places[len(way) :]), use.loop) for use in uses]
        self._made[key] = _Made(source, fields, way)
        return key, chain

    def _field(self, name: str, text: str, frames: Frames, rule: str) -> Read:
        path = parsed_path(text, name)
        if path.absolute or path.up or path.source is not None:
            raise Unresolved(
                _("{path} is no field of its rows.").format(path=text), 0, _("Begin below the row.")
            )
        read, _places = self._resolver.read(replace(path, source=name), frames, rule)
        if read.array or any(hop.filter or hop.index or hop.type for hop in read.hops):
            raise Unresolved(
                _("{path} is not one field of its rows.").format(path=text),
                0,
                _("Match a field that a row has once."),
            )
        return read

    def lookups(self) -> tuple[Lookup, ...]:
        """What joins ask, with what is kept of the rows."""
        return tuple(self._finished(key, made) for key, made in self._made.items())

    def _finished(self, key: str, made: _Made) -> Lookup:
        document = document_of(made.way[-1].path)
        format = self._formats[document]
        uses = [use for use in self._resolver.uses if use.places and use.places[0].path == key]
        row = self._resolver.key(made.way[-1])
        way = made.way[1:] if document else made.way
        shape = shape_of(uses, format).at((key, row)) or Shape(row)
        entries = tuple(format != "xml" and is_entry(place) for place in way)
        chain = tuple(self._resolver.key(place) for place in way)
        return Lookup(key, document, made.source, made.fields, Unit(chain, entries, shape))

    def beside_records(self) -> Iterator[Use]:
        """What lookups take from the main source: it is read outside its records."""
        for key, made in self._made.items():
            if document_of(made.way[-1].path):
                continue
            yield Use(replace(made.source, outside=True), made.way, loop=True)
            for use in self._resolver.uses:
                if use.places and use.places[0].path == key:
                    read = replace(use.read, outside=True, joined="", level=0)
                    yield Use(read, (*made.way, *use.places[2:]), use.loop)


def _plain() -> str:
    return _("Name the repeating node; a condition may follow it.")
