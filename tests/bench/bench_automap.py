"""Suggestions against gold mappings: precision at 1, recall at 1 and 5, beside equal names and an edit distance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from studio.mapping.suggest import Suggester, fields_below
from studio.mapping.tree import Tree
from studio.mapping.words import folded
from studio.schema.model import Place
from tests.bench.gold_maps import Gold, gold

# Two standards that name the same things in their own ways, and codes of segments: counted apart.
STANDARDS = ("850-to-orders", "orders-to-850", "ubl-to-pain001", "ubl-to-cii", "cii-to-ubl")
# A name this far from another is no offer of the edit distance.
_FAR = 0.5

Ranking = Callable[[Place], Sequence[str]]


@dataclass
class Score:
    """How often the right source came first, or among the first five."""

    links: int = 0
    offered: int = 0
    first: int = 0
    five: int = 0

    def count(self, right: frozenset[str], offered: Sequence[str]) -> None:
        """Count one target."""
        self.links += 1
        self.offered += bool(offered)
        self.first += bool(offered) and offered[0] in right
        self.five += not right.isdisjoint(offered[:5])

    def add(self, other: Score) -> None:
        """Sum up."""
        self.links += other.links
        self.offered += other.offered
        self.first += other.first
        self.five += other.five

    @property
    def precision(self) -> float:
        """Of the targets that were offered something, those whose first offer is right."""
        return self.first / self.offered if self.offered else 0.0

    @property
    def recall(self) -> float:
        """Of all links, those whose source came first."""
        return self.first / self.links

    @property
    def recall_five(self) -> float:
        """Of all links, those whose source is among the first five."""
        return self.five / self.links


def run() -> Iterator[dict[str, object]]:
    """Figures by pair, then of all pairs, of those whose names are related, and of those held out."""
    sums: dict[tuple[str, str], Score] = {}
    for pair in gold():
        began = time.process_time()
        ours = Suggester(pair.source, target=pair.target)
        ours.fields.finish()
        made = time.process_time() - began
        began = time.process_time()
        score(pair, _ours(ours))
        asked = (time.process_time() - began) / len(pair.links)
        kind = "two standards" if pair.name in STANDARDS else "related names"
        groups = ["all", kind, f"{kind}, {'held out' if pair.held_out else 'tuned'}"]
        for who, found in scores(pair, ours).items():
            for group in groups:
                sums.setdefault((group, who), Score()).add(found)
            yield from _rows(f"{pair.name}{'' if pair.held_out else ' (tuned)'}", who, found)
        yield _row(pair.name, "to look at the source", made * 1000, "ms")
        yield _row(pair.name, "for one target", asked * 1000, "ms")
    for (group, who), total in sums.items():
        yield from _rows(group, who, total)


def run_pairs(names: Iterable[str]) -> dict[str, Score]:
    """The figures of some pairs together, by who suggests."""
    sums: dict[str, Score] = {}
    wanted = set(names)
    for pair in gold(lambda name: name in wanted):
        for who, found in scores(pair, Suggester(pair.source, target=pair.target)).items():
            sums.setdefault(who, Score()).add(found)
    return sums


def scores(pair: Gold, ours: Suggester) -> dict[str, Score]:
    """The figures of a pair, by who suggests; with samples only where there are any."""
    names = [(place.path, folded(place.node.name)) for place in fields_below(pair.source)]
    found = {"ours": score(pair, _ours(ours))}
    found["with samples"] = score(pair, _ours(_sampled(pair), pair)) if pair.source_values else found["ours"]
    found["equal names"] = score(pair, lambda goal: _equal(names, goal))
    found["edit distance"] = score(pair, lambda goal: _near(names, goal))
    return found


def score(pair: Gold, ranked: Ranking) -> Score:
    """What a way of ranking gives for all links of a pair."""
    found = Score()
    for goal in pair.targets():
        found.count(pair.links[goal.path], ranked(goal))
    return found


def _sampled(pair: Gold) -> Suggester:
    tree = Tree(pair.source)
    first = [place for place in map(tree.find, pair.source_values) if place is not None]
    return Suggester(
        pair.source, lambda path: pair.source_values.get(path, ()), first=first, target=pair.target
    )


def _ours(suggester: Suggester, pair: Gold | None = None) -> Ranking:
    values = (lambda path: pair.target_values.get(path, ())) if pair is not None else None
    return lambda goal: [one.source for one in suggester.suggest(goal, target_values=values, limit=5)]


def _equal(names: Iterable[tuple[str, str]], goal: Place) -> list[str]:
    """Every source of the very name, spelling set aside, in the source's order."""
    wanted = folded(goal.node.name)
    return [path for path, name in names if name == wanted]


def _near(names: Iterable[tuple[str, str]], goal: Place) -> list[str]:
    """The sources by the edit distance of their names as a share of the longer one."""
    wanted = folded(goal.node.name)
    found = []
    known: dict[str, float] = {}
    for path, name in names:
        if name not in known:
            known[name] = distance(name, wanted) / max(len(name), len(wanted), 1)
        if known[name] <= _FAR:
            found.append((known[name], path))
    return [path for _share, path in sorted(found, key=lambda one: one[0])[:5]]


def distance(left: str, right: str) -> int:
    """How many letters to put in, take out or change."""
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        before, row[0] = row[0], at
        for to, other in enumerate(right, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != other))
    return row[-1]


def _rows(case: str, who: str, found: Score) -> Iterator[dict[str, object]]:
    yield _row(case, f"links, {who}", found.links, "")
    yield _row(case, f"precision at 1, {who}", found.precision, "")
    yield _row(case, f"recall at 1, {who}", found.recall, "")
    yield _row(case, f"recall at 5, {who}", found.recall_five, "")


def _row(case: str, metric: str, value: float, unit: str) -> dict[str, object]:
    return {"bench": "automap", "case": case, "metric": metric, "value": value, "unit": unit, "ratio": None}
