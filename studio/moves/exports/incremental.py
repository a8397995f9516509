"""An export that asks only for what has changed: a high-water mark by the org's clock, changes merged into the target by Id."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.rows import encode_header
from studio.connectors.salesforce.session import Org
from studio.moves import store
from studio.moves.carrying.run import alone
from studio.moves.exports import export
from studio.moves.exports.export import Export
from studio.moves.exports.windows import Query, parsed
from studio.moves.places import place_of
from studio.moves.rows.plan import new_folder
from studio.moves.targets.deliver import FILE as ANSWER
from studio.moves.targets.deliver import deliver

FILE = "mark.json"
CHANGED = "changed"
_AT_ONCE = 500
# A transaction of the org may last ten minutes before its records are seen, stamped with when it began.
OVERLAP = timedelta(minutes=15)


@dataclass(frozen=True)
class Mark:
    """How far an export has come: everything changed before `since` (by the org's clock) is in `rows` and in the target."""

    soql: str
    target: str
    org_id: str
    since: str = ""
    rows: str = ""
    count: int = 0
    runs: int = 0


@dataclass(frozen=True)
class Merged:
    """What an incremental run did: rows that came, changed or went, and all rows the target has now."""

    run: str
    since: str
    changed: int
    count: int
    seconds: float
    api_calls: int
    file: str

    def to_data(self) -> dict[str, Any]:
        """The machine-readable summary, that of an export with what was merged."""
        whole = export.ExportSummary(self.run, self.count, self.seconds, self.api_calls, self.file).to_data()
        return whole | {"since": self.since, "changed": self.changed}


async def begin(asked: Export, org: Org) -> Path:
    """The folder of a new run of an incremental export; raises BadInput for a query that cannot be narrowed."""
    query = parsed(asked.soql)
    identity = await org.identify()
    target = asked.final or asked.target
    name = hashlib.sha256("\0".join((identity.id, asked.soql, target, asked.table)).encode()).hexdigest()[:16]
    place = store.folder() / "marks" / name
    atomic.make_folder(place)
    mark = _mark(place) or Mark(asked.soql, target, identity.id)
    if not (place / FILE).exists():
        _save(place, mark)
    folder = new_folder(store.folder())
    now = time.time()
    if mark.since and query.where:
        atomic.make_folder(folder / CHANGED)
        ids = Export(
            query.changed(mark.since),
            str(folder / CHANGED / ANSWER),
            asked.org,
            identity.id,
            True,
            created=now,
        )
        export.save(folder / CHANGED, ids)
    made = replace(
        asked, soql=query.since(mark.since), target=str(folder / ANSWER), org_id=identity.id,
        deleted_too=bool(mark.since), created=now, final="", mark=name, base=mark.runs,
    )  # fmt: skip
    export.save(folder, made)
    return folder


async def run(folder: Path, org: Org, *, final: str = "") -> Merged:
    """Bring a run to its end: the changes are fetched, merged, and the target is written; only then the mark moves.

    `final` is a database's address with its password. Cut off anywhere, a resume or the next run asks for the same
    window again, and what was merged already is merged into itself. Raises BadInput where another run works on the same
    mark or has gone further meanwhile.
    """
    asked = export.load(folder)
    place = store.folder() / "marks" / asked.mark
    with alone(place):
        mark = _mark(place)
        if mark is None or mark.runs != asked.base:
            raise BadInput(
                _("A later run of this export is complete: what this one asked for is in the target."),
                file=mark.target if mark else None,
                next_step=_("There is nothing left to do."),
            )
        began, started = "", time.monotonic()
        calls = org.usage.calls
        if (folder / CHANGED / export.FILE).exists():
            await export.run(folder / CHANGED, org)
            began = export.load(folder / CHANGED).began
        await export.run(folder, org)
        asked = export.load(folder)
        made, merged = _merge(place, mark, folder, parsed(mark.soql))
        await _write_target(org, mark, place / made, merged, final, asked.table)
        _save(
            place,
            replace(mark, since=_before(began or asked.began), rows=made, count=merged, runs=mark.runs + 1),
        )
        for old in place.glob("rows-*.csv"):
            if old.name != made:
                atomic.discard(old)
        _clear(folder)
    spent, used = time.monotonic() - started, org.usage.calls - calls
    return Merged(folder.name, mark.since, asked.rows, merged, spent, used, mark.target)


def over(folder: Path) -> bool:
    """What the run asked for is in the target, by itself or by a later run."""
    asked = export.load(folder)
    mark = _mark(store.folder() / "marks" / asked.mark)
    return mark is not None and mark.runs > asked.base


def _before(began: str) -> str:
    """The moment the next window begins at; raises NotReachable where the org did not say when it began."""
    try:
        moment = datetime.fromisoformat(began.replace("Z", "+00:00"))
    except ValueError:
        raise NotReachable(
            _("The org did not say when it began to answer."), next_step=_("Start the export again.")
        ) from None
    return (moment.astimezone(UTC) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")


def _merge(place: Path, mark: Mark, folder: Path, query: Query) -> tuple[str, int]:
    """Write all rows anew: those of before that have not changed, then those that came. The file's name and how many."""
    answer = _rows_of(folder / ANSWER, query)
    header, deleted = answer.header, _place(answer.header, "IsDeleted")
    keep = [at for at, name in enumerate(header) if at != deleted or query.asks_for("IsDeleted")]
    own = tuple(header[at] for at in keep)
    id_at = _place(header, "Id")
    name = f"rows-{mark.runs + 1}.csv"
    count = 0
    with _known(folder) as known, atomic.writing(place / name) as file:
        _note(known, answer, id_at)
        if (folder / CHANGED / ANSWER).exists():
            _note(known, _file(folder / CHANGED / ANSWER), 0)
        file.write(encode_header(own))
        if mark.rows:
            for rows in _batches(_same_header(place / mark.rows, own)):
                left = _unknown(known, rows, own.index(header[id_at]))
                count += len(left)
                file.write(_lines(left))
        for rows in _batches(answer):
            there = [[row[at] for at in keep] for row in rows if row[deleted] != "true"]
            count += len(there)
            file.write(_lines(there))
    return name, count


def _same_header(path: Path, own: Sequence[str]) -> DelimitedFile:
    file = _file(path)
    if file.header != tuple(own):
        raise BadInput(
            _("The rows kept of this export have other columns than the answer."),
            file=path,
            next_step=_("Remove this file's folder to export everything anew."),
        )
    return file


def _rows_of(path: Path, query: Query) -> DelimitedFile:
    if not path.stat().st_size:
        # Some orgs say nothing at all where there is no record.
        names = (*query.names, *(one for one in ("Id", "IsDeleted") if not query.asks_for(one)))
        path.write_bytes(encode_header(names))
    return _file(path)


def _file(path: Path) -> DelimitedFile:
    return DelimitedFile.open(path, encoding="utf-8", delimiter=",")


def _place(header: Sequence[str], name: str) -> int:
    return [one.lower() for one in header].index(name.lower())


def _batches(file: DelimitedFile) -> Iterator[list[list[str]]]:
    with file.rows() as rows:
        while batch := list(islice(rows, _AT_ONCE)):
            yield batch


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = "\n".join(",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows)
    return (text + "\n").encode("utf-8") if rows else b""


@contextmanager
def _known(folder: Path) -> Iterator[sqlite3.Connection]:
    """A set of ids of any size, on disk for as long as the block lasts."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        closing(sqlite3.connect(Path(scratch) / "ids.sqlite", isolation_level=None)) as db,
    ):
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE known (id TEXT PRIMARY KEY) WITHOUT ROWID")
        yield db


def _note(known: sqlite3.Connection, file: DelimitedFile, at: int) -> None:
    known.execute("BEGIN")
    for rows in _batches(file):
        known.executemany("INSERT OR IGNORE INTO known VALUES (?)", [(row[at],) for row in rows])
    known.execute("COMMIT")


def _unknown(known: sqlite3.Connection, rows: list[list[str]], at: int) -> list[list[str]]:
    ids = json.dumps([row[at] for row in rows])
    found = known.execute("SELECT id FROM known WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    there = {one for (one,) in found}
    return [row for row in rows if row[at] not in there]


async def _write_target(org: Org, mark: Mark, rows: Path, count: int, final: str, table: str) -> None:
    """Write the whole target, there whole or not at all."""
    place = place_of(final or mark.target)
    if isinstance(place, Path) and place.suffix.lower() in ("", ".csv", ".txt"):
        with atomic.writing(place) as file, rows.open("rb") as source:
            shutil.copyfileobj(source, file, 1 << 20)
        return
    await deliver(org, mark.soql, rows, count, final or mark.target, table)


def _clear(folder: Path) -> None:
    atomic.discard(folder / ANSWER)
    atomic.discard(folder / CHANGED / ANSWER)


def _mark(place: Path) -> Mark | None:
    """The mark, None where there is none yet or its rows are gone: then everything is asked for."""
    with suppress(FileNotFoundError):
        try:
            mark = Mark(**json.loads((place / FILE).read_bytes()))
        except (ValueError, TypeError) as error:
            raise BadInput(
                _("The mark of this export cannot be read."),
                file=place / FILE,
                next_step=_("Remove it to export everything anew."),
            ) from error
        if mark.rows and not (place / mark.rows).exists():
            return replace(mark, since="", rows="", count=0)
        return mark
    return None


def _save(place: Path, mark: Mark) -> None:
    atomic.write_text(place / FILE, json.dumps(asdict(mark), indent=1))
