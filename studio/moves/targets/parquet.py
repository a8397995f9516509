"""An answer as a Parquet file, through DuckDB: decimals with the field's digits, moments in UTC."""

from __future__ import annotations

import tempfile
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.places import Place
from studio.moves.targets.duck_rows import literal, selection
from studio.moves.targets.kinds import Answer
from studio.schema.typed import duck

_PIECE = 1 << 20


def write(answer: Answer, place: Place, table: str) -> None:
    """Write the rows in groups, so memory stays flat."""
    del table
    assert isinstance(place, Path)
    with atomic.writing(place) as output, tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder) / "made.parquet"
        try:
            with duck.connect() as connection:
                connection.execute("SET TimeZone = 'UTC'")
                connection.execute(f"SET temp_directory = {literal(folder)}")
                connection.execute(
                    f"COPY ({selection(answer)}) TO {literal(str(made))} (FORMAT parquet, ROW_GROUP_SIZE 20480)"
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
