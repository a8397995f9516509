"""What the window asks about moves kept in a project: saving one as an operation, and its choices read back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.connectors.salesforce.describe import describe_bytes
from studio.connectors.salesforce.session import Org
from studio.moves import store
from studio.moves.desks.carried import Answer, Message
from studio.moves.desks.desk_values import RequestOf
from studio.moves.kept import save_as
from studio.moves.kept.saved import KIND, SavedMove, mapper_of, read_move
from studio.moves.maps.transformed import MADE
from studio.moves.model import FieldMap
from studio.moves.rows.plan import discard, preparing_folder
from studio.moves.sources.bring import bring
from studio.moves.sources.kept import Kept
from studio.project import folder as folders
from studio.schema.path import parse_path

Signed = Callable[[], tuple[Org, str]]


def answers(request_of: RequestOf, signed: Signed, kept: Kept) -> dict[str, Answer]:
    """The desk's answers of this room: `save_as` takes what `run` takes and `place`, and gives the file written;

    `saved` takes `place` and gives the choices of the move kept there, with the map of its columns and constants.
    """

    async def save(message: Message, _tell: Any, _stop: asyncio.Event, progress: Progress) -> Any:
        org, name = signed()
        place = save_as.place_of(str(message["place"]))
        save_as.check_free(place)
        request = replace(request_of(message), org=name)
        source = kept.bring(request, store.folder(), progress).file
        answer = await describe_bytes(org, request.object)
        return {"file": str(save_as.save(place, request, answer, source))}

    async def saved(message: Message, _tell: Any, _stop: asyncio.Event, progress: Progress) -> Any:
        place = save_as.place_of(str(message["place"]))
        operation = folders.load_object(place.project, f"operations/{place.ref}")
        moves = [one for one in operation.activities if one.kind == KIND] if operation is not None else []
        if len(moves) != 1:
            raise BadInput(
                _("This operation is no saved move."),
                file=place.file,
                next_step=_("Choose one that was saved from here, or with --save-as."),
            )
        found = read_move(moves[0], place.project)
        fields, scripts = _fields(found, place.project, progress)
        request = found.request
        return {
            "org": found.connection,
            "action": request.action.value,
            "object": request.object,
            "key": request.key,
            "source": request.place,
            "part": request.pick.given,
            "encoding": request.encoding,
            "delimiter": request.delimiter,
            "zone": request.formats.zone,
            "blank": request.options.blank.value,
            "duplicates": request.options.duplicates.value,
            "hold": request.options.hold,
            "api": request.options.api.value,
            "first": request.options.first,
            "map": [asdict(entry) for entry in fields.entries],
            "scripts": scripts,
        }

    return {"save_as": save, "saved": saved}


def _fields(found: SavedMove, project: Path, progress: Progress) -> tuple[FieldMap, dict[str, str]]:
    """The saved map and its expressions by field; raises BadInput for what the window's own map cannot show."""
    request = found.request
    transformation = folders.load_object(project, f"transformations/{found.transformation}")
    if transformation is None or request.map_file is None:
        raise BadInput(_("There is no transformation called {name}.").format(name=found.transformation))
    work = preparing_folder(store.folder())
    try:
        rows = bring(
            request.source, request.pick, work, encoding=request.encoding, delimiter=request.delimiter
        )
        fields = mapper_of(found, transformation, project)(request.map_file, rows.file, work, progress).map
    finally:
        discard(work)
    made = {entry.field for entry in fields.entries if entry.column.startswith(MADE)}
    scripts = {
        parse_path(rule.path)[-1].name: rule.script for rule in transformation.mapping.rules if rule.script
    }
    strange = [rule.path for rule in transformation.mapping.rules if rule.when]
    if strange or made - scripts.keys():
        raise BadInput(
            _("The saved map computes {fields}.").format(fields=", ".join(strange or sorted(made))),
            file=request.map_file,
            next_step=_("Change it in the mapping canvas, and run the operation from there."),
        )
    kept = tuple(entry for entry in fields.entries if entry.field not in made)
    return FieldMap(kept), {name: script for name, script in scripts.items() if name in made}
