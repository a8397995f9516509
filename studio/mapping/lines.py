"""The links to draw: computed from the rules, never stored. One line per operand, bundled where a parent hides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from enum import StrEnum
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple
from weakref import ref

from studio.base.records import dataclass
from studio.mapping import address
from studio.mapping.context import DOCUMENT, Contexts, absolute, parsed, parsed_path, step_text
from studio.mapping.loops import Loop, loops
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from studio.script import tree

# More rules than these are drawn anew all together.
_FEW = 200


class LineKind(StrEnum):
    """Why two nodes are linked: a value read, an operand of a condition (or order, group), a loop, a parked rule."""

    VALUE = "value"
    CONDITION = "condition"
    LOOP = "loop"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Line:
    """A link from a source address to a rule's target path.

    `loop` is the index of the loop the rule runs in (its own for a loop), None outside loops. `computed`: the script
    does more than carry this one value. `known`: the source schema has the node.
    """

    source: str
    target: str
    kind: LineKind
    loop: int | None = None
    computed: bool = False
    known: bool = True


@dataclass(frozen=True)
class Drawing:
    """Everything the canvas draws of a mapping: loops in order of appearance and lines in order of the rules."""

    loops: tuple[Loop, ...]
    lines: tuple[Line, ...]

    @cached_property
    def by_target(self) -> MappingOf[str, tuple[Line, ...]]:
        """The lines by target path."""
        return grouped(self.lines, attrgetter("target"))

    def loop_at(self, target: str) -> Loop | None:
        """The loop on a target path."""
        return next((loop for loop in self.loops if loop.target == target), None)

    def since(self, before: Drawing) -> tuple[tuple[Line, ...], tuple[Line, ...]] | None:
        """The lines an edit took away and those it brought, where this was drawn right after `before`."""
        change: tuple[ref[Drawing], tuple[Line, ...], tuple[Line, ...]] | None = self.__dict__.get("change")
        return change[1:] if change is not None and change[0]() is before else None


class Linker:
    """Draws mapping after mapping between the same trees, remembering the lines of rules that did not change."""

    def __init__(self, trees: Trees) -> None:
        self.trees = trees
        self._known: dict[str, tuple[Rule, str, int | None, tuple[Line, ...]]] = {}
        self._frame: tuple[Rule, ...] | None = None
        self._contexts = Contexts(Mapping(), trees.source)
        self._marks: tuple[Loop, ...] = ()
        self._index: dict[str, int] = {}
        self._last: tuple[Mapping, Drawing] | None = None

    def draw(self, mapping: Mapping) -> Drawing:
        """The loops and lines of a mapping; of one like that drawn last only what has changed is looked at."""
        same = self._enter(mapping)
        drawing = (self._redrawn(mapping) if same else None) or self._drawn(mapping, same=same)
        self._last = mapping, drawing
        return drawing

    def _redrawn(self, mapping: Mapping) -> Drawing | None:
        """The drawing of before with the lines of the rules changed since; None where it is more than a few."""
        if self._last is None or mapping.parked or self._last[0].parked:
            return None
        before, drawing = self._last
        start, end, stop = differing(before.rules, mapping.rules)
        if end - start > _FEW or stop - start > _FEW or len(self._known) != len(before.rules):
            return None
        gone = [line for rule in before.rules[start:end] for line in self._known.pop(rule.path)[3]]
        new: list[Line] = []
        for rule in mapping.rules[start:stop]:
            found = self._known[rule.path] = self._linked(rule)
            new += found[3]
        if gone == new or len(self._known) != len(mapping.rules):
            return drawing if gone == new else None
        at = sum(len(self._known[rule.path][3]) for rule in before.rules[:start])
        lines = (*drawing.lines[:at], *new, *drawing.lines[at + len(gone) :])
        made = Drawing(self._marks, lines)
        by_target = dict(drawing.by_target)
        for rule in before.rules[start:end]:
            by_target.pop(rule.path, None)
        by_target.update((line.target, self._known[line.target][3]) for line in new)
        made.__dict__.update(by_target=by_target, change=(ref(drawing), tuple(gone), tuple(new)))
        return made

    def _drawn(self, mapping: Mapping, *, same: bool) -> Drawing:
        lines: list[Line] = []
        known: dict[str, tuple[Rule, str, int | None, tuple[Line, ...]]] = {}
        for rule in mapping.rules:
            before = self._known.get(rule.path)
            if before is None or before[0] is not rule or not same:
                before = self._linked(rule)
            known[rule.path] = before
            lines += before[3]
        for rule in mapping.parked:
            lines += _parked_lines(rule, self._contexts, self.trees)
        self._known = known
        drawing = Drawing(self._marks, tuple(lines))
        if not mapping.parked and len(known) == len(mapping.rules):
            # The lines are in groups already.
            drawing.__dict__["by_target"] = {path: each[3] for path, each in known.items() if each[3]}
        return drawing

    def warm(self, mapping: Mapping) -> Iterator[None]:
        """Find the lines of a large map little by little before it is first drawn; pump it between events."""
        for number, rule in enumerate(mapping.rules):
            for text in (rule.script, rule.when):
                if text is not None:
                    parsed(text)
            if number % 50 == 49:
                yield
        self._enter(mapping)
        for number, rule in enumerate(mapping.rules):
            self._known[rule.path] = self._linked(rule)
            if number % 50 == 49:
                yield

    def _enter(self, mapping: Mapping) -> bool:
        """Take in the loops of a mapping; tells whether they are those of the one before, joins included."""
        frame = tuple(
            rule for rule in mapping.rules if rule.loop is not None or rule.each is not None or rule.join
        )
        if frame == self._frame:
            return True
        self._frame = frame
        self._contexts = Contexts(mapping, self.trees.source)
        self._marks = loops(mapping, self._contexts)
        self._index = {loop.target: loop.index for loop in self._marks}
        return False

    def _linked(self, rule: Rule) -> tuple[Rule, str, int | None, tuple[Line, ...]]:
        """The lines of a rule, with what they depend on."""
        context = self._contexts.of(rule.path)
        nearest = self._contexts.loop(rule.path)
        own = self._index.get(nearest.path) if nearest else None
        before = self._known.get(rule.path)
        if (
            before is not None
            and before[0] is rule
            and before[1:3] == (context, own)
            and not _reads_further(rule)
        ):
            return before
        return rule, context, own, tuple(_rule_lines(rule, self._contexts, self._index, self.trees))


def differing(before: Sequence[object], after: Sequence[object]) -> tuple[int, int, int]:
    """Where two sequences differ: from, to (of the first), to (of the second); what is the same object is the same."""
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] is not after[at]), most)
    most -= start
    same = next((n for n in range(most) if before[-1 - n] is not after[-1 - n]), most)
    return start, len(before) - same, len(after) - same


def grouped(lines: Iterable[Line], key: Callable[[Line], str]) -> dict[str, tuple[Line, ...]]:
    """The lines by what `key` gives for them."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return {path: tuple(group) for path, group in found.items()}


