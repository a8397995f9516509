"""Databases as schemas: SQLite and DuckDB files, and whatever SQLAlchemy connects to; never with a password in a text."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import types
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.reflection import Inspector

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.schema.model import Base, Schema, ValueType
from studio.schema.recognise_typed import DUCKDB, SQLITE
from studio.schema.source import check_file, read_head
from studio.schema.typed import duck
from studio.schema.typed.shapes import decimal_type
from studio.schema.typed.tables import Column, Key, Load, Table, row_of, rows_of

_BASES: tuple[tuple[type[Any], Base], ...] = (
    (types.Boolean, Base.BOOLEAN),
    (types.Integer, Base.INTEGER),
    (types.Float, Base.FLOAT),
    (types.DateTime, Base.DATETIME),
    (types.Date, Base.DATE),
    (types.Time, Base.TIME),
    (types.LargeBinary, Base.BINARY),
)


def read_database(path: Path) -> Schema:
    """The tables and views of a SQLite or DuckDB file, which is only read; raises BadInput where it is neither."""
    check_file(path)
    head = read_head(path, 16)
    if head == SQLITE:
        return _sqlite(path)
    if head[8:12] == DUCKDB:
        return _duckdb(path)
    raise BadInput(
        _("This is neither a SQLite nor a DuckDB database."),
        file=path,
        next_step=_("Give a database file, or read the tables through a connection."),
    )


def read_url(url: str, *, table: str = "", query: str = "") -> Schema:
    """The tables behind a SQLAlchemy address, one of them, or the columns of a query.

    Raises NotReachable where there is no connection, BadInput where what is asked for is not there; neither shows
    the password.
    """
    with connected(engine_of(url)) as connection:
        if query:
            return query_schema(connection, query)
        return database_schema(connection, table=table)


def engine_of(url: str) -> sqlalchemy.Engine:
    """What connects to an address. Raises BadInput where it is none, or of a file that is not there."""
    try:
        engine = sqlalchemy.create_engine(make_url(url), poolclass=sqlalchemy.NullPool)
    except (sqlalchemy.exc.ArgumentError, ImportError, ValueError):
        raise BadInput(
            _("This is not the address of a database that can be read."),
            next_step=_("Write it like postgresql+driver://user@host/name."),
        ) from None
    file = engine.url.database or ""
    # SQLite would make the file.
    if (
        engine.dialect.name == "sqlite"
        and not file.startswith((":memory:", "file:"))
        and not Path(file).is_file()
    ):
        raise BadInput(
            _("There is no such file."), file=file or url, next_step=_("Check the name and the folder.")
        )
    return engine


def database_schema(connection: Connection, *, table: str = "") -> Schema:
    """The tables and views a connection shows, or the columns of one (root `row`)."""
    with told():
        found = dict(_tables(sqlalchemy.inspect(connection)))
        if not table:
            # The connection is gone when a root is opened, so its columns are looked up now.
            return rows_of({name: _given(load()) for name, load in found.items()})
        if table not in found:
            raise BadInput(
                _("The database has no table or view called {name}.").format(name=table),
                next_step=_("It has: {names}.").format(names=", ".join(list(found)[:12]) or "–"),
            )
        return row_of(found[table]())


def query_schema(connection: Connection, query: str) -> Schema:
    """The columns of a query that only reads (root `row`), with their types; no row is fetched."""
    text = query.strip().rstrip(";").strip()
    view = f"weft_{uuid.uuid4().hex[:12]}"
    with told(), connection.begin_nested() if connection.in_transaction() else connection.begin() as work:
        try:
            connection.exec_driver_sql(f"CREATE TEMPORARY VIEW {view} AS {text}")
            columns = _columns(sqlalchemy.inspect(connection), view, None)
        except sqlalchemy.exc.DBAPIError:
            # The statement below says what is wrong with the query itself.
            columns = ()
        work.rollback()
    if not columns:
        with told():
            result = connection.execute(sqlalchemy.text(f"SELECT * FROM ({text}) AS weft_query LIMIT 0"))
            columns = tuple(Column(name, ValueType()) for name in tuple(result.keys()))
            result.close()
    return row_of(Table("query", columns, view=True))


@contextmanager
def connected(engine: sqlalchemy.Engine) -> Iterator[Connection]:
    """A connection. Raises NotReachable without the password where there is none."""
    try:
        connection = engine.connect()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise NotReachable(
            _("The database {address} cannot be reached: {reason}").format(
                address=engine.url.render_as_string(hide_password=True), reason=reason_of(error, engine.url)
            ),
            next_step=_("Check the address, and that the server runs and lets you in."),
        ) from None
    with connection:
        yield connection


@contextmanager
def told() -> Iterator[None]:
    """Errors of the database as ours."""
    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise BadInput(
            _("The database answers: {reason}").format(reason=reason_of(error)),
            next_step=_("Check the name or the query, and that you may read it."),
        ) from None


def reason_of(error: Exception, url: sqlalchemy.URL | None = None) -> str:
    """The first line of what a database says, without the password."""
    cause = getattr(error, "orig", None) or error
    text = (str(cause).strip() or type(cause).__name__).split("\n", 1)[0]
    password = url.password if url is not None else None
    return text.replace(str(password), "***") if password else text


def _tables(inspector: Inspector) -> Iterator[tuple[str, Load]]:
    own = inspector.default_schema_name
    for space in inspector.get_schema_names():
        if space.lower() in ("information_schema", "pg_catalog", "sys", "performance_schema", "mysql"):
            continue
        where = None if space == own else space
        for name in inspector.get_table_names(schema=where):
            yield (f"{where}.{name}" if where else name), _loader(inspector, name, where, view=False)
        for name in inspector.get_view_names(schema=where):
            yield (f"{where}.{name}" if where else name), _loader(inspector, name, where, view=True)


def _loader(inspector: Inspector, name: str, space: str | None, *, view: bool) -> Load:
    def load() -> Table:
        columns = _columns(inspector, name, space)
        if view:
            return Table(name, columns, space or "", view=True)
        keys = tuple(
            Key(tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
            for key in inspector.get_foreign_keys(name, schema=space)
        )
        single = (one["column_names"] for one in inspector.get_unique_constraints(name, schema=space))
        return Table(
            name,
            columns,
            space or "",
            _comment(inspector, name, space),
            primary=tuple(inspector.get_pk_constraint(name, schema=space)["constrained_columns"]),
            keys=keys,
            unique=frozenset(names[0] for names in single if len(names) == 1),
        )

    return load


def _comment(inspector: Inspector, name: str, space: str | None) -> str:
    try:
        return inspector.get_table_comment(name, schema=space)["text"] or ""
    except NotImplementedError:
        return ""


def _columns(inspector: Inspector, name: str, space: str | None) -> tuple[Column, ...]:
    return tuple(
        Column(
            str(one["name"]),
            _value(one["type"]),
            bool(one["nullable"]),
            one.get("default"),
            one.get("comment") or "",
            bool(one.get("identity") or one.get("computed") or one.get("autoincrement") is True),
        )
        for one in inspector.get_columns(name, schema=space)
    )


def _value(kind: Any) -> ValueType:
    try:
        name = str(kind)
    except sqlalchemy.exc.CompileError:
        name = type(kind).__name__
    if isinstance(kind, types.NullType):
        return ValueType("", Base.TEXT)
    if isinstance(kind, types.Numeric) and not isinstance(kind, types.Float):
        return decimal_type(name, kind.precision, kind.scale)
    if isinstance(kind, types.Enum):
        return ValueType(name, Base.TEXT, enumeration=tuple(kind.enums))
    if isinstance(kind, types.String):
        return ValueType(name, Base.TEXT, max_length=kind.length)
    return ValueType(name, next((base for sort, base in _BASES if isinstance(kind, sort)), Base.TEXT))


def _given(table: Table) -> Load:
    return lambda: table


def _sqlite(path: Path) -> Schema:
    def opened() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)

    engine = sqlalchemy.create_engine("sqlite://", creator=opened, poolclass=sqlalchemy.NullPool)
    try:
        with engine.connect() as connection, told():
            tables = {name: _given(load()) for name, load in _tables(sqlalchemy.inspect(connection))}
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _damaged(path, reason_of(error)) from None
    except BadInput as error:
        raise _damaged(path, error.message) from None
    return rows_of(tables, file=str(path))


def _duckdb(path: Path) -> Schema:
    try:
        with duck.connect(str(path)) as connection:
            columns = connection.execute(_COLUMNS).fetchall()
            keys = connection.execute(_KEYS).fetchall()
    except duck.Failure as error:
        raise _damaged(path, duck.reason(error)) from None
    tables: dict[str, Table] = {}
    for space, name, view, column, kind, nullable, default, said, comment in columns:
        full = name if space == "main" else f"{space}.{name}"
        before = tables.get(full) or Table(name, (), space, comment or "", view=view)
        made = Column(column, duck.value_type(kind), nullable, default, said or "")
        tables[full] = _with(before, (*before.columns, made))
    for space, name, kind, own, target, targets in keys:
        full = name if space == "main" else f"{space}.{name}"
        if full in tables:
            tables[full] = _keyed(tables[full], kind, tuple(own), target, tuple(targets or ()))
    return rows_of({name: _given(table) for name, table in tables.items()}, file=str(path))


_COLUMNS = """
select c.schema_name, c.table_name, v.view_name is not null, c.column_name, c.data_type, c.is_nullable,
       c.column_default, c.comment, coalesce(t.comment, v.comment)
