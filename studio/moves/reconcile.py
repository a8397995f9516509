"""Whose answer is whose: the org's result rows, in any order and with duplicates, joined to the rows that were sent."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.connectors.salesforce.ingest import ResultKind
from studio.connectors.salesforce.rows import NULL, read_rows
from studio.moves.journal import Chunk, Journal
from studio.moves.model import Action, Counts, Duplicates, Move
from studio.moves.parts import Kind, line, rows_of, write_part
from studio.moves.shape import Shaper
from studio.moves.stage import read_texts

_KINDS = {
    ResultKind.SUCCEEDED: Kind.SUCCEEDED,
    ResultKind.FAILED: Kind.FAILED,
    ResultKind.UNPROCESSED: Kind.UNPROCESSED,
}
_OWN_COLUMNS = {ResultKind.SUCCEEDED: 2, ResultKind.FAILED: 2, ResultKind.UNPROCESSED: 0}
NO_ANSWER = "sent, but not found in the org's result files"
NOT_PROCESSED = "not processed by the org"


@dataclass
class Reconciled:
    """A chunk's rows by their end. `unreconciled` rows were sent and have no answer; `strays` are answers without a row."""

    counts: Counts
    unreconciled: int = 0
    strays: int = 0


@dataclass(frozen=True)
class _Answer:
    kind: Kind
    id: str
    text: str
    values: tuple[str, ...] = field(repr=False)


