"""Projects for the tests, and random edits of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.project import edits
from studio.project.folder import save
from studio.project.model import Activity, Connection, Operation, Project
from studio.project.texts import object_text

NASTY = [
    "[@id]",
    "a: b",
    "'x'",
    '"y"',
    "one\ntwo",
    "é\u2028",
    "",
    " lead",
    "tab\there",
    "#no",
    "a\\b",
    "x\r\ny",
    "日本",
]


def transformation(name: str = "Orders to invoices") -> Transformation:
    rules = (
        Rule("invoices/invoice", loop="orders/order", when="[status] == 'open'"),
        Rule("invoices/invoice/@number", script="[@id]"),
        Rule("invoices/invoice/total", script="Sum([lines/line/qty] * [lines/line/price])"),
    )
    return Transformation(
        name,
        SchemaUse("schemas/orders.xsd", "orders"),
        SchemaUse("schemas/invoices.xsd", "invoices"),
        Mapping(rules),
        samples=("samples/orders.xml",),
    )


def operation() -> Operation:
    return Operation(
        "Send invoices",
        (
            Activity("read", {"connection": "drop", "path": "orders.xml"}),
            Activity("transform", ref="orders-to-invoices"),
            Activity("write", {"connection": "drop", "path": "out.xml"}),
            Activity("script", ref="mark/sent"),
        ),
        on_success=("tell-sales",),
        options={"timeout": "2h"},
    )


def project() -> Project:
    return Project(
        id="6f1a3c1e",
        name="Orders to ERP",
        description="What it does",
        variables={"since": "2026-01-01"},
        transformations={"orders-to-invoices": transformation()},
        operations={"send-invoices": operation(), "tell-sales": Operation("Tell sales")},
        connections={"drop": Connection("Drop", "files", {"folder": "in"})},
        scripts={"mark/sent": 'WriteToOperationLog("sent");\n'},
        others={"schedules/nightly": {"weft": "schedule/1", "operation": "send-invoices", "at": "02:00"}},
    )


def saved(folder: Path) -> Project:
    """The example project in `folder`."""
    value = project()
    save(folder, value, None)
    return value


def texts(value: Project) -> dict[str, str | None]:
    """Every object's file as text: what must be equal when two projects are."""
    return {id: object_text(value, id) for id in value.objects()}


def random_edit(value: Project, chance: random.Random) -> tuple[str, Project]:
    """A label, and the project after one edit of some kind."""
    kinds: list[Any] = [_rule, _rule, _script, _new, _remove, _rename, _variables, _rules_away]
    while True:
        label, changed = chance.choice(kinds)(value, chance)
        if changed is not value:
            return label, changed


def _rule(value: Project, chance: random.Random) -> tuple[str, Project]:
    if not value.transformations:
        return "", value
    ref = chance.choice(list(value.transformations))
    old = value.transformations[ref]
    path = f"invoices/invoice/f{chance.randrange(6)}"
    rule = Rule(
        path, script=chance.choice(NASTY) + str(chance.random()), note=chance.choice(["", "why\nnot"])
    )
    rules = (*(other for other in old.mapping.rules if other.path != path), rule)
    mapping = replace(old.mapping, rules=rules)
    return f"Map {path}", edits.put(value, f"transformations/{ref}", replace(old, mapping=mapping))


def _rules_away(value: Project, chance: random.Random) -> tuple[str, Project]:
    if not value.transformations:
        return "", value
    ref = chance.choice(list(value.transformations))
    old = value.transformations[ref]
    parked = replace(
        old, mapping=Mapping(old.mapping.rules[:1], (*old.mapping.parked, *old.mapping.rules[1:]))
    )
    if len({rule.path for rule in parked.mapping.parked}) < len(parked.mapping.parked):
        return "", value
    return "Park", edits.put(value, f"transformations/{ref}", parked) if parked != old else value


def _script(value: Project, chance: random.Random) -> tuple[str, Project]:
    ref = chance.choice([*value.scripts, f"s{chance.randrange(3)}"])
    text = "\n".join(chance.choices(NASTY, k=3)) + str(chance.random())
    return f"Edit {ref}", edits.put(value, f"scripts/{ref}", text)


def _new(value: Project, chance: random.Random) -> tuple[str, Project]:
    ref = f"t{chance.randrange(4)}"
    if ref in value.transformations:
        return "", value
    return f"New {ref}", edits.put(value, f"transformations/{ref}", transformation(chance.choice(NASTY)))


def _remove(value: Project, chance: random.Random) -> tuple[str, Project]:
    ids = [id for id in value.objects() if id != "project"]
    return ("Remove", edits.remove(value, chance.choice(ids))) if ids else ("", value)


def _rename(value: Project, chance: random.Random) -> tuple[str, Project]:
    ids = [id for id in value.objects() if id != "project"]
    new = f"r{chance.randrange(5)}"
    if not ids:
        return "", value
    id = chance.choice(ids)
    kind = id.partition("/")[0]
    return ("", value) if new in value.of_kind(kind) else ("Rename", edits.rename(value, id, new))


def _variables(value: Project, chance: random.Random) -> tuple[str, Project]:
    changed = {**value.variables, f"v{chance.randrange(3)}": chance.choice(NASTY)}
    return "Variables", value if changed == value.variables else replace(value, variables=changed)
