"""The fields of a schema tree as suggestions see them: their words and those around them, found by word."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush, nlargest
from itertools import chain, islice

from studio.mapping.remembered import Remembered, key_of
from studio.mapping.words import alike, folded, related, weight, words_of
from studio.schema.model import Kind, Node, Place

# Sample values of a node, by its address; empty where none are known.
Values = Callable[[str], Sequence[str]]

# Places taken in below one root: what is near first, so that it is never left out for what is far.
MOST_PLACES = 12_000
# Sources compared in full with one target.
_MOST_COMPARED = 48
# A word that so many fields have tells nothing on its own.
_MOST_POSTINGS = 1_000
# Fields with a value compared by these values; fields looked at for whether there are values at all.
_MOST_VALUED = 150
_MOST_LOOKED = 400
_MOST_REMEMBERED = 10
# So many fields of the target tell which of its words are common.
_MOST_COUNTED = 2_000
_DEEPEST = 12
_ABOVE = 4
# What a word is worth the further above the field it stands.
_FADING = (0.7, 0.5, 0.35, 0.25)


@dataclass(frozen=True, eq=False)
class Entry:
    """A field with what is compared: its words, those of the nodes above (nearest first), its label's, its loop."""

    place: Place
    folded: str
    words: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]
    label: str
    label_words: tuple[str, ...]
    loop: str
    given: Values | None
    depth: int

    @property
    def node(self) -> Node:
        """The field's node."""
        return self.place.node

    @cached_property
    def key(self) -> str:
        """What it is remembered by."""
        return key_of(self.place.path)

    @property
    def values(self) -> tuple[str, ...]:
        """The sample's values of the moment, or the schema's examples."""
        known = self.given(self.place.path) if self.given is not None else ()
        return tuple(known) or tuple(self.node.facts.get("examples", "").splitlines())

    @cached_property
    def worth(self) -> dict[str, float]:
        """Every word of the field with what it is worth: 1 in its own name, less above."""
        found = dict.fromkeys(self.words, 1.0)
        for word in self.label_words:
            found.setdefault(word, 0.95)
        for words, share in zip(self.above, _FADING, strict=False):
            for word in words:
                found.setdefault(word, share)
        return found

    @cached_property
    def core(self) -> tuple[str, ...]:
        """The words of the name, with those of the nodes above as long as they tell nothing: `dueDate/dateTime/text`."""
        found = dict.fromkeys(self.words)
        for words in self.above[:2]:
            if any(weight(word) == 1.0 for word in found):
                break
            found.update(dict.fromkeys(words))
        return tuple(found)

    @cached_property
    def around(self) -> tuple[str, ...]:
        """The words above that are not in the core."""
        return tuple(dict.fromkeys(word for words in self.above for word in words if word not in self.core))


def entry_of(place: Place, values: Values | None) -> Entry:
    """The entry of a place."""
    node = place.node
    above = [one.node.name for one in place.ancestors() if one.node.kind is not Kind.CHOICE]
    label = node.facts.get("label", "")
    return Entry(
        place,
        folded(node.name),
        words_of(node.name),
        tuple(words_of(name) for name in above[:_ABOVE] if name not in ("row", "item", "")),
        label,
        words_of(label),
        loop_above(place),
        values,
        len(above),
    )


class Counts:
    """In how many of the fields below a node a word stands, in the name or above it."""

    def __init__(self) -> None:
        self.fields = 0
        self.words: Counter[str] = Counter()

    def add(self, words: Iterable[str]) -> None:
        """Count one field."""
        self.fields += 1
        self.words.update(words)

    def rarity(self, word: str) -> float:
        """From 0 for a word that all fields have to 1 for one of few, or of none."""
        share = math.log(1 + self.fields / max(1, self.words[word])) / math.log(2 + self.fields)
        return min(1.0, share)


