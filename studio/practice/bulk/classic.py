"""The first Bulk API's jobs and batches: what they are and how a batch is worked off, results in input order."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.practice import removal
from studio.practice.bulk.csvtext import quoted, records
from studio.practice.catalog import Field, SObject
from studio.practice.columns import Column, column_for
from studio.practice.convert import from_text
from studio.practice.failures import ApiError, Failure
from studio.practice.load import Batch, Load, Outcome
from studio.practice.org import Org
from studio.practice.soql import render
from studio.practice.soql.plan import compile_query
from studio.practice.write import incoming, write

ROWS_LIMIT = 10_000
_CHUNK_ROWS = 1000
QUERIES = ("query", "queryAll")


class BadBatch(Exception):
    """A batch that fails as a whole; the text is its state message."""


@dataclass
class ClassicBatch:
    """One batch: its content as sent, and what became of it."""

    id: str
    content: bytes
    created: str
    modified: str
    state: str = "Queued"
    message: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    answer: bytes = b""
    rows: int = 0

    @property
    def failed(self) -> int:
        """Rows refused."""
        return sum(outcome.failure is not None for outcome in self.outcomes)


@dataclass
class ClassicJob:
    """One job of the first Bulk API; `kind` is CSV or JSON."""

    id: str
    operation: str
    sobject: SObject
    key: Field | None
    kind: str
    concurrency: str
    version: str
    created: str
    modified: str
    state: str = "Open"
    batches: dict[str, ClassicBatch] = field(default_factory=dict)

    def count(self, *states: str) -> int:
        """How many batches are in one of these states."""
        return sum(batch.state in states for batch in self.batches.values())


def work(org: Org, job: ClassicJob, batch: ClassicBatch) -> None:
    """Work a batch off, in a thread; it is Completed or Failed afterwards."""
    try:
        if job.operation in QUERIES:
            _query(org, job, batch)
        elif job.kind == "JSON":
            batch.outcomes = _from_json(org, job, batch.content)
            batch.rows = len(batch.outcomes)
        else:
            batch.outcomes = _from_csv(org, job, batch.content)
            batch.rows = len(batch.outcomes)
        batch.state = "Completed"
    except BadBatch as error:
        batch.state, batch.message = "Failed", f"InvalidBatch : {error}"
    except ApiError as error:
        batch.state, batch.message = "Failed", f"InvalidBatch : {error.message.strip()}"


def _from_csv(org: Org, job: ClassicJob, content: bytes) -> list[Outcome]:
    try:
        text = io.StringIO(content.decode("utf-8"), newline="\n")
    except UnicodeDecodeError as error:
        raise BadBatch("the content is not UTF-8") from error
    rows = list(records(text, ",", "\n", any_end=True))
    if not rows:
        raise BadBatch("the header row does not read")
    header, *rest = rows
    if len(rest) > ROWS_LIMIT:
        raise BadBatch(f"a batch has at most {ROWS_LIMIT} rows")
    columns = _columns(org, job, header.values)
    good = [record.values for record in rest if record.error is None and len(record.values) == len(columns)]
    done = iter(_write(org, job, columns, good))
    bad = Failure("CLIENT_INPUT_ERROR", "invalid CSV: the row does not read", ())
    return [
        next(done)
        if record.error is None and len(record.values) == len(columns)
        else Outcome(None, False, bad)
        for record in rest
    ]


def _columns(org: Org, job: ClassicJob, header: Sequence[str]) -> list[Column]:
    columns = []
    for name in header:
        column = column_for(org.catalog, job.sobject, name)
        if column is None:
            raise BadBatch(f"Field name not found : {name}")
        columns.append(column)
    return columns


def _write(org: Org, job: ClassicJob, columns: Sequence[Column], rows: list[list[str]]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    deletes = job.operation in ("delete", "hardDelete")
    if deletes:
        return _delete(org, job, [row[0] for row in rows])
    load = Load(org, job.sobject, job.operation, columns, from_text, job.key)
    batch = Batch.of(load.keys(rows)) if job.operation != "insert" else Batch()
    for first in range(0, len(rows), _CHUNK_ROWS):
        with org.store.writing() as connection:
            outcomes += load.apply(connection, rows[first : first + _CHUNK_ROWS], batch)
    return outcomes


def _delete(org: Org, job: ClassicJob, ids: Sequence[str]) -> list[Outcome]:
    hard = job.operation == "hardDelete"
    with org.store.writing() as connection:
        return removal.delete(org, connection, job.sobject, ids, Batch(), hard=hard)


def _from_json(org: Org, job: ClassicJob, content: bytes) -> list[Outcome]:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadBatch("the content is no JSON") from error
    if not isinstance(given, list) or not all(isinstance(record, dict) for record in given):
        raise BadBatch("the content must be a list of records")
    if len(given) > ROWS_LIMIT:
        raise BadBatch(f"a batch has at most {ROWS_LIMIT} rows")
    if job.operation in ("delete", "hardDelete"):
        return _delete(org, job, [str(record.get("Id", "")) for record in given])
    return write(org, job.operation, [incoming(job.sobject, record) for record in given], key=job.key)


def _query(org: Org, job: ClassicJob, batch: ClassicBatch) -> None:
    text = batch.content.decode("utf-8", "replace")
    plan = compile_query(org.catalog, text, org.clock.now().date(), deleted=job.operation == "queryAll")
    if plan.grouped or plan.children:
        raise BadBatch("aggregate functions and nested queries are not supported")
    if plan.kinds and job.kind != "JSON":
        raise BadBatch("TYPEOF is supported in jobs of the content type JSON only")
    connection = org.store.connection()
    numbers = plan.numbers(connection)
    batch.rows = len(numbers)
    if job.kind == "JSON":
        found = render.records(connection, plan, numbers, f"/services/data/v{job.version}")
        batch.answer = json.dumps(found, ensure_ascii=False).encode()
        return
    header = [".".join((*column.steps, column.name)) for column in plan.columns]
    fields = [column.field for column in plan.columns]
    lines = [quoted(header, ",")]
    for row in plan.rows(connection, numbers):
        lines.append(
            quoted([render.to_csv(field_, value) for field_, value in zip(fields, row, strict=False)], ",")
        )
    batch.answer = ("\n".join(lines) + "\n").encode()


def results_csv(outcomes: Iterable[Outcome]) -> bytes:
    """`"Id","Success","Created","Error"`, in the order of the input."""
    lines = [quoted(["Id", "Success", "Created", "Error"], ",")]
    for outcome in outcomes:
        error = outcome.failure.in_results if outcome.failure else ""
        flags = ["false" if outcome.failure else "true", "true" if outcome.created else "false"]
        lines.append(quoted([outcome.id or "", *flags, error], ","))
    return ("\n".join(lines) + "\n").encode()


def results_json(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The same as JSON."""
    return [
        {
            "success": outcome.failure is None,
            "created": outcome.created,
            "id": outcome.id,
            "errors": [outcome.failure.in_collections] if outcome.failure else [],
        }
        for outcome in outcomes
    ]
