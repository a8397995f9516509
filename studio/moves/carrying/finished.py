"""A move at its end: what deserves a loud word, and its figures once more when it is asked for again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from studio.base.i18n import _, ngettext
from studio.moves.carrying import parts
from studio.moves.carrying.send import GONE
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import Api, Counts, MoveState, Summary
from studio.moves.rows import stage


def certified(chunk: Chunk) -> bool:
    """The org itself said what it did not process of the chunk: sending that again doubles nothing."""
    return chunk.state is ChunkState.DONE and not chunk.unreconciled and chunk.job_state != GONE


def finished(journal: Journal) -> Summary | None:
    """The figures of a move with nothing left to send or to fetch, as it ended; None for one that can go on."""
    chunks = journal.chunks()
    if journal.state is not MoveState.DONE or any(
        certified(chunk) and chunk.counts.unprocessed for chunk in chunks
    ):
        return None
    counts = sum((chunk.counts for chunk in chunks), Counts())
    seconds, calls = journal.spent
    if not counts.unprocessed:
        clear(journal)
    return Summary(
        run=journal.run,
        state=MoveState.DONE,
        read=journal.fingerprint.rows,
        counts=counts,
        seconds=seconds,
        api_calls=calls,
        files=journal.facts.get("files", {}),
        unreconciled=sum(chunk.unreconciled for chunk in chunks),
        warnings=tuple(warnings(journal, chunks, counts)),
        api=str(journal.facts.get("api", Api.BULK.value)),
        before_image=journal.facts.get("before_image"),
    )


def clear(journal: Journal) -> None:
    """Remove what a move needed on its way; its journal and its result files stay."""
    parts.clear(journal.folder)
    with suppress(OSError):
        (journal.folder / stage.FILE).unlink()


def warnings(journal: Journal, chunks: Sequence[Chunk], counts: Counts, halted: str = "") -> Iterator[str]:
    """What a person must know of a move that ended; `halted` is why no more was sent."""
    yield from journal.facts.get("warnings", [])
    if halted:
        yield _("The org failed a whole job, so no more were sent: {reason}").format(reason=halted)
    messages = {chunk.message for chunk in chunks if chunk.message} - {halted}
    for message in sorted(messages):
        yield _("The org ended a job early: {reason}").format(reason=message)
    lost = sum(chunk.unreconciled for chunk in chunks)
    if lost:
        yield ngettext(
            "UNRECONCILED: {n} row was sent and its answer was not found; look at it before sending it again.",
            "UNRECONCILED: {n} rows were sent and their answers were not found; look at them before sending again.",
            lost,
        ).format(n=lost)
    read = journal.fingerprint.rows
    if counts.total != read:
        yield _("UNRECONCILED: {total} rows are counted, but {read} were read.").format(
            total=counts.total, read=read
        )
