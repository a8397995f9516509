"""How moves look on a terminal and in JSON."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.cli.printable import printable
from studio.connectors.salesforce.errors import row_error
from studio.moves.carrying.parts import ANSWER, ROW
from studio.moves.carrying.run import Listener
from studio.moves.model import Standing, Summary
from studio.moves.store import MoveRecord

if TYPE_CHECKING:
    from studio.moves.exports import export as exporting
    from studio.moves.exports.export import Export, ExportSummary
    from studio.moves.judging.dry_run import Outlook
    from studio.moves.judging.preflight import Finding, Report
    from studio.moves.several import kept
    from studio.moves.several import model as sets
    from studio.moves.several.model import Set

    # A load's journal, an export with its run's name, or a set.
    Shown = MoveRecord | tuple[str, Export] | Set
else:
    exporting = Lazily("studio.moves.exports.export")
    kept = Lazily("studio.moves.several.kept")
    sets = Lazily("studio.moves.several.model")

_HELD_SHOWN = 10
_REASONS_SHOWN = 3
_ROWS_READ = 20_000


@contextlib.contextmanager
def bar() -> Iterator[Listener]:
    """A progress bar on standard error for the length of a move; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _standing: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} / {task.total:,.0f}"),
        TextColumn("{task.fields[text]}"),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=None, start=True, text="", visible=False)

        def listen(standing: Standing) -> None:
            answered = standing.counts.succeeded + standing.counts.failed
            rate = answered / max(time.monotonic() - started, 0.001)
            text = _("{rate:,.0f} rows/s, {failed:,} failed, {calls} API calls").format(
                rate=rate, failed=standing.counts.failed, calls=standing.calls
            )
            shown.update(task, total=standing.read, completed=answered, text=text, visible=True)

        yield listen


def summary(found: Summary, as_json: bool, told: Collection[str] = ()) -> None:
    """The end of a load, on standard output; why rows failed and warnings not `told` yet go to standard error."""
    if as_json:
        print(json.dumps(found.to_data()))  # noqa: T201
        return
    counts = found.counts
    lines = [
        (_("Succeeded"), counts.succeeded, "succeeded"),
        (_("Failed"), counts.failed, "failed"),
        (_("Unprocessed"), counts.unprocessed, "unprocessed"),
        (_("Not sent"), counts.not_sent, "not_sent"),
    ]
    for label, count, kind in lines:
        print(f"{label:<12} {count:>10,}  {found.files.get(kind, '')}")  # noqa: T201
    print(f"{_('Read'):<12} {found.read:>10,}")  # noqa: T201
    print(  # noqa: T201
        _("{run}: {seconds:.1f} s, {calls} API calls.").format(
            run=found.run, seconds=found.seconds, calls=found.api_calls
        )
    )
    for text in (
        *reasons(found.counts.failed, found.files),
        *(text for text in found.warnings if text not in told),
    ):
        print(printable(text), file=sys.stderr)  # noqa: T201


def reasons(failed: int, files: Mapping[str, str]) -> Iterator[str]:
    """What the org said of the rows that failed, the commonest first, with a row to look at."""
    if not failed:
        return
    said: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    try:
        with Path(files["failed"]).open(encoding="utf-8", newline="") as file:
            for row in islice(csv.DictReader(file), _ROWS_READ):
                error = row_error(row[ANSWER])
                reason = (error.code, ", ".join(error.fields))
                said[reason] += 1
                first.setdefault(
                    reason, _("row {row}: {message}").format(row=row[ROW], message=error.message)
                )
    except (KeyError, OSError, csv.Error):
        return
    for (code, fields), count in said.most_common(_REASONS_SHOWN):
        shown = first[code, fields]
        name = f"{code} ({fields})" if fields else code
        yield f"{count:>10,}  {name}: {shown if len(shown) <= 120 else shown[:120] + '…'}"
    if len(said) > _REASONS_SHOWN:
        yield _("More reasons are in the file of failed rows.")


def exported(found: ExportSummary, as_json: bool) -> None:
    """The end of an export."""
    if as_json:
        print(json.dumps(found.to_data()))  # noqa: T201
        return
    print(  # noqa: T201
        _("{rows:,} rows in {file} ({run}: {seconds:.1f} s, {calls} API calls).").format(
            rows=found.rows, file=found.file, run=found.run, seconds=found.seconds, calls=found.api_calls
        )
    )


