"""Chunks of up to 200 rows, each one call that is answered at once; after a lost answer the org is asked first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import field

from studio.base.errors import NotReachable, WeftError
from studio.base.records import dataclass
from studio.connectors.salesforce import collections
from studio.connectors.salesforce.collections import NO_RULES, Outcome, Rules, never_applied
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.session import Org
from studio.moves.carrying import ask
from studio.moves.carrying.parts import Kind, line, rows_of, write_part
from studio.moves.carrying.race import lost
from studio.moves.carrying.record import record
from studio.moves.carrying.send import Seen, Sender
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import Action, Counts
from studio.moves.rows.stage import read_texts
from studio.network.client import never_sent

LOST_ANSWER = "sent, but the answer was lost and no such record is found: whether it was applied is not known"
_WORDS = {
    Action.INSERT: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.UNDELETE: "undeleted",
}
# How often the org is asked for the rows of an insert that it does not show yet.
_ASKS = 4


@dataclass
class _Call:
    """A chunk's rows: those to send as values by row number, and what is known of them."""

    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    held: Mapping[int, str] = field(default_factory=dict)
    # Kind, id and answer of each row that is settled.
    ends: dict[int, tuple[Kind, str, str]] = field(default_factory=dict)
    # Sent before without an answer.
    repeated: bool = False

    @property
    def left(self) -> list[int]:
        """The rows without an end."""
        return [number for number in self.rows if number not in self.ends]


