"""Random hands on a project: every kind of edit a person makes, each with a text that is made once only."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio.mapping.model import Group, Mapping, Rule, Sort, Transformation
from studio.project import edits
from studio.project.model import Activity, Connection, Operation, Project
from tests.project.examples import NASTY, transformation

Hand = Callable[[Project, random.Random, str], Project]
PATHS = tuple(f"invoices/invoice/f{number}" for number in range(9))
# Files that hold no object. A sample above 100 KB would be refused by the server; that has a test of its own.
FILES = (
    "schemas/orders.xsd",
    "schemas/deep/invoices.xsd",
    "tables/codes.csv",
    "samples/orders.xml",
    "samples/b.bin",
)


def edited(project: Project, chance: random.Random, mark: str) -> Project:
    """The project after one edit; `mark` stands in what was written."""
    for _try in range(20):
        after = chance.choices(_HANDS, _WEIGHTS)[0](project, chance, mark)
        if after is not project:
            return after
    return _script(project, chance, mark)


def content(chance: random.Random, mark: str) -> bytes:
    """A file's new content: text, bytes that are no text, now and then empty or of some size."""
    kind = chance.random()
    if kind < 0.05:
        return b""
    if kind < 0.5:
        return f"<a>{mark}</a>\n".encode()
    return mark.encode() + chance.randbytes(chance.choice([7, 900, 30_000]))


def _value(chance: random.Random, mark: str) -> str:
    return f"{chance.choice(NASTY)} {mark}" if chance.random() < 0.3 else f"[a] + '{mark}'"


def _map(project: Project, chance: random.Random) -> tuple[str, Transformation] | None:
    if not project.transformations:
        return None
    ref = chance.choice(sorted(project.transformations))
    return f"transformations/{ref}", project.transformations[ref]


def _with_rules(project: Project, id: str, value: Transformation, rules: tuple[Rule, ...]) -> Project:
    return edits.put(project, id, replace(value, mapping=Mapping(rules, value.mapping.parked)))


def _rule(project: Project, chance: random.Random, mark: str) -> Project:
    """Write a rule: the one that is there, or a new one at a random place."""
    found = _map(project, chance)
    if found is None:
        return project
    id, value = found
    path = chance.choice(PATHS)
    rules = list(value.mapping.rules)
    at = next((n for n, rule in enumerate(rules) if rule.path == path), None)
    if at is None:
        rules.insert(chance.randrange(len(rules) + 1), Rule(path, script=_value(chance, mark)))
    else:
        rules[at] = replace(rules[at], script=_value(chance, mark))
    return _with_rules(project, id, value, tuple(rules))


def _options(project: Project, chance: random.Random, mark: str) -> Project:
    """One option of a loop: two people changing two of them is the usual case."""
    found = _map(project, chance)
    if found is None or not found[1].mapping.rules:
        return project
    id, value = found
    rules = list(value.mapping.rules)
    at = chance.randrange(len(rules))
    more: dict[str, Any] = chance.choice(
        [
            {"when": f"[ok] == '{mark}'"},
            {"when": None},
            {"sort": (Sort(f"[{mark}]", chance.random() < 0.5),)},
            {"group": Group((f"[{mark}]",))},
            {"first": chance.randrange(9)},
            {"note": f"why {mark}\nnot"},
            {"loop": f"orders/{mark}"},
            {"extra": {"later": mark}},
        ]
    )
    rules[at] = replace(rules[at], **more)
    if rules[at].empty:
        return project
    return _with_rules(project, id, value, tuple(rules))


def _rule_away(project: Project, chance: random.Random, mark: str) -> Project:
    found = _map(project, chance)
    if found is None or not found[1].mapping.rules:
        return project
    id, value = found
    gone = chance.choice(value.mapping.rules)
    return _with_rules(project, id, value, tuple(rule for rule in value.mapping.rules if rule is not gone))


def _rule_elsewhere(project: Project, chance: random.Random, mark: str) -> Project:
    """A rule moves to another target, or to another place in the order."""
    found = _map(project, chance)
    if found is None or not found[1].mapping.rules:
        return project
    id, value = found
    rules = list(value.mapping.rules)
    rule = rules.pop(chance.randrange(len(rules)))
    path = chance.choice(PATHS)
    if chance.random() < 0.6 and not any(other.path == path for other in rules):
        rule = replace(rule, path=path)
    rules.insert(chance.randrange(len(rules) + 1), rule)
    return _with_rules(project, id, value, tuple(rules))


