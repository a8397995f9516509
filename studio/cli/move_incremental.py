"""weft move export --incremental: only what has changed since the last time, merged into the target by Id."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli.signed_in import say, signed_in
from studio.connectors.salesforce.session import Org
from studio.moves.exports import incremental
from studio.moves.exports.export import Export, load


def export(asked: Export, target: str, as_json: bool) -> int:
    """Run an incremental export once; the first one asks for everything."""
    if asked.deleted_too:
        raise BadInput(
            _("An incremental export leaves deleted records out: it takes them from the target."),
            next_step=_("Leave --all or --incremental out."),
        )
    if asked.style:
        raise BadInput(
            _("An incremental export is read again the next time: it stays as the org writes it."),
            next_step=_("Leave --csv or --incremental out."),
        )
    return asyncio.run(_export(asked, target, as_json))


async def _export(asked: Export, target: str, as_json: bool) -> int:
    async with signed_in(asked.org, Path.cwd()) as org:
        folder = await incremental.begin(asked, org)
        say(_("Export {run}: {soql}").format(run=folder.name, soql=asked.soql))
        return await carry(folder, org, target if asked.final else "", as_json)


def left(folder: Path) -> bool:
    """An incremental run is not merged yet."""
    return bool(load(folder).mark) and not incremental.over(folder)


async def carry(folder: Path, org: Org, final: str, as_json: bool) -> int:
    """Bring a run to its end and print what it did."""
    done = await incremental.run(folder, org, final=final)
    if as_json:
        print(json.dumps(done.to_data()))  # noqa: T201
    else:
        text = _("{changed:,} changes since {since}; {rows:,} rows in {file} ({run}).")
        since = done.since or _("the beginning")
        print(  # noqa: T201
            text.format(changed=done.changed, since=since, rows=done.count, file=done.file, run=done.run)
        )
    return 0
