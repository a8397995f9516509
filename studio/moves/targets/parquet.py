"""An answer as a Parquet file, through DuckDB: decimals with the field's digits, moments in UTC."""

from __future__ import annotations

import tempfile
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.targets.kinds import Answer, Column, Place, Sort
from studio.schema.typed import duck

_LONGEST_ROW = 32 << 20
_PIECE = 1 << 20
_TYPES = {
    Sort.BOOLEAN: "BOOLEAN",
    Sort.WHOLE: "BIGINT",
    Sort.NUMBER: "DOUBLE",
    Sort.DATE: "DATE",
    Sort.MOMENT: "TIMESTAMP WITH TIME ZONE",
}


def write(answer: Answer, place: Place, table: str) -> None:
    """Write the rows in groups, so memory stays flat."""
    del table
    assert isinstance(place, Path)
    names = ", ".join(f"{_text(column.name)}: 'VARCHAR'" for column in answer.columns)
    shown = ", ".join(_expression(column) for column in answer.columns)
    source = (
        f"read_csv({_text(str(answer.file))}, columns = {{{names}}}, auto_detect = false, header = true, delim = ',',"
        f" quote = '\"', escape = '\"', new_line = '\\n', parallel = false, max_line_size = {_LONGEST_ROW})"
    )
    with atomic.writing(place) as output, tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder) / "made.parquet"
        try:
            with duck.connect() as connection:
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute(f"SET temp_directory = {_text(folder)}")
                connection.execute(
                    f"COPY (SELECT {shown} FROM {source}) TO {_text(str(made))} (FORMAT parquet, ROW_GROUP_SIZE 20480)"
                )
                (count,) = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(made)]).fetchall()[
                    0
                ]
        except duck.Failure as error:
            raise _failed(duck.reason(error), place) from None
        if count != answer.count:
            raise _failed(
                _("{rows} of {expected} rows came").format(rows=count, expected=answer.count), place
            )
        with made.open("rb") as file:
            while piece := file.read(_PIECE):
                output.write(piece)


def _failed(reason: str, place: Path) -> BadInput:
    return BadInput(
        _("The Parquet file cannot be written: {reason}.").format(reason=reason.rstrip(".")),
        file=place,
        next_step=_("Export to CSV instead."),
    )


def _expression(column: Column) -> str:
    name = '"' + column.name.replace('"', '""') + '"'
    kind = _TYPES.get(column.sort)
    if column.sort is Sort.NUMBER and 0 < column.digits <= 38:
        kind = f"DECIMAL({column.digits}, {min(column.places, column.digits)})"
    given = f"nullif({name}, '')"
    return f"CAST({given} AS {kind}) AS {name}" if kind else f"{given} AS {name}"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
