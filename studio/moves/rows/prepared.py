"""A move made ready with its columns' formats: recognised from all values, read in them, told where that is unclear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.model import Move
from studio.moves.rows.plan import Planned, prepare
from studio.moves.rows.recognise import Formats, Known, Recogniser, recognise
from studio.moves.rows.value_fix import FixKind

# A column in a format of its own mostly shows it soon; then the source is read once more before it is staged, not after.
_PROBED = 500


@dataclass(frozen=True)
class Prepared:
    """The move with the fixes that read its columns, what staging found, and what is known of the columns."""

    move: Move
    planned: Planned
    known: tuple[Known, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """What was recognised, decided and fixed, a sentence each."""
        return tuple(_told(self))


def prepared(
    move: Move,
    source: DelimitedFile,
    facts: ObjectFacts,
    folder: Path,
    formats: Formats,
    *,
    held: Mapping[int, str],
    check: bool = False,
    ask: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Recognise the formats of `source`, then stage it as plan.prepare does; raises what that raises.

    Where all values can be sent as they stand the source is read once.
    """
    probe = Recogniser(source.header, move.map, facts, formats)
    move = replace(move, map=probe.given)
    probe.rows(1, source.first(_PROBED) if probe.needed else [])
    recogniser = Recogniser(source.header, move.map, facts, replace(formats, by_name={}))
    also: Sequence[Recogniser] = (recogniser,) if recogniser.needed else ()
    if probe.map() != probe.given:
        recognise(source, recogniser)
        move, also = replace(move, map=recogniser.map()), ()
    planned = prepare(
        move, source, facts, folder, held=held, check=check, ask=ask, also=also, progress=progress
    )
    if also and recogniser.map() != move.map:
        move = replace(move, map=recogniser.map())
        planned = prepare(move, source, facts, folder, held=held, check=check, ask=ask, progress=progress)
    return Prepared(move, planned, recogniser.known())


def _told(found: Prepared) -> Iterator[str]:
    known = {one.field: one for one in found.known}
    for one in found.known:
        if one.question:
            yield one.shown
    for fixed in found.planned.fixed:
        if not fixed.rows:
            continue
        column = known.get(fixed.field)
        shown = column.pattern if column is not None and column.fix == fixed.fix else ""
        what = fixed.fix.shown
        if shown and fixed.fix.kind.reads and shown not in what:
            what = f"{what} ({shown})"
        yield ngettext("{field}: {n} value {what}.", "{field}: {n} values {what}.", fixed.rows).format(
            field=fixed.field, n=fixed.rows, what=what
        )
        if column is not None and column.local and fixed.fix.kind is FixKind.MOMENT and not fixed.fix.zone:
            yield _("{field}: times without an offset are taken as UTC, as no zone was given.").format(
                field=fixed.field
            )
    for doubt in found.planned.doubts:
        yield ngettext(
            "{field}: {n} row, {row}, has {text} ({example}).",
            "{field}: {n} rows, the first {row}, have {text} ({example}).",
            doubt.rows,
        ).format(field=doubt.field, n=doubt.rows, row=doubt.first, text=doubt.text, example=doubt.example)