def draw(mapping: Mapping, trees: Trees) -> Drawing:
    """The loops and lines of a mapping."""
    return Linker(trees).draw(mapping)


def operands(mapping: Mapping, trees: Trees, path: str) -> tuple[Line, ...]:
    """The lines of one rule, in order of writing."""
    rule = mapping.get(path)
    if rule is None:
        return ()
    contexts = Contexts(mapping, trees.source)
    index = {loop.target: loop.index for loop in loops(mapping, contexts)}
    return tuple(_rule_lines(rule, contexts, index, trees))


def _rule_lines(rule: Rule, contexts: Contexts, index: dict[str, int], trees: Trees) -> list[Line]:
    context = contexts.of(rule.path)
    nearest = contexts.loop(rule.path)
    own = index.get(nearest.path) if nearest else None
    lead = trees.source.lead

    def line(source: str, kind: LineKind, *, computed: bool = False) -> Line:
        place = trees.source.find(source)
        return Line(place.path if place else source, rule.path, kind, own, computed, place is not None)

    found: list[Line] = []
    if rule.loop is not None:
        found.append(line(contexts.source(rule), LineKind.LOOP))
    tests: Iterable[str] = _others(rule, contexts, context)
    if rule.script is not None:
        values, filters, computed = read(rule.script, context, lead)
        more, more_filters = _read_further(rule.script, rule.path, contexts)
        found += [line(source, LineKind.VALUE, computed=computed) for source in (*values, *more)]
        tests = (*filters, *more_filters, *tests)
    found += [line(source, LineKind.CONDITION, computed=True) for source in tests]
    return list(dict.fromkeys(found))


