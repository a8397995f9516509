"""Ranked suggestions of what to map where, each with its reason; and whole subtrees mapped at one go."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from studio.base.i18n import _
from studio.mapping.words import folded, likeness, split, words_of
from studio.schema.model import Base, Kind, Node, Place

# Sample values of a node, by its address; empty where none are known.
Values = Callable[[str], Sequence[str]]

# Places taken in below one root: breadth first, so that what is near is never left out for what is far.
MOST_PLACES = 2_000
# Sources compared in full with one target, chosen by their rarest words.
_MOST_COMPARED = 24
_DEEPEST = 12
_NUMBERS = (Base.INTEGER, Base.DECIMAL, Base.FLOAT)
_MOMENTS = (Base.DATE, Base.DATETIME)
# Below this nothing is worth showing; below that nothing is mapped unasked.
LEAST = 0.3
SURE = 0.6


@dataclass(frozen=True)
class Suggestion:
    """A source to map onto a target. `score` is from 0 to 1; `reason` is for people; `loop` repeats the target."""

    source: str
    target: str
    score: float
    reason: str
    loop: bool = False


def suggest(
    source: Place,
    target: Place,
    *,
    source_values: Values | None = None,
    target_values: Values | None = None,
    limit: int = 8,
) -> tuple[Suggestion, ...]:
    """The best sources for one target field, best first. Make a Suggester to ask for many targets."""
    return Suggester(source, source_values).suggest(target, target_values=target_values, limit=limit)


def automap(
    source: Place,
    target: Place,
    *,
    taken: Collection[str] = (),
    source_values: Values | None = None,
    target_values: Values | None = None,
    least: float = SURE,
) -> tuple[Suggestion, ...]:
    """What to map below two nodes, in the target's order; targets in `taken` are left alone.

    Each source and each target is used once, the surest pairs first; where two targets fit a source equally well and
    neither by its whole name, none is chosen. Pairs of repeating nodes come as loops, before what stands in them.
    Fields of a record that cannot be written are left out.
    """
    return Suggester(source, source_values).automap(
        target, taken=taken, target_values=target_values, least=least
    )


@dataclass(frozen=True)
class _Entry:
    """A place with what is compared: its words, those around it, its label's, and the repeating node it stands in."""

    place: Place
    folded: str
    words: tuple[str, ...]
    around: tuple[str, ...]
    label: str
    label_words: tuple[str, ...]
    loop: str
    values: tuple[str, ...]

    @property
    def node(self) -> Node:
        return self.place.node


class Suggester:
    """Suggestions from one source tree (or subtree), whose words are looked at once."""

    def __init__(self, source: Place, values: Values | None = None) -> None:
        self.source = source
        self._entries = [_entry(place, values) for place in _fields(source)]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
        for at, entry in enumerate(self._entries):
            self._by_name[entry.folded, entry.around].append(at)
            for word in {*entry.words, *entry.label_words, entry.folded}:
                self._by_word[word].append(at)
        self._valued = [at for at, entry in enumerate(self._entries) if entry.values]

    def suggest(
        self, target: Place, *, target_values: Values | None = None, limit: int = 8
    ) -> tuple[Suggestion, ...]:
        """The best sources for a target field, best first."""
        goal = _entry(target, target_values)
        found = sorted(self._ranked(goal, {}, LEAST), key=lambda one: -one.score)
        return tuple(found[:limit])

    def automap(
        self,
        target: Place,
        *,
        taken: Collection[str] = (),
        target_values: Values | None = None,
        least: float = SURE,
    ) -> tuple[Suggestion, ...]:
        """See the function of the same name."""
        loops = _paired_loops(self.source, target)
        goals = [_entry(place, target_values) for place in _fields(target) if _writable(place.node)]
        pairs: list[Suggestion] = []
        for goal in goals:
            if goal.place.path not in taken:
                pairs += self._ranked(goal, loops, least)
        chosen = _matched(pairs)
        used = {loops[goal.loop] for goal in goals if goal.loop in loops and goal.place.path in chosen}
        looping = [
            Suggestion(at, path, 1.0, _("Both repeat."), loop=True)
            for path, at in loops.items()
            if at in used and path not in taken
        ]
        order = {goal.place.path: at for at, goal in enumerate(goals)}
        return (*looping, *sorted(chosen.values(), key=lambda one: order[one.target]))

    def _ranked(self, goal: _Entry, loops: dict[str, str], least: float) -> Iterator[Suggestion]:
        for at in self._near(goal):
            found = _compared(self._entries[at], goal, loops, least)
            if found is not None:
                yield found

    def _near(self, goal: _Entry) -> Iterator[int]:
        """The sources worth comparing: of the same name, then those that share words, the rarest words first."""
        lists = [self._by_name.get((goal.folded, goal.around), []), self._by_word.get(goal.folded, [])]
        words = {*goal.words, *goal.label_words, *goal.around}
        lists += sorted((self._by_word[word] for word in words if word in self._by_word), key=len)
        if goal.values or (goal.node.value and goal.node.value.enumeration):
            lists.append(self._valued)
        seen: dict[int, None] = {}
        for found in lists:
            for at in found:
                seen.setdefault(at)
                if len(seen) >= _MOST_COMPARED:
                    return iter(seen)
        return iter(seen)


