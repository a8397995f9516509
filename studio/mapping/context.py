"""What a path in a rule means: the source node rules are read from, absolute addresses, and the path to write."""

from __future__ import annotations

from functools import lru_cache

from studio.base.errors import BadInput
from studio.mapping import address
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree
from studio.schema.path import Step, document_of
from studio.script import tree
from studio.script.parse import parse, parse_path

DOCUMENT = ""
"""The context outside every loop."""

# Beyond this many steps up, a path from the document reads better.
_MOST_UP = 2


@lru_cache(maxsize=20_000)
def parsed(script: str) -> tree.Script | None:
    """The script's tree, None when it cannot be read."""
    try:
        return parse(script)
    except BadInput:
        return None


@lru_cache(maxsize=5_000)
def parsed_path(path: str) -> tree.Path | None:
    """The tree of a loop's path, None when it cannot be read."""
    try:
        return parse_path(path)
    except BadInput:
        return None


class Contexts:
    """The source nodes a mapping's rules are read from; `known` gives those of loops that need not be read again."""

    def __init__(self, mapping: Mapping, source_tree: Tree, known: dict[str, str] | None = None) -> None:
        self.mapping = mapping
        self.source_tree = source_tree
        self._sources = dict(known or {})
        self._nearest: dict[str, Rule | None] = {}

    def loop(self, path: str) -> Rule | None:
        """The looping rule on a target path or nearest above it."""
        if path in self._nearest:
            return self._nearest[path]
        rule = self.mapping.get(path)
        found = rule if rule is not None and rule.loops else self.loop_above(path)
        self._nearest[path] = found
        return found

    def loop_above(self, path: str) -> Rule | None:
        """The nearest looping rule above a target path."""
        up = address.parent(path)
        return self.loop(up) if up is not None else None

    def of(self, path: str) -> str:
        """The source address that scripts of the rule at `path` start from; DOCUMENT outside loops."""
        rule = self.loop(path)
        return self.source(rule) if rule else DOCUMENT

    def outer(self, path: str) -> str:
        """The source address that the loop of the rule at `path` starts from."""
        rule = self.loop_above(path)
        return self.source(rule) if rule else DOCUMENT

    def source(self, rule: Rule) -> str:
        """The source address a looping rule visits; that of the loop around it where it visits no node (`each`)."""
        known = self._sources.get(rule.path)
        if known is None:
            known = self._source(rule)
            self._sources[rule.path] = known
        return known

    def known_sources(self) -> dict[str, str]:
        """The source node of every looping rule by the rule's path."""
        return {rule.path: self.source(rule) for rule in self.mapping.rules if rule.loops}

    def enclosing(self, path: str) -> tuple[Rule, ...]:
        """The looping rules on a target path and above it, innermost first."""
        found: list[Rule] = []
        rule = self.loop(path)
        while rule is not None:
            found.append(rule)
            rule = self.loop_above(rule.path)
        return tuple(found)

    def _source(self, rule: Rule) -> str:
        outer = self.outer(rule.path)
        path = parsed_path(rule.loop) if rule.loop else None
        if path is None:
            return outer
        found = self.address(path, outer)
        return outer if found is None else found

    def address(self, path: tree.Path, context: str) -> str | None:
        """The source address a path leads to from a context, as the source tree writes it."""
        if path.source is not None:
            tree_ = self.source_tree.further.get(path.source)
            return None if tree_ is None else self._below(tree_.lead, (), path)
        found = absolute(path, context, self.source_tree.lead)
        return None if found is None else self.source_tree.canonical(found)

    def joined(self, path: tree.Path, rule: str) -> tuple[str, str] | None:
        """The addresses of a join's row and of what a path reads of it, in the rule at a target path; None where no join has the name."""
        for around in self.enclosing(rule):
            join = around.join.get(path.source or "")
            rows = parsed_path(join.loop) if join is not None and not path.absolute else None
            if rows is not None:
                row = self.address(rows, DOCUMENT)
                return None if row is None else (row, self._below("", address.split(row), path))
        return None

    def _below(self, lead: str, base: tuple[str, ...], path: tree.Path) -> str:
        steps = tuple(step_text(step) for step in path.steps if not step.call)
        return self.source_tree.canonical(address.join(lead, (*base, *steps)))


def absolute(path: tree.Path, context: str, lead: str = "") -> str | None:
    """The source address a path of a script leads to; None when it reads another document.

    Filters, indexes and the functions text() and members() leave no trace in it.
    """
    if path.source is not None:
        return None
    base = () if path.absolute else address.split(context)
    if base and document_of(base[0]):
        lead = ""  # the document's name stands before the first step
    if path.up:
        base = base[: max(0, len(base) - path.up)]
    return address.join(lead, (*base, *(step_text(step) for step in path.steps if not step.call)))


def step_text(step: tree.PathStep) -> str:
    """The step as an address writes it."""
    return _step_text(step.name, step.attribute, step.prefix, step.type)


@lru_cache(maxsize=20_000)
def _step_text(name: str, attribute: bool, prefix: str | None, type: str | None) -> str:
    return str(Step(name, attribute=attribute, prefix=prefix, type=type))


def relative(source: str, context: str) -> str:
    """The path to write in a rule whose context is `context` to read the source address `source`."""
    if document_of(source) and document_of(source) != document_of(context):
        return source
    steps, base = address.split(source), address.split(context)
    return written(steps, base, _shared(steps, base))


def reference(source: str, context: str) -> str:
    """`relative` between brackets: the script that carries a field's value."""
    return f"[{relative(source, context)}]"


def _shared(steps: tuple[str, ...], base: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(steps, base, strict=False):
        if one != other:
            break
        count += 1
    return count


def written(steps: tuple[str, ...], base: tuple[str, ...], shared: int) -> str:
    """The path to write for steps of which the first `shared` are also those of the context `base`."""
    up, rest = len(base) - shared, steps[shared:]
    if not up:
        return "/".join(rest) if rest else "."
    if shared and rest and up <= _MOST_UP:
        return "../" * up + "/".join(rest)
    return "/" + "/".join(steps)


def rebased(script: str, old: str, new: str) -> str:
    """The script after its context moved from `old` to `new`: every path still leads where it led.

    A script that cannot be read stays as it is.
    """
    found = parsed(script)
    if found is None or old == new:
        return script
    text = script
    for path in reversed(tree.paths(found)):
        written = _moved_path(found, path, old, new)
        if written is not None:
            text = f"{text[: path.start]}[{written}]{text[path.end :]}"
    return text


def rebased_path(path: str, old: str, new: str) -> str:
    """`rebased` for the path of a loop."""
    return rebased(f"[{path}]", old, new)[1:-1]


def _moved_path(script: tree.Script, path: tree.Path, old: str, new: str) -> str | None:
    if path.absolute or path.source is not None or any(step.call == "members" for step in path.steps):
        return None
    base = address.split(old)
    kept = base[: max(0, len(base) - path.up)]
    texts = (*kept, *(script.source(step) for step in path.steps))
    # Only plain steps may melt into the new context: [1] or a filter is not the loop's current instance.
    plain = 0
    for step in path.steps:
        if not step.plain or step.call or step.type or step.prefix:
            break
        plain += 1
    goal = address.split(new)
    shared = min(_shared(texts, goal), len(kept) + plain)
    return written(texts, goal, shared)
