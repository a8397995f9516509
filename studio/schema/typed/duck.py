"""DuckDB opened so that it reads one file of ours and nothing else, and its names of types."""

from __future__ import annotations

import re

import duckdb

from studio.schema.model import Base, ValueType
from studio.schema.typed.shapes import decimal_type

_NAMED = re.compile(r"""(?<=[Ff]ile) (?:'[^']*'|"[^"]*")""")

# No extension is fetched or loaded on its own; 512 MB are the most a schema may cost.
SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "512MB",
    "threads": "1",
}
Failure = duckdb.Error

_BASES = {
    "BOOLEAN": Base.BOOLEAN,
    "FLOAT": Base.FLOAT,
    "DOUBLE": Base.FLOAT,
    "DATE": Base.DATE,
    "BLOB": Base.BINARY,
    "BIT": Base.BINARY,
    **dict.fromkeys(("TIME", "TIME WITH TIME ZONE", "TIME_NS"), Base.TIME),
    **dict.fromkeys(
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME"),
        Base.DATETIME,
    ),
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM", "VARINT"),
        Base.INTEGER,
    ),
    **dict.fromkeys(
        ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
        Base.INTEGER,
    ),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_ENUM = re.compile(r"ENUM\((.*)\)$", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


def connect(path: str = ":memory:", *, write: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a database file, which is only read unless `write`, or to none."""
    return duckdb.connect(path, read_only=path != ":memory:" and not write, config=SAFE)


def value_type(name: str) -> ValueType:
    """What a column of a type named as DuckDB names it holds."""
    if match := _DECIMAL.fullmatch(name):
        return decimal_type(name, int(match[1]), int(match[2]))
    if match := _ENUM.match(name):
        values = tuple(text.replace("''", "'") for text in _LITERAL.findall(match[1]))
        return ValueType("ENUM", Base.TEXT, enumeration=values)
    return ValueType(name, _BASES.get(name, Base.TEXT))


def reason(error: duckdb.Error) -> str:
    """The first line of what DuckDB says, without the name of its error and the file, which may be a copy of ours."""
    first = str(error).strip().split("\n", 1)[0]
    return _NAMED.sub("", first.partition("Error: ")[2] or first)
