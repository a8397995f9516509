"""weft move failed and weft move retry: the failed rows of a move written out, corrected, and sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.cli import move_several
from studio.cli.move_options import Json, Org, YesProduction
from studio.cli.signed_in import say
from studio.moves import store
from studio.moves.load import Request
from studio.moves.mending import again
from studio.moves.mending.fix import Fix, View
from studio.moves.several import kept as sets

Run = Annotated[str, typer.Argument(metavar="RUN", help=_("The move's name; the newest when left out."))]
Loader = Callable[[Request, bool, str], Awaitable[int]]


def register(group: typer.Typer, load: Loader) -> None:
    """Add the verbs; `load` does a load and prints its end."""
    group.command("failed", help=_("Write the failed rows of a move into a file, to be corrected there."))(
        failed
    )
    group.command("retry", help=_("Send the failed rows of a move once more."))(_retry(load))


def failed(
    run: Run = "",
    out: Annotated[Path | None, typer.Option("--out", help=_("The CSV file to write."))] = None,
    reason: Annotated[
        str, typer.Option("--reason", help=_("Only rows whose answer or values hold this text."))
    ] = "",
) -> int:
    """Write the failed rows that wait to be sent again: number, answer, and their own columns as they are now."""
    if out is None:
        raise BadInput(
            _("No file was named."),
            next_step=_("Give one: weft move failed {run} --out FILE").format(run=run or "RUN"),
        )
    if out.suffix.lower() not in (".csv", ".txt"):
        raise BadInput(_("Failed rows are written as CSV."), file=out, next_step=_("Name a .csv file."))
    if sets.is_set(run):
        steps = [step.run for step in sets.load(run).steps if step.counts.failed]
        raise BadInput(
            _("{run} is a move of several objects: its failed rows are those of its moves.").format(run=run),
            next_step=_("Name one of them: {runs}").format(runs=", ".join(steps) or "–"),
        )
    with Fix.open(run or store.latest()) as fix:
        fix.show(View(text=reason))
        n = again.write_out(fix, out.absolute())
    say(
        ngettext("{n} failed row written to {file}.", "{n} failed rows written to {file}.", n).format(
            n=n, file=out
        )
    )
    return 0


def _retry(load: Loader) -> Callable[..., int]:
    def retry(
        run: Run = "",
        source: Annotated[
            Path | None,
            typer.Option("--from", help=_("A file of failed rows, corrected; only its rows are sent.")),
        ] = None,
        org: Org = "",
        yes_production: YesProduction = "",
        as_json: Json = False,
    ) -> int:
        """Send the rows that failed once more, as a move of their own; no row is in two moves at a time."""
        if sets.is_set(run):
            if source is not None:
                raise BadInput(
                    _("Rows of several objects are corrected one object at a time."),
                    next_step=_("Correct those of one of its moves, then: weft move retry {run}").format(
                        run=run
                    ),
                )
            return asyncio.run(move_several.retry(run, org, as_json))
        with Fix.open(run or store.latest()) as fix:
            fix.must_be_over()
            if source is not None:
                again.read_in(fix, source.absolute())
            if not fix.left:
                counted = fix.record.counts.failed
                say(
                    _("The rows that failed were sent again already.")
                    if counted
                    else _("No row failed: there is nothing to send again.")
                )
                return 0
            with again.sending(fix) as request:
                wanted = replace(request, org=org or request.org)
                return asyncio.run(_awaited(load(wanted, as_json, yes_production)))

    return retry


async def _awaited(work: Awaitable[int]) -> int:
    return await work
