"""Parquet files out, through DuckDB: records kept as JSON lines become columns of the schema's types."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, NamedTuple

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.nested import Data
from studio.engine.formats.record_lines import LineEncoder
from studio.engine.forms import Form
from studio.engine.lexical import Unwritable
from studio.engine.plan import Document
from studio.schema.model import Base
from studio.schema.typed import duck

# A row group, which is in memory until it is written, is of so many bytes of JSON; or of so many rows, as is usual.
_GROUP = 1 << 22
_FEWEST, _MOST = 2048, 122_880
_SHORTEST = 1 << 16
_TYPES = {
    Base.INTEGER: "BIGINT",
    Base.FLOAT: "DOUBLE",
    Base.BOOLEAN: "BOOLEAN",
    Base.DATE: "DATE",
    Base.DATETIME: "TIMESTAMP",
    Base.TIME: "TIME",
    Base.BINARY: "BLOB",
}


def encoder(document: Document) -> ParquetEncoder:
    """The encoder of a target."""
    return ParquetEncoder(document)


class ParquetEncoder(LineEncoder):
    """Rows of the columns of a Parquet schema."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.convert = self._written

    def check(self, form: Form, data: Data) -> None:
        """What must not be null is there."""
        for child in form.children:
            if child.occurs.min and data.get(child.name) is None and child.value is not None:
                if child.value.base is not Base.TEXT:
                    raise Unwritable(_("The field {name} must have a value.").format(name=child.name))
                data[child.name] = ""

    def _written(self, lines: BinaryIO, output: BinaryIO) -> None:
        root = self.document.forms[0]
        with tempfile.TemporaryDirectory() as folder, duck.connect() as connection:
            given, made = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
            size = _copied(lines, given)
            columns = {child.name: _kept(child) for child in root.children}
            shown = ", ".join(
                f"{_shown(child, _quoted(child.name))} AS {_quoted(child.name)}" for child in root.children
            )
            try:
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute(f"SET temp_directory = {_text(folder)}")
                source = (
                    f"read_json({_text(str(given))}, format = 'newline_delimited', columns = {_struct(columns)},"
                    f" maximum_object_size = {max(size.longest, _SHORTEST)})"
                )
                connection.execute(
                    f"COPY (SELECT {shown} FROM {source}) TO {_text(str(made))}"
                    f" (FORMAT parquet, ROW_GROUP_SIZE {size.group})"
                )
            except duck.Failure as error:
                raise BadInput(
                    _("The Parquet file cannot be written: {reason}.").format(
                        reason=duck.reason(error).rstrip(".")
                    ),
                    next_step=_("Map values that the columns' types can hold."),
                ) from None
            with made.open("rb") as finished:
                shutil.copyfileobj(finished, output, 1 << 20)


class _Size(NamedTuple):
    """What was copied: the longest line in bytes, and how many rows make a group that memory holds easily."""

    longest: int
    group: int


def _copied(lines: BinaryIO, into: Path) -> _Size:
    longest = count = total = 0
    with into.open("wb") as copy:
        for line in lines:
            copy.write(line)
            longest = max(longest, len(line))
            total += len(line)
            count += 1
    return _Size(longest, max(_FEWEST, min(_MOST, _GROUP * count // max(1, total))))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _struct(columns: dict[str, str]) -> str:
    return "{" + ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in columns.items()) + "}"


def _kept(form: Form) -> str:
    """The type a column has in the JSON lines."""
    if form.children:
        inside = ", ".join(f"{_quoted(child.name)} {_kept(child)}" for child in form.flat())
        kind = f"STRUCT({inside})"
    else:
        kind = "VARCHAR" if _as_text(form) else _plain(form)
    return f"{kind}[]" if form.occurs.repeats else kind


def _as_text(form: Form) -> bool:
    """Bytes; and numbers and truths, whose texts may be others than JSON's (007, 1 for true): the cast knows them."""
    kind = _plain(form)
    return kind in ("BLOB", "BOOLEAN") or kind.endswith("INT") or kind.endswith("INTEGER")


def _plain(form: Form) -> str:
    value = form.value
    if value is None or value.enumeration:
        return "VARCHAR"
    known = duck.value_type(value.name)
    if known.base is not Base.TEXT and known.name == value.name:
        return value.name
    if value.base is Base.DECIMAL:
        return f"DECIMAL({min(value.total_digits or 38, 38)}, {value.fraction_digits or 0})"
    return _TYPES.get(value.base, "VARCHAR")


def _shown(form: Form, given: str, depth: int = 0) -> str:
    """The expression of a column: lists out of items, maps out of entries, bytes out of base 64, numbers out of text."""
    if not form.children:
        if not _as_text(form):
            return given
        if _plain(form) != "BLOB":
            return f"CAST({given} AS {_plain(form)}{'[]' if form.occurs.repeats else ''})"
        if form.occurs.repeats:
            return f"list_transform({given}, lambda v{depth}: from_base64(v{depth}))"
        return f"from_base64({given})"
    only = form.children[0]
    one = f"v{depth}"
    if len(form.children) == 1 and only.occurs.repeats and only.name == "item":
        inside = _shown_one(only, one, depth + 1)
        return f"list_transform({given}.item, lambda {one}: {inside})"
    if len(form.children) == 1 and only.occurs.repeats and only.name == "entry":
        sides = {each.name: _shown(each, f"{one}.{each.name}", depth + 1) for each in only.flat()}
        pair = f"struct_pack(k := {sides['key']}, v := {sides['value']})"
        return f"map_from_entries(list_transform({given}.entry, lambda {one}: {pair}))"
    return _shown_one(form, given, depth)


def _shown_one(form: Form, given: str, depth: int) -> str:
    """One structure, its parts shown; null where it is null."""
    parts = ", ".join(
        f"{_quoted(child.name)} := {_shown(child, f'{given}.{_quoted(child.name)}', depth)}"
        for child in form.flat()
    )
    return f"CASE WHEN {given} IS NULL THEN NULL ELSE struct_pack({parts}) END"
