"""Edits of failed rows, one cell or very many at a time: each is a step on disk that can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from studio.base.database import writing_database
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves.mending.fix import Fix, transaction

Mend = Callable[[str], str]


@dataclass(frozen=True)
class Steps:
    """What Undo would take back and Redo do again; "" where there is nothing."""

    undo: str
    redo: str


def steps(fix: Fix) -> Steps:
    """What can be taken back and done again."""
    undo = fix.db.execute("SELECT label FROM step WHERE NOT undone ORDER BY id DESC LIMIT 1").fetchone()
    redo = fix.db.execute("SELECT label FROM step WHERE undone ORDER BY id LIMIT 1").fetchone()
    return Steps(undo[0] if undo else "", redo[0] if redo else "")


def mend(fix: Fix, column: int, label: str, change: Mend, *, first: int = 0, last: int | None = None) -> int:
    """Change a column in all rows shown (or those from place `first` to `last`); tells how many cells changed."""
    fix.db.create_function("weft_mend", 1, change)
    with writing_database(fix.path), transaction(fix.db):
        step = _new_step(fix, label)
        fix.db.execute(
            "INSERT INTO edit SELECT ?, at, ?, old, new FROM"
            f" (SELECT at, c{column} AS old, weft_mend(c{column}) AS new FROM shown JOIN row USING (at)"
            " WHERE NOT sent AND pos >= ? AND pos <= ?) WHERE old <> new",
            (step, column, first, fix.shown if last is None else last),
        )
        return _carry_out(fix, step, (column,))


def set_all(fix: Fix, column: int, value: str) -> int:
    """The same value in all rows shown."""
    return mend(fix, column, _("Set {column}").format(column=fix.header[column]), lambda _old: value)


def replace(fix: Fix, column: int, find: str, new: str, *, whole: bool = False) -> int:
    """Find and replace in a column of the rows shown, upper and lower case being the same; `whole` cells only on demand."""
    if not find and not whole:
        raise BadInput(_("Nothing to look for was given."), next_step=_("Type the text to be replaced."))
    wanted = find.casefold()

    def change(old: str) -> str:
        if whole:
            return new if old.casefold() == wanted else old
        return _replaced(old, find, new)

    label = _("Replace in {column}").format(column=fix.header[column])
    return mend(fix, column, label, change)


def _replaced(old: str, find: str, new: str) -> str:
    wanted, size = find.casefold(), len(find)
    parts, at = list[str](), 0
    while at < len(old):
        if old[at : at + size].casefold() == wanted:
            parts.append(new)
            at += size
        else:
            parts.append(old[at])
            at += 1
    return "".join(parts)


def cut(fix: Fix, column: int, length: int) -> int:
    """Cut values of the rows shown to so many characters."""
    if length < 1:
        raise BadInput(_("A value is cut to at least one character."), next_step=_("Give a number from 1."))
    label = _("Cut {column} to {length} characters").format(column=fix.header[column], length=length)
    return mend(fix, column, label, lambda old: old[:length])


def map_values(fix: Fix, column: int, values: Mapping[str, str]) -> int:
    """Each value that is named becomes another one, in the rows shown."""
    label = _("Map values of {column}").format(column=fix.header[column])
    return mend(fix, column, label, lambda old: values.get(old, old))


def fill_down(fix: Fix, column: int, first: int, last: int) -> int:
    """The value in the row shown at `first` is written into those after it, down to `last`."""
    found = fix.page(first, 1)
    if not found:
        return 0
    value = found[0].values[column]
    label = _("Fill down {column}").format(column=fix.header[column])
    return mend(fix, column, label, lambda _old: value, first=first, last=last)


def write(fix: Fix, place: int, column: int, block: Sequence[Sequence[str]], label: str = "") -> int:
    """Values written from a cell on to the right and down, as a spreadsheet pastes; what reaches beyond is left out."""
    if not label:
        single = len(block) == 1 and len(block[0]) == 1
        label = _("Edit {column}").format(column=fix.header[column]) if single else _("Paste")
    ats = fix.db.execute(
        "SELECT at FROM shown WHERE pos >= ? AND pos < ? ORDER BY pos", (place, place + len(block))
    ).fetchall()
    cells = [
        (at, column + right, value)
        for (at,), values in zip(ats, block, strict=False)
        for right, value in enumerate(values)
        if column + right < len(fix.header)
    ]
    return put(fix, label, cells)


def put(fix: Fix, label: str, cells: Sequence[tuple[int, int, str]]) -> int:
    """Single cells (a row's `at`, a column, a value) in one step; tells how many changed."""
    with writing_database(fix.path), transaction(fix.db):
        step = _new_step(fix, label)
        columns = sorted({col for _at, col, _value in cells})
        for column in columns:
            fix.db.executemany(
                f"INSERT OR REPLACE INTO edit SELECT ?, at, ?, c{column}, ? FROM row"
                f" WHERE at = ? AND NOT sent AND c{column} <> ?",
                [(step, column, value, at, value) for at, col, value in cells if col == column],
            )
        return _carry_out(fix, step, columns)


def _new_step(fix: Fix, label: str) -> int:
    fix.must_be_over()
    fix.db.execute("DELETE FROM edit WHERE step IN (SELECT id FROM step WHERE undone)")
    fix.db.execute("DELETE FROM step WHERE undone")
    found = fix.db.execute("INSERT INTO step (label) VALUES (?)", (label,))
    assert found.lastrowid is not None
    return found.lastrowid


def _carry_out(fix: Fix, step: int, columns: Sequence[int], *, value: str = "after") -> int:
    changed = 0
    for column in columns:
        changed += fix.db.execute(
            f"UPDATE row SET c{column} = edit.{value} FROM edit WHERE edit.step = ? AND edit.col = ? AND edit.at = row.at",
            (step, column),
        ).rowcount
    if not changed:
        fix.db.execute("DELETE FROM step WHERE id = ?", (step,))
    return changed


def undo(fix: Fix) -> bool:
    """Take the last step back; tells whether there was one."""
    return _turn(fix, "SELECT max(id) FROM step WHERE NOT undone", undone=True)


def redo(fix: Fix) -> bool:
    """Do the step taken back last once more; tells whether there was one."""
    return _turn(fix, "SELECT min(id) FROM step WHERE undone", undone=False)


def _turn(fix: Fix, which: str, *, undone: bool) -> bool:
    with writing_database(fix.path), transaction(fix.db):
        step = fix.db.execute(which).fetchone()[0]
        if step is None:
            return False
        columns = [row[0] for row in fix.db.execute("SELECT DISTINCT col FROM edit WHERE step = ?", (step,))]
        _carry_out(fix, step, columns, value="before" if undone else "after")
        fix.db.execute("UPDATE step SET undone = ? WHERE id = ?", (undone, step))
        return True
