"""What `weft move` does for a load, an export and the list of moves, whoever has read its options."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.cli import move_guard, move_show, move_source
from studio.cli.signed_in import say, signed_in, stoppable
from studio.moves import load as loading
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.model import Action
from studio.moves.rows.plan import new_folder

if TYPE_CHECKING:
    from studio.cli import move_incremental, move_several
    from studio.moves.access import org_defaults
    from studio.moves.exports import export as exporting
    from studio.moves.judging import dry_run
    from studio.moves.several import kept as sets
    from studio.moves.targets import deliver as targets
else:
    # What most moves do without.
    dry_run = Lazily("studio.moves.judging.dry_run")
    exporting = Lazily("studio.moves.exports.export")
    move_incremental = Lazily("studio.cli.move_incremental")
    move_several = Lazily("studio.cli.move_several")
    org_defaults = Lazily("studio.moves.access.org_defaults")
    sets = Lazily("studio.moves.several.kept")
    targets = Lazily("studio.moves.targets.deliver")


def load_rows(
    action: Action,
    object_name: str,
    source: str,
    *,
    org: str = "",
    map_file: Path | None = None,
    delimiter: str = "",
    as_json: bool = False,
    yes_production: str = "",
    try_out: bool = False,
    save_as: Path | None = None,
    sets: Sequence[str] = (),
    **asked: Any,
) -> int:
    """Load rows, with `try_out` say what would happen, with `save_as` keep the move there; `asked` is what else a Request holds. The exit code."""
    request = loading.Request(
        action,
        object_name,
        move_source.source_of(source),
        org=org_of(org),
        map_file=map_file,
        delimiter=delimiter_of(delimiter),
        compute=compute(sets, map_file, save_as),
        **asked,
    )
    if save_as is not None:
        # It writes schemas and maps, which other moves do without.
        from studio.cli import move_save

        return asyncio.run(move_save.save(request, save_as))
    return asyncio.run(_try_out(request, as_json) if try_out else load(request, as_json, yes_production))


async def _try_out(request: loading.Request, as_json: bool) -> int:
    with stoppable() as (_stop, progress), move_source.at_hand(request, progress) as bringer:
        async with signed_in(request.org, move_source.near(request.source)) as org:
            found = await dry_run.dry_run(
                request, org, mapper=mapper(request.map_file), bringer=bringer, note=say, progress=progress
            )
    move_show.outlook(found, as_json)
    return found.exit_code


async def load(request: loading.Request, as_json: bool, yes_production: str = "") -> int:
    """Do a load and print its end; the exit code."""
    told: list[str] = []

    def note(text: str) -> None:
        told.append(text)
        say(text)

    with (
        stoppable() as (stop, progress),
        move_source.at_hand(request, progress) as bringer,
        move_show.bar() as listener,
    ):
        async with signed_in(request.org, move_source.near(request.source)) as org:
            try:
                summary = await loading.load(
                    request,
                    org,
                    mapper=mapper(request.map_file),
                    bringer=bringer,
                    listener=listener,
                    note=note,
                    confirm=move_guard.confirm(request.org, yes_production),
                    stop=stop,
                    progress=progress,
                )
            except Interrupted as error:
                move_show.summary(error.summary, as_json, told)
                raise
    move_show.summary(summary, as_json, told)
    return summary.exit_code


def export_rows(
    soql: str,
    target: str,
    *,
    org: str = "",
    deleted_too: bool = False,
    table: str = "",
    replace_table: bool = False,
    style: str = "",
    incremental: bool = False,
    as_json: bool = False,
) -> int:
    """Write the answer of a query; the exit code."""
    asked = move_source.export_of(soql, target, org_of(org), table, replace_table or incremental, style)
    if incremental:
        return move_incremental.export(replace(asked, deleted_too=deleted_too), target, as_json)
    return asyncio.run(_export(replace(asked, deleted_too=deleted_too), target, as_json))


async def _export(asked: exporting.Export, target: str, as_json: bool) -> int:
    async with signed_in(asked.org, Path.cwd()) as org:
        identity = await org.identify()
        folder = new_folder(store.folder())
        held = str(folder / targets.FILE) if asked.final else asked.target
        exporting.save(folder, replace(asked, target=held, org_id=identity.id, created=time.time()))
        say(_("Export {run}: {soql}").format(run=folder.name, soql=asked.soql))
        summary = await exporting.run(folder, org, final=target if asked.final else "")
    move_show.exported(summary, as_json)
    return 0


def moves(run: str = "", as_json: bool = False) -> int:
    """Print how far moves are; nothing is asked of any org."""
    if sets.is_set(run):
        return move_several.status(run, as_json)
    if run and exporting.is_export(store.move_folder(run)):
        found: list[move_show.Shown] = [(run.upper(), exporting.load(store.move_folder(run)))]
    else:
        every: list[move_show.Shown] = [
            *sets.all_sets(),
            *store.records(),
            *exporting.all_exports(store.folder()),
        ]
        found = [store.record(run)] if run else every
    if as_json:
        data = [move_show.record_data(record) for record in found]
        print(json.dumps(data[0] if run else data))  # noqa: T201
        return 0
    for record in found:
        move_show.record(record)
    if not found:
        say(_("There are no moves yet."))
    return 0


def mapper(file: Path | None) -> loading.Mapper | None:
    """What reads a transformation as a field map; the engine behind it is loaded for that only."""
    if file is None or file.suffix.lower() not in (".yaml", ".yml"):
        return None
    from studio.moves.maps.transformed import apply

    return apply


def compute(
    sets: Sequence[str], map_file: Path | None, save_as: Path | None = None
) -> loading.Compute | None:
    """What gives fields the values of expressions; the engine behind it is loaded for that only."""
    if not sets:
        return None
    if mapper(map_file) is not None or save_as is not None:
        raise BadInput(
            _("Expressions given with --set go neither into a transformation nor into a saved move."),
            next_step=_("Write them into the transformation, and give that one with --map."),
        )
    from studio.moves.maps import expressions

    return expressions.compute(sets)


def org_of(name: str) -> str:
    """The org named, or the one chosen for here; raises BadInput where there is none."""
    chosen = name or org_defaults.default(Path.cwd())
    if not chosen:
        raise BadInput(
            _("No org was named."),
            next_step=_("Give one with --org; --org practice is the practice org on this computer."),
        )
    if not name:
        say(_("Org: {name}, chosen with weft org use.").format(name=chosen))
    return chosen


def delimiter_of(text: str) -> str:
    """A delimiter as an option names it; raises BadInput for what is none."""
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}.get(text.lower(), text)
    if len(named) > 1 or named in ('"', "\n", "\r"):
        raise BadInput(
            _("{text} is no delimiter.").format(text=text),
            next_step=_("Give one character, or tab, comma, semicolon or pipe."),
        )
    return named


def assignment(text: str) -> str:
    """The rule as calls name it; raises BadInput for what is no id."""
    word = {"default": "TRUE", "none": "FALSE"}.get(text.lower())
    if text and word is None and not (text.isalnum() and len(text) in (15, 18)):
        raise BadInput(
            _("{text} is no assignment rule.").format(text=text),
            next_step=_("Give the rule's id, or default or none."),
        )
    return word or text
