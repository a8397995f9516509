"""What a changed schema took away from a map, and where it may have gone: the nodes lost, each with ranked candidates."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import islice

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.edits import put_all
from studio.mapping.follow import follow_source
from studio.mapping.lines import Drawing, draw
from studio.mapping.model import Mapping as Map
from studio.mapping.remap import fit
from studio.mapping.tree import Tree, Trees
from studio.mapping.words import folded, likeness, words_of
from studio.schema.model import Kind, Node, Place
from studio.schema.path import document_of, parse_path

SOURCE, TARGET = "source", "target"
# Places looked at for one lost node, the nearest first.
_MOST_PLACES = 3_000
_DEEPEST = 10
_LEAST = 0.25
# Letters in common from which two names may be one, typed differently.
_TYPED = 0.75
# A candidate this likely, and clearly the likeliest, is chosen at once.
_SURE = 0.75
_CLEAR = 0.15


@dataclass(frozen=True)
class Fact:
    """What a node was when the map last fitted: the base of its value, whether it repeats, the names beside it."""

    base: str = ""
    repeats: bool = False
    beside: tuple[str, ...] = ()


Known = Mapping[str, Fact]
"""Facts by address: of a source node as it is, of a target node behind `→`."""


@dataclass(frozen=True)
class Candidate:
    """A node that may be the lost one. `score` is from 0 to 1; `reason` is for people."""

    path: str
    score: float
    reason: str
    fresh: bool = False


@dataclass(frozen=True)
class Lost:
    """A node that has gone, the topmost of its kind; `used` are the addresses in it that rules use, `rules` theirs."""

    side: str
    path: str
    used: tuple[str, ...]
    rules: tuple[str, ...]
    candidates: tuple[Candidate, ...] = field(default=(), compare=False)

    @property
    def likely(self) -> str:
        """The candidate to take unless somebody says otherwise, "" where none stands out."""
        new = [one for one in self.candidates if one.fresh and one.score >= _LEAST]
        if len(new) == 1 and new[0] is self.candidates[0]:
            return new[0].path
        if not self.candidates or self.candidates[0].score < _SURE:
            return ""
        second = self.candidates[1].score if len(self.candidates) > 1 else 0.0
        first = self.candidates[0]
        return first.path if first.score - second >= _CLEAR or first.score >= 0.95 else ""


def lost_nodes(mapping: Map, trees: Trees, drawing: Drawing | None = None) -> tuple[Lost, ...]:
    """Every node that rules use and the schemas do not have, the sources first, without candidates.

    `mapping` is fitted to the trees, so that rules of lost targets are parked. Nothing is lost to a schema that
    could not be read.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for line in (drawing or draw(mapping, trees)).lines:
        if not line.known:
            top = _top(trees.source, address.plain(line.source))
            if top:
                found[SOURCE, top].append((address.plain(line.source), line.target))
    for rule in mapping.parked:
        top = _top(trees.target, address.plain(rule.path))
        if top:
            found[TARGET, top].append((address.plain(rule.path), rule.path))
    lost = []
    for (side, path), uses in found.items():
        used = tuple(dict.fromkeys(use for use, _rule in uses))
        lost.append(Lost(side, path, used, tuple(dict.fromkeys(rule for _use, rule in uses))))
    return tuple(sorted(lost, key=lambda one: (one.side, one.path)))


def ranked(lost: Lost, mapping: Map, trees: Trees, known: Known | None = None) -> Lost:
    """A lost node with the nodes that may be it now, the likeliest first."""
    tree = trees.source if lost.side == SOURCE else trees.target
    taken = {address.plain(rule.path) for rule in mapping.rules} if lost.side == TARGET else set()
    return replace(lost, candidates=tuple(islice(_ranked(lost, tree, known or {}, taken), 12)))


def losses(
    mapping: Map, trees: Trees, *, known: Known | None = None, drawing: Drawing | None = None
) -> tuple[Lost, ...]:
    """`lost_nodes`, each with its candidates."""
    return tuple(ranked(lost, mapping, trees, known) for lost in lost_nodes(mapping, trees, drawing))


