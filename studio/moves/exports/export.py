"""A one-shot export: the answer of a SOQL query as a CSV file that is whole or not there, resumable page by page."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce import bulk_query, jobs
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.jobs import JobState
from studio.connectors.salesforce.session import Org
from studio.moves.exports.pages import side_by_side
from studio.moves.targets.deliver import deliver

FILE = "export.json"


@dataclass(frozen=True)
class Export:
    """An export and how far it is: `bytes` and `rows` are safely in the part file, `locator` is where to go on.

    `target` is the CSV file; where the rows go on into a workbook, a database and the like, that is `final` (an
    address without its password), with the name of the `table` or sheet. `began` is when the org began, by its clock;
    `style` is how a CSV file is written (targets.delimited.Style), empty for the org's way;
    an incremental one names its `mark` and how many runs that had seen (`base`).
    """

    soql: str
    target: str
    org: str = ""
    org_id: str = ""
    deleted_too: bool = False
    version: str = ""
    job: str = ""
    locator: str = ""
    started: bool = False
    finished: bool = False
    bytes: int = 0
    rows: int = 0
    created: float = 0.0
    seconds: float = 0.0
    calls: int = 0
    final: str = ""
    table: str = ""
    began: str = ""
    mark: str = ""
    base: int = 0
    style: str = ""

    @property
    def complete(self) -> bool:
        """Every page is in the part file."""
        return self.started and not self.locator


@dataclass(frozen=True)
class ExportSummary:
    """The end of an export."""

    run: str
    rows: int
    seconds: float
    api_calls: int
    file: str

    def to_data(self) -> dict[str, Any]:
        """The machine-readable summary: what a load prints, every row read having succeeded."""
        return {
            "run": self.run,
            "state": "done",
            "read": self.rows,
            "succeeded": self.rows,
            "failed": 0,
            "unprocessed": 0,
            "not_sent": 0,
            "unreconciled": 0,
            "seconds": round(self.seconds, 3),
            "api_calls": self.api_calls,
            "files": {"succeeded": self.file},
            "warnings": [],
        }


def save(folder: Path, export: Export) -> Export:
    """Write how far the export is."""
    atomic.write_text(folder / FILE, json.dumps(asdict(export), indent=1))
    return export


def load(folder: Path) -> Export:
    """The export of a move's folder; raises BadInput when there is none."""
    try:
        return Export(**json.loads((folder / FILE).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(_("There is no export here that can be read."), file=folder / FILE) from error


def all_exports(moves: Path) -> list[tuple[str, Export]]:
    """The exports below the moves' folder, by run, the newest first."""
    files = sorted(moves.glob(f"M-*/{FILE}"), reverse=True)
    return [(file.parent.name, load(file.parent)) for file in files]


def is_export(folder: Path) -> bool:
    """The folder holds an export rather than a load."""
    return (folder / FILE).is_file()


async def run(
    folder: Path,
    org: Org,
    *,
    listener: Callable[[int, int], object] = lambda _rows, _of: None,
    final: str = "",
) -> ExportSummary:
    """Bring an export to its end, from wherever it is; `listener` is given the rows so far and in all.

    `final` is the address of a database with its password, which is not kept. The file appears under its name once it is complete and its rows are as many as the org counted. Raises NotReachable
    or SalesforceError when the org cannot go on; what was fetched stays for a resume.
    """
    started, calls = time.monotonic(), org.usage.calls
    export = load(folder)
    if export.finished:
        return summary(folder, export)
    try:
        export = await _query(folder, export, org, listener, final)
    finally:
        export = load(folder)
        spent = time.monotonic() - started
        save(
            folder,
            replace(export, seconds=export.seconds + spent, calls=export.calls + org.usage.calls - calls),
        )
    return summary(folder, load(folder))


async def _query(
    folder: Path, export: Export, org: Org, listener: Callable[[int, int], object], final: str
) -> Export:
    if not export.job:
        job = await bulk_query.create(org, export.soql, deleted_too=export.deleted_too)
        export = save(folder, replace(export, job=job.id, version=org.version, began=job.created))
    job = await jobs.until_final(
        org, bulk_query.KIND, export.job, lambda seen: listener(export.rows, seen.processed)
    )
    if job.state is not JobState.COMPLETE:
        raise BadInput(
            _("The org could not answer the query: {reason}").format(reason=job.message or job.state.value),
            next_step=_("Correct the query and start again."),
        )
    target, part = Path(export.target), _part_path(folder, export)
    if not (export.complete and not part.exists() and _size(target) == export.bytes):
        _make_part(part)
        if not export.started:
            export = await _first_page(folder, export, org, part)
            listener(export.rows, job.processed)
        async with aclosing(side_by_side(org, export.job, export.locator, folder)) as pages:
            async for path, page in pages:
                export = _append(folder, export, part, path, page)
                listener(export.rows, job.processed)
        if export.rows != job.processed:
            raise NotReachable(
                _("The answer is incomplete: {rows} of {expected} rows came.").format(
                    rows=export.rows, expected=job.processed
                ),
                next_step=_("Start the export again."),
            )
        with atomic.told(target):
            part.replace(target)
            atomic.sync_folder(target.parent)
    if export.final:
        await deliver(
            org, export.soql, target, export.rows, final or export.final, export.table, export.style
        )
    export = save(folder, replace(export, finished=True))
    if export.final:
        target.unlink(missing_ok=True)
    with suppress(SalesforceError, NotReachable):
        await jobs.delete(org, bulk_query.KIND, export.job)
    return export


async def _first_page(folder: Path, export: Export, org: Org, part: Path) -> Export:
    """Write the first page with its header into the part file; one that came cut is thrown away and fetched again."""

    async def fetch() -> tuple[bulk_query.Page, int]:
        with atomic.told(part), part.open("wb") as file:
            page = await bulk_query.read_page(org, export.job, "", file.write, header=True)
            file.flush()
            os.fsync(file.fileno())
            return page, file.tell()

    page, size = await org.patiently(fetch)
    return save(folder, replace(export, started=True, bytes=size, rows=page.records, locator=page.locator))


def _append(folder: Path, export: Export, part: Path, page_file: Path, page: bulk_query.Page) -> Export:
    """Append a page to the part file, after what is noted to be there, and note it."""
    with atomic.told(part), part.open("r+b") as file, page_file.open("rb") as rows:
        file.seek(export.bytes)
        file.truncate()
        shutil.copyfileobj(rows, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    return save(folder, replace(export, bytes=size, rows=export.rows + page.records, locator=page.locator))


def _part_path(folder: Path, export: Export) -> Path:
    """The file that grows; beside the target, so that the last step is a rename."""
    target = Path(export.target)
    return target.with_name(f".{target.name}.{folder.name}.part")


def _make_part(part: Path) -> None:
    try:
        atomic.make_folder(part.parent)
        part.touch()
    except OSError as error:
        raise atomic.cannot_write(part, error) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def summary(folder: Path, export: Export) -> ExportSummary:
    """The figures of an export so far."""
    return ExportSummary(
        folder.name, export.rows, export.seconds, export.calls, export.final or export.target
    )
