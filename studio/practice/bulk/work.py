"""Working off an ingest job: internal batches of 10,000 rows, nothing undone, every row in exactly one result file."""

from __future__ import annotations

import codecs
import random
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from studio.practice import removal
from studio.practice.bulk.csvtext import (
    DELIMITERS,
    LINE_ENDS,
    NotText,
    Record,
    WrongLineEnd,
    header_line,
    quoted,
    read,
)
from studio.practice.bulk.job import ABORTED, DONE, FAILED, Job
from studio.practice.bulk.jobs import Jobs
from studio.practice.catalog import Field, SObject
from studio.practice.columns import Column, column_for
from studio.practice.convert import NULL_TEXT, from_text
from studio.practice.failures import Failure
from studio.practice.load import Batch, Load, Outcome
from studio.practice.org import Org

BATCH_ROWS = 10_000
# Rows written in one transaction: long enough to be fast, short enough to let others in between.
_CHUNK_ROWS = 1000
_LOCKED = Failure("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ())
_SCAN = 1024 * 1024


class _Refused(Exception):
    """The job as a whole fails, before any row is applied."""


class IngestWork:
    """Works off the ingest jobs of an org; called in the worker thread."""

    def __init__(self, org: Org, jobs: Jobs) -> None:
        self._org = org
        self._jobs = jobs

    def __call__(self, job: Job) -> None:
        """Work a job off and leave it in a terminal state."""
        begun = time.monotonic()
        try:
            self._work(job)
        except _Refused as refused:
            job.state, job.error = FAILED, str(refused)
        except Exception as error:
            # Whatever went wrong, a client that polls must see the job end.
            job.state, job.error = FAILED, f"InternalServerError : {type(error).__name__}: {error}"
        job.milliseconds = int((time.monotonic() - begun) * 1000)

    def _work(self, job: Job) -> None:
        content = self._jobs.file(job, "content")
        if job.stop:
            job.state = ABORTED
            return
        if not content.exists():
            raise _Refused("ClientInputError : no data was uploaded for the job")
        delimiter = DELIMITERS[job.delimiter]
        any_end = "any-line-end" in self._org.faults
        self._check_ends(job, content, any_end=any_end)
        rows = read(content, delimiter, LINE_ENDS[job.line_end], any_end=True)
        header = next(rows, None)
        if header is None or header.error:
            raise _Refused("InvalidBatch : the header row does not read")
        job.columns = header.values
        apply = _Rows(self._org, job, header.values)
        spelled = apply.numbers if "vendor-numbers" in self._org.faults else ()
        with _Files(self._jobs, job, delimiter, spelled) as files:
            self._batches(job, rows, apply, files)

    def _batches(self, job: Job, rows: Iterator[Record], apply: _Rows, files: _Files) -> None:
        faults = self._org.faults
        size = int(faults.value("batch-rows") or BATCH_ROWS)
        fail_after, quota = faults.value("fail-after"), faults.value("row-quota")
        done = 0
        while batch_rows := list(islice(rows, size)):
            if job.stop:
                job.state = ABORTED
            elif fail_after is not None and done >= fail_after:
                job.state = FAILED
                job.error = "InternalServerError : a batch was retried 10 times and is given up"
            elif quota is not None and self._jobs.rows_today >= quota:
                job.state, job.error = FAILED, "ExceededQuota : the daily limit of rows is reached"
            else:
                self._batch(job, batch_rows, apply, files)
                done += 1
                continue
            files.leave(chain(batch_rows, rows))
            return
        job.state = ABORTED if job.stop else DONE

    def _batch(self, job: Job, rows: list[Record], apply: _Rows, files: _Files) -> None:
        batch = apply.batch(rows)
        for first in range(0, len(rows), _CHUNK_ROWS):
            chunk = rows[first : first + _CHUNK_ROWS]
            if job.stop:
                files.leave(iter(chunk))
                continue
            outcomes = apply(chunk, batch)
            files.add(chunk, outcomes)
            job.processed += len(chunk)
            job.failed += sum(outcome.failure is not None for outcome in outcomes)
            self._jobs.rows_today += len(chunk)
            # Give whoever waits for the records a chance; the lock itself is not fair.
            time.sleep(0.0005)
        files.end_batch(shuffle="input-order" not in self._org.faults)

    def _check_ends(self, job: Job, content: Path, *, any_end: bool) -> None:
        """Check encoding and line ends of the whole content first: a job that breaks the rules applies nothing."""
        line_end = LINE_ENDS[job.line_end]
        try:
            if _scan(content, line_end) or any_end:
                return
            for _record in read(content, DELIMITERS[job.delimiter], line_end):
                if job.stop:
                    return
        except (NotText, UnicodeDecodeError) as error:
            raise _Refused("ClientInputError : the content is not UTF-8") from error
        except WrongLineEnd as error:
            raise _Refused(
                "ClientInputError : LineEnding is invalid on user data. "
                f"Current LineEnding setting is {job.line_end}"
            ) from error


def _scan(content: Path, line_end: str) -> bool:
    """Whether a look at the bytes is enough to know that every line ends as declared; decodes all of them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    returns = feeds = both = 0
    last = b""
    with content.open("rb") as file:
        while block := file.read(_SCAN):
            decoder.decode(block)
            returns += block.count(b"\r")
            feeds += block.count(b"\n")
            both += block.count(b"\r\n") + (last.endswith(b"\r") and block.startswith(b"\n"))
            last = block
        decoder.decode(b"", final=True)
    return returns == 0 if line_end == "\n" else returns == feeds == both


class _Rows:
    """Applies chunks of records to the object of a job."""

    def __init__(self, org: Org, job: Job, header: Sequence[str]) -> None:
        self._org = org
        self._job = job
        self._width = len(header)
        sobject = org.catalog.get(job.object)
        if sobject is None:
            raise _Refused(f"InvalidJob : Unable to find object: {job.object}")
        self._sobject: SObject = sobject
        columns = self._columns(header)
        self.numbers = [
            place
            for place, column in enumerate(columns)
            if column.value_field.type in ("double", "currency", "percent")
        ]
        self._deletes = job.operation in ("delete", "hardDelete")
        self._load: Load | None = None
        if self._deletes:
            if [column.field.name for column in columns] != ["Id"]:
                raise _Refused("InvalidBatch : a delete takes the column Id and no other")
        else:
            self._load = Load(org, sobject, job.operation, columns, from_text, self._key())
        locked = org.faults.value("lock-rows")
        self._lock_every = int(locked) if locked else 0
        self._count = 0

    def _key(self) -> Field | None:
        return self._sobject.field(self._job.key) if self._job.operation == "upsert" else None

    def _columns(self, header: Sequence[str]) -> list[Column]:
        columns: list[Column] = []
        for name in header:
            column = column_for(self._org.catalog, self._sobject, name)
            if column is None:
                raise _Refused(f"InvalidBatch : Field name not found : {name}")
            if column.field in [other.field for other in columns]:
                raise _Refused(f"InvalidBatch : Duplicate column : {name}")
            columns.append(column)
        names = [column.field.name for column in columns]
        if self._job.operation == "update" and "Id" not in names:
            raise _Refused("InvalidBatch : an update needs the column Id")
        if self._job.operation == "upsert" and self._job.key.lower() not in [name.lower() for name in names]:
            raise _Refused(f"InvalidBatch : an upsert by {self._job.key} needs its column")
        return columns

    def batch(self, records: list[Record]) -> Batch:
        """The internal batch these records make, with the keys that several of them have."""
        if self._load is None or self._job.operation == "insert":
            return Batch()
        rows = [
            record.values for record in records if record.error is None and len(record.values) == self._width
        ]
        return Batch.of(self._load.keys(rows))

    def __call__(self, records: list[Record], batch: Batch) -> list[Outcome]:
        """One outcome per record, in order; written in one transaction."""
        outcomes = [self._unreadable(record) for record in records]
        good = [place for place, outcome in enumerate(outcomes) if outcome is None]
        rows = [records[place].values for place in good]
        with self._org.store.writing() as connection:
            if self._load is None:
                hard = self._job.operation == "hardDelete"
                ids = [row[0] for row in rows]
                done = removal.delete(self._org, connection, self._sobject, ids, batch, hard=hard)
            else:
                done = self._load.apply(connection, rows, batch)
        for place, outcome in zip(good, done, strict=True):
            outcomes[place] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _unreadable(self, record: Record) -> Outcome | None:
        self._count += 1
        if record.error is not None:
            return Outcome(None, False, Failure("CLIENT_INPUT_ERROR", f"invalid CSV: {record.error}", ()))
        if len(record.values) != self._width:
            message = f"the record has {len(record.values)} columns, the header has {self._width}"
            return Outcome(None, False, Failure("CLIENT_INPUT_ERROR", f"invalid CSV: {message}", ()))
        if self._lock_every and self._count % self._lock_every == 0:
            return Outcome(None, False, _LOCKED)
        return None


class _Files:
    """The three result files of a job, written block by block; what a batch gave is shuffled."""

    def __init__(self, jobs: Jobs, job: Job, delimiter: str, spelled: Sequence[int]) -> None:
        self._job = job
        self._spelled = spelled
        self._delimiter = delimiter
        self._end = LINE_ENDS[job.line_end]
        self._random = random.Random(job.id)
        self._lines: dict[str, list[str]] = {"successful": [], "failed": []}
        self._files: dict[str, BinaryIO] = {}
        for name in ("successful", "failed", "unprocessed"):
            self._files[name] = jobs.file(job, name).open("wb")
            job.blocks[name] = []

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end_batch(shuffle=False)
        for file in self._files.values():
            file.close()

    def add(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Note what became of records."""
        good, bad, delimiter = self._lines["successful"], self._lines["failed"], self._delimiter
        with_id = self._job.ids_of_failed
        width = len(self._job.columns)
        for record, outcome in zip(records, outcomes, strict=True):
            if outcome.failure is None:
                created = "true" if outcome.created else "false"
                for place in self._spelled:
                    record.values[place] = spelled_anew(record.values[place])
                good.append(quoted([outcome.id or "", created, *record.values], delimiter))
            else:
                first = (
                    [outcome.id or "", outcome.failure.in_results]
                    if with_id
                    else [outcome.failure.in_results]
                )
                bad.append(quoted(first + _fitted(record.values, width), delimiter))

    def leave(self, records: Iterator[Record]) -> None:
        """Note records nobody worked on."""
        while lines := [quoted(record.values, self._delimiter) for record in islice(records, BATCH_ROWS)]:
            self._write("unprocessed", lines)

    def end_batch(self, *, shuffle: bool) -> None:
        """Write what the batch gave; the blocks of batches are shown in an order of their own, too."""
        for name, lines in self._lines.items():
            if not lines:
                continue
            if shuffle:
                self._random.shuffle(lines)
            self._write(name, lines)
            if shuffle:
                self._random.shuffle(self._job.blocks[name])
            lines.clear()

    def _write(self, name: str, lines: list[str]) -> None:
        file = self._files[name]
        data = (self._end.join(lines) + self._end).encode()
        self._job.blocks[name].append((file.tell(), len(data)))
        file.write(data)
        file.flush()


def spelled_anew(text: str) -> str:
    """A number as the vendor's results spell it, whatever was sent: `2.5`, `100.0`, from ten million on `1.0E7`."""
    if text in ("", NULL_TEXT):
        return text
    number = float(text)
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    mantissa, _e, exponent = f"{number:.17e}".partition("e")
    digits = repr(float(mantissa))
    # The shortest digits that read back as the same number.
    for places in range(1, 17):
        short = f"{number:.{places}e}"
        if float(short) == number:
            digits, exponent = repr(float(short.partition("e")[0])), short.partition("e")[2]
            break
    return f"{digits}E{int(exponent)}"


def _fitted(values: list[str], width: int) -> list[str]:
    return (values + [""] * width)[:width]


def result_header(job: Job, name: str) -> list[str]:
    """The columns of a result file."""
    own = {"successful": ["sf__Id", "sf__Created"], "unprocessed": []}.get(name)
    if own is None:
        own = ["sf__Id", "sf__Error"] if job.ids_of_failed else ["sf__Error"]
    return [*own, *job.columns]


def result_head(job: Job, name: str) -> bytes:
    """The header of a result file as bytes."""
    line = header_line(result_header(job, name), DELIMITERS[job.delimiter])
    return (line + LINE_ENDS[job.line_end]).encode()
