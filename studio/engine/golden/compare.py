"""Two documents compared node by node, as far as the test does not tolerate what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher

from studio.engine.golden.documents import Tree
from studio.engine.golden.model import Difference, Kind, Tolerance
from studio.engine.golden.places import Pattern, Place, shown

# More than this is counted, not listed.
MOST = 1000
# More instances than this are compared one by one as they stand, when there are not as many on both sides.
_ALIGNED = 3000
_TEXT = 120
Key = tuple[str, str]


class Comparison:
    """Compares documents under a test's tolerances. `records` are the names down to a record, to count them by.

    `differences` holds the first MOST, `more` says how many there are beyond.
    """

    def __init__(
        self,
        ignore: Sequence[Pattern],
        tolerances: Sequence[Tolerance],
        records: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self._ignore = ignore
        self._tolerances = tolerances
        self._records = records
        self._digests: dict[int, int] = {}
        self.differences: list[Difference] = []
        self.more = 0
        self._lead = ""

    def compare(self, expected: Tree, found: Tree) -> list[Difference]:
        """The differences between two documents, each a tree over its root."""
        self._digests.clear()
        self._lead = "/" if expected.kind == "object" else ""
        self._node(expected, found, ())
        return self.differences

    def _add(self, kind: Kind, place: Place, expected: str | None, found: str | None) -> None:
        if len(self.differences) < MOST:
            self.differences.append(
                Difference(kind, self._lead + shown(place), self._record(place), expected, found)
            )
        else:
            self.more += 1

    def _record(self, place: Place) -> int | None:
        """The number of the record a place is in."""
        names = tuple(step[0] for step in place)
        for record in self._records:
            if names[: len(record)] == record and record:
                return place[len(record) - 1][1]
        return None

    def _tolerance(self, place: Place) -> Tolerance | None:
        return next((each for each in reversed(self._tolerances) if each.pattern.fits(place)), None)

    def _ignored(self, place: Place) -> bool:
        return any(each.fits(place) for each in self._ignore)

    def _node(self, expected: Tree, found: Tree, place: Place) -> None:
        if self._ignored(place):
            return
        if not self._same_value(expected, found, place):
            self._add(Kind.VALUE, place, _value(expected), _value(found))
            return
        self._below(expected, found, place)

    def _same_value(self, expected: Tree, found: Tree, place: Place) -> bool:
        tolerance = self._tolerance(place)
        if expected.kind != found.kind and not _both_numbers(expected, found, tolerance):
            return False
        one, other = expected.text, found.text
        if one == other:
            return True
        if expected.kind == "number" and _number(one) == _number(other):
            return True
        return tolerance is not None and tolerated(one, other, tolerance)

    # What is below

    def _below(self, expected: Tree, found: Tree, place: Place) -> None:
        """The nodes below two others: name by name, and whether the names stand in the same order."""
        here, there = _by_name(expected), _by_name(found)
        for key in dict.fromkeys([*here, *there]):
            self._instances(here.get(key, []), there.get(key, []), place, key[1])
        if expected.ordered and {k: len(v) for k, v in here.items()} == {k: len(v) for k, v in there.items()}:
            self._order(expected, found, place)

    def _order(self, expected: Tree, found: Tree, place: Place) -> None:
        if [child.key for child in expected.children] == [child.key for child in found.children]:
            return
        loose = {child.key for child in expected.children if self._loose((*place, (child.name, 1, True)))}
        one = [child.name for child in expected.children if child.key not in loose]
        other = [child.name for child in found.children if child.key not in loose]
        if one != other:
            self._add(Kind.ORDER, place, _cut(", ".join(one)), _cut(", ".join(other)))

    def _loose(self, place: Place) -> bool:
        """The order of the instances there does not matter."""
        tolerance = self._tolerance(place)
        return self._ignored(place) or (tolerance is not None and tolerance.any_order)

    def _instances(self, expected: list[Tree], found: list[Tree], place: Place, name: str) -> None:
        alone = len(expected) < 2 and len(found) < 2 and bool(name)
        if self._loose((*place, (name, 1, alone))):
            pairs = self._in_any_order(expected, found, place, name)
        else:
            pairs = self._in_order(expected, found)
        for number, (one, other) in enumerate(pairs, start=1):
            at = (*place, (name, number, alone))
            if one is not None and other is not None:
                self._node(one, other, at)
            elif not self._ignored(at):
                kind = Kind.MISSING if other is None else Kind.UNEXPECTED
                self._add(kind, at, _value(one) if one else None, _value(other) if other else None)

    def _in_order(self, expected: list[Tree], found: list[Tree]) -> Iterator[tuple[Tree | None, Tree | None]]:
        """The instances side by side; where some are missing or too many, those that are the same stay together."""
        if len(expected) == len(found) or max(len(expected), len(found)) > _ALIGNED:
            yield from _paired(expected, found)
            return
        one = [self._digest(tree) for tree in expected]
        other = [self._digest(tree) for tree in found]
        for _tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            yield from _paired(expected[a:b], found[c:d])

    def _in_any_order(
        self, expected: list[Tree], found: list[Tree], place: Place, name: str
    ) -> Iterator[tuple[Tree | None, Tree | None]]:
        """Each expected instance beside one that fits it, the others as they stand."""
        left = list(found)
        without: list[Tree] = []
        for one in expected:
            at = (*place, (name, 1, True))
            match = next((other for other in left if self._fits(one, other, at)), None)
            if match is None:
                without.append(one)
                continue
            left = [other for other in left if other is not match]
            yield one, match
        yield from _paired(without, left)

    def _fits(self, expected: Tree, found: Tree, place: Place) -> bool:
        if self._digest(expected) == self._digest(found):
            return True
        trial = Comparison(self._ignore, self._tolerances)
        trial._node(expected, found, place)
        return not trial.differences

    def _digest(self, tree: Tree) -> int:
        known = self._digests.get(id(tree))
        if known is None:
            below = tuple(self._digest(child) for child in tree.children)
            known = self._digests[id(tree)] = hash((tree.key, tree.kind, tree.text, below))
        return known


def tolerated(expected: str | None, found: str | None, tolerance: Tolerance) -> bool:
    """Two texts are near enough to each other."""
    one, other = expected or "", found or ""
    if tolerance.blanks:
        one, other = " ".join(one.split()), " ".join(other.split())
        if one == other:
            return True
    if tolerance.absolute is not None or tolerance.relative is not None:
        return _near(_number(one), _number(other), tolerance)
    if tolerance.seconds is not None:
        moment, another = _moment(one), _moment(other)
        if moment is not None and another is not None:
            return Decimal(str(abs((moment - another).total_seconds()))) <= tolerance.seconds
    return False


def _near(one: Decimal | None, other: Decimal | None, tolerance: Tolerance) -> bool:
    if one is None or other is None:
        return False
    apart = abs(one - other)
    relative = tolerance.relative is not None and apart <= tolerance.relative * abs(one)
    return relative or (tolerance.absolute is not None and apart <= tolerance.absolute)


def _number(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text.strip()) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _both_numbers(expected: Tree, found: Tree, tolerance: Tolerance | None) -> bool:
    """JSON numbers as texts and as numbers, where the test says that they are compared as numbers."""
    if tolerance is None or (tolerance.absolute is None and tolerance.relative is None):
        return False
    return {expected.kind, found.kind} == {"number", "text"} and _number(expected.text) is not None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _by_name(tree: Tree) -> dict[Key, list[Tree]]:
    found: dict[Key, list[Tree]] = {}
    for child in tree.children:
        found.setdefault(child.key, []).append(child)
    return found


def _paired(expected: list[Tree], found: list[Tree]) -> Iterator[tuple[Tree | None, Tree | None]]:
    yield from zip(expected, found, strict=False)
    yield from ((one, None) for one in expected[len(found) :])
    yield from ((None, other) for other in found[len(expected) :])


def _value(tree: Tree) -> str:
    """What to show of a node: its text, or the texts below."""
    if tree.text is not None:
        return _cut(tree.text if tree.kind != "text" else f'"{tree.text}"')
    if tree.kind == "null":
        return "null"
    if not tree.children:
        return ""
    return _cut(" ".join(_texts(tree)))


def _texts(tree: Tree) -> Iterator[str]:
    waiting = [tree]
    taken = 0
    while waiting and taken < _TEXT:
        here = waiting.pop()
        if here.text:
            taken += len(here.text)
            yield f"{here.name}={here.text}" if here.name else here.text
        waiting += reversed(here.children)


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
