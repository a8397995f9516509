"""weft agent runs|log: what the agent on this computer has run."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from studio.agent.journal import Journal
from studio.base.errors import BadInput
from studio.base.i18n import _


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    agent = typer.Typer(help=_("What the agent on this computer has run."), no_args_is_help=True)
    agent.command("runs", help=_("The newest runs."))(runs)
    agent.command("log", help=_("What one run told."))(log)
    app.add_typer(agent, name="agent")


def runs(
    limit: Annotated[int, typer.Option(help=_("How many."))] = 20,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """List the newest runs."""
    journal = Journal()
    found = journal.runs(limit=limit)
    journal.close()
    if as_json:
        rows = [
            {"run": r.id, "project": r.folder, "operation": r.operation, "started": r.started, "ended": r.ended,
             "state": r.state, "read": r.counts.read, "written": r.counts.written, "failed": r.counts.failed}
            for r in found
        ]  # fmt: skip
        print(json.dumps(rows))  # noqa: T201
        return 0
    table = Table(box=None)
    for head in (_("Run"), _("Operation"), _("Started"), _("State"), _("Read"), _("Written"), _("Failed")):
        table.add_column(head)
    for r in found:
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(r.started))
        counts = (str(r.counts.read), str(r.counts.written), str(r.counts.failed))
        table.add_row(r.id, r.operation, started, str(r.state), *counts)
    Console().print(table)
    return 0


def log(run: Annotated[str, typer.Argument(help=_("The run's id, from weft agent runs."))]) -> int:
    """Print what one run told."""
    journal = Journal()
    record, events = journal.run(run), journal.events(run)
    journal.close()
    if record is None:
        raise BadInput(
            _("There is no run {id} in the journal.").format(id=run),
            next_step=_("List the runs with: weft agent runs"),
        )
    for event in events:
        print(" ".join(part for part in (event.kind, event.detail, event.text) if part))  # noqa: T201
    return 0
