"""What is wrong with a map: nodes without a rule, rules without a node, paths that lead nowhere, types that clash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from studio.base import i18n
from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.mapping import address, loops, missing_loops
from studio.mapping.context import Contexts, parsed
from studio.mapping.exclusive import exclusive, mixed, too_many
from studio.mapping.instances import clashing, node_of
from studio.mapping.model import Mapping, Rule
from studio.mapping.scope import scope_of
from studio.mapping.tree import Trees
from studio.schema.model import Base, Kind, Place
from studio.script import tree
from studio.script.check import check as check_script
from studio.script.parse import parse_all, parse_path
from studio.script.scope import Scope

MOST_PROBLEMS = 1_000
# So many rules are looked at together before the window is asked.
_SOME = 300
Around = tuple[tuple[str, str, bool], ...]
_DATES = {Base.DATE, Base.DATETIME}
_NUMBERS = {Base.INTEGER, Base.DECIMAL, Base.FLOAT}
# Carrying the one kind of value into the other can never give a valid one.
_CLASHES: tuple[tuple[frozenset[Base], frozenset[Base]], ...] = (
    (frozenset(_DATES | {Base.TIME}), frozenset(_NUMBERS | {Base.BOOLEAN})),
    (frozenset(_NUMBERS | {Base.BOOLEAN}), frozenset(_DATES | {Base.TIME})),
    (frozenset({Base.BOOLEAN}), frozenset({Base.DECIMAL, Base.FLOAT})),
    (frozenset({Base.BINARY}), frozenset(_NUMBERS | _DATES | {Base.TIME, Base.BOOLEAN})),
)


@dataclass(frozen=True)
class MissingRule(Problem):
    """A mandatory node that the map leaves without a rule."""


class Memory:
    """What the rules of a map were found to have: given to the next check, only rules that an edit touches are looked at."""

    def __init__(self) -> None:
        self._valid: tuple[object, ...] = ()
        self._rules: dict[str, _Seen] = {}

    def hold(self, *valid: object) -> dict[str, _Seen]:
        """The rules seen, by path; none where they were seen with something else around them."""
        same = len(valid) == len(self._valid)
        if not same or any(
            one is not other and one != other for one, other in zip(valid, self._valid, strict=True)
        ):
            self._valid, self._rules = valid, {}
        return self._rules


@dataclass(frozen=True)
class _Seen:
    """A rule as last checked: under which loops, and what was wrong with it."""

    rule: Rule
    loops: Around
    problems: tuple[Problem, ...]


def problems(
    mapping: Mapping,
    trees: Trees,
    *,
    object: str | None = None,
    file: str | None = None,
    memory: Memory | None = None,
) -> tuple[Problem, ...]:
    """The problems of a map, in order of its rules, then the mandatory nodes without one; at most MOST_PROBLEMS.

    `object` and `file` name the transformation; `memory` keeps what was found for the next time. A side without a
    schema is not checked.
    """
    found: list[Problem] = []
    for problem in scan(mapping, trees, object=object, file=file, memory=memory):
        if problem is not None:
            found.append(problem)
        if len(found) >= MOST_PROBLEMS:
            break
    return tuple(found)


def scan(
    mapping: Mapping,
    trees: Trees,
    *,
    object: str | None = None,
    file: str | None = None,
    memory: Memory | None = None,
) -> Iterator[Problem | None]:
    """`problems` one by one, with None now and then: for a window that must not wait for a large map."""
    return _Checker(mapping, trees, object, file, memory or Memory()).all()


def missing(mapping: Mapping, trees: Trees) -> tuple[str, ...]:
    """The target paths that must have a value and have no rule, in schema order.

    Only nodes that the map writes are looked at: required ones, and optional ones with a rule at or below them.
    """
    found = (place for place in _missing(mapping, trees) if place is not None)
    return tuple(place.path for place in found if place.node.kind is not Kind.CHOICE)


class _Checker:
    def __init__(
        self, mapping: Mapping, trees: Trees, object: str | None, file: str | None, memory: Memory
    ) -> None:
        self.mapping = mapping
        self.trees = trees
        self.object = object
        self.file = file
        self.contexts = Contexts(mapping, trees.source)
        # Problems are told in the language of their time.
        self._seen = memory.hold(trees.source, trees.target, object, file, i18n.language())
        self._arounds: dict[str, Around] = {}

    def all(self) -> Iterator[Problem | None]:
        for rule in self.mapping.rules:
            yield from self._known(rule)
            yield None
        for path in self._seen.keys() - self.mapping.by_path.keys():
            del self._seen[path]
        yield from self._together()
        yield None
        for rule in self.mapping.parked:
            yield self._problem(
                Severity.NOTE, rule.path,
                _("The node {name} has gone from the target schema; its rule is kept.").format(name=rule.path),
                _("Drag the rule to another node, or discard it."),
            )  # fmt: skip
        for place in _missing(self.mapping, self.trees):
            yield None
            if place is None:
                continue
            if place.node.kind is Kind.CHOICE:
                yield self._problem(Severity.WARNING, place.path, _undecided(place), _("Map one of them."))
            else:
                yield MissingRule(
                    Severity.WARNING,
                    _("{name} is mandatory and has no rule.").format(name=address.name(place.path)),
                    self.file,
                    object=self.object,
                    path=place.path,
                    mend=_("Map a field onto it or give it a constant."),
                )

    def _together(self) -> Iterator[Problem | None]:
        """What is wrong with rules beside each other."""
        if self.trees.target.root is not None:
            known: list[Rule] = []
            for number, rule in enumerate(self.mapping.rules):
                if self._place(rule) is not None:
                    known.append(rule)
                if number % _SOME == 0:
                    yield None
            for rule, message, mend in clashing(known):
                yield self._problem(Severity.ERROR, rule.path, message, mend)
        yield None
        for path, message, mend in too_many(self.mapping, self.trees.target):
            yield self._problem(Severity.ERROR, path, message, mend)
        yield None
        for path, message, mend in mixed(self.mapping):
            yield self._problem(Severity.WARNING, path, message, mend)
        for found in exclusive(self.mapping, self.trees.target, self.contexts):
            yield self._problem(Severity.WARNING, *found) if found is not None else None

    def _known(self, rule: Rule) -> tuple[Problem, ...]:
        """The problems of a rule: nothing but itself, the schemas and the loops around it matters to them."""
        around = self._around(rule)
        seen = self._seen.get(rule.path)
        if seen is None or seen.loops != around or (seen.rule is not rule and seen.rule != rule):
            seen = self._seen[rule.path] = _Seen(rule, around, tuple(self._rule(rule)))
        return seen.problems

    def _around(self, rule: Rule) -> Around:
        """The loops on and around a rule, with the source nodes they visit."""
        loop = self.contexts.loop(rule.path)
        if loop is None:
            return ()
        known = self._arounds.get(loop.path)
        if known is None:
            enclosing = self.contexts.enclosing(loop.path)
            known = tuple(
                (
                    each.path,
                    self.contexts.source(each) + (repr(each.join) if each.join else ""),
                    each.loop is None,
                )
                for each in enclosing
            )
            self._arounds[loop.path] = known
        return known

    def _rule(self, rule: Rule) -> Iterator[Problem]:
        place = self._place(rule)
        if self.trees.target.root is not None and place is None:
            yield self._problem(
                Severity.ERROR, rule.path,
                _("The target schema has no node {path}.").format(path=rule.path),
                _("Park the rule, or drag it to another node."),
            )  # fmt: skip
        yield from self._scripts(rule)
        if rule.loop is not None:
            yield from self._loop(rule, place)
        if rule.script is not None and place is not None:
            yield from self._value(rule, place)
        if (rule.script or rule.when) is not None and place is not None:
            yield from self._several(rule, place)

    def _place(self, rule: Rule) -> Place | None:
        """Where a rule stands; a document has one root only."""
        top = (rule.path, *address.ancestors(rule.path))[-1]
        return None if address.instance(top)[1] > 1 else self.trees.target.find(rule.path)

    def _scripts(self, rule: Rule) -> Iterator[Problem]:
        texts = [rule.script, rule.when, rule.each, *(key.by for key in rule.sort)]
        texts += list(rule.group.by) if rule.group else []
        texts += [script for join in rule.join.values() for script in join.match.values()]
        for text in texts:
            if text is None:
                continue
            script = parsed(text)
            if script is None:
                script, mistakes = parse_all(text)
                scope = self._scope(rule, script, fields=False)
                yield from (
                    replace(problem, file=self.file) for problem in check_script(script, scope, mistakes)
                )
            else:
                yield from self._script(rule, script)

    def _script(self, rule: Rule, script: tree.Script) -> Iterator[Problem]:
        scope = self._scope(rule, script, fields=False)
        found = check_script(script, scope)
        if any(scope.field and scope.field(path) is None for path in tree.paths(script)):
            # Only now is it worth the time to look for fields of a similar name.
            found = check_script(script, self._scope(rule, script, fields=True))
        for problem in found:
            yield replace(problem, file=self.file)

    def _scope(self, rule: Rule, script: tree.Script, *, fields: bool) -> Scope:
        return scope_of(self.contexts, rule.path, fields=fields, script=script, object=self.object)

    def _loop(self, rule: Rule, place: Place | None) -> Iterator[Problem]:
        try:
            parse_path(rule.loop or "")
        except BadInput:
            yield self._unreadable(rule, lambda: parse_path(rule.loop or ""))
            return
        source = self.contexts.source(rule)
        visited = self.trees.source.find(source)
        if visited is None and self.trees.source.root is not None:
            yield self._problem(
                Severity.ERROR, rule.path,
                _("The loop visits {path}, which the source schema does not have.").format(path=source),
                _("Choose another node to loop on."),
            )  # fmt: skip
        if (
            place is not None
            and not place.repeats
            and visited is not None
            and visited.repeats
            and not _one(rule)
        ):
            yield self._problem(
                Severity.WARNING, rule.path,
                _("{name} may occur once, but its loop can give several.").format(name=address.name(rule.path)),
                _("Loop on a node above it, or keep the first one only."),
            )  # fmt: skip
        warning = loops.cartesian(self.mapping, self.trees, rule.path, self.contexts)
        if warning:
            yield self._problem(
                Severity.WARNING, rule.path, warning, _("Tie the two together with a condition or a join.")
            )

    def _value(self, rule: Rule, place: Place) -> Iterator[Problem]:
        value = place.node.value
        if value is None and not place.node.type.mixed and place.node.kind is not Kind.ANY:
            yield self._problem(
                Severity.ERROR, rule.path,
                _("{name} holds other nodes and cannot take a value.").format(name=address.name(rule.path)),
                _("Map the nodes inside it."),
            )  # fmt: skip
            return
        script = parsed(rule.script or "")
        path = script.only if script is not None else None
        if not isinstance(path, tree.Path) or path.source is not None:
            return
        source = self.contexts.address(path, self.contexts.of(rule.path))
        if source is not None:
            yield from self._carried(rule, place, source, path)

    def _carried(self, rule: Rule, place: Place, source: str, path: tree.Path) -> Iterator[Problem]:
        """A single field carried to a single node: do they go together?"""
        found = self.trees.source.find(source)
        if found is None:
            return
        several = loops.unvisited(self.contexts, self.trees.source, source, rule.path)
        if path.plain and not place.repeats and several:
            yield self._problem(
                Severity.ERROR, rule.path,
                _("{source} gives several values and {name} takes one.").format(
                    source=address.name(source), name=address.name(rule.path)
                ),
                _("Loop on the repeating node, or join the values with a function such as Sum or Max."),
            )  # fmt: skip
        value, wanted = found.node.value, place.node.value
        if (
            value is None
            and wanted is not None
            and found.node.kind is not Kind.ANY
            and not found.node.type.mixed
        ):
            yield self._problem(
                Severity.WARNING, rule.path,
                _("{source} has no text of its own, so {name} stays empty.").format(
                    source=address.name(source), name=address.name(rule.path)
                ),
                _("Map one of the fields inside it."),
            )  # fmt: skip
        if value is None or wanted is None:
            return
        if any(value.base in one and wanted.base in other for one, other in _CLASHES):
            yield self._problem(
                Severity.WARNING, rule.path,
                _("{source} is {one} and {name} wants {other}.").format(
                    source=address.name(source), one=value.name, name=address.name(rule.path), other=wanted.name
                ),
                _("Convert the value in the script."),
            )  # fmt: skip

    def _several(self, rule: Rule, place: Place) -> Iterator[Problem]:
        """Fields inside functions and conditions of which there are several at once."""
        told: set[str] = set()
        for found in missing_loops.several(self.contexts, self.trees.source, rule, repeats=place.repeats):
            if found.source not in told:
                told.add(found.source)
                yield self._problem(
                    Severity.WARNING, rule.path,
                    _("{source} gives several values at once in the rule of {name}, which wants one.").format(
                        source=address.name(found.source), name=address.name(rule.path)
                    ),
                    _("Loop on the repeating node, or join the values with a function such as Sum or Max."),
                )  # fmt: skip

    def _unreadable(self, rule: Rule, read: object) -> Problem:
        try:
            read()  # type: ignore[operator]
        except BadInput as error:
            return self._problem(
                Severity.ERROR, rule.path, error.message, error.next_step, error.line, error.column
            )
        raise AssertionError(rule)  # a script that did not parse a moment ago parses now

    def _problem(
        self, severity: Severity, path: str, message: str, mend: str,
        line: int | None = None, column: int | None = None,
    ) -> Problem:  # fmt: skip
        return Problem(severity, message, self.file, line, column, self.object, path, mend)


def _one(rule: Rule) -> bool:
    return rule.first == 1 or rule.last == 1


def _missing(mapping: Mapping, trees: Trees) -> Iterator[Place | None]:
    """The places, with None now and then: a schema may be as large as a map."""
    root = trees.target.root
    if root is None or not mapping.rules:
        return
    ruled = {rule.path for rule in mapping.rules}
    touched = ruled | {up for path in ruled for up in address.ancestors(path)}
    numbered: dict[str, set[str]] = {}
    for path in touched:
        base, number = node_of(path)
        if number or "~" in path.rpartition("/")[2]:
            numbered.setdefault(base, set()).add(path)
    yield from _missing_below(root, _Written(trees, frozenset(ruled), frozenset(touched), numbered), 0)


class _Written:
    """Which target paths have rules, which have some below, and which come in instances."""

    def __init__(
        self, trees: Trees, ruled: frozenset[str], touched: frozenset[str], numbered: dict[str, set[str]]
    ) -> None:
        self.trees = trees
        self.ruled = ruled
        self.touched = touched
        self.numbered = numbered

    def places(self, place: Place) -> Iterable[Place]:
        """The instances of a node that rules speak of, or the node itself."""
        paths = self.numbered.get(place.path)
        if not paths:
            return (place,)
        found = (self.trees.target.find(path) for path in sorted(paths, key=self.trees.target.order))
        return tuple(each for each in found if each is not None)


def _missing_below(parent: Place, written: _Written, depth: int) -> Iterator[Place | None]:
    # A required node that requires itself cannot exist in a finite document; the depth guards all the same.
    if depth > 64:
        return
    yield None
    yield from _undecided_choices(parent, written)
    for child in parent.flat_children():
        for place in written.places(child):
            if not place.required and place.path not in written.touched:
                continue
            node = place.node
            if place.required and place.path not in written.ruled and _wants_value(place, written):
                yield place
            if not node.type.leaf and not (place.recursive and place.path not in written.touched):
                yield from _missing_below(place, written, depth + 1)


def _undecided_choices(parent: Place, written: _Written) -> Iterator[Place]:
    """The required choices directly inside of which no alternative has a rule."""
    for place in parent.children():
        if place.node.kind is Kind.CHOICE and place.node.occurs.min > 0:
            inside = [each for child in place.flat_children() for each in written.places(child)]
            optional = any(each.node.occurs.min == 0 for each in inside)
            if inside and not optional and not any(each.path in written.touched for each in inside):
                yield place


def _undecided(choice: Place) -> str:
    names = ", ".join(address.name(place.path) for place in choice.flat_children())
    return _("None of {names} is mapped, and one of them is mandatory.").format(names=names)


def _wants_value(place: Place, written: _Written) -> bool:
    node = place.node
    if node.value is None or node.fixed is not None or node.default is not None:
        return False
    # Text between elements may well be empty once the elements are mapped.
    return not (node.type.mixed and place.path in written.touched)
