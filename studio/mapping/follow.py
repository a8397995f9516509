"""After a source node got another address: every loop, script and condition that led to it or below it leads there again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from studio.mapping import address
from studio.mapping.context import DOCUMENT, Contexts, parsed, step_text, written
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from studio.schema.path import document_of
from studio.script import tree


def follow_source(mapping: Mapping, trees: Trees, old: str, new: str) -> Mapping:
    """The mapping after the source node `old` became `new`, with everything below it.

    A path stays as it is where a filter or number on a step that is no more would be lost.
    """
    contexts = Contexts(mapping, trees.source)
    move = _Move(old, new)

    def moved(rule: Rule) -> Rule:
        return _moved_rule(rule, move, contexts.outer(rule.path), contexts.of(rule.path))

    rules = tuple(map(moved, mapping.rules))
    parked = tuple(map(moved, mapping.parked))
    if rules == mapping.rules and parked == mapping.parked:
        return mapping
    return Mapping(rules, parked)


class _Move:
    """From one source address to another, and what that does to texts."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = address.split(old), address.split(new)

    def goal(self, steps: tuple[str, ...]) -> tuple[str, ...]:
        """Where steps lead now."""
        return (*self.new, *steps[len(self.old) :]) if self.holds(steps) else steps

    def holds(self, steps: tuple[str, ...]) -> bool:
        """They lead to the moved node or below it."""
        return steps[: len(self.old)] == self.old

    def script(self, text: str, context: str) -> str:
        """A script whose paths start from `context`."""
        found = parsed(text)
        return text if found is None else self._rewritten(found, text, 0, address.split(context))

    def path(self, text: str, context: str) -> str:
        """The path of a loop."""
        return self.script(f"[{text}]", context)[1:-1]

    def _rewritten(self, script: tree.Script, text: str, start: int, base: tuple[str, ...]) -> str:
        """`text` begins at the offset `start` of the whole script."""
        for path in reversed(tree.paths(script)):
            new = self._path(script, path, base)
            if new is not None:
                text = f"{text[: path.start - start]}[{new}]{text[path.end - start :]}"
        return text

    def _path(self, script: tree.Script, path: tree.Path, base: tuple[str, ...]) -> str | None:
        kept = () if path.absolute or path.source is not None else base[: max(0, len(base) - path.up)]
        names, texts, inside = kept, kept, False
        for step in path.steps:
            name = step_text(step) if not step.call else ""
            if path.source is not None and names == kept:
                name = f"{path.source}::{name}"
            names = (*names, name)
            text = self._step(script, step, names)
            inside = inside or text != script.source(step)
            texts = (*texts, _plain_or(text, step, name))
        before = texts
        if self.holds(names):
            own = names[len(kept) : len(self.old)]
            if not self._carries(path.steps[: len(own)]):
                return None
            texts = (*self._head(names, texts, len(kept)), *texts[len(self.old) :])
        goal = self.goal(base)
        if path.absolute or path.source is not None:
            lead = "/" if path.absolute and not document_of(texts[0] if texts else "") else ""
            return lead + "/".join(texts) if texts != before or inside else None
        if texts == before and goal == base and not inside:
            return None
        around = goal[: max(0, len(goal) - path.up)]
        if around and texts[: len(around)] == around and len(goal) > path.up:
            # The same way up and down again: `../line` means every line, and must not melt into the one in hand.
            return ("../" * path.up + "/".join(texts[len(around) :])).rstrip("/") or "."
        plain = 0
        for step in path.steps:
            if not step.plain or step.call or step.type or step.prefix:
                break
            plain += 1
        grown = len(texts) - len(names)
        shared = 0
        for one, other in zip(texts[: len(kept) + plain + max(0, grown)], goal, strict=False):
            if one != other:
                break
            shared += 1
        return written(texts, goal, shared)

    def _head(self, names: tuple[str, ...], texts: tuple[str, ...], base: int) -> tuple[str, ...]:
        """The new steps, those that are still the same with what stands behind their names; so the last."""
        head = list(self.new)
        for number, name in enumerate(self.old):
            if number < len(head) and head[number] == name:
                head[number] = texts[number]
        last = len(self.old) - 1
        if last >= base:
            head[-1] = self.new[-1] + texts[last][len(names[last]) :]
        return tuple(head)

    def _carries(self, steps: tuple[tree.PathStep, ...]) -> bool:
        """Nothing behind a name gets lost: only steps that stay, and the last, have filters or numbers."""
        first = len(self.old) - len(steps)
        for number, step in enumerate(steps[:-1], first):
            stays = number < len(self.new) and self.new[number] == self.old[number]
            if not stays and not step.plain:
                return False
        return True

    def _step(self, script: tree.Script, step: tree.PathStep, names: tuple[str, ...]) -> str:
        """A step's text, the paths in its filter rewritten."""
        text = script.source(step)
        return text if step.filter is None else self._rewritten(step.filter, text, step.start, names)


def _plain_or(text: str, step: tree.PathStep, name: str) -> str:
    """The step with its name as addresses have it."""
    if step.call:
        return text
    at = text.find("[") if not step.plain else -1
    return name + (text[at:] if at >= 0 else "")


def _moved_rule(rule: Rule, move: _Move, outer: str, inner: str) -> Rule:
    def optional(text: str | None) -> str | None:
        return None if text is None else move.script(text, inner)

    script: Callable[[str], str] = lambda text: move.script(text, inner)  # noqa: E731
    changed = replace(
        rule,
        loop=None if rule.loop is None else move.path(rule.loop, outer),
        script=optional(rule.script),
        when=optional(rule.when),
        each=None if rule.each is None else move.script(rule.each, outer),
        sort=tuple(replace(key, by=script(key.by)) for key in rule.sort),
        group=None if rule.group is None else replace(rule.group, by=tuple(map(script, rule.group.by))),
        join={
            name: replace(
                join,
                loop=move.path(join.loop, DOCUMENT),
                match={field: script(by) for field, by in join.match.items()},
            )
            for name, join in rule.join.items()
        },
    )
    return rule if changed == rule else changed
