"""weft clear: people's data taken off this computer: samples and history of a project, rows of runs and moves."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, field
from pathlib import Path
from typing import Annotated

import typer

from studio.agent.journal import Journal
from studio.base.errors import BadInput, Cancelled
from studio.base.i18n import _, ngettext
from studio.base.records import dataclass
from studio.moves import clearing as moves
from studio.project import clearing
from studio.project.folder import project_at
from studio.project.lock import LOCAL
from studio.repository.forgetting import forget_versions, keeps_versions
from studio.repository.link import link_of
from studio.workspace import Workspace


@dataclass(frozen=True)
class Report:
    """What went, or would go: files, whether there was a history, ids of runs and moves; and what stays with its reason."""

    files: tuple[str, ...] = ()
    history: bool = False
    runs: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    stays: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """Which of it is to go."""

    samples: bool = True
    tests: bool = False
    history: bool = True
    runs: bool = True
    unfinished: bool = False


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "clear", help=_("Take people's data off this computer: samples, history, rows of runs and moves.")
    )(clear)


def clear(
    project: Annotated[
        Path | None, typer.Argument(metavar="PROJECT", help=_("The project's folder; without it only moves."))
    ] = None,
    samples: Annotated[bool, typer.Option(help=_("The project's sample documents."))] = True,
    tests: Annotated[bool, typer.Option(help=_("Golden tests and their documents, too."))] = False,
    history: Annotated[bool, typer.Option(help=_("Steps that undo and the history panel know."))] = True,
    runs: Annotated[bool, typer.Option(help=_("Runs, and the rows that moves keep here."))] = True,
    unfinished: Annotated[bool, typer.Option(help=_("Moves that could still go on, too."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would go."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """Show what would go, ask, and let it go."""
    wish = Wish(samples=samples, tests=tests, history=history, runs=runs, unfinished=unfinished)
    place = project_at(project) if project is not None else None
    found = _look(place, wish)
    if dry_run:
        _tell(found, as_json=as_json, done=False)
        return 0
    if not yes:
        _tell(found, as_json=False, done=False)
        _ask()
    _tell(_do(place, wish), as_json=as_json, done=True)
    return 0


def _look(place: Path | None, wish: Wish) -> Report:
    stays: dict[str, str] = {}
    files: tuple[str, ...] = ()
    if place is not None and wish.samples:
        found = clearing.findings(place, tests=wish.tests)
        files = found.files
        stays.update({file: _("{user} needs it").format(user=user) for file, user in found.needed.items()})
    over, going_on = moves.ended() if wish.runs else ((), ())
    if not wish.unfinished:
        stays.update(dict.fromkeys(going_on, _("it can still go on")))
    return Report(
        files,
        place is not None and wish.history and (clearing.has_history(place) or keeps_versions(place)),
        _ended_runs(place) if wish.runs else (),
        (*over, *(going_on if wish.unfinished else ())),
        stays,
    )


def _ended_runs(place: Path | None) -> tuple[str, ...]:
    if place is None:
        return ()
    journal = Journal()
    try:
        known = journal.runs(folder=str(place.absolute()), limit=1_000_000)
    finally:
        journal.close()
    return tuple(run.id for run in known if run.ended is not None)


def _do(place: Path | None, wish: Wish) -> Report:
    seen = _look(place, wish)
    stays = dict(seen.stays)
    removed: tuple[str, ...] = ()
    if wish.runs:
        gone = moves.clear(unfinished=wish.unfinished)
        removed = gone.removed
        stays.update({run: stays.get(run, _("somebody works on it")) for run in gone.stayed})
    if place is None:
        return Report(moves=removed, stays=stays)
    had = wish.history and (clearing.has_history(place) or keeps_versions(place))
    # An open studio would write its history anew; unsaved work lies in the history and must not go with it.
    workspace = Workspace.open(place)
    try:
        if workspace.read_only or workspace.dirty:
            raise BadInput(
                _("The project has unsaved work, or cannot be written."),
                file=place,
                next_step=_("Open it in the studio, save or discard the work, close it and try again."),
            )
        files = clearing.clear_samples(place, tests=wish.tests) if wish.samples else ()
        _tell_repository(place, files)
    finally:
        workspace.close()
    if wish.history:
        clearing.clear_history(place)
        forget_versions(place)
    return Report(files, had, _forget_runs(place) if wish.runs else (), removed, stays)


def _tell_repository(place: Path, files: tuple[str, ...]) -> None:
    link = link_of(place)
    if link is not None and link.samples and any(file.startswith("samples/") for file in files):
        typer.echo(
            _(
                "The repository may hold these samples too: the next push removes them there, for everybody. Push with --no-samples to leave them."
            ),
            err=True,
        )


def _forget_runs(place: Path) -> tuple[str, ...]:
    journal = Journal()
    try:
        gone = journal.forget(str(place.absolute()))
    finally:
        journal.close()
    for run in gone:
        shutil.rmtree(place / LOCAL / "runs" / run, ignore_errors=True)
    return gone


def _ask() -> None:
    if not sys.stdin.isatty():
        raise BadInput(
            _("Nothing was cleared: it has to be confirmed."),
            next_step=_("Say --yes to go on without asking."),
        )
    if not typer.confirm(_("Nobody can bring this back. Go on?"), err=True):
        raise Cancelled(_("It was not confirmed. Nothing was cleared."))


def _tell(report: Report, *, as_json: bool, done: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"done": done}))
        return
    typer.echo(_("Cleared:") if done else _("This would go:"))
    for name in report.files:
        typer.echo(f"  {name}")
    if report.history:
        typer.echo("  " + _("the project's history: nothing before now can be undone"))
    for count, one, many in (
        (len(report.runs), _("{n} run with its files"), _("{n} runs with their files")),
        (
            len(report.moves),
            _("{n} move with its rows: it cannot be undone any more"),
            _("{n} moves with their rows: they cannot be undone any more"),
        ),
    ):
        if count:
            typer.echo("  " + ngettext(one, many, count).format(n=count))
    if report == Report(stays=report.stays):
        typer.echo("  " + _("nothing"))
    for name, why in report.stays.items():
        typer.echo(_("Stays: {name} ({why})").format(name=name, why=why), err=True)