class _Index:
    """Rows by what the org gives back of them; equal rows wait in a queue, so each answer is used for one row only."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}

    def add(self, values: object, at: int) -> None:
        # A 64-bit hash in place of the values keeps the memory of a chunk small whatever the width of its rows.
        key = hash(values)
        if key in self._first:
            self._more.setdefault(key, []).append(at)
        else:
            self._first[key] = at

    def take(self, values: object) -> int | None:
        key = hash(values)
        found = self._first.get(key)
        if found is None:
            return None
        waiting = self._more.get(key)
        if waiting:
            self._first[key] = waiting.pop(0)
        else:
            del self._first[key]
        return found


def reconcile(
    journal: Journal, chunk: Chunk, shaper: Shaper, results: Mapping[ResultKind, Path]
) -> Reconciled:
    """Give every row of the chunk its end and write the chunk's parts of the result files.

    Rows are found by the key of an upsert or the Id where those are sent, else by all values sent, counting equal rows;
    what is left over is tried once more without regard to line ends, outer blanks and Unicode forms.
    """
    move = journal.move
    answers = _Answers(results, shaper.fields)
    key = _key(move, shaper, answers.columns)
    pick = _picker(answers.columns, key)
    held = journal.held(chunk.part)
    only = rows_of(journal.folder, chunk)
    texts: list[str] = []
    ends: list[tuple[Kind, str, str] | None] = []
    waiting = _Index()
    for number, (text, row) in enumerate(read_texts(journal.folder, chunk.part), chunk.part.first):
        if only is not None and number not in only:
            ends.append(None)
            texts.append("")
            continue
        texts.append(text)
        reason = held.get(number)
        ends.append((Kind.NOT_SENT, "", reason) if reason is not None else None)
        if reason is None:
            waiting.add(pick(shaper.one(row)), len(ends) - 1)
    strays = _give(answers, waiting, ends, key, move.action)
    left = [at for at, end in enumerate(ends) if end is None and texts[at]]
    if strays and left:
        strays = _give_loosely(strays, left, texts, ends, shaper, answers.columns, key, move.action)
        left = [at for at in left if ends[at] is None]
    for at in left:
        ends[at] = (Kind.UNPROCESSED, "", NO_ANSWER)
    counts = _write(journal.folder, chunk, texts, ends)
    return Reconciled(counts, len(left), len(strays))


class _Answers:
    """The rows of the result files, cut down to the fields all of them give back."""

    def __init__(self, results: Mapping[ResultKind, Path], fields: Sequence[str]) -> None:
        self._results = results
        self._headers = {kind: next(read_rows(path), []) for kind, path in results.items()}
        given = [
            {name.lower() for name in header[_OWN_COLUMNS[kind] :]}
            for kind, header in self._headers.items()
            if header
        ]
        # The places of the fields, in the order sent, that every file holds.
        self.columns = tuple(
            at for at, name in enumerate(fields) if all(name.lower() in found for found in given)
        )
        self._names = [fields[at].lower() for at in self.columns]

    def __iter__(self) -> Iterator[_Answer]:
        for kind, path in self._results.items():
            header = [name.lower() for name in self._headers[kind]]
            if not header:
                continue
            skip = _OWN_COLUMNS[kind]
            at = {name: index for index, name in reversed(list(enumerate(header))) if index >= skip}
            places = [at[name] for name in self._names]
            rows = read_rows(path)
            next(rows)
            for row in rows:
                if len(row) < len(header):
                    row = row + [""] * (len(header) - len(row))
                yield _Answer(
                    _KINDS[kind],
                    row[0] if skip else "",
                    row[1] if skip else "",
                    tuple([row[place] for place in places]),
                )


def _key(move: Move, shaper: Shaper, columns: Sequence[int]) -> int | None:
    """The place among the columns given back of a value that only one row has; None where there is none."""
    if move.options.duplicates is Duplicates.SEND or move.options.empty_keys:
        return None
    name = "id" if move.action.by_id else move.key.lower() if move.action is Action.UPSERT else ""
    for place, at in enumerate(columns):
        if name and shaper.fields[at].lower() == name and shaper.column_of(shaper.fields[at]) is not None:
            return place
    return None


def _picker(columns: Sequence[int], key: int | None) -> Callable[[tuple[str, ...]], object]:
    if key is not None:
        place = columns[key]
        return lambda sent: sent[place]
    return lambda sent: tuple([sent[at] for at in columns])


def _give(
    answers: _Answers,
    waiting: _Index,
    ends: list[tuple[Kind, str, str] | None],
    key: int | None,
    action: Action,
) -> list[_Answer]:
    strays: list[_Answer] = []
    for answer in answers:
        at = waiting.take(answer.values if key is None else answer.values[key])
        if at is None:
            strays.append(answer)
        else:
            ends[at] = _end(answer, action)
    return strays


def _give_loosely(
    strays: list[_Answer],
    left: list[int],
    texts: list[str],
    ends: list[tuple[Kind, str, str] | None],
    shaper: Shaper,
    columns: Sequence[int],
    key: int | None,
    action: Action,
) -> list[_Answer]:
    waiting = _Index()
    for at in left:
        sent = shaper.one(next(csv.reader(io.StringIO(texts[at], newline=""), strict=True)))
        values = tuple(sent[column] for column in columns)
        waiting.add(_loose(values if key is None else (values[key],)), at)
    still: list[_Answer] = []
    for answer in strays:
        found = waiting.take(_loose(answer.values if key is None else (answer.values[key],)))
        if found is None:
            still.append(answer)
        else:
            ends[found] = _end(answer, action)
    return still


def _loose(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        ""
        if value == NULL
        else unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").strip())
        for value in values
    )


def _end(answer: _Answer, action: Action) -> tuple[Kind, str, str]:
    if answer.kind is Kind.SUCCEEDED:
        done = {Action.INSERT: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}.get(action)
        created = answer.text.lower() == "true"
        return Kind.SUCCEEDED, answer.id, done or ("created" if created else "updated")
    if answer.kind is Kind.FAILED:
        return Kind.FAILED, answer.id, answer.text
    return Kind.UNPROCESSED, "", NOT_PROCESSED


def _write(folder: Path, chunk: Chunk, texts: list[str], ends: list[tuple[Kind, str, str] | None]) -> Counts:
    lines: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for number, (text, end) in enumerate(zip(texts, ends, strict=True), chunk.part.first):
        if end is not None:
            kind, record_id, answer = end
            lines[kind].append(line(number, record_id, answer, text))
    for kind, found in lines.items():
        write_part(folder, chunk.number, kind, found)
    return Counts(**{kind.value: len(found) for kind, found in lines.items()})
