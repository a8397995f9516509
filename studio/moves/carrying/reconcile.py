"""Whose answer is whose: the org's result rows, in any order and with duplicates, joined to the rows that were sent."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from pathlib import Path

from studio.base.records import dataclass
from studio.connectors.salesforce.ingest import ResultKind
from studio.connectors.salesforce.rows import NULL, read_rows
from studio.moves.carrying.parts import Kind, line, rows_of, write_part
from studio.moves.carrying.repeated import repeated, sent_texts
from studio.moves.journal import Chunk, Journal
from studio.moves.model import Action, Counts, Duplicates, Move
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import read_whole

_OWN_COLUMNS = {ResultKind.SUCCEEDED: 2, ResultKind.FAILED: 2, ResultKind.UNPROCESSED: 0}
_NUMBER = re.compile(r"\s*[+-]?(\d{1,25}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?\s*", re.ASCII)
_YES = ("true", "True", "TRUE")
NO_ANSWER = "sent, but not found in the org's result files"
NOT_PROCESSED = "not processed by the org"


@dataclass
class Reconciled:
    """A chunk's rows by their end. `unreconciled` rows were sent and have no answer; `strays` are answers without a row."""

    counts: Counts
    unreconciled: int = 0
    strays: int = 0


class _Index:
    """Rows by what the org gives back of them; equal rows wait in a queue, so each answer is used for one row only.

    Kept are 64-bit hashes in place of the values, which keeps a chunk small in memory whatever the width of its rows.
    """

    def __init__(self, hashes: Sequence[int], places: Sequence[int]) -> None:
        self._first = dict(zip(reversed(hashes), reversed(places), strict=True))
        self._more: dict[int, list[int]] = {}
        if len(self._first) < len(hashes):
            for key, at in zip(hashes, places, strict=True):
                if self._first[key] != at:
                    self._more.setdefault(key, []).append(at)

    def take(self, key: int) -> int | None:
        """The next row with this hash."""
        found = self._first.pop(key, None)
        if found is not None and self._more:
            waiting = self._more.get(key)
            if waiting:
                self._first[key] = waiting.pop(0)
        return found


@dataclass
class _Rows:
    """A chunk's rows: each row's text, and its end once it is known (`_OPEN` until then, `_SKIP`: not this chunk's)."""

    texts: list[str]
    ends: list[int]
    ids: list[str]
    answers: list[str]

    def settle(self, at: int, end: int, record_id: str, answer: str) -> None:
        """Give a row its end."""
        self.ends[at], self.ids[at], self.answers[at] = end, record_id, answer

    def open(self) -> list[int]:
        """The rows without an end."""
        return [at for at, end in enumerate(self.ends) if end == _OPEN]


_ENDS = tuple(Kind)
_SUCCEEDED, _FAILED, _UNPROCESSED, _NOT_SENT = range(4)
_OPEN, _SKIP = 4, 5
_END_OF = {
    ResultKind.SUCCEEDED: _SUCCEEDED,
    ResultKind.FAILED: _FAILED,
    ResultKind.UNPROCESSED: _UNPROCESSED,
}
_DONE_WORD = {
    Action.INSERT: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "deleted",
    Action.HARD_DELETE: "deleted for good",
}


def reconcile(
    journal: Journal, chunk: Chunk, shaper: Shaper, results: Mapping[ResultKind, Path]
) -> Reconciled:
    """Give every row of the chunk its end and write the chunk's parts of the result files.

    Rows are found by the key of an upsert or the Id where those are sent, else by all values sent, counting equal rows;
    what is left over is tried once more without regard to line ends, outer blanks, Unicode forms and the spelling of numbers.
    """
    move = journal.move
    if (clean := _all_repeated(journal, chunk, shaper, results)) is not None:
        return clean
    answers = _Answers(results, shaper.fields, _DONE_WORD.get(move.action, ""))
    key = _key(move, shaper, answers.columns)
    columns = answers.columns if key is None else (answers.columns[key],)
    rows = _chunk_rows(journal, chunk)
    quick = _give_repeated(rows, shaper, results.get(ResultKind.SUCCEEDED), answers)
    places = rows.open()
    pick = _picker(columns)
    waiting = _Index([hash(pick(row)) for row in _values(rows, places, shaper)], places)
    left_to_read = [kind for kind in results if not (quick and kind is ResultKind.SUCCEEDED)]
    strays = answers.give(left_to_read, rows, waiting, None if key is None else (key,))
    left = rows.open()
    if strays and left:
        strays = _give_loosely(strays, left, rows, shaper, columns, key)
        left = rows.open()
    for at in left:
        rows.settle(at, _UNPROCESSED, "", NO_ANSWER)
    return Reconciled(_write(journal.folder, chunk, rows), len(left), len(strays))


