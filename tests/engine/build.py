"""Schemas, plans and runs in a few words, for the engine's tests."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping as MappingOf
from typing import Any

from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import Stats, transform
from studio.mapping.further import MoreSchemas
from studio.mapping.model import Group, Join, Mapping, Rule, SchemaUse, Sort, Transformation
from studio.schema.model import Base, Kind, Node, Occurs, Schema, Type, ValueType

_NAME = re.compile(r"(?P<at>@)?(?P<name>[^*+?!~{}|]*)(?P<marks>[*+?!~]*)(?:\{(?P<space>.*)\})?\Z")
_OCCURS = {"": Occurs(1, 1), "?": Occurs(0, 1), "*": Occurs(0, None), "+": Occurs(1, None)}
Spec = Any


def node(name: str, spec: Spec, *, kind: Kind = Kind.ELEMENT, namespace: str = "") -> Node:
    """A node from a name with marks and what it holds.

    Marks: `?` 0..1, `*` 0..n, `+` 1..n, `!` nillable, `~` mixed; `@name` is an attribute; `name{address}` has another
    namespace; `|` is a choice. `spec` is a base's name (`decimal`), optionally with `=fixed`, or a dict of children, in
    which `#` is the base of the node's own text.
    """
    if name.rstrip("*+?") == "|":
        occurs = _OCCURS[name[1:]]
        return Node("", Kind.CHOICE, Type(children=_children(spec, kind, namespace)), occurs)
    match = _NAME.match(name)
    assert match is not None, name
    marks = match["marks"]
    occurs = _OCCURS["".join(mark for mark in marks if mark in "*+?")]
    here = Kind.ATTRIBUTE if match["at"] else kind
    space = match["space"] if match["space"] is not None else ("" if match["at"] else namespace)
    fixed = None
    if isinstance(spec, str):
        base, _mark, given = spec.partition("=")
        fixed = given or None
        kind_of = Type(base, value=ValueType(base, Base(base)), mixed="~" in marks)
    else:
        own = spec.get("#")
        value = ValueType(own, Base(own)) if own else None
        inside = {key: below for key, below in spec.items() if key != "#"}
        kind_of = Type("", value=value, children=_children(inside, kind, namespace), mixed="~" in marks)
    return Node(match["name"], here, kind_of, occurs, namespace=space, nillable="!" in marks, fixed=fixed)


def _children(spec: MappingOf[str, Spec], kind: Kind, namespace: str) -> Any:
    made: list[Node] = []

    def children() -> tuple[Node, ...]:
        if not made:
            made.extend(node(name, below, kind=kind, namespace=namespace) for name, below in spec.items())
        return tuple(made)

    return children


def xml(spec: MappingOf[str, Spec], namespace: str = "", **more: Any) -> Schema:
    """An XML schema with one root."""
    ((name, inside),) = spec.items()
    root = node(name, inside, namespace=namespace)
    return Schema("xsd", (root,), files=("test.xsd",), **more)


def json_object(spec: MappingOf[str, Spec], kind: str = "json-schema") -> Schema:
    """A JSON object's schema: leaves are fields, `name[]` an array of objects, `name*` one of plain values."""
    root = Node("", Kind.ELEMENT, Type(children=lambda: _members(spec)))
    return Schema(kind, (root,), files=("test.json",), facts={"form": "object"})


def json_items(spec: MappingOf[str, Spec], form: str = "array", kind: str = "json-schema") -> Schema:
    """The schema of a JSON array of objects, or of JSON lines."""
    root = Node("item", Kind.ELEMENT, Type(children=lambda: _members(spec)), Occurs(0, None))
    return Schema(kind, (root,), files=("test.json",), facts={"form": form})


def _members(spec: MappingOf[str, Spec]) -> tuple[Node, ...]:
    found = []
    for name, inside in spec.items():
        if name.endswith("[]"):
            item = Node("item", Kind.ELEMENT, Type(children=_lazy(inside)), Occurs(0, None))
            array = Type(children=lambda item=item: (item,))  # type: ignore[misc]
            found.append(
                Node(name[:-2].rstrip("?"), Kind.ELEMENT, array, _OCCURS["?" if "?" in name else ""])
            )
        elif isinstance(inside, str):
            found.append(node(name, inside, kind=Kind.FIELD))
        else:
            plain = name.rstrip("?")
            occurs = _OCCURS["?" if name.endswith("?") else ""]
            found.append(Node(plain, Kind.ELEMENT, Type(children=_lazy(inside)), occurs))
    return tuple(found)


def _lazy(spec: MappingOf[str, Spec]) -> Any:
    made = _members(spec)
    return lambda: made


def rows(columns: MappingOf[str, str], **facts: str) -> Schema:
    """A delimited schema."""
    fields = tuple(
        Node(name, Kind.FIELD, Type(base, value=ValueType(base, Base(base))), Occurs(0, 1))
        for name, base in columns.items()
    )
    root = Node("row", Kind.SEGMENT, Type("row", children=lambda: fields), Occurs(0, None))
    return Schema("delimited", (root,), files=("test.csv",), facts=facts)


def rule(path: str, given: Any) -> Rule:
    """A rule from a script, or from the options a project file has."""
    if isinstance(given, str):
        return Rule(path, script=given)
    options = dict(given)
    if "join" in options:
        options["join"] = {name: Join(**join) for name, join in options["join"].items()}
    if "group" in options:
        group = options["group"]
        options["group"] = Group(tuple(group["by"]), group.get("adjacent", False))
    if "sort" in options:
        options["sort"] = tuple(Sort(key["by"], key.get("order") == "desc") for key in options["sort"])
    return Rule(path, **options)


def plan(rules: MappingOf[str, Any], source: Schema, target: Schema, **more: Any) -> Plan:
    """The plan of a map between two schemas."""
    sources, targets = more.get("sources", {}), more.get("targets", {})
    mapping = Mapping(tuple(rule(path, given) for path, given in rules.items()))
    transformation = Transformation(
        "test", SchemaUse("source"), SchemaUse("target"), mapping, on_failure=more.get("on_failure", ""),
        sources={name: SchemaUse(name) for name in sources}, targets={name: SchemaUse(name) for name in targets},
    )  # fmt: skip
    schemas = MoreSchemas(sources, targets)
    return compile_plan(transformation, source, target, more.get("tables"), further=schemas)


Outcome = tuple[str, list[tuple[int, str, str]], tuple[int, int, int, int]]


def run(made: Plan, data: str | bytes, engine: str = "auto", **more: Any) -> Outcome:
    """The output, the failures and the counts (in, out, failed, filtered) of one run."""
    out = io.BytesIO()
    failures: list[Failure] = []
    given = io.BytesIO(data.encode() if isinstance(data, str) else data)
    if "further" in more:
        more["further"] = {name: io.BytesIO(text.encode()) for name, text in more["further"].items()}
    stats: Stats = transform(made, given, out, engine=engine, failures=failures.append, **more)
    counts = stats.records_in, stats.records_out, stats.failed, stats.filtered
    assert stats.records_in == stats.records_out + stats.failed + stats.filtered
    return out.getvalue().decode(), [(f.record, f.path, f.reason) for f in failures], counts


def both(made: Plan, data: str | bytes, *, fast: bool = True, **more: Any) -> Outcome:
    """The outcome of the judge, after asking the row back end for the same; `fast` False where it must decline."""
    assert made.errors == (), made.errors
    judged = run(made, data, "interpret", **more)
    generated = run(made, data, "rows" if fast else "auto", **more)
    assert generated == judged
    return judged


def body(text: str) -> str:
    """XML without its declaration."""
    return text.removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')
