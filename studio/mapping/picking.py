"""What may stand at a node that a schema leaves open, and taking some of it: each function gives a new transformation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from studio.base.records import dataclass
from studio.mapping import address, edits
from studio.mapping.further import SOURCE, TARGET
from studio.mapping.instances import node_of
from studio.mapping.model import Mapping, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema import instead
from studio.schema.drawn import FACT, Drawn
from studio.schema.instead import variants
from studio.schema.model import Kind, Node, Place
from studio.schema.path import Step, format_steps, parse_path

# How an alternative comes to stand there.
CHOICE, DECLARED, MEMBER, TYPE, ELEMENT, DRAWN = "choice", "declared", "member", "type", "element", "drawn"


@dataclass(frozen=True)
class Alternative:
    """One thing that may stand at a node: its address without a number, its name, how it comes to stand there.

    `taken` is the number of those in the map: picked, or with rules; `ruled` tells that some have rules, which a pick
    that is taken back leaves where they are.
    """

    path: str
    name: str
    how: str
    documentation: str = ""
    taken: int = 0
    ruled: bool = False


def alternatives(place: Place, used: Iterable[str], ruled: Iterable[str]) -> Iterator[Alternative]:
    """What may stand at a place: of a choice, of a wildcard, or instead of a node (itself first).

    `used` are the addresses that are picked or have rules, `ruled` those that have rules.
    """
    counts: dict[str, int] = {}
    for path in used:
        base = address.instance(path)[0]
        counts[base] = counts.get(base, 0) + 1
    with_rules = {address.instance(path)[0] for path in ruled}

    def one(path: str, name: str, how: str, documentation: str) -> Alternative:
        return Alternative(path, name, how, documentation, counts.get(path, 0), path in with_rules)

    for path, node, how in _open(place):
        yield one(
            path, address.name(path) if how in (CHOICE, ELEMENT) else _label(node, how), how, _said(node)
        )


def _open(place: Place) -> Iterator[tuple[str, Node, str]]:
    node = place.node
    if node.kind is Kind.CHOICE:
        for each in place.flat_children():
            yield each.path, each.node, CHOICE
    elif node.kind is Kind.ANY:
        around = place.parent
        while around is not None and around.node.kind is Kind.CHOICE:
            around = around.parent
        if around is None:
            return
        lead = around.path
        for each in around.flat_children():
            if FACT in each.node.facts and each.node.attribute == node.attribute:
                yield each.path, each.node, DRAWN
        for known in instead.let_in(node):
            yield f"{lead}/{Step(known.name, known.attribute, known.prefix or None)}", known, ELEMENT
    else:
        yield place.path, node, DECLARED
        made = {place.path}
        for other in variants(node):
            member = other.name != node.name
            path = picked_path(place.path, other.name if member else other.type.name)
            if path not in made:
                made.add(path)
                yield path, other, MEMBER if member else TYPE


def picked_path(path: str, name: str) -> str:
    """The address of a node with a type or member picked."""
    steps = parse_path(path)
    lead = "/" if path.startswith("/") else ""
    return lead + format_steps((*steps[:-1], replace(steps[-1], type=name, index=None)))


def _label(node: Node, how: str) -> str:
    return node.type.name if how == TYPE else node.name


def _said(node: Node) -> str:
    return node.documentation or node.type.documentation


def with_picks(given: Transformation, side: str, paths: Iterable[str]) -> Transformation:
    """The transformation with exactly these picks on a side."""
    picks = {**given.picks, side: tuple(dict.fromkeys(paths))}
    return replace(given, picks={name: each for name, each in picks.items() if each})


def choose(
    given: Transformation, trees: Trees, side: str, place: Place, taken: Sequence[str], dropped: Sequence[str]
) -> Transformation:
    """Take some alternatives of a place, by their addresses, and no longer pick others.

    In the target each that is taken becomes an instance of its own where the node repeats. Where the node as declared
    is dropped, its rules go along with the first that is taken.
    """
    picks = [path for path in given.picks.get(side, ()) if address.instance(path)[0] not in dropped]
    kinds = place.node.kind not in (Kind.CHOICE, Kind.ANY)
    if not kinds or side == SOURCE:
        return with_picks(given, side, (*picks, *taken))
    mapping = given.mapping
    present = _present(mapping, picks, place.path)
    new = [path for path in taken if path not in {address.instance(each)[0] for each in present}]
    if tuple(present) == (place.path,) and new and place.path in dropped:
        mapping = edits.move_rules(mapping, place.path, new[0], trees)
        present, picks, new = (new[0],), [*picks, new[0]], new[1:]
    if not place.repeats:
        return with_picks(replace(given, mapping=mapping), side, (*picks, *new))
    return _instances(replace(given, mapping=mapping), trees, picks, present, new)


def add_instance(
    given: Transformation, trees: Trees, place: Place, path: str = ""
) -> tuple[Transformation, str]:
    """One more instance of a repeated target node, of the kind picked by `path`; the transformation and its address."""
    picks = list(given.picks.get(TARGET, ()))
    present = _present(given.mapping, picks, place.path)
    if not present:
        present = (place.path,)
        picks.append(place.path)
    made = _instances(given, trees, picks, present, [path or place.path])
    return made, made.picks[TARGET][-1]


def _instances(
    given: Transformation,
    trees: Trees,
    picks: list[str],
    present: Sequence[str],
    new: Sequence[str],
) -> Transformation:
    """With the new kinds as instances behind those present; all of them numbered when there are several."""
    mapping = given.mapping
    if len(present) + len(new) > 1:
        numbers = {path: node_of(path)[1] for path in present}
        free = (number for number in count(1) if number not in numbers.values())
        names = {path: f"{path}[{next(free)}]" for path in present if not numbers[path]}
        for old, numbered in names.items():
            mapping = edits.move_rules(mapping, old, numbered, trees)
            picks = [address.moved(path, old, numbered) for path in picks]
        top = max(node_of(names.get(path, path))[1] for path in present) if present else 0
        new = [f"{path}[{number}]" for number, path in enumerate(new, top + 1)]
    return with_picks(replace(given, mapping=mapping), TARGET, (*picks, *new))


def _present(mapping: Mapping, picks: Iterable[str], base: str) -> tuple[str, ...]:
    """The instances and kinds of a node that are picked or have rules, by their numbers."""
    found: dict[str, None] = {}
    depth = len(address.split(base))
    lead = "/" if base.startswith("/") else ""
    for path in (*(rule.path for rule in mapping.rules), *picks):
        steps = address.split(path)
        if len(steps) >= depth:
            here = address.join(lead, steps[:depth])
            if node_of(here)[0] == base:
                found[here] = None
    return tuple(sorted(found, key=lambda each: node_of(each)[1]))


def removed(given: Transformation, side: str, path: str) -> Transformation:
    """Without the picks at an address and below it; those of the instances behind it move up as their rules do."""
    base, number = node_of(path)
    kept: list[str] = []
    for each in given.picks.get(side, ()):
        if address.within(each, path):
            continue
        kept.append(_shifted(each, base, number) if number else each)
    return with_picks(given, side, kept)


def _shifted(path: str, base: str, gone: int) -> str:
    steps = parse_path(path)
    depth = len(address.split(base))
    if len(steps) < depth:
        return path
    lead = "/" if path.startswith("/") else ""
    here = lead + format_steps(steps[:depth])
    if node_of(here)[0] != base or (steps[depth - 1].index or 0) <= gone:
        return path
    step = replace(steps[depth - 1], index=(steps[depth - 1].index or 1) - 1)
    return lead + format_steps((*steps[: depth - 1], step, *steps[depth:]))


def followed(given: Transformation, side: str, old: str, new: str) -> Transformation:
    """The picks and drawn nodes of a side after the schema's node `old` became `new`."""
    picks = tuple(_followed(path, old, new) for path in given.picks.get(side, ()))
    drawn = {_followed(path, old, new): each for path, each in given.drawn.get(side, {}).items()}
    return with_drawn_nodes(with_picks(given, side, picks), side, drawn)


def _followed(path: str, old: str, new: str) -> str:
    if not address.within(address.plain(path), old):
        return path
    steps, olds, news = parse_path(path), parse_path(old), parse_path(new)
    lead = "/" if new.startswith("/") else ""
    head = [
        replace(step, index=steps[at].index, type=steps[at].type)
        if at < len(olds) and len(olds) == len(news)
        else step
        for at, step in enumerate(news)
    ]
    return lead + format_steps((*head, *steps[len(olds) :]))


def with_drawn_nodes(given: Transformation, side: str, drawn: dict[str, Drawn]) -> Transformation:
    """The transformation with exactly these drawn nodes on a side."""
    changed = {**given.drawn, side: drawn}
    return replace(given, drawn={name: each for name, each in changed.items() if each})


def let_in(tree: Tree, path: str) -> bool:
    """A node that the schema does not name, and nobody has drawn: a wildcard lets it in."""
    place = tree.find(path)
    return place is not None and "wildcard" in place.node.facts and FACT not in place.node.facts