def _all_repeated(
    journal: Journal, chunk: Chunk, shaper: Shaper, results: Mapping[ResultKind, Path]
) -> Reconciled | None:
    """The end of a chunk whose rows all succeeded and came back as they were sent; None for any other."""
    path = results.get(ResultKind.SUCCEEDED)
    if path is None or len(results) > 1 or chunk.parent is not None or journal.held(chunk.part):
        return None
    texts, values = read_whole(journal.folder, chunk.part)
    sent = sent_texts(texts, None if shaper.verbatim else shaper(values))
    found = None if sent is None else repeated(path, shaper.fields, sent)
    if found is None:
        return None
    done = _DONE_WORD.get(journal.move.action)
    said = [done or ("created" if new.strip('"') in _YES else "updated") for new in found[1]]
    rows = enumerate(zip(found[0], said, texts, strict=True), chunk.part.first)
    for kind in Kind:
        lines = (
            [f'"{number}",{record_id},"{word}",{text}' for number, (record_id, word, text) in rows]
            if kind is Kind.SUCCEEDED
            else []
        )
        write_part(journal.folder, chunk.number, kind, lines)
    return Reconciled(Counts(succeeded=len(texts)))


def _chunk_rows(journal: Journal, chunk: Chunk) -> _Rows:
    """The chunk's rows, those not sent settled."""
    held = journal.held(chunk.part)
    only = rows_of(journal.folder, chunk)
    texts, _values = read_whole(journal.folder, chunk.part)
    rows = _Rows(texts, [_OPEN] * len(texts), [""] * len(texts), [""] * len(texts))
    for at in range(len(texts)) if held or only is not None else ():
        number = chunk.part.first + at
        if only is not None and number not in only:
            rows.ends[at] = _SKIP
        elif number in held:
            rows.settle(at, _NOT_SENT, "", held[number])
    return rows


def _values(rows: _Rows, places: Sequence[int], shaper: Shaper) -> Iterator[tuple[str, ...]]:
    """What was sent of the rows at these places. A text is a row, whatever line ends its values hold: all are in quotes."""
    return shaper(csv.reader((rows.texts[at] for at in places), strict=True))


def _give_repeated(rows: _Rows, shaper: Shaper, path: Path | None, answers: _Answers) -> bool:
    """Settle the rows that succeeded text by text, where the file repeats each as it was sent; else none, and False."""
    places = rows.open()
    if path is None or not places:
        return False
    texts = [rows.texts[at] for at in places]
    sent = sent_texts(texts, None if shaper.verbatim else _values(rows, places, shaper))
    found = None if sent is None else repeated(path, shaper.fields, sent, some=True)
    if found is None:
        return False
    for at, record_id, new in zip(places, *found, strict=True):
        if new:
            rows.settle(at, _SUCCEEDED, record_id.strip('"'), answers.word(new.strip('"')))
    return True


@dataclass(frozen=True)
class _Stray:
    """An answer no row was found for."""

    end: int
    id: str
    text: str
    values: tuple[str, ...]