class Collector:
    """Carries the chunks of a move by collections; a call the org cannot read as a whole goes as a job after all."""

    def __init__(self, org: Org, journal: Journal, seen: Seen, jobs: Sender) -> None:
        self.org = org
        self.journal = journal
        self.move = journal.move
        self.shaper = jobs.shaper
        options = self.move.options
        self._rules = Rules(options.save_duplicates, options.assignment, options.all_or_none)
        self._jobs = jobs
        self._seen = seen
        self._unique = str(journal.facts.get("unique", ""))
        self._one_at_a_time = asyncio.Lock()

    async def carry(self, chunk: Chunk, *, stopping: bool = False) -> Chunk:
        """Bring a chunk to its end from wherever it is. `stopping` sends nothing more, and asks what became of it."""
        if chunk.job or chunk.state not in (ChunkState.PLANNED, ChunkState.SUBMITTED):
            return await self._jobs.carry(chunk, stopping=stopping)
        if stopping and chunk.state is ChunkState.PLANNED:
            return chunk
        call = self._read(chunk)
        call.repeated = chunk.state is ChunkState.SUBMITTED
        async with AsyncExitStack() as stack:
            if self.move.action is Action.INSERT and not self._unique:
                # Records without a key are told apart by their values, so no other call may be under way meanwhile.
                await stack.enter_async_context(self._one_at_a_time)
            if call.repeated:
                await self._ask(chunk, call, sending=not stopping)
            if stopping and call.left:
                # What the org does not show yet it may still be at: a resume asks again.
                return chunk
            refused = await self._send_all(chunk, call) if call.left else None
        if refused is not None:
            return await self._jobs.carry(refused)
        return self._finish(chunk, call)

    def _read(self, chunk: Chunk) -> _Call:
        folder = self.journal.folder
        held, only = self.journal.held(chunk.part), rows_of(folder, chunk)
        call = _Call(held=held)
        for number, (text, row) in enumerate(read_texts(folder, chunk.part), chunk.part.first):
            if only is None or number in only:
                call.texts[number] = text
                if number not in held:
                    call.rows[number] = self.shaper.one(row)
        return call

    async def _send_all(self, chunk: Chunk, call: _Call) -> Chunk | None:
        """Send until every row has its end; or the chunk, planned anew, where the org could not read the call."""
        started = time.monotonic()
        for wait in self.org.pace.waits():
            chunk = self._change(
                chunk,
                state=ChunkState.SUBMITTED,
                sent=len(call.rows),
                attempt=chunk.attempt + 1,
                since=chunk.since if call.repeated else self.org.usage.clock or time.time(),
            )
            try:
                await self._send(chunk, call)
                return None
            except NotReachable as error:
                if never_sent(error):
                    chunk = self._not_sent(chunk, call)
                else:
                    call.repeated = True
                self._bear(error, started + self.org.pace.patience)
            except SalesforceError as error:
                if never_applied(error):
                    chunk = self._not_sent(chunk, call)
                    whole = error.status == 400 and self._rules == NO_RULES
                    if whole and self.move.action is not Action.UNDELETE and not call.repeated:
                        return chunk
                else:
                    call.repeated = True
                if not error.passing:
                    raise
                self._bear(error, started + self.org.pace.patience)
                wait = wait if error.wait is None else error.wait
            await asyncio.sleep(wait)
            if call.repeated:
                await self._ask(chunk, call)
                if not call.left:
                    return None
        raise AssertionError("waits never end")

    def _not_sent(self, chunk: Chunk, call: _Call) -> Chunk:
        """The call did nothing; where an earlier one may have, the chunk stays one to ask about."""
        return chunk if call.repeated else self._change(chunk, state=ChunkState.PLANNED, sent=0)

    def _bear(self, error: WeftError, until: float) -> None:
        if time.monotonic() > until:
            raise error

    async def _send(self, chunk: Chunk, call: _Call) -> None:
        """One call for the rows that have no end yet; that it is made is written already."""
        numbers = call.left
        answers = await self._apply([call.rows[number] for number in numbers])
        again = [at for at, answer in enumerate(answers) if answer.error and lost(self.move, answer.error)]
        if again:
            # The record is there now: the second try changes it.
            second = await self._apply([call.rows[numbers[at]] for at in again])
            for at, answer in zip(again, second, strict=True):
                answers[at] = answer
        failed = False
        for number, answer in zip(numbers, answers, strict=True):
            failed |= bool(answer.error)
            call.ends[number] = self._end(answer, call.repeated)
        if failed and call.repeated and self.move.action is Action.INSERT:
            # The first call may have been under way still: what it made now stands in the way of the second.
            refused = {n: end for n, end in call.ends.items() if end[0] is Kind.FAILED}
            for number in refused:
                del call.ends[number]
            await self._find(chunk, call)
            call.ends = {**refused, **call.ends}

    async def _apply(self, rows: list[tuple[str, ...]]) -> list[Outcome]:
        move, fields = self.move, self.shaper.fields
        if move.action.id_only:
            ids = [row[0] for row in rows]
            if move.action is Action.DELETE:
                return await collections.delete(self.org, ids, self._rules)
            return await collections.undelete(self.org, ids)
        records = [record(move.object, fields, row) for row in rows]
        if move.action is Action.UPSERT:
            return await collections.upsert(self.org, move.object, move.key, records, self._rules)
        if move.action is Action.UPDATE:
            return await collections.update(self.org, records, self._rules)
        return await collections.insert(self.org, records, self._rules)

    def _end(self, answer: Outcome, repeated: bool) -> tuple[Kind, str, str]:
        if answer.error:
            return Kind.FAILED, answer.id, answer.error
        word = _WORDS.get(self.move.action, "created" if answer.created else "updated")
        if self.move.action is Action.UPSERT and repeated and not answer.created:
            word = "created or updated"
        return Kind.SUCCEEDED, answer.id, word

    # After a lost answer.

    async def _ask(self, chunk: Chunk, call: _Call, *, sending: bool = True) -> None:
        """Settle what the org can tell of an unanswered call; what is left may be sent again without harm.

        A change and an upsert lead to the same record again. A record deleted, or taken back, is seen. An inserted row is
        looked for; one that is not found is sent again only where a unique value keeps it from being there twice.
        """
        action = self.move.action
        if action.id_only:
            left = call.left
            bins = await ask.in_the_bin(self.org, self.move.object, [call.rows[n][0] for n in left])
            for number in left:
                id_ = call.rows[number][0]
                if bins.get(id_[:15]) is (action is Action.DELETE):
                    call.ends[number] = Kind.SUCCEEDED, id_, _WORDS[action]
        elif action is Action.INSERT:
            await self._find(chunk, call)
            if sending:
                self._give_up_unsafe(call)

    async def _find(self, chunk: Chunk, call: _Call) -> None:
        """Look for inserted rows, a few times: what the org is still at shows up later."""
        waits = self.org.pace.waits()
        for _n in range(_ASKS):
            found = await ask.inserted(
                self.org,
                self.move.object,
                self.shaper.fields,
                {number: call.rows[number] for number in call.left},
                since=chunk.since,
                unique=self._unique,
                known=ask.known_ids(self.journal) | {end[1] for end in call.ends.values()},
            )
            for number, id_ in found.items():
                call.ends[number] = Kind.SUCCEEDED, id_, "created"
            if not call.left or found:
                return
            await asyncio.sleep(next(waits))

    def _give_up_unsafe(self, call: _Call) -> None:
        at = self.shaper.fields.index(self._unique) if self._unique in self.shaper.fields else None
        for number in call.left:
            if at is None or not call.rows[number][at]:
                call.ends[number] = Kind.UNPROCESSED, "", LOST_ANSWER

    # The end.

    def _finish(self, chunk: Chunk, call: _Call) -> Chunk:
        lines: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        for number, text in call.texts.items():
            kind, id_, answer = call.ends.get(number) or (Kind.NOT_SENT, "", call.held.get(number, ""))
            lines[kind].append(line(number, id_, answer, text))
        for kind, found in lines.items():
            write_part(self.journal.folder, chunk.number, kind, found)
        return self._change(
            chunk,
            state=ChunkState.DONE,
            sent=len(call.rows),
            counts=Counts(**{kind.value: len(found) for kind, found in lines.items()}),
            unreconciled=len(lines[Kind.UNPROCESSED]),
        )

    def _change(self, chunk: Chunk, **changes: object) -> Chunk:
        changed = self.journal.update(chunk, **changes)
        self._seen(changed, None)
        return changed
