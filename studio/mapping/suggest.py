"""Ranked suggestions of what to map where, each with its reason; and whole subtrees mapped at one go."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from studio.base.i18n import _
from studio.mapping.compare import fit
from studio.mapping.fields import MOST_PLACES, Entry, Fields, Values, entry_of, fields_below, loop_above, walk
from studio.mapping.instances import Numbering
from studio.mapping.remembered import Remembered
from studio.mapping.words import folded, likeness, words_of
from studio.schema.model import Kind, Node, Place

__all__ = ["MOST_PLACES", "SURE", "Suggester", "Suggestion", "automap", "fields_below", "suggest"]

# Repeating nodes compared at one level.
_MOST_COMPARED = 24
_MOST_LOOPS = 2_000
# Fields of a target that are mapped at one go.
MOST_GOALS = 1_500
# Below this nothing is worth showing; below that nothing is mapped unasked.
LEAST = 0.3
SURE = 0.6


def _root(place: Place) -> Place:
    above = place.parent
    return place if above is None else _root(above)


@dataclass(frozen=True)
class Suggestion:
    """A source to map onto a target. `score` is from 0 to 1; `reason` is for people; `loop` repeats the target.

    With `constant` there is no source: the target always has this value.
    """

    source: str
    target: str
    score: float
    reason: str
    loop: bool = False
    constant: str = ""


def suggest(
    source: Place,
    target: Place,
    *,
    source_values: Values | None = None,
    target_values: Values | None = None,
    limit: int = 8,
) -> tuple[Suggestion, ...]:
    """The best sources for one target field, best first. Make a Suggester to ask for many targets."""
    return Suggester(source, source_values, target=_root(target)).suggest(
        target, target_values=target_values, limit=limit
    )


def automap(
    source: Place,
    target: Place,
    *,
    taken: Collection[str] = (),
    numbering: Numbering | None = None,
    source_values: Values | None = None,
    target_values: Values | None = None,
    least: float = SURE,
) -> tuple[Suggestion, ...]:
    """What to map below two nodes, in the target's order; targets in `taken` are left alone, and so is what `numbering`
    (of the map; else that of `taken`) has in another spelling: a node whose instances are numbered, or the other way round.

    Each source and each target is used once, the surest pairs first; where two targets fit a source equally well and
    neither by its whole name, none is chosen. Pairs of repeating nodes come as loops, before what stands in them.
    Fields of a record that cannot be written are left out.
    """
    return Suggester(source, source_values, target=target).automap(
        target, taken=taken, numbering=numbering, target_values=target_values, least=least
    )


class Suggester:
    """Suggestions from one source tree (or subtree), whose words are looked at once: at the first question, or before it
    a slice at a time with `work`."""

    def __init__(
        self,
        source: Place,
        values: Values | None = None,
        *,
        first: Iterable[Place] = (),
        target: Place | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        """`first` are the places of the sample, so that none is left out; `target` the tree to be mapped onto;
        `remembered` what was mapped before."""
        self.source = source
        self.fields = Fields(source, values, first=first, target=target, remembered=remembered)
        self._target = target

    @cached_property
    def _loops(self) -> Mapping[str, str]:
        return _paired_loops(self.source, self._target) if self._target is not None else {}

    def work(self) -> bool:
        """Look at some more of the source; tells whether all of it was looked at."""
        return self.fields.work()

    def suggest(
        self,
        target: Place,
        *,
        target_values: Values | None = None,
        loops: Mapping[str, str] | None = None,
        limit: int = 8,
    ) -> tuple[Suggestion, ...]:
        """The best sources for a target field, best first; `loops` are those of the map, target to source."""
        self.fields.finish()
        self.fields.look()
        goal = entry_of(target, target_values)
        if loops is None:
            loops = self._loops
        found = sorted(self._ranked(goal, loops, LEAST), key=lambda one: -one.score)
        return tuple(found[:limit])

    def automap(
        self,
        target: Place,
        *,
        taken: Collection[str] = (),
        numbering: Numbering | None = None,
        target_values: Values | None = None,
        least: float = SURE,
    ) -> tuple[Suggestion, ...]:
        """See the function of the same name."""
        work = self.automapping(
            target, taken=taken, numbering=numbering, target_values=target_values, least=least
        )
        while True:
            try:
                next(work)
            except StopIteration as done:
                found: tuple[Suggestion, ...] = done.value
                return found

    def automapping(
        self,
        target: Place,
        *,
        taken: Collection[str] = (),
        numbering: Numbering | None = None,
        target_values: Values | None = None,
        least: float = SURE,
    ) -> Generator[int, None, tuple[Suggestion, ...]]:
        """`automap` a slice at a time: tells after each how many targets were looked at, returns what was found."""
        numbering = Numbering(taken) if numbering is None else numbering
        while not self.work():
            yield 0
        self.fields.look()
        loops = _paired_loops(self.source, target)
        yield 0
        goals: list[Entry] = []
        pairs: list[Suggestion] = []
        for place in islice(fields_below(target), MOST_GOALS):
            if not _writable(place.node):
                continue
            goal = entry_of(place, target_values)
            goals.append(goal)
            if place.path not in taken and not numbering.clashes(place.path):
                pairs += self._ranked(goal, loops, least)
            yield len(goals)
        chosen = _matched(pairs)
        used = {loops[goal.loop] for goal in goals if goal.loop in loops and goal.place.path in chosen}
        looping = [
            Suggestion(at, path, 1.0, _("Both repeat."), loop=True)
            for path, at in loops.items()
            if at in used and path not in taken and not numbering.clashes(path)
        ]
        order = {goal.place.path: at for at, goal in enumerate(goals)}
        return (*looping, *sorted(chosen.values(), key=lambda one: order[one.target]))

    def _ranked(self, goal: Entry, loops: Mapping[str, str], least: float) -> Iterator[Suggestion]:
        for entry in self.fields.near(goal):
            found = fit(self.fields, entry, goal, loops)
            if found.score >= least:
                yield Suggestion(entry.place.path, goal.place.path, round(found.score, 4), found.why())


def _matched(pairs: list[Suggestion]) -> dict[str, Suggestion]:
    """Each source and target once, the surest first; a draw between targets below certainty goes to none."""
    draws = Counter((pair.source, pair.score) for pair in pairs)
    chosen: dict[str, Suggestion] = {}
    sources: set[str] = set()
    for pair in sorted(pairs, key=lambda one: -one.score):
        drawn = pair.score < 0.8 and draws[pair.source, pair.score] > 1
        if pair.target not in chosen and pair.source not in sources and not drawn:
            chosen[pair.target] = pair
            sources.add(pair.source)
    return chosen


def _paired_loops(source: Place, target: Place) -> dict[str, str]:
    """Repeating nodes that belong together, target to source: from the outside in, inside pairs only.

    They pair by name; where both sides have one repeating node left at a level, these two belong together too.
    """
    ours, theirs = _repeating(source), _repeating(target)
    pairs: dict[str, str] = {}
    levels = deque([("", "")])
    while levels:
        outer, wanted = levels.popleft()
        free = ours.get(outer, [])[:_MOST_COMPARED]
        goals = theirs.get(wanted, [])[:_MOST_COMPARED]
        scored = [(_alike_names(place, goal), goal, place) for goal in goals for place in free]
        found: dict[str, str] = {}
        for score, goal, place in sorted(scored, key=lambda one: -one[0]):
            sure = score >= 0.5 or (len(free) == 1 and len(goals) == 1)
            if sure and goal.path not in found and place.path not in found.values():
                found[goal.path] = place.path
        pairs |= found
        levels.extend((place, goal) for goal, place in found.items())
    return pairs


def _alike_names(left: Place, right: Place) -> float:
    if folded(left.node.name) == folded(right.node.name):
        return 1.0
    return likeness(words_of(left.node.name), words_of(right.node.name))


def _repeating(root: Place) -> dict[str, list[Place]]:
    """The repeating nodes with something inside, by the address of the repeating node around them (empty: none)."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in islice(walk(root), _MOST_LOOPS):
        if place.repeats and not place.node.type.leaf and place.node.kind is not Kind.CHOICE:
            found[loop_above(place, root) if place is not root else ""].append(place)
    return found


def _writable(node: Node) -> bool:
    """A record's field can be given a value; what says nothing about it can."""
    return (
        node.facts.get("createable") != "false" or node.facts.get("updateable") == "true" or node.name == "Id"
    )