def _parked(project: Project, chance: random.Random, mark: str) -> Project:
    found = _map(project, chance)
    if found is None or not found[1].mapping.rules:
        return project
    id, value = found
    rule = chance.choice(value.mapping.rules)
    parked = (*(other for other in value.mapping.parked if other.path != rule.path), rule)
    rules = tuple(other for other in value.mapping.rules if other is not rule)
    return edits.put(project, id, replace(value, mapping=Mapping(rules, parked)))


def _map_itself(project: Project, chance: random.Random, mark: str) -> Project:
    found = _map(project, chance)
    if found is None:
        return project
    more: dict[str, Any] = chance.choice(
        [
            {"description": f"about {mark}"},
            {"namespaces": {**found[1].namespaces, f"n{chance.randrange(3)}": f"urn:{mark}"}},
            {"pages": {f"p{chance.randrange(3)}": (chance.choice(PATHS),)}},
            {"samples": (f"samples/{mark}.xml",)},
        ]
    )
    return edits.put(project, found[0], replace(found[1], **more))


def _script(project: Project, chance: random.Random, mark: str) -> Project:
    ref = chance.choice([*project.scripts, "s1", "s2.js", "deep/er/s3"])
    if ref not in project.scripts and any(other.lower() == ref for other in project.scripts):
        return project
    return edits.put(project, f"scripts/{ref}", "\n".join(chance.choices(NASTY, k=2)) + f"// {mark}\n")


def _operation(project: Project, chance: random.Random, mark: str) -> Project:
    if not project.operations:
        return edits.put(project, "operations/anew", Operation(f"Anew {mark}"))
    ref = chance.choice(sorted(project.operations))
    value = project.operations[ref]
    more: dict[str, Any] = chance.choice(
        [
            {"description": f"about {mark}"},
            {"options": {**value.options, chance.choice(["timeout", "retries", "log"]): mark}},
            {"activities": (*value.activities, Activity("read", {"connection": "drop", "path": mark}))},
            {"on_success": (mark,)},
        ]
    )
    return edits.put(project, f"operations/{ref}", replace(value, **more))


def _connection(project: Project, chance: random.Random, mark: str) -> Project:
    ref = chance.choice([*project.connections, "new-one"])
    value = project.connections.get(ref) or Connection("New one", "files")
    settings = {**value.settings, chance.choice(["folder", "user", "pattern"]): mark}
    return edits.put(project, f"connections/{ref}", replace(value, settings=settings))


def _variables(project: Project, chance: random.Random, mark: str) -> Project:
    name = f"v{chance.randrange(5)}"
    changed = {**project.variables, name: _value(chance, mark)}
    if name in project.variables and chance.random() < 0.3:
        changed.pop(name)
    return replace(project, variables=changed)


def _other(project: Project, chance: random.Random, mark: str) -> Project:
    """Objects that are kept as read."""
    id, kind = chance.choice([("schedules/nightly", "schedule"), ("environments/test", "environment")])
    old = project.others.get(id) or {"weft": f"{kind}/1"}
    return edits.put(project, id, {**old, chance.choice(["at", "host", "operation"]): mark})


def _new(project: Project, chance: random.Random, mark: str) -> Project:
    ref = f"t{chance.randrange(4)}"
    return (
        project
        if ref in project.transformations
        else edits.put(project, f"transformations/{ref}", transformation(mark))
    )


def _some(project: Project, chance: random.Random) -> str | None:
    ids = [id for id in project.objects() if id != "project"]
    return chance.choice(ids) if ids else None


def _remove(project: Project, chance: random.Random, mark: str) -> Project:
    id = _some(project, chance)
    return project if id is None else edits.remove(project, id)


def _rename(project: Project, chance: random.Random, mark: str) -> Project:
    id = _some(project, chance)
    if id is None:
        return project
    kind, new = id.partition("/")[0], chance.choice([f"r{chance.randrange(4)}", f"in/r{chance.randrange(3)}"])
    if new in project.of_kind(kind):
        return project
    return edits.rename(project, id, new)


_CHOICES: tuple[tuple[Hand, int], ...] = (
    (_rule, 10), (_options, 6), (_rule_away, 2), (_rule_elsewhere, 2), (_parked, 1), (_map_itself, 2), (_script, 3),
    (_operation, 3), (_connection, 2), (_variables, 3), (_other, 2), (_new, 2), (_remove, 1), (_rename, 2),
)  # fmt: skip
_HANDS = [hand for hand, _weight in _CHOICES]
_WEIGHTS = [weight for _hand, weight in _CHOICES]
