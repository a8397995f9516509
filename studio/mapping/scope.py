"""What the scripts of a rule may refer to: the fields around its context, with the values of a sample record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.mapping import address, loops
from studio.mapping.context import Contexts, relative
from studio.mapping.evidence import Evidence
from studio.schema.model import Base, Kind, Place
from studio.script import tree
from studio.script.scope import Field, Scope

# Functions that a transformation answers by itself, beside those that work anywhere.
OFFERED = frozenset(
    {
        "getinstance", "setinstances", "sortinstances", "countsourcerecords", "recordcount", "sourceinstancecount",
        "targetinstancecount",
    }
)  # fmt: skip
# Completion offers the fields near a rule; a schema of thousands is searched in its tree.
MOST_FIELDS = 1_500
_DEEP = 6


def scope_of(
    contexts: Contexts,
    path: str,
    *,
    evidence: Evidence | None = None,
    variables: Iterable[str] = (),
    fields: bool = True,
    script: tree.Script | None = None,
    object: str | None = None,
) -> Scope:
    """The scope of the rule at a target path; without `fields` it knows what a path means but offers none.

    Paths inside the filters of `script` start from their candidates. A source tree without a root knows nothing: then
    paths are not looked at.
    """
    source = contexts.source_tree
    if source.root is None:
        return Scope(variables=variables, offered=OFFERED, object=object, path=path)
    offered: Iterable[Field] = _Offered(contexts, path, evidence) if fields else ()
    context = contexts.of(path)
    inner = dict(_candidates(contexts, script, context)) if script is not None else {}
    # A check asks about each path several times over.
    found: dict[int, tuple[tree.Path, Field | None]] = {}

    def field(written: tree.Path) -> Field | None:
        known = found.get(id(written))
        if known is None:
            place = inner.get(id(written), context)
            known = found[id(written)] = written, field_of(contexts, path, written, evidence, place)
        return known[1]

    return Scope(field, offered, variables, offered=OFFERED, object=object, path=path)


class _Offered:
    """The fields to offer, found when somebody asks for them: a script in which all is well needs none."""

    def __init__(self, contexts: Contexts, path: str, evidence: Evidence | None) -> None:
        self._of = contexts, path, evidence
        self._found: tuple[Field, ...] | None = None

    def __iter__(self) -> Iterator[Field]:
        if self._found is None:
            self._found = tuple(_fields(*self._of))
        return iter(self._found)


def field_of(
    contexts: Contexts, path: str, written: tree.Path, evidence: Evidence | None, context: str
) -> Field | None:
    """What a path in the rule at `path` means, read from the source address `context`; None where it leads nowhere."""
    joined = contexts.joined(written, path) if written.source is not None else None
    if joined is not None:
        return _joined_field(contexts, written, *joined, evidence)
    source = contexts.address(written, context)
    if source is None:
        # A map whose further documents are not known here says nothing of them.
        return None if contexts.source_tree.further and written.source else Field(written.source or "")
    place = contexts.source_tree.find(source)
    if place is None:
        return None
    single = any(step.index is not None or step.call for step in written.steps)
    many = not single and context == contexts.of(path) and bool(_repeating(contexts, path, source))
    return _field(place, relative(source, context), evidence, many=many)


def _joined_field(
    contexts: Contexts, written: tree.Path, row: str, source: str, evidence: Evidence | None
) -> Field | None:
    """What a path means that reads a row of a join."""
    place = contexts.source_tree.find(source)
    if place is None:
        return None
    between = (up for up in (source, *address.ancestors(source)) if len(up) > len(row))
    several = any(found is not None and found.repeats for found in map(contexts.source_tree.find, between))
    many = several and not any(step.index is not None or step.call for step in written.steps)
    return _field(place, f"{written.source}::{source[len(row) + 1 :]}", evidence, many=many)


def _candidates(contexts: Contexts, script: tree.Script, context: str) -> Iterator[tuple[int, str]]:
    """The source address each path inside a filter starts from, by the path's identity."""
    for path in tree.paths(script):
        for number, step in enumerate(path.steps):
            if step.filter is None:
                continue
            shorter = replace(path, steps=path.steps[: number + 1], whole=False)
            candidate = contexts.address(shorter, context)
            if candidate is not None:
                for inner in tree.paths(step.filter):
                    yield id(inner), candidate
                yield from _candidates(contexts, step.filter, candidate)


def _field(place: Place, written: str, evidence: Evidence | None, *, many: bool) -> Field:
    value = place.node.value
    seen = evidence.source.get(place.path) if evidence is not None else None
    note = " ".join((place.node.documentation or place.node.type.documentation).split())
    return Field(written, value.base if value else Base.TEXT, many, seen.text if seen else "", note[:200])


def _fields(contexts: Contexts, path: str, evidence: Evidence | None) -> Iterator[Field]:
    """Fields from near to far: inside the context, then inside each node above it."""
    source, context = contexts.source_tree, contexts.of(path)
    seen: set[str] = set()
    count = 0
    for top in (context, *address.ancestors(context)) if context else ("",):
        place = source.find(top) if top else source.root
        if place is None:
            continue
        for found in _inside(place, _DEEP):
            if found.path in seen:
                continue
            seen.add(found.path)
            if found.node.value is not None:
                many = bool(_repeating(contexts, path, found.path))
                yield _field(found, relative(found.path, context), evidence, many=many)
                count += 1
            if count >= MOST_FIELDS:
                return


def _inside(place: Place, depth: int) -> Iterator[Place]:
    """Places below, level by level; a type inside itself is not entered again."""
    level = [place]
    for _ in range(depth):
        deeper: list[Place] = []
        for here in level:
            for child in here.flat_children():
                if child.node.kind is Kind.ANY:
                    continue
                yield child
                if not child.node.type.leaf and not child.recursive:
                    deeper.append(child)
        level = deeper[:500]


def _repeating(contexts: Contexts, path: str, source: str) -> list[str]:
    return loops.unvisited(contexts, contexts.source_tree, source, path)