class _Answers:
    """The rows of the result files, cut down to the fields all of them give back."""

    def __init__(self, results: Mapping[ResultKind, Path], fields: Sequence[str], done: str) -> None:
        self._results = results
        self._done = done
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

    def give(
        self, kinds: Sequence[ResultKind], rows: _Rows, waiting: _Index, key: tuple[int, ...] | None
    ) -> list[_Stray]:
        """Settle the rows found in files of these kinds, by the columns in `key` or by all; the answers left over."""
        strays: list[_Stray] = []
        for kind in kinds:
            if self._headers[kind]:
                self._give_file(kind, self._results[kind], rows, waiting, key, strays)
        return strays

    def word(self, created: str) -> str:
        """What became of a row that succeeded, by the org's word whether its record was created."""
        return self._done or ("created" if created in _YES else "updated")

    def _give_file(
        self,
        kind: ResultKind,
        path: Path,
        rows: _Rows,
        waiting: _Index,
        key: tuple[int, ...] | None,
        strays: list[_Stray],
    ) -> None:
        places = self._places(kind)
        width, end = len(self._headers[kind]), _END_OF[kind]
        used = places if key is None else tuple(places[at] for at in key)
        pick, pick_all = _picker(used), _picker(places)
        ends, ids, said, take = rows.ends, rows.ids, rows.answers, waiting.take
        found = read_rows(path)
        next(found)
        for row in found:
            if len(row) < width:
                row = row + [""] * (width - len(row))
            record_id, text = self._says(end, row)
            at = take(hash(pick(row)))
            if at is None:
                strays.append(_Stray(end, record_id, text, tuple(pick_all(row))))
            else:
                ends[at], ids[at], said[at] = end, record_id, text

    def _places(self, kind: ResultKind) -> tuple[int, ...]:
        """Where a file has the fields; names of its own columns do not count as fields."""
        skip = _OWN_COLUMNS[kind]
        at: dict[str, int] = {}
        for index, name in enumerate(self._headers[kind]):
            if index >= skip:
                at.setdefault(name.lower(), index)
        return tuple(at[name] for name in self._names)

    def _says(self, end: int, row: list[str]) -> tuple[str, str]:
        """The id and the answer of a result row."""
        if end == _SUCCEEDED:
            return row[0], self.word(row[1])
        if end == _FAILED:
            return row[0], row[1]
        return "", NOT_PROCESSED


def _key(move: Move, shaper: Shaper, columns: Sequence[int]) -> int | None:
    """The place among the columns given back of a value that only one row has; None where there is none."""
    if move.options.duplicates is Duplicates.SEND or move.options.empty_keys:
        return None
    name = "id" if move.action.by_id else move.key.lower() if move.action is Action.UPSERT else ""
    name = name or move.options.correlate.lower()
    for place, at in enumerate(columns):
        if name and shaper.fields[at].lower() == name and shaper.column_of(shaper.fields[at]) is not None:
            return place
    return None


def _picker(columns: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Takes the columns out of a row, as a tuple whatever their number."""
    if len(columns) == 1:
        only = columns[0]
        return lambda row: (row[only],)
    return itemgetter(*columns) if columns else lambda _row: ()


def _give_loosely(
    strays: list[_Stray],
    left: list[int],
    rows: _Rows,
    shaper: Shaper,
    columns: Sequence[int],
    key: int | None,
) -> list[_Stray]:
    pick = _picker(columns)
    waiting = _Index([hash(_loose(pick(row))) for row in _values(rows, left, shaper)], left)
    still: list[_Stray] = []
    for stray in strays:
        values = stray.values if key is None else (stray.values[key],)
        found = waiting.take(hash(_loose(values)))
        if found is None:
            still.append(stray)
        else:
            rows.settle(found, stray.end, stray.id, stray.text)
    return still


def _loose(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("" if value == NULL else _loosely(value) for value in values)


def _loosely(value: str) -> str:
    if _NUMBER.fullmatch(value):
        # The org spells numbers anew: 912260000 comes back as 9.1226E8.
        return str(Decimal(value).normalize() + 0)
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").strip())


def _write(folder: Path, chunk: Chunk, rows: _Rows) -> Counts:
    counts: dict[str, int] = {}
    first = chunk.part.first
    everything = list(enumerate(zip(rows.ends, rows.ids, rows.answers, rows.texts, strict=True), first))
    for end, kind in enumerate(_ENDS):
        lines = [
            line(number, id_, answer, text) for number, (was, id_, answer, text) in everything if was == end
        ]
        write_part(folder, chunk.number, kind, lines)
        counts[kind.value] = len(lines)
    return Counts(**counts)