def report(found: Report, held: Mapping[int, str], as_json: bool) -> None:
    """What a check found, per field."""
    if as_json:
        print(json.dumps(report_data(found, held)))  # noqa: T201
        return
    heads = (_("Field"), _("Type"), _("Filled"), _("Failing"))
    print(f"{heads[0]:<32} {heads[1]:<12} {heads[2]:>9} {heads[3]:>9}")  # noqa: T201
    for one in found.fields:
        said = "; ".join(_finding(finding) for finding in one.findings)
        print(f"{one.field:<32} {one.type:<12} {one.filled:>9,} {one.failing:>9,}  {said}".rstrip())  # noqa: T201
    for row in sorted(held)[:_HELD_SHOWN]:
        print(_("row {row}: {message}").format(row=row, message=held[row]))  # noqa: T201
    if len(held) > _HELD_SHOWN:
        print(_("and more; all of them with --json"))  # noqa: T201
    print(  # noqa: T201
        _("{rows:,} rows checked, {held:,} would be refused; nothing has been sent.").format(
            rows=found.rows, held=len(held)
        )
    )


def outlook(found: Outlook, as_json: bool) -> None:
    """What a move would do."""
    if as_json:
        print(json.dumps(found.to_data()))  # noqa: T201
        return
    print(_("In {org}, {object}:").format(org=found.org, object=found.object))  # noqa: T201
    figures = (
        (_("would be created"), found.created),
        (_("would be updated"), found.updated),
        (_("would be deleted"), found.deleted),
        (_("would be taken out of the recycle bin"), found.undeleted),
        (_("would fail or be held back"), len(found.refused)),
    )
    for label, count in figures:
        if count:
            print(f"{count:>10,}  {label}")  # noqa: T201
    for row in sorted(found.refused)[:_HELD_SHOWN]:
        print(_("row {row}: {message}").format(row=row, message=found.refused[row]))  # noqa: T201
    if len(found.refused) > _HELD_SHOWN:
        print(_("and more; all of them with --json"))  # noqa: T201
    print(  # noqa: T201
        _("About {calls:,} API calls ({api}); nothing has been sent.").format(
            calls=found.calls, api=found.api.value
        )
    )


def _finding(finding: Finding) -> str:
    examples = ", ".join(text if len(text) <= 24 else text[:24] + "…" for text in finding.examples)
    return f"{finding.text} ({finding.rows:,}{': ' if examples else ''}{examples})"


def report_data(found: Report, held: Mapping[int, str]) -> dict[str, Any]:
    """A check's outcome as JSON data."""
    return {
        "rows": found.rows,
        "held": len(held),
        "fields": [
            {
                "field": one.field,
                "label": one.label,
                "type": one.type,
                "filled": one.filled,
                "failing": one.failing,
                "findings": [
                    {
                        "text": finding.text,
                        "rows": finding.rows,
                        "fails": finding.fails,
                        "examples": finding.examples,
                    }
                    for finding in one.findings
                ],
            }
            for one in found.fields
        ],
        "rows_held": [{"row": row, "answer": held[row]} for row in sorted(held)[:1000]],
    }


def record(found: Shown) -> None:
    """One line for one move."""
    if isinstance(found, MoveRecord):
        counts = found.counts
        told = f"{counts.succeeded:,} + {counts.failed:,} + {counts.unprocessed:,} / {found.rows:,}"
        what = f"{found.move.action.value} {found.move.object}  {told}  {found.move.org}"
        run, state, created = found.run, found.state.value, found.created
    elif isinstance(found, sets.Set):
        objects = ", ".join(bound.object for bound in found.bound)
        run, state, created = found.run, kept.seen(found).value, found.created
        what = f"several {objects}  {found.counts.succeeded:,}  {found.asked.org}"
    else:
        run, export = found
        state, created = _export_state(export), export.created
        what = f"export {export.target}  {export.rows:,}  {export.org}"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(created))
    print(f"{run}  {when}  {state:<11} {what}")  # noqa: T201


def record_data(found: Shown) -> dict[str, Any]:
    """One move as JSON data."""
    if isinstance(found, sets.Set):
        more = {"action": "several", "org": found.asked.org, "created": found.created}
        return found.summary() | more | {"state": kept.seen(found).value}
    if not isinstance(found, MoveRecord):
        run, export = found
        data = exporting.ExportSummary(
            run, export.rows, export.seconds, export.calls, export.target
        ).to_data()
        more = {"action": "export", "soql": export.soql, "org": export.org, "created": export.created}
        return data | more | {"state": _export_state(export)}
    counts = found.counts
    return {
        "run": found.run,
        "state": found.state.value,
        "action": found.move.action.value,
        "object": found.move.object,
        "org": found.move.org,
        "source": found.move.source,
        "created": found.created,
        "read": found.rows,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "unprocessed": counts.unprocessed,
        "not_sent": found.rows - counts.succeeded - counts.failed - counts.unprocessed,
        "files": found.facts.get("files", {}),
    }


def _export_state(export: Export) -> str:
    return "done" if export.finished else "interrupted"