def follow(mapping: Map, trees: Trees, lost: Lost, path: str) -> Map:
    """The map after a lost node was found again at `path`, with all its rules use below it; nothing else changes."""
    if lost.side == SOURCE:
        return follow_source(mapping, trees, lost.path, path)
    placed, left = [], []
    for rule in mapping.parked:
        goal = _carried(rule.path, lost.path, path)
        if goal is not None and trees.target.find(goal) is None:
            goal = _carried(rule.path, lost.path, path, typed=False)
        if goal is not None and trees.target.find(goal) is not None and mapping.get(goal) is None:
            placed.append(replace(rule, path=goal))
        else:
            left.append(rule)
    return fit(put_all(replace(mapping, parked=tuple(left)), placed, trees.target), trees)


def facts(mapping: Map, trees: Trees, drawing: Drawing) -> Iterator[tuple[str, Fact]]:
    """What to remember of the nodes in use, for a day on which one of them has gone; to be taken in slices."""
    seen: set[str] = set()
    beside: dict[str, tuple[str, ...]] = {}
    for line in drawing.lines:
        if line.source not in seen:
            yield from _facts(seen, beside, trees.source, line.source, "")
    for rule in mapping.rules:
        yield from _facts(seen, beside, trees.target, rule.path, "→")


def _facts(
    seen: set[str], beside: dict[str, tuple[str, ...]], tree: Tree, path: str, lead: str
) -> Iterator[tuple[str, Fact]]:
    path = address.plain(path)
    for each in (path, *address.ancestors(path)):
        if lead + each in seen:
            return
        seen.add(lead + each)
        place = tree.find(each)
        if place is None:
            continue
        up = address.parent(each) or ""
        if lead + up not in beside:
            beside[lead + up] = tuple(islice(_beside(place), 200))
        value = place.node.value
        yield lead + each, Fact(value.base.name if value else "", place.repeats, beside[lead + up])


def _beside(place: Place) -> Iterator[str]:
    """The names of a place and of those beside it, also in the choices around it."""
    above = place.parent
    while above is not None and above.node.kind is Kind.CHOICE:
        above = above.parent
    return (node.name for node in _flat(above.node)) if above is not None else iter(())


def _flat(node: Node) -> Iterator[Node]:
    for child in node.type.children:
        if child.kind is Kind.CHOICE:
            yield from _flat(child)
        else:
            yield child


def _top(tree: Tree, path: str) -> str:
    """The topmost node above a lost address that is lost too; "" where the tree could not be read or has it."""
    own = tree.of(path)
    if own is None or own.root is None or tree.find(path) is not None:
        return ""
    top = path
    for up in address.ancestors(path):
        if not up or tree.find(up) is not None:
            break
        top = up
    return top


def _ranked(lost: Lost, tree: Tree, known: Known, taken: set[str]) -> Iterator[Candidate]:
    lead = "→" if lost.side == TARGET else ""
    fact = known.get(lead + lost.path)
    own = tree.of(lost.path)
    assert own is not None
    found = [
        candidate
        for place in _near(lost.path, own)
        if (candidate := _compared(lost, place, own, fact, taken)) is not None
    ]
    return iter(sorted(found, key=lambda one: (-one.score, one.path)))


def _near(path: str, tree: Tree) -> Iterator[Place]:
    """The places of a tree, those around a lost address first."""
    seen: set[str] = set()
    starts = [place for up in address.ancestors(path) if up and (place := tree.find(up)) is not None]
    for start in (*starts, tree.root):
        waiting = deque([(start, 0)] if start is not None else [])
        while waiting and len(seen) < _MOST_PLACES:
            place, depth = waiting.popleft()
            if place.path not in seen:
                seen.add(place.path)
                yield place
            if not place.node.type.leaf and depth < _DEEPEST and not place.recursive:
                waiting.extend((child, depth + 1) for child in islice(place.flat_children(), 500))


