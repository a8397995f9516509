"""Find and replace in the scripts of a map: what would change, one by one, and the map after those that are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.mapping.model import Mapping, Rule
from studio.script.parse import parse, parse_path

MOST_CHANGES = 5_000


@dataclass(frozen=True)
class Wanted:
    """What to find and what to put there; `case` minds capitals, `words` finds whole words only."""

    find: str
    put: str = ""
    case: bool = False
    words: bool = False


@dataclass(frozen=True)
class Change:
    """One text that would change: `part` is which of a rule's texts (`script`, `when`, `loop`, `each`, `group 1`, …).

    `count` places are found in it; `problem` says why the new text would not be understood, "" where it would.
    """

    path: str
    part: str
    old: str
    new: str
    count: int = 1
    problem: str = ""


def replacer(wanted: Wanted) -> Callable[[str], tuple[str, int]]:
    """A function that gives a text as it would be, and how many places were found in it."""
    if not wanted.find:
        return lambda text: (text, 0)
    source = re.escape(wanted.find)
    if wanted.words:
        source = rf"(?<!\w){source}(?!\w)"
    pattern = re.compile(source, 0 if wanted.case else re.IGNORECASE)
    return lambda text: pattern.subn(lambda _found: wanted.put, text)


def changes(mapping: Mapping, wanted: Wanted) -> tuple[Change, ...]:
    """Every text of a map's rules in which something is found, in the map's order; bounded."""
    put = replacer(wanted)
    found: list[Change] = []
    for rule in mapping.rules:
        for part, text in texts(rule):
            new, count = put(text)
            if count:
                found.append(Change(rule.path, part, text, new, count, problem_of(part, new)))
                if len(found) >= MOST_CHANGES:
                    return tuple(found)
    return tuple(found)


def apply(mapping: Mapping, wanted: Collection[Change]) -> Mapping:
    """The map after these changes; one whose text is no longer there changes nothing."""
    by_path: dict[str, list[Change]] = {}
    for change in wanted:
        by_path.setdefault(change.path, []).append(change)
    if not by_path:
        return mapping
    rules = tuple(_changed(rule, by_path.get(rule.path, [])) for rule in mapping.rules)
    return mapping if rules == mapping.rules else replace(mapping, rules=rules)


def texts(rule: Rule) -> Iterator[tuple[str, str]]:
    """The texts of a rule that are scripts or paths, by the name of the part."""
    for part, text in (
        ("loop", rule.loop),
        ("each", rule.each),
        ("when", rule.when),
        ("script", rule.script),
    ):
        if text is not None:
            yield part, text
    for number, key in enumerate(rule.sort, 1):
        yield f"sort {number}", key.by
    for number, by in enumerate(rule.group.by if rule.group else (), 1):
        yield f"group {number}", by
    for name, join in rule.join.items():
        yield f"join {name}", join.loop
        for field, by in join.match.items():
            yield f"join {name} {field}", by


def rewritten(mapping: Mapping, put: Callable[[str], str]) -> Mapping:
    """The map with every text of its rules as `put` gives it; the same object where nothing differs."""
    found = [
        Change(rule.path, part, text, new)
        for rule in mapping.rules
        for part, text in texts(rule)
        if (new := put(text)) != text
    ]
    return apply(mapping, found) if found else mapping


def is_path(part: str) -> bool:
    """Whether a part of a rule holds a path written without its brackets."""
    return part == "loop" or (part.startswith("join ") and part.count(" ") == 1)


def problem_of(part: str, text: str) -> str:
    """Why a text would not be understood in this part of a rule; "" where it would."""
    try:
        if is_path(part):
            parse_path(text)
        elif text.strip():
            parse(text)
        else:
            return _("The text would be empty.")
    except BadInput as error:
        return error.message
    return ""


def _changed(rule: Rule, wanted: list[Change]) -> Rule:
    now = dict(texts(rule))
    for change in wanted:
        if now.get(change.part) == change.old:
            rule = _with_text(rule, change.part, change.new)
    return rule


def _with_text(rule: Rule, part: str, text: str) -> Rule:
    kind, _space, rest = part.partition(" ")
    if kind == "sort":
        at = int(rest) - 1
        keys = tuple(replace(key, by=text) if n == at else key for n, key in enumerate(rule.sort))
        return replace(rule, sort=keys)
    if kind == "group" and rule.group is not None:
        at = int(rest) - 1
        by = tuple(text if n == at else each for n, each in enumerate(rule.group.by))
        return replace(rule, group=replace(rule.group, by=by))
    if kind == "join":
        name, _space, field = rest.partition(" ")
        join = rule.join[name]
        new = replace(join, match={**join.match, field: text}) if field else replace(join, loop=text)
        return replace(rule, join={**rule.join, name: new})
    return replace(rule, **{kind: text})  # type: ignore[arg-type]
