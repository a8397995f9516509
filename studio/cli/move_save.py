"""weft move … --save-as: the move kept as an operation of a project, which weft run then does."""

from __future__ import annotations

from pathlib import Path

from studio.base.i18n import _
from studio.cli import move_source
from studio.cli.signed_in import say, signed_in, stoppable
from studio.connectors.salesforce.describe import describe_bytes
from studio.moves.kept import save_as
from studio.moves.load import Request, map_of


async def save(request: Request, given: Path) -> int:
    """Write the operation and all it needs, a new project where none is there; the org is only asked what it knows."""
    place = save_as.place_of(given)
    save_as.check_free(place)
    with stoppable() as (_stop, progress), move_source.at_hand(request, progress) as bringer:
        source = bringer(request, Path(), progress).file
        async with signed_in(request.org, move_source.near(request.source)) as org:
            answer = await describe_bytes(org, request.object)
        file = save_as.save(
            place, request, answer, source, map_of=lambda facts: map_of(request, source, facts, say)
        )
    say(_("Saved: {file}. Run it with: weft run {place}").format(file=file, place=given))
    return 0