class Fields:
    """The fields below one node, whose words are looked at once; made a slice at a time with `work`.

    `first` are addresses taken in before all others: what the sample holds. With `target` the words that half of the
    target's fields have count less, too.
    """

    def __init__(
        self,
        root: Place,
        values: Values | None = None,
        *,
        first: Iterable[Place] = (),
        target: Place | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        self.root = root
        self._values = values
        self._counts = Counts()
        self._others = Counts()
        self._counting = islice(fields_below(target), _MOST_COUNTED) if target is not None else None
        self._waiting: Iterator[Place] | None = chain(first, fields_below(root))
        self._seen: set[str] = set()
        self._telling: dict[str, float] = {}
        self.entries: list[Entry] = []
        self._by_word: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self.remembered = remembered or Remembered()
        self._norms: list[float] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self.valued = False
        self._alike: dict[str, tuple[tuple[str, float], ...]] = {}

    def work(self, step: int = 50) -> bool:
        """Take in some more fields; tells whether all are in."""
        if self._counting is not None:
            self._count(step)
            return False
        if self._waiting is None:
            return True
        taken = 0
        for place in islice(self._waiting, step):
            self._add(entry_of(place, self._values))
            taken += 1
        if taken < step:
            self._waiting = None
            self._alike.clear()
            self._telling.clear()
        return self._waiting is None

    def _count(self, step: int) -> None:
        assert self._counting is not None
        places = list(islice(self._counting, step))
        for place in places:
            self._others.add(entry_of(place, None).worth)
        if len(places) < step:
            self._counting = None

    def finish(self) -> None:
        """Take in all that are left."""
        while not self.work(500):
            pass

    def _add(self, entry: Entry) -> None:
        if entry.place.path in self._seen:
            return
        self._seen.add(entry.place.path)
        at = len(self.entries)
        self.entries.append(entry)
        self._norms.append(1 / math.sqrt(4 + len(entry.worth)))
        self._counts.add(entry.worth)
        self._by_name[entry.folded].append(at)
        self._by_key[entry.key].append(at)
        for word, share in entry.worth.items():
            self._by_word[word].append((at, share))

    def take(self, places: Iterable[Place]) -> None:
        """Take in these places too, however far down they are: what a sample holds."""
        for place in places:
            if place.node.value is not None:
                self._add(entry_of(place, self._values))

    def look(self) -> None:
        """Look whether some field has a value now; to be called before a round of questions."""
        self.valued = any(entry.values for entry in islice(self.entries, _MOST_LOOKED))

    def telling(self, word: str) -> float:
        """How much a word tells here: less the more fields have it in their names or above."""
        known = self._telling.get(word)
        if known is None:
            rarity = min(self._counts.rarity(word), self._others.rarity(word))
            known = self._telling[word] = weight(word) * (0.2 + 0.8 * rarity)
        return known

    def near(self, goal: Entry) -> list[Entry]:
        """The sources worth comparing: those of the same name and those that share most of what tells something."""
        scores: dict[int, float] = defaultdict(float)
        worth_of = dict.fromkeys(goal.core, 1.0)
        for word, share in (goal.worth | worth_of).items():
            for other, likeness in self._meant(word):
                worth = share * likeness * self.telling(other)
                for at, theirs in islice(self._by_word[other], _MOST_POSTINGS):
                    scores[at] += worth * theirs
        for at in islice(self._by_name.get(goal.folded, ()), _MOST_POSTINGS):
            scores[at] += 0.5
        # A field far down shares words with everything around it.
        norms = self._norms
        shares = [(score * norms[at], -at) for at, score in scores.items()]
        best = nlargest(_MOST_COMPARED, shares)
        found = dict.fromkeys(-at for _share, at in best)
        for key in self.remembered.sources(goal.key):
            found.update(dict.fromkeys(self._by_key.get(key, ())[:_MOST_REMEMBERED]))
        if self.valued and (goal.values or (goal.node.value and goal.node.value.enumeration)):
            valued = (at for at, entry in enumerate(self.entries) if entry.values)
            for at in islice(valued, _MOST_VALUED):
                found.setdefault(at)
        return [self.entries[at] for at in found]

    def _meant(self, word: str) -> tuple[tuple[str, float], ...]:
        """The words of this side that mean a word, with how surely."""
        known = self._alike.get(word)
        if known is None:
            near = [other for other in self._by_word if other[:1] == word[:1]]
            near += [other for other in related(word) if other in self._by_word and other[:1] != word[:1]]
            pairs = ((other, alike(word, other)) for other in near)
            known = tuple(pair for pair in pairs if pair[1] > 0)
            self._alike[word] = known
        return known


def loop_above(place: Place, root: Place | None = None) -> str:
    """The address of the nearest repeating node around a place, not beyond `root`; empty where there is none."""
    for above in place.ancestors():
        if above.node.kind is not Kind.CHOICE and above.repeats:
            return above.path
        if above is root:
            break
    return ""


def fields_below(root: Place) -> Iterator[Place]:
    """The places below (or at) a node that hold a value, the nearest first."""
    for place in walk(root):
        if place.node.value is not None and place.node.kind is not Kind.ANY:
            yield place


def walk(root: Place) -> Iterator[Place]:
    """The places below a node, the nearest first, bounded, never further into recursion.

    What qualifies a value (an attribute of an element that holds text) comes after what stands beside it.
    """
    waiting = [(0, 0, root)]
    left, number = MOST_PLACES, 0
    while waiting and left > 0:
        depth, _number, place = heappop(waiting)
        left -= 1
        yield place
        # What could not be reached any more is not made.
        if place.node.type.leaf or depth >= _DEEPEST or len(waiting) >= left or place.recursive:
            continue
        further = depth + (2 if place.node.value is not None else 1)
        for child in islice(place.flat_children(), left):
            number += 1
            heappush(waiting, (further, number, child))
