"""What the canvas shows at one moment: trees, map, links, problems and the values of one sample record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.evidence import Evidence, RuleProblem, Seen
from studio.mapping.lines import Drawing, Line, LineKind, differing, grouped
from studio.mapping.loops import Loop
from studio.mapping.model import Mapping as Map
from studio.mapping.tree import Trees
from ui.canvas.above import Above
from ui.canvas.notes import Notes

# What is worked out of the lines alone.
_OF_LINES = (
    "target_loops", "source_loops", "by_source", "by_target", "links", "linked_above", "fed_above",
)  # fmt: skip
_WORST = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True)
class Scene:
    """One immutable picture of a mapping.

    `missing` are mandatory target paths without a rule, `problems` the worst problem by target path. `prefixes` name
    the namespaces of source and target, `picks` the addresses a person picked of the target, without numbers, `documents`
    the schema files of further documents by name; `notes` is what is noted at rows besides.
    """

    trees: Trees
    mapping: Map = field(default_factory=Map)
    drawing: Drawing = field(default_factory=lambda: Drawing((), ()))
    missing: frozenset[str] = frozenset()
    problems: Mapping[str, Problem] = field(default_factory=dict)
    evidence: Evidence | None = None
    prefixes: tuple[Mapping[str, str], Mapping[str, str]] = field(default_factory=lambda: ({}, {}))
    picks: frozenset[str] = frozenset()
    documents: Mapping[str, str] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def take_over(self, before: Scene) -> None:
        """What was worked out of another scene and is the same here need not be worked out again."""
        self._take_rules(before)
        if self.drawing is before.drawing:
            self._take(before, _OF_LINES)
        elif (change := self.drawing.since(before.drawing)) is not None:
            self._take_lines(before, *change)
        here, there = self.evidence, before.evidence
        if here is not None and there is not None:
            if _same_valued(there.source, here.source):
                self._take(before, ("valued_source",))
            if _same_valued(there.target, here.target):
                self._take(before, ("valued_target",))

    def _take_rules(self, before: Scene) -> None:
        """What follows from where rules stand, of the rules an edit has put somewhere or taken away."""
        known = before.__dict__
        rules, older = self.mapping.rules, before.mapping.rules
        start, end, stop = (0, 0, 0) if rules is older else differing(older, rules)
        gone, new = ([rule.path for rule in part] for part in (older[start:end], rules[start:stop]))
        if gone == new:
            # The same tuple, by which it is seen that no rule has come or gone.
            self.__dict__["paths"] = before.paths
            self._take(before, ("ruled_above",))
        elif "paths" in known:
            self.__dict__["paths"] = (*before.paths[:start], *new, *before.paths[end:])
            if "ruled_above" in known:
                self.__dict__["ruled_above"] = before.ruled_above.changed(gone, new)

    def _take_lines(self, before: Scene, gone: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        """What follows from the lines, of those an edit has drawn or taken away; the loops are the same."""
        known = before.__dict__
        self._take(before, ("target_loops", "source_loops"))
        if "by_source" in known:
            ends = {line.source for line in (*gone, *new)}
            found = grouped(
                (line for line in self.drawing.lines if line.source in ends), attrgetter("source")
            )
            self.__dict__["by_source"] = {
                path: lines for path, lines in before.by_source.items() if path not in ends
            } | found
        for name, of in (("linked_above", "by_source"), ("fed_above", "by_target")):
            if name in known:
                old, now = getattr(before, of), getattr(self, of)
                ends = {line.source if of == "by_source" else line.target for line in (*gone, *new)}
                lost = [path for path in ends if path in old and path not in now]
                come = [path for path in ends if path in now and path not in old]
                self.__dict__[name] = known[name].changed(lost, come) if lost or come else known[name]

    def _take(self, before: Scene, names: Iterable[str]) -> None:
        self.__dict__.update({name: before.__dict__[name] for name in names if name in before.__dict__})

    def prepared(self) -> Iterator[None]:
        """Work out what showing a large map asks for, a part at a time; pump it between events."""
        for name in (*_OF_LINES, "paths", "ruled_above"):
            getattr(self, name)
            yield

    def same_links(self, other: Scene) -> bool:
        """The same links and rules at the same nodes: nothing between the trees has changed."""
        return self.drawing is other.drawing and self.paths is other.paths

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The target paths of the rules, in their order."""
        return tuple(rule.path for rule in self.mapping.rules)

    @cached_property
    def target_loops(self) -> Mapping[str, Loop]:
        """The loops by target path."""
        return {loop.target: loop for loop in self.drawing.loops}

    @cached_property
    def source_loops(self) -> Mapping[str, Loop]:
        """The first loop visiting each source address."""
        found: dict[str, Loop] = {}
        for loop in self.drawing.loops:
            if loop.source is not None:
                found.setdefault(loop.source, loop)
        return found

    @cached_property
    def by_source(self) -> Mapping[str, tuple[Line, ...]]:
        """The lines by source address."""
        return grouped(self.drawing.lines, attrgetter("source"))

    @cached_property
    def by_target(self) -> Mapping[str, tuple[Line, ...]]:
        """The lines by target path."""
        return self.drawing.by_target

    @cached_property
    def links(self) -> tuple[Line, ...]:
        """The lines of values and conditions: what the count in the link header means."""
        return tuple(line for line in self.drawing.lines if line.kind is not LineKind.PARKED)

    @cached_property
    def linked_above(self) -> Above:
        """Source addresses that are linked or have something linked below."""
        return Above.of(self.by_source)

    @cached_property
    def ruled_above(self) -> Above:
        """Target paths that have a rule or one below."""
        return Above.of(rule.path for rule in self.mapping.rules)

    @cached_property
    def fed_above(self) -> Above:
        """Target paths that read the source or have something below that does."""
        return Above.of(self.by_target)

    @cached_property
    def valued_source(self) -> Mapping[str, str]:
        """The first address with a value at or below each source address."""
        return _first_valued(self.evidence.source if self.evidence else {})

    @cached_property
    def valued_target(self) -> Mapping[str, str]:
        """The first path with a value at or below each target path."""
        return _first_valued(self.evidence.target if self.evidence else {})

    def first_source(self, path: str) -> str:
        """The first value at or below a source address, "" where there is none."""
        found = self.valued_source.get(path)
        return self.evidence.source[found].text if found is not None and self.evidence is not None else ""

    def first_target(self, path: str) -> str:
        """The first value at or below a target path, "" where there is none."""
        found = self.valued_target.get(path)
        return self.evidence.target[found].text if found is not None and self.evidence is not None else ""

    @cached_property
    def failed(self) -> Mapping[str, str]:
        """What went wrong in this record, by target path."""
        evidence = self.evidence
        if evidence is None:
            return {}
        # What fails in the turns shown is said rather than what fails elsewhere.
        found = sorted(evidence.problems, key=lambda problem: evidence.here(problem.turns))
        return {problem.path: said_problem(problem, evidence) for problem in found}

    def constant(self, path: str) -> bool:
        """The rule at a target path reads nothing of the source."""
        rule = self.mapping.get(path)
        return rule is not None and rule.script is not None and path not in self.by_target


def said_problem(problem: RuleProblem, evidence: Evidence) -> str:
    """What failed, with the turn where that is not the one shown."""
    if evidence.here(problem.turns):
        return problem.message
    loop, number = problem.turns[-1]
    said = _("In turn {n} of {loop}: {message}")
    return said.format(n=number, loop=address.name(loop), message=problem.message)


def _first_valued(values: Mapping[str, Seen]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, seen in values.items():
        if seen.text:
            for each in (path, *address.ancestors(path)):
                if each in found:
                    break
                found[each] = path
    return found


def _same_valued(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> bool:
    """The same addresses have values, though they may be others; what an edit leaves alone is the same object."""
    if before is after:
        return True
    return len(before) == len(after) and all(
        path == other and (one is two or bool(one.text) == bool(two.text))
        for (path, one), (other, two) in zip(before.items(), after.items(), strict=True)
    )


def worst_by_path(problems: Iterable[Problem]) -> dict[str, Problem]:
    """The gravest problem at each target path."""
    found: dict[str, Problem] = {}
    for problem in problems:
        if problem.path is None:
            continue
        known = found.get(problem.path)
        if known is None or _WORST.index(problem.severity) < _WORST.index(known.severity):
            found[problem.path] = problem
    return found
