"""Writing an operation's document into a Salesforce org: a move whose source the operation made."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from studio.agent.run import Counts
from studio.agent.runner import Running
from studio.base.errors import BadInput, Cancelled
from studio.base.i18n import _
from studio.base.secrets import open_store
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.connectors.salesforce.sign_in import password
from studio.moves import load as loading
from studio.moves.access import guard, orgs
from studio.moves.access.sign_in import open_org
from studio.moves.carrying.run import Interrupted
from studio.moves.kept.saved import mapper_of, read_move
from studio.moves.model import Action, MoveState, Options, Standing, Summary
from studio.network.client import open_client
from studio.practice.shared import practice_org
from studio.project.model import Activity, Connection


def write_records(running: Running, activity: Activity, connection: Connection) -> None:
    """Send the document at hand, a delimited file with field names as header, as the activity says."""
    document = running.need_document(activity)
    request = loading.Request(
        action=_action(activity),
        object=_setting(activity, "object"),
        source=document,
        key=str(activity.settings.get("key") or ""),
        org=activity.connection,
        options=_options(activity),
        results=running.work,
        again=True,
    )
    # Rows a transformation of this run made were counted when it read what they come from.
    counted = running.counts.read > 0
    _told(running, asyncio.run(_load(running, request, connection, counted=counted)), counted=counted)


def run_move(running: Running, activity: Activity) -> None:
    """Do a saved move: as `weft move` does it, with the journal, the four files and the question before harm."""
    saved = read_move(activity, running.folder)
    transformation = running.project.transformations.get(saved.transformation)
    if transformation is None:
        raise BadInput(
            _("There is no transformation called {name}.").format(name=saved.transformation),
            next_step=_("Choose one of the project's transformations in the operation."),
        )
    connection = running.connection(activity)
    mapper = mapper_of(saved, transformation, running.folder)
    confirm = guard.confirmed(activity.connection, running.request.confirmed)
    _told(running, asyncio.run(_load(running, saved.request, connection, mapper, confirm)))


def _told(running: Running, summary: Summary, *, counted: bool = False) -> None:
    """The move's name, files and figures; rows that are not in the org make the run one that is partly done."""
    running.log(_("Move {run}.").format(run=summary.run))
    for name, path in summary.files.items():
        running.file(Path(path), name)
    for warning in summary.warnings:
        running.log(warning, "warning")
    counts = summary.counts
    running.log(
        _(
            "{read} rows: {ok} succeeded, {failed} failed, {unprocessed} unprocessed, {not_sent} not sent."
        ).format(
            read=summary.read,
            ok=counts.succeeded,
            failed=counts.failed,
            unprocessed=counts.unprocessed,
            not_sent=counts.not_sent,
        )
    )
    read = 0 if counted else summary.read
    running.done(Counts(read=read, written=counts.succeeded, failed=summary.read - counts.succeeded))


async def _load(
    running: Running,
    request: loading.Request,
    connection: Connection,
    mapper: loading.Mapper | None = None,
    confirm: guard.Confirm | None = None,
    *,
    counted: bool = False,
) -> Summary:
    stop = asyncio.Event()

    def listen(standing: Standing) -> None:
        running.count(
            Counts(
                read=0 if counted else standing.read,
                written=standing.counts.succeeded,
                failed=standing.counts.failed,
            ),
            total=standing.read,
        )

    watcher = asyncio.create_task(_watch(running, stop))
    try:
        async with org_of(connection) as org:
            return await loading.load(
                request,
                org,
                mapper=mapper,
                listener=listen,
                note=running.log,
                confirm=confirm,
                stop=stop,
                progress=running.progress,
            )
    except Interrupted as error:
        if error.summary.state is not MoveState.STOPPED:
            raise
        _told(running, error.summary, counted=counted)
        raise Cancelled(_("Stopped.")) from error
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


async def _watch(running: Running, stop: asyncio.Event) -> None:
    """Pass a stop of the run on to the move, which ends tidily."""
    while not running.progress.stopped:
        await asyncio.sleep(0.1)
    stop.set()


@contextlib.asynccontextmanager
async def org_of(connection: Connection) -> AsyncIterator[Org]:
    """Signed in to the connection's org; the practice org is started where it does not run yet."""
    login: Any = connection.settings.get("login")
    flow = login.get("flow") if isinstance(login, dict) else None
    async with open_client() as client:
        if flow == orgs.PRACTICE:
            with practice_org() as practice:
                grant = Grant(practice.access_token, practice.url)

                async def again(_refused: Grant) -> Grant:
                    return await password(
                        client, practice.url, practice.username, practice.password, orgs.PRACTICE_CLIENT
                    )

                yield await connect(client, grant, renew=again)
        else:
            yield await open_org(client, orgs.login_of(connection, connection.name), open_store)


def _action(activity: Activity) -> Action:
    name = _setting(activity, "action")
    if name not in {str(action) for action in Action}:
        raise BadInput(
            _("{name} is not something a write activity can do in Salesforce.").format(name=name),
            next_step=_("Choose one of: {names}.").format(names=", ".join(str(action) for action in Action)),
        )
    return Action(name)


def _setting(activity: Activity, name: str) -> str:
    value = activity.settings.get(name)
    if not isinstance(value, str) or not value:
        raise BadInput(
            _("The write activity does not say its {name}.").format(name=name),
            next_step=_("Open the operation and fill it in."),
        )
    return value


def _options(activity: Activity) -> Options:
    rows = str(activity.settings.get("chunk") or "0")
    return Options(chunk_rows=int(rows) if rows.isdigit() else 0)
