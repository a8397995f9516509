"""From a move as asked for to one that is ready to run: map checked, source staged, rows held back, chunks cut."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from studio.base.atomic import make_folder
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.collections import MOST
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.ingest import LARGEST_UPLOAD
from studio.connectors.salesforce.rows import NULL
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves.checks import check_move
from studio.moves.cutting import CutReport
from studio.moves.fitting import Doubt, Fitting, Fixed
from studio.moves.journal import Chunk, Journal
from studio.moves.keys import KeyCheck, SameKey
from studio.moves.model import Action, Api, Duplicates, Fingerprint, Move
from studio.moves.preflight import Preflight, Report
from studio.moves.shape import Shaper
from studio.moves.stage import Block, Watcher, cut_after, recut, slices, stage

_BLOCK_ROWS = 1000
_BLOCK_BYTES = 1_000_000
_SMALL = 100_000
_CHUNK = 10_000
_CHUNKS = 40
_LARGEST_CHUNK = 100_000
_LARGEST_CALL = 5_000_000


@dataclass
class Planned:
    """What staging found: the source, its blocks, the rows held back and why, and the check's report if asked for.

    `judged` of the rows held are held for their values only: without the option `hold` these would be sent.
    """

    fingerprint: Fingerprint
    blocks: list[Block]
    held: dict[int, str] = field(default_factory=dict)
    report: Report | None = None
    literal_nulls: int = 0
    fixed: tuple[Fixed, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    cut: tuple[str, ...] = ()
    judged: int = 0


def prepare(
    move: Move,
    source: DelimitedFile,
    facts: ObjectFacts,
    folder: Path,
    *,
    held: Mapping[int, str] | None = None,
    check: bool = False,
    also: Sequence[Watcher] = (),
    progress: Progress | None = None,
) -> Planned:
    """Read the source once: copy it, and find the rows that must not be sent.

    Held back are rows of another width than the header, rows without a key and rows that name the same record (as the
    options say), and those in `held`, by number with the reason; with `check` every value is judged, and with the option `hold` the rows that would fail are held too.
    Values that are none in their column's format are held back always. `also` sees the rows too.
    Raises BadInput for a map that cannot work and a source that cannot be read.
    """
    check_move(move, source.header, facts, columns=not check)
    shaper = Shaper(source.header, move.map, move.options.blank)
    watching = _Watching(move, shaper, facts, folder, held or {})
    watchers: list[Watcher] = [watching]
    cuts = CutReport(folder, source.header, move.map, move.options.blank)
    if cuts.needed:
        watchers.append(cuts)
    preflight = None
    if check or move.options.hold:
        refuse = watching.judge if move.options.hold else _ignore
        preflight = Preflight(facts, shaper, move.action, refuse, key=move.key)
        watchers.append(preflight)
    fitting = Fitting(shaper, watching.refuse)
    watchers += [fitting, *also] if shaper.changes else also
    block_rows = min(_BLOCK_ROWS, move.options.chunk_rows or _BLOCK_ROWS)
    block_bytes = max(1, min(_BLOCK_BYTES, move.options.chunk_bytes // 4))
    try:
        fingerprint, blocks, nulls = stage(
            source, folder, watchers, block_rows=block_rows, block_bytes=block_bytes, progress=progress
        )
        if fingerprint.rows == 0:
            raise BadInput(
                _("The file has column names but no rows."),
                file=source.path,
                next_step=_("Nothing was sent."),
            )
        watching.hold_duplicates()
    finally:
        watching.keys.close()
        cuts.close()
    report = preflight.report() if preflight else None
    told = tuple(cuts.said())
    return Planned(
        fingerprint, blocks, watching.held, report, nulls, fitting.fixed, fitting.doubts, told,
        len(watching.judged),
    )  # fmt: skip


def plan(
    move: Move,
    planned: Planned,
    folder: Path,
    org: Org,
    identity: OrgIdentity,
    warnings: Sequence[str] = (),
    *,
    api: Api = Api.BULK,
    unique: str = "",
    more: Mapping[str, Any] | None = None,
) -> Journal:
    """Write the journal of a prepared move: from here on it can be resumed.

    `api` is what carries it, BULK or COLLECTIONS; `unique` the field by which an inserted row is found again; `more`
    are facts the journal remembers besides.
    """
    shaper = Shaper(planned.fingerprint.header, move.map, move.options.blank)
    most_rows = move.options.chunk_rows or chunk_rows(planned.fingerprint.rows)
    most_bytes = min(move.options.chunk_bytes, LARGEST_UPLOAD - 1_000_000)
    first = move.options.first if move.options.first < planned.fingerprint.rows else 0
    cut = cut_after(folder, planned.blocks, first) if first else planned.blocks
    blocks: Iterable[Block] = cut
    if api is Api.COLLECTIONS:
        most_rows, most_bytes = min(move.options.chunk_rows or MOST, MOST), min(most_bytes, _LARGEST_CALL)
        blocks = recut(folder, cut, most_rows)
    parts = slices(blocks, most_rows=most_rows, most_bytes=most_bytes, growth=shaper.growth, ends_at=first)
    chunks = [Chunk(number, part) for number, part in enumerate(parts, 1)]
    facts = {
        "org_id": identity.id,
        "org_name": identity.name,
        "instance_url": org.grant.instance_url,
        "version": org.version,
        "warnings": list(warnings),
        "api": api.value,
        "unique": unique,
        "first": first,
        **(more or {}),
    }
    return Journal.create(folder, move, planned.fingerprint, chunks, sorted(planned.held.items()), facts)


def chunk_rows(rows: int) -> int:
    """Rows per job: one internal batch of the org for usual moves, larger jobs where there would be very many."""
    if rows <= _SMALL:
        return _CHUNK
    return min(_LARGEST_CHUNK, -(-rows // _CHUNKS // _CHUNK) * _CHUNK or _CHUNK)


class _Watching:
    """Sees the rows go by: their widths and their keys."""

    def __init__(
        self, move: Move, shaper: Shaper, facts: ObjectFacts, folder: Path, held: Mapping[int, str]
    ) -> None:
        self.held: dict[int, str] = dict(held)
        self.judged: set[int] = set()
        self._move = move
        self._width = shaper.width
        name = "Id" if move.action.by_id else move.key if move.action is Action.UPSERT else ""
        self._key_name = name
        self._key = shaper.column_of(name) if name else None
        self._field: Field | None = facts.field(name) if name else None
        self._shaper = shaper
        self.keys = KeyCheck(folder, self._field)

    def refuse(self, row: int, reason: str) -> None:
        """Hold a row back; the first reason stays."""
        self.held.setdefault(row, reason)
        self.judged.discard(row)

    def judge(self, row: int, reason: str) -> None:
        """Hold a row back for its values."""
        if row not in self.held:
            self.held[row] = reason
            self.judged.add(row)

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Look at rows numbered from `first`."""
        width = self._width
        if set(map(len, rows)) != {width}:
            for number, row in enumerate(rows, first):
                if len(row) != width:
                    self.refuse(
                        number,
                        _("the row has {found} values where the header has {width}").format(
                            found=len(row), width=width
                        ),
                    )
        if self._key is not None:
            self._look_at_keys(first, rows, self._key)

    def _look_at_keys(self, first: int, rows: Sequence[list[str]], at: int) -> None:
        keys = self._shaper.sent(self._key_name, [row[at] if len(row) > at else "" for row in rows])
        numbers: Sequence[int] = range(first, first + len(rows))
        wrong = [n for n, row in zip(numbers, rows, strict=True) if len(row) != self._width]
        refused = [n for n in numbers if n in self.held] if self.held else []
        if "" in keys or NULL in keys or wrong or refused:
            needed = not self._move.options.empty_keys or self._move.action.by_id
            empty = [n for n, key in zip(numbers, keys, strict=True) if key in ("", NULL)]
            for number in empty if needed else ():
                self.refuse(number, _("{field} is empty").format(field=self._key_name))
            out = {*empty, *wrong, *refused}
            keys = [key for n, key in zip(numbers, keys, strict=True) if n not in out]
            numbers = [n for n in numbers if n not in out]
        if self._move.options.duplicates is not Duplicates.SEND:
            self.keys.add(numbers, keys)

    def hold_duplicates(self) -> None:
        """Hold back the rows that share a key with another, all or all but one."""
        rule = self._move.options.duplicates
        for same in self.keys.same():
            for row, reason in self._losers(same, rule):
                self.refuse(row, reason)

    def _losers(self, same: SameKey, rule: Duplicates) -> Iterator[tuple[int, str]]:
        if rule is Duplicates.HOLD:
            shown, more = ", ".join(str(row) for row in same.rows[:5]), len(same.rows) - 5
            text = _("{field} appears more than once: rows {rows}")
            if more > 0:
                text = _("{field} appears more than once: rows {rows} and {more} more")
            for row in same.rows:
                yield row, text.format(field=self._key_name, rows=shown, more=more)
            return
        kept = same.rows[0 if rule is Duplicates.FIRST else -1]
        for row in same.rows:
            if row != kept:
                yield (
                    row,
                    _("{field} is the same as in row {row}, which is sent").format(
                        field=self._key_name, row=kept
                    ),
                )


def _ignore(_row: int, _reason: str) -> None:
    """The check only counts."""


def new_folder(moves: Path, letter: str = "M") -> Path:
    """A folder for one more move, named by the next free number: `M-0142`; `S` is for several objects in one."""
    make_folder(moves)
    taken = [int(path.name[2:]) for path in moves.glob(f"{letter}-*") if path.name[2:].isdigit()]
    number = max(taken, default=0)
    while True:
        number += 1
        folder = moves / f"{letter}-{number:04d}"
        try:
            make_folder(folder, new=True)
        except FileExistsError:
            continue
        return folder


def preparing_folder(moves: Path) -> Path:
    """A folder for a check that may not become a move."""
    folder = moves / f"check-{secrets.token_hex(4)}"
    make_folder(folder)
    return folder


def discard(folder: Path) -> None:
    """Remove the folder of a move that was never planned."""
    shutil.rmtree(folder, ignore_errors=True)
