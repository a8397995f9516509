"""From a move as asked for to one that is ready to run: map checked, source staged, rows held back, chunks cut."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
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
from studio.connectors.salesforce.describe import ObjectFacts
from studio.connectors.salesforce.ingest import LARGEST_UPLOAD
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves.journal import Chunk, Journal
from studio.moves.judging.checks import check_move
from studio.moves.judging.look_up import Wanted
from studio.moves.judging.preflight import Preflight, Report
from studio.moves.model import Api, Fingerprint, Move
from studio.moves.rows.cutting import CutReport
from studio.moves.rows.doubled import Uniques
from studio.moves.rows.fitting import Doubt, Fitting, Fixed
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import Block, Slice, Watcher, cut_after, recut, slices, stage
from studio.moves.rows.watching import Watching

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
    # What the org can be asked of the rows, where they were checked.
    wanted: Wanted | None = None

    @property
    def whole(self) -> Slice:
        """The rows that are staged, all of them."""
        return Slice(1, self.fingerprint.rows, 0, sum(block.bytes for block in self.blocks))


def prepare(
    move: Move,
    source: DelimitedFile,
    facts: ObjectFacts,
    folder: Path,
    *,
    held: Mapping[int, str] | None = None,
    check: bool = False,
    ask: bool = False,
    also: Sequence[Watcher] = (),
    progress: Progress | None = None,
) -> Planned:
    """Read the source once: copy it, and find the rows that must not be sent.

    Held back are rows of another width than the header, rows without a key and rows that name the same record (as the
    options say), and those in `held`, by number with the reason; with `check` every value is judged, and with the option `hold` the rows that would fail are held too. With either of them `ask` gathers what the org can be asked.
    Values that are none in their column's format are held back always. `also` sees the rows too.
    Raises BadInput for a map that cannot work and a source that cannot be read.
    """
    check_move(move, source.header, facts, columns=not check)
    shaper = Shaper(source.header, move.map, move.options.blank)
    watching = Watching(move, shaper, facts, folder, held or {})
    watchers: list[Watcher] = [watching]
    cuts = CutReport(folder, source.header, move.map, move.options.blank)
    if cuts.needed:
        watchers.append(cuts)
    preflight = wanted = None
    uniques = Uniques(move, facts, shaper, folder, watching.held)
    if check or move.options.hold:
        refuse = watching.judge if move.options.hold else _ignore
        preflight = Preflight(facts, shaper, move.action, refuse, key=move.key)
        watchers.append(preflight)
        if uniques.needed:
            watchers.append(uniques)
    if (check or ask) and (asked := Wanted(move, facts, shaper)).needed:
        wanted = asked
        watchers.append(wanted)
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
        watching.hold_doubled(uniques.found())
    finally:
        watching.keys.close()
        uniques.close()
        cuts.close()
    report = preflight.report() if preflight else None
    if report is not None and check:
        report = watching.add_to(report, folder, sum(block.bytes for block in blocks))
    told = tuple(cuts.said())
    return Planned(
        fingerprint, blocks, watching.held, report, nulls, fitting.fixed, fitting.doubts, told,
        len(watching.judged), wanted,
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
