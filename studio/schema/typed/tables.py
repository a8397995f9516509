"""Tables and views as rows of columns: what any database says of them, arranged as a schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.base.errors import Problem
from studio.schema.model import MANY, ONCE, OPTIONAL, Kind, Node, Schema, Type, ValueType


@dataclass(frozen=True)
class Column:
    """A column. `default` is the expression as the database shows it; `filled` says the database fills it itself."""

    name: str
    value: ValueType
    nullable: bool = True
    default: str | None = None
    comment: str = ""
    filled: bool = False


@dataclass(frozen=True)
class Key:
    """A foreign key: columns and what they point to."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table or view; `unique` are the columns that are unique each by itself."""

    name: str
    columns: tuple[Column, ...]
    space: str = ""
    comment: str = ""
    view: bool = False
    primary: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    unique: frozenset[str] = field(default_factory=frozenset)


# Tables are looked at when they are opened: what makes one, by its name.
Load = Callable[[], Table]


def rows_of(tables: dict[str, Load], *, file: str = "", problems: tuple[Problem, ...] = ()) -> Schema:
    """One root for each table, named after it; its columns are looked up when the root is opened."""
    roots = tuple(_root(name, load) for name, load in tables.items())
    return Schema("database", roots, files=(file,) if file else (), problems=problems)


def row_of(table: Table) -> Schema:
    """The schema of one table or the columns of a query: the root is `row`."""
    facts = _facts(table)
    return Schema("database", (_node("row", table.name, lambda: table, facts, table.comment),), facts=facts)


def _root(name: str, load: Load) -> Node:
    return _node(name, name.rpartition(".")[2], load, {"table": name}, "")


def _node(name: str, kind: str, load: Load, facts: dict[str, str], said: str) -> Node:
    def children() -> tuple[Node, ...]:
        table = load()
        return tuple(_column(column, table) for column in table.columns)

    return Node(name, Kind.SEGMENT, Type(kind, children=children), MANY, documentation=said, facts=facts)


def _column(column: Column, table: Table) -> Node:
    facts: dict[str, str] = {}
    if column.name in table.primary:
        facts["primary key"] = "true"
    for key in table.keys:
        if column.name in key.columns:
            at = key.columns.index(column.name)
            target = key.targets[at] if at < len(key.targets) else ""
            facts["foreign key"] = f"{key.table}.{target}" if target else key.table
    if column.name in table.unique:
        facts["unique"] = "true"
    if column.filled:
        facts["filled by the database"] = "true"
    if not column.nullable:
        facts["nillable"] = "false"
    if column.comment:
        facts["description"] = column.comment
    default = _literal(column.default)
    if column.default is not None and default is None:
        facts["default expression"] = column.default
    given = column.nullable or column.filled or column.default is not None or table.view
    return Node(
        column.name,
        Kind.FIELD,
        Type(column.value.name, value=column.value),
        OPTIONAL if given else ONCE,
        default=default,
        nillable=column.nullable,
        documentation=column.comment,
        facts=facts,
    )


def _literal(default: str | None) -> str | None:
    """The text of a default that is a plain value; an expression is none."""
    if default is None:
        return None
    text = default.strip()
    text = text.split("::", 1)[0] if text.startswith("'") else text
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    number = text.lstrip("+-")
    if number and number.replace(".", "", 1).isdigit() and number.isascii():
        return text
    return text.lower() if text.lower() in ("true", "false") else None


def _facts(table: Table) -> dict[str, str]:
    facts = {"table": table.name, "space": table.space, "kind of table": "view" if table.view else ""}
    return {key: text for key, text in facts.items() if text}