def _others(rule: Rule, contexts: Contexts, context: str) -> Iterator[str]:
    """What conditions, arrays, order, groups, joins and the filters of loops read."""
    texts = [rule.when, rule.each, *(key.by for key in rule.sort), *(rule.group.by if rule.group else ())]
    texts += [script for join in rule.join.values() for script in join.match.values()]
    for text in texts:
        if text is not None:
            values, tests, _computed = read(text, context, contexts.source_tree.lead)
            more, more_tests = _read_further(text, rule.path, contexts)
            yield from (*values, *tests, *more, *more_tests)
    yield from _matched(rule, contexts)
    if rule.loop is not None and "[" in rule.loop:
        _values, tests, _computed = read(
            f"[{rule.loop}]", contexts.outer(rule.path), contexts.source_tree.lead
        )
        yield from tests


def _matched(rule: Rule, contexts: Contexts) -> Iterator[str]:
    """The fields of other documents' rows by which a loop's joins find them."""
    for join in rule.join.values():
        rows = parsed_path(join.loop)
        row = contexts.address(rows, DOCUMENT) if rows is not None else None
        if row is not None:
            yield from (f"{row}/{field}" for field in join.match)


def _reads_further(rule: Rule) -> bool:
    """What its lines lead to depends on the joins around it, too."""
    return any(text is not None and "::" in text for text in (rule.script, rule.when, rule.each))


