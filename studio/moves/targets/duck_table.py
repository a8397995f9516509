"""An answer as a table of a DuckDB file: made anew with the fields' types, filled in one transaction."""

from __future__ import annotations

from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.places import Place, file_of
from studio.moves.targets.duck_rows import name, selection
from studio.moves.targets.kinds import Answer, table_is_there
from studio.schema.typed import duck


def write(answer: Answer, place: Place, table: str) -> None:
    """Make the table and fill it, there whole or as it was; one of the name is replaced, which `check` has allowed."""
    file = _file(place)
    atomic.make_folder(file.parent)
    new = not file.exists()
    try:
        with duck.connect(str(file), write=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("BEGIN")
            shown = ".".join(name(part) for part in table.split("."))
            connection.execute(f"CREATE OR REPLACE TABLE {shown} AS {selection(answer)}")
            ((count,),) = connection.execute(f"SELECT count(*) FROM {shown}").fetchall()
            if count != answer.count:
                raise _failed(
                    _("{rows} of {expected} rows came").format(rows=count, expected=answer.count), place
                )
            connection.execute("COMMIT")
    except BaseException as error:
        if new:
            atomic.discard(file)
        if isinstance(error, duck.Failure):
            raise _failed(duck.reason(error), place) from None
        raise


def check(place: Place, table: str, replace: bool) -> None:
    """Raise BadInput where the table is there and is not to be replaced, or the file is no DuckDB database."""
    file = _file(place)
    if not file.exists():
        return
    space, _dot, plain = table.rpartition(".")
    try:
        with duck.connect(str(file)) as connection:
            found = connection.execute(
                "SELECT 1 FROM information_schema.tables WHERE lower(table_name) = lower(?) AND table_schema = ?",
                [plain, space or "main"],
            ).fetchall()
    except duck.Failure as error:
        raise _failed(duck.reason(error), place) from None
    if found and not replace:
        raise table_is_there(place, table)


def _file(place: Place) -> Path:
    file = file_of(place)
    assert file is not None
    return file


def _failed(reason: str, place: Place) -> BadInput:
    return BadInput(
        _("The database answers: {reason}").format(reason=reason),
        file=str(place),
        next_step=_(
            "Check that the file is a DuckDB database which no other program has open, or export to CSV."
        ),
    )