def _compared(entry: _Entry, goal: _Entry, loops: dict[str, str], least: float) -> Suggestion | None:
    """The suggestion of a source for a target, None where its score stays below `least`."""
    names, why = _names(entry, goal)
    kinds = _kinds(entry.node, goal.node)
    score = names * (0.7 + 0.3 * kinds)
    overlap = _overlap(entry, goal)
    if overlap >= 0.5:
        score = max(score + 0.15 * overlap, 0.45 * overlap * kinds)
    if entry.node.occurs.repeats and not goal.node.occurs.repeats:
        score *= 0.9
    if goal.loop in loops:
        # What stands in the node that the target's loop visits is meant rather than what stands elsewhere.
        score = score + 0.05 if loops[goal.loop] == entry.loop else score * 0.85
    if score < least:
        return None
    reasons = [why() if names else "", _("The sample values are alike.") if overlap >= 0.5 else ""]
    reasons.append(_("The types differ.") if kinds < 0.6 else "")
    reason = " ".join(filter(None, reasons))
    return Suggestion(entry.place.path, goal.place.path, round(min(score, 1.0), 4), reason)


def _names(entry: _Entry, goal: _Entry) -> tuple[float, Callable[[], str]]:
    """How alike the names are, with what stands around them where the names themselves say little; and why."""
    if entry.folded == goal.folded:
        return 0.9 + 0.1 * likeness(entry.around, goal.around), lambda: _("Same name.")
    if goal.label or entry.label:
        ours = {entry.folded, folded(entry.label)} - {""}
        if ours & {goal.folded, folded(goal.label)}:
            return 0.95, lambda: _("Same label.")
    own = likeness(entry.words, goal.words)
    wider = max(
        0.97 * likeness((*entry.words, *entry.around), goal.words),
        0.97 * likeness(entry.words, (*goal.words, *goal.around)),
        0.85 * likeness((*entry.words, *entry.around), (*goal.words, *goal.around)) if own else 0.0,
    )
    labels = likeness(entry.words, goal.label_words)
    if entry.label or goal.label:
        labels = max(labels, likeness(entry.label_words or entry.words, goal.label_words or goal.words))
    return 0.9 * max(own, wider, 0.95 * labels), lambda: _reason(entry, goal)


def _reason(entry: _Entry, goal: _Entry) -> str:
    ours = {*entry.words, *entry.around, *entry.label_words}
    theirs = {*goal.words, *goal.around, *goal.label_words}
    # What both merely stand in is no reason.
    telling = {*entry.words, *entry.label_words, *goal.words, *goal.label_words}
    shared = sorted(ours & theirs & telling, key=lambda word: (word not in entry.words, word))
    if not shared:
        return _("Similar names.")
    text = ", ".join(shared)
    written = {*split(entry.node.name), *split(entry.label)} & {*split(goal.node.name), *split(goal.label)}
    if set(shared) & written:
        return _("Same words: {words}.").format(words=text)
    return _("Names with the same meaning: {words}.").format(words=text)


def _kinds(source: Node, target: Node) -> float:
    """How well a value of one type stands in the other: 1 the same, 0.1 hardly ever."""
    given = source.value.base if source.value else Base.TEXT
    wanted = target.value.base if target.value else Base.TEXT
    if given is wanted:
        return 1.0
    if given in _NUMBERS and wanted in _NUMBERS:
        return 0.9
    if given in _MOMENTS and wanted in _MOMENTS:
        return 0.8
    if wanted is Base.TEXT:
        return 0.85
    # A text may hold anything: the samples will tell.
    return 0.6 if given is Base.TEXT else 0.1


def _overlap(entry: _Entry, goal: _Entry) -> float:
    """The share of the source's sample values among the target's, or among the values it allows."""
    allowed = goal.node.value.enumeration if goal.node.value else ()
    known = {text.casefold() for text in (*goal.values, *allowed)}
    ours = {text.casefold() for text in entry.values}
    # Short and common values meet everywhere: yes and no, 1 and 2.
    telling = {text for text in ours if len(text) > 2 or allowed}
    if not telling or not known or (len(telling) < 2 and not allowed):
        return 0.0
    return len(telling & known) / len(telling)


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
    for place in _walk(root):
        if place.repeats and not place.node.type.leaf and place.node.kind is not Kind.CHOICE:
            found[_loop_above(place, root) if place is not root else ""].append(place)
    return found


def _loop_above(place: Place, root: Place | None = None) -> str:
    """The address of the nearest repeating node around a place, not beyond `root`; empty where there is none."""
    for above in place.ancestors():
        if above.node.kind is not Kind.CHOICE and above.repeats:
            return above.path
        if above is root:
            break
    return ""


def _fields(root: Place) -> Iterator[Place]:
    """The places below (or at) a node that hold a value."""
    for place in _walk(root):
        if place.node.value is not None and place.node.kind is not Kind.ANY:
            yield place


def _walk(root: Place) -> Iterator[Place]:
    """The places below a node, breadth first, bounded, never further into recursion."""
    waiting = deque([(root, 0)])
    left = MOST_PLACES
    while waiting and left > 0:
        place, depth = waiting.popleft()
        left -= 1
        yield place
        # What could not be reached any more is not made.
        if place.node.type.leaf or depth >= _DEEPEST or len(waiting) >= left or place.recursive:
            continue
        waiting.extend((child, depth + 1) for child in islice(place.flat_children(), left))


def _entry(place: Place, values: Values | None) -> _Entry:
    node = place.node
    above = [one for one in place.ancestors() if one.node.kind is not Kind.CHOICE]
    around = tuple(dict.fromkeys(word for one in above[:2] for word in words_of(one.node.name)))
    known = values(place.path) if values else ()
    label = node.facts.get("label", "")
    return _Entry(
        place,
        folded(node.name),
        words_of(node.name),
        tuple(word for word in around if word not in ("row", "item")),
        label,
        words_of(label),
        _loop_above(place),
        tuple(known) or tuple(node.facts.get("examples", "").splitlines()),
    )


def _writable(node: Node) -> bool:
    """A record's field can be given a value; what says nothing about it can."""
    return (
        node.facts.get("createable") != "false" or node.facts.get("updateable") == "true" or node.name == "Id"
    )