def _compared(lost: Lost, place: Place, tree: Tree, fact: Fact | None, taken: set[str]) -> Candidate | None:
    inside = [use for use in lost.used if use != lost.path]
    if (
        place.node.kind in (Kind.CHOICE, Kind.ANY)
        or place.path in taken
        or address.within(lost.path, place.path)
    ):
        return None
    if (lost.path in lost.used and not inside) and place.node.value is None and not place.repeats:
        return None
    name, why = _names(lost.path, place)
    held = sum(tree.find(address.moved(use, lost.path, place.path)) is not None for use in inside)
    share = held / len(inside) if inside else 0.0
    near = address.parent(place.path) == address.parent(lost.path)
    fresh = fact is not None and near and place.node.name not in fact.beside
    same = _same_kind(place, fact)
    score = 0.6 * name + (0.35 * share if inside else 0.0)
    score += 0.15 * near + (0.15 if fresh else 0.0)
    score += (0.1 if same else -0.2) if fact is not None else 0.05
    score *= 1.0 if inside else 1.15
    if inside and not held:
        score *= 0.5
    # What stands beside it may always be chosen.
    beside = near and same and not inside
    if not beside and (score < _LEAST or (name < 0.2 and not fresh and share < 0.5)):
        return None
    reasons = [why, _("New here.") if fresh else _("In the same place.") if near else _("Somewhere else.")]
    if inside:
        told = _("It holds {held} of the {all} nodes used below.")
        reasons.append(told.format(held=held, all=len(inside)))
    reasons.append(_("The types differ.") if fact is not None and not same else "")
    told = " ".join(filter(None, reasons))
    return Candidate(place.path, round(min(score, 1.0), 3), told, fresh and same)


def _names(lost: str, place: Place) -> tuple[float, str]:
    name = address.name(lost).removeprefix("@").rpartition(":")[2]
    if folded(name) == folded(place.node.name):
        return 1.0, _("Same name.")
    score = likeness(words_of(name), words_of(place.node.name))
    written = SequenceMatcher(None, folded(name), folded(place.node.name), autojunk=False)
    if score < 0.6 and written.quick_ratio() >= _TYPED:
        score = max(score, 0.9 * written.ratio())
    return score, _("Similar name.") if score >= 0.3 else ""


def _same_kind(place: Place, fact: Fact | None) -> bool:
    if fact is None:
        return True
    base = place.node.value.base.name if place.node.value else ""
    return base == fact.base and place.repeats == fact.repeats


def _carried(path: str, old: str, new: str, *, typed: bool = True) -> str | None:
    """The address after `old` (without numbers) became `new`; numbers stay with their steps, and with `typed` the type
    that was picked at the node itself. None where it is elsewhere."""
    steps, olds, news = parse_path(path), address.split(old), address.split(new)
    plain = address.split(address.plain(path))
    if plain[: len(olds)] != olds or document_of(path) != document_of(new):
        return None
    texts = address.split(path)
    head: list[str] = []
    for number, name in enumerate(news):
        last = number == len(news) - 1
        same = number < len(olds) and olds[number] == name
        index, type = (steps[len(olds) - 1].index, steps[len(olds) - 1].type) if last else (None, None)
        picked = f"{name}~{type}" if type and typed and "~" not in name else name
        head.append(texts[number] if same and not last else f"{picked}[{index}]" if index else picked)
    lead = "/" if new.startswith("/") else ""
    return address.join(lead, (*head, *texts[len(olds) :]))


def apply(mapping: Map, trees: Trees, chosen: Iterable[tuple[Lost, str]]) -> Map:
    """All that was decided, as one map: outer nodes first, so that what stands in them has its new place already."""
    for lost, path in sorted(chosen, key=lambda one: (one[0].side, one[0].path.count("/"))):
        mapping = follow(mapping, trees, lost, path)
    return mapping