from duckdb_columns() c
left join duckdb_tables() t on t.table_oid = c.table_oid and t.database_oid = c.database_oid
left join duckdb_views() v on v.view_oid = c.table_oid and v.database_oid = c.database_oid and not v.internal
where not c.internal and c.database_name = current_database()
order by c.schema_name, v.view_name is not null, c.table_name, c.column_index
"""
_KEYS = """
select schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
from duckdb_constraints() where database_name = current_database()
"""


def _with(table: Table, columns: tuple[Column, ...]) -> Table:
    return Table(table.name, columns, table.space, table.comment, view=table.view)


def _keyed(table: Table, kind: str, own: tuple[str, ...], target: str, targets: tuple[str, ...]) -> Table:
    primary, keys, unique = table.primary, table.keys, table.unique
    if kind == "PRIMARY KEY":
        primary = own
    elif kind == "FOREIGN KEY":
        keys = (*keys, Key(own, target, targets))
    elif kind == "UNIQUE" and len(own) == 1:
        unique = unique | set(own)
    return Table(table.name, table.columns, table.space, table.comment, table.view, primary, keys, unique)


def _damaged(path: Path, reason: str) -> BadInput:
    return BadInput(
        _("This database file cannot be read: {reason}").format(reason=reason),
        file=path,
        next_step=_("Get the file again; it may be damaged, or another program has it open."),
    )
