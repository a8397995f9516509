"""Content models in which an element may belong to two declarations: other programs refuse such schemas."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.attributes import admits, wildcard_facts
from studio.schema.xsd.content import occurs_of
from studio.schema.xsd.names import PARTICLES, TRUE, XSD, QName, children, first
from studio.schema.xsd.symbols import Document, Symbols

# Models with more particles than this, or groups nested deeper, are left out: looking at them would take too long.
_MOST = 3000
_DEEPEST = 60
_COMPLEX_TYPE = f"{{{XSD}}}complexType"

Positions = tuple[int, ...]


class _Particle(NamedTuple):
    """An element or wildcard at one place of a model. `rule` are the facts of a wildcard."""

    element: Element
    document: Document
    names: frozenset[QName]
    rule: dict[str, str] | None


class _Part(NamedTuple):
    """A stretch of a model: what it may start and end with, and whether it may be empty."""

    first: Positions
    last: Positions
    empty: bool


_NOTHING = _Part((), (), True)


class _TooLargeError(Exception):
    """The model is too large to be looked at."""


def ambiguities(symbols: Symbols) -> Iterator[Problem]:
    """A warning for each type whose content is ambiguous."""
    look = _Look(symbols)
    told: set[Element] = set()
    for document in symbols.documents:
        if document.path is None:
            continue
        for element in document.schema.iter(_COMPLEX_TYPE):
            found = look.at(element, document)
            # Every type that comes from an ambiguous one is so too; once is enough.
            if found is not None and found[1].element not in told:
                told.add(found[1].element)
                yield _warning(*found)


def _warning(one: _Particle, other: _Particle) -> Problem:
    name = other.element.get("name") or other.element.get("ref") or "any"
    return Problem(
        Severity.WARNING,
        _("The content is ambiguous: here {name} may also belong to line {line}.").format(
            name=name, line=line_of(one.element)
        ),
        other.document.file,
        line_of(other.element),
        mend=_("The tree is right, but other programs may refuse the schema; join the two declarations."),
    )


class _Look:
    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols

    @cached_property
    def _members(self) -> dict[QName, set[QName]]:
        """The names that may stand for the head of a substitution group."""
        direct: dict[QName, list[QName]] = {}
        silent: set[QName] = set()
        closed: set[QName] = set()
        for name, component in self._symbols.all("element"):
            if component.element.get("abstract") in TRUE:
                silent.add(name)
            blocked = component.element.get("block", component.document.schema.get("blockDefault", ""))
            if {"substitution", "#all"}.intersection(blocked.split()):
                closed.add(name)
            for text in (component.element.get("substitutionGroup") or "").split():
                head = component.document.name(component.element, text)
                if head is not None:
                    direct.setdefault(head, []).append(name)
        found: dict[QName, set[QName]] = {}
        for head in direct:
            if head in closed:
                continue
            waiting, names = [head], set[QName]()
            while waiting:
                at = waiting.pop()
                if at not in names:
                    names.add(at)
                    waiting += direct.get(at, ())
            found[head] = names - silent
        return found

    def at(self, element: Element, document: Document) -> tuple[_Particle, _Particle] | None:
        """The first two particles of a type that compete, None where there are none."""
        model = _Model(self._symbols, self._members)
        try:
            start = model.type(element, document, 0)
        except _TooLargeError:
            return None
        return model.conflict(start)


class _Model:
    """The particles of one content model, and which may follow which."""

    def __init__(self, symbols: Symbols, members: dict[QName, set[QName]]) -> None:
        self._symbols = symbols
        self._members = members
        self._particles: list[_Particle] = []
        self._follow: list[list[Positions]] = []
        self._clash: tuple[_Particle, _Particle] | None = None

    def type(self, element: Element, document: Document, depth: int) -> _Part:
        """The model of a complex type: that of its base, then its own."""
        if depth > _DEEPEST:
            raise _TooLargeError
        content = first(element, "complexContent")
        if content is None:
            return self._inside(element, document, depth)
        derivation = first(content, "extension", "restriction")
        if derivation is None:
            return _NOTHING
        own = self._inside(derivation, document, depth)
        if not derivation.tag.endswith("extension"):
            return own
        name = document.name(derivation, derivation.get("base") or "")
        base = self._symbols.find("type", name, derivation)
        if base is None or base.element is element:
            return own
        return self._joined([self.type(base.element, base.document, depth + 1), own])

    def _inside(self, element: Element, document: Document, depth: int) -> _Part:
        found = first(element, "sequence", "choice", "all", "group")
        return _NOTHING if found is None else self._particle(found, document, depth + 1)

    def _particle(self, element: Element, document: Document, depth: int) -> _Part:
        occurs = occurs_of(element)
        if occurs.max == 0:
            return _NOTHING
        if depth > _DEEPEST:
            raise _TooLargeError
        word = str(element.tag).rpartition("}")[2]
        part = self._once(word, element, document, depth)
        if occurs.max != occurs.min and occurs.repeats:
            # A group that stands there a fixed number of times leaves no doubt about whether it comes again.
            for at in part.last:
                self._follow[at].append(part.first)
        return part._replace(empty=part.empty or occurs.min == 0)

    def _once(self, word: str, element: Element, document: Document, depth: int) -> _Part:
        if word in ("element", "any"):
            return self._leaf(word, element, document)
        if word == "group":
            name = document.name(element, element.get("ref") or "")
            component = self._symbols.find("group", name, element)
            if component is None:
                return _NOTHING
            return self._inside(component.element, component.document, depth)
        parts = [
            self._particle(child, document, depth + 1)
            for inner, child in children(element)
            if inner in PARTICLES
        ]
        if word == "sequence":
            return self._joined(parts)
        starts = tuple(at for part in parts for at in part.first)
        if word == "all":
            self._note(starts)
        ends = tuple(at for part in parts for at in part.last)
        empty = all(part.empty for part in parts) if word == "all" else any(part.empty for part in parts)
        return _Part(starts, ends, empty or not parts)

    def _joined(self, parts: list[_Part]) -> _Part:
        """One after the other."""
        starts: list[int] = []
        ends: list[int] = []
        empty = True
        for part in parts:
            for at in ends:
                self._follow[at].append(part.first)
            if empty:
                starts += part.first
            ends = [*(ends if part.empty else ()), *part.last]
            empty = empty and part.empty
        return _Part(tuple(starts), tuple(ends), empty)

    def _leaf(self, word: str, element: Element, document: Document) -> _Part:
        if len(self._particles) >= _MOST:
            raise _TooLargeError
        at = len(self._particles)
        if word == "any":
            particle = _Particle(element, document, frozenset(), wildcard_facts(element, document))
        else:
            particle = _Particle(element, document, self._names(element, document), None)
        self._particles.append(particle)
        self._follow.append([])
        return _Part((at,), (at,), False)

    def _names(self, element: Element, document: Document) -> frozenset[QName]:
        reference = element.get("ref")
        if reference is not None:
            name = document.name(element, reference)
            return frozenset(self._members.get(name, (name,))) if name is not None else frozenset()
        form = element.get("form")
        qualified = form == "qualified" if form else document.qualified_elements
        space = element.get("targetNamespace", document.namespace if qualified else "")
        return frozenset(((space, (element.get("name") or "").strip()),))

    def conflict(self, start: _Part) -> tuple[_Particle, _Particle] | None:
        """Two particles of which either may take the next element, None where that is always clear."""
        self._note(start.first)
        seen: set[frozenset[int]] = set()
        for follows in self._follow:
            if self._clash is not None:
                break
            key = frozenset(map(id, follows))
            if follows and key not in seen:
                seen.add(key)
                self._note(tuple(dict.fromkeys(at for some in follows for at in some)))
        return self._clash

    def _note(self, positions: Positions) -> None:
        taken: dict[QName, _Particle] = {}
        wild: list[_Particle] = []
        for at in positions:
            particle = self._particles[at]
            other = self._competitor(particle, taken, wild)
            if other is not None and self._clash is None:
                self._clash = (other, particle)
            if particle.rule is not None:
                wild.append(particle)
            taken |= dict.fromkeys(particle.names, particle)

    def _competitor(
        self, particle: _Particle, taken: dict[QName, _Particle], wild: list[_Particle]
    ) -> _Particle | None:
        rule = particle.rule
        if rule is not None:
            # Where elements win over wildcards (XSD 1.1), the two do not compete.
            newer = "not_names" in rule or "not_namespace" in rule
            named = (other for name, other in taken.items() if not newer and admits(rule, name))
            overlapping = (other for other in wild if other.rule is not None and _overlap(rule, other.rule))
            return next(named, None) or next(overlapping, None)
        for name in particle.names:
            if name in taken:
                return taken[name]
            for other in wild:
                rule = other.rule
                if rule and "not_names" not in rule and "not_namespace" not in rule and admits(rule, name):
                    return other
        return None


def _overlap(one: dict[str, str], other: dict[str, str]) -> bool:
    """Some namespace is admitted by both rules: tried with those they name, and one that neither does."""
    words = {word for rule in (one, other) for word in rule.get("namespace", "").split()}
    words |= {rule["target"] for rule in (one, other)} | {"", "urn:weft:any-other"}
    spaces = {word for word in words if not word.startswith("##")}
    return any(admits(one, (space, "*")) and admits(other, (space, "*")) for space in spaces)