def _read_further(script: str, path: str, contexts: Contexts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses a script at a target path reads of further documents and of joined rows; those of their filters."""
    found = parsed(script) if "::" in script else None
    values: dict[str, None] = {}
    tests: dict[str, None] = {}
    for each in tree.paths(found) if found is not None else ():
        if each.source is None:
            continue
        joined = contexts.joined(each, path)
        source = joined[1] if joined is not None else contexts.address(each, DOCUMENT)
        if source is not None:
            values[source] = None
            base = joined[0] if joined is not None else ""
            tests |= dict.fromkeys(_further_filters(each, base, contexts))
    return tuple(values), tuple(test for test in tests if test not in values)


def _further_filters(path: tree.Path, row: str, contexts: Contexts) -> Iterator[str]:
    """What the filters of such a path read of its candidates; `row` is the joined row it starts from."""
    for number, step in enumerate(path.steps):
        if step.filter is None:
            continue
        shorter = tree.Path(
            path.start, path.end, path.absolute, path.up, path.source, path.steps[: number + 1]
        )
        if row:
            candidate: str | None = "/".join((row, *(step_text(each) for each in shorter.steps)))
        else:
            candidate = contexts.address(shorter, DOCUMENT)
        for inner in tree.paths(step.filter):
            source = absolute(inner, candidate, contexts.source_tree.lead) if candidate is not None else None
            if source is not None:
                yield source


def _parked_lines(rule: Rule, contexts: Contexts, trees: Trees) -> list[Line]:
    if rule.script is None:
        return []
    sources = read(rule.script, contexts.of(rule.path), trees.source.lead)[0]
    sources += _read_further(rule.script, rule.path, contexts)[0]
    return [
        Line(
            trees.source.canonical(source),
            rule.path,
            LineKind.PARKED,
            known=trees.source.find(source) is not None,
        )
        for source in sources
    ]


@lru_cache(maxsize=50_000)
def read(script: str, context: str, lead: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The source addresses a script reads, those only its filters read, and whether it computes something."""
    found = parsed(script)
    if found is None:
        return (), (), True
    values: dict[str, None] = {}
    tests: dict[str, None] = {}
    for path in tree.paths(found):
        source = absolute(path, context, lead)
        if source is not None:
            values[source] = None
            for test in _filter_operands(path, context, lead):
                tests[test] = None
    computed = not isinstance(found.only, tree.Path)
    return tuple(values), tuple(test for test in tests if test not in values), computed


def _filter_operands(path: tree.Path, context: str, lead: str) -> Iterator[str]:
    """The addresses read by a path's filters; a filter starts from its candidate."""
    for number, step in enumerate(path.steps):
        if step.filter is None:
            continue
        shorter = tree.Path(
            path.start, path.end, path.absolute, path.up, path.source, path.steps[: number + 1]
        )
        candidate = absolute(shorter, context, lead)
        if candidate is None:
            continue
        for inner in tree.paths(step.filter):
            source = absolute(inner, candidate, lead)
            if source is not None:
                yield source
            yield from _filter_operands(inner, candidate, lead)


_STRENGTH = (LineKind.LOOP, LineKind.VALUE, LineKind.CONDITION, LineKind.PARKED)


class Bundle(NamedTuple):
    """Lines that share both visible ends. Rows are those of the nearest visible ancestor of each end.

    `exact` tells for source and target whether the row is the node itself (not a parent that hides it).
    """

    source_row: int
    target_row: int
    lines: tuple[Line, ...]
    exact: tuple[bool, bool]

    @property
    def kind(self) -> LineKind:
        """The kind of the strongest line: loop, value, condition, parked."""
        kinds = {line.kind for line in self.lines}
        return kinds.pop() if len(kinds) == 1 else min(kinds, key=_STRENGTH.index)

    @property
    def loop(self) -> int | None:
        """The loop that colours it: that of its first line."""
        return self.lines[0].loop

    @property
    def bundled(self) -> bool:
        """Several lines end inside a hidden node, so it carries their count."""
        return len(self.lines) > 1 and self.exact != (True, True)


Visible = Callable[[str], tuple[int, bool]]
"""From an address to the row of its nearest visible ancestor (-1: none) and whether that is the node itself."""


def bundles(lines: Iterable[Line], source: Visible, target: Visible) -> tuple[Bundle, ...]:
    """The links to paint between visible rows; a condition and a value between the same rows stay apart."""
    groups: Groups = {}
    bundle_up(lines, source, target, groups)
    return bundled(groups)


Groups = dict[tuple[int, int, bool, bool], tuple[bool, bool, list[Line]]]


def bundle_up(lines: Iterable[Line], source: Visible, target: Visible, groups: Groups) -> None:
    """Put lines into the bundle each belongs to."""
    for line in lines:
        from_row, from_exact = source(line.source)
        to_row, to_exact = target(line.target)
        if from_row < 0 or to_row < 0:
            continue
        exact = from_exact and to_exact
        # A loop line is never hidden in a bundle of values, a condition keeps its dashes.
        apart = line.kind is LineKind.CONDITION or (exact and line.kind is LineKind.LOOP)
        key = from_row, to_row, apart, exact
        if key in groups:
            groups[key][2].append(line)
        else:
            groups[key] = from_exact, to_exact, [line]


def bundled(groups: Groups) -> tuple[Bundle, ...]:
    """The bundles that lines were put into."""
    return tuple(
        Bundle(key[0], key[1], tuple(group), (from_exact, to_exact))
        for key, (from_exact, to_exact, group) in groups.items()
    )


def nearest(path: str, rows: dict[str, int]) -> tuple[int, bool]:
    """The row of a path, or of its nearest ancestor that has one; (-1, False) where none has."""
    row = rows.get(path)
    if row is not None:
        return row, True
    for up in address.ancestors(path):
        row = rows.get(up)
        if row is not None:
            return row, False
    return -1, False
