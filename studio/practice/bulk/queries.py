"""Bulk queries: a job that is closed from the start, and its result in pages that each repeat the header."""

from __future__ import annotations

import base64
import binascii
import time
from array import array
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from studio.practice.bulk.csvtext import DELIMITERS, LINE_ENDS, quoted
from studio.practice.bulk.ingest import formats, listing
from studio.practice.bulk.job import ABORTED, DONE, FAILED, QUERY_OPERATIONS, RUNNING, TERMINAL, UPLOADED, Job
from studio.practice.bulk.jobs import Jobs
from studio.practice.failures import ApiError
from studio.practice.http.message import CSV_TYPE, Response, empty, file_blocks, json_response
from studio.practice.org import Org
from studio.practice.router import Call, Route, route
from studio.practice.soql import render
from studio.practice.soql.plan import Plan, compile_query

# Rows of a page when the client does not say.
PAGE_ROWS = 50_000
_CHUNK_ROWS = 2000
_PARALLEL_PAGES = 5
_PAGES_SINCE = 58


class QueryJobs:
    """Query jobs over REST."""

    def __init__(self, org: Org, jobs: Jobs) -> None:
        self._org = org
        self._jobs = jobs

    def resume(self) -> None:
        """Work off what was queued when a lasting org was stopped."""
        for job in self._jobs.all("query"):
            if job.state == UPLOADED:
                self._jobs.begin(job, self._work)

    async def create(self, call: Call) -> Response:
        """POST /jobs/query."""
        asked = await call.json_object()
        operation, text = str(asked.get("operation", "")), str(asked.get("query", ""))
        if operation not in QUERY_OPERATIONS:
            raise ApiError(400, "InvalidJob", f"InvalidJob : Unknown operation: {operation or 'none'}")
        plan = self._plan(text, operation)
        delimiter, line_end = formats(asked)
        grant = call.grant
        assert grant is not None
        job = await call.org.run(
            self._jobs.make, "query", operation, plan.sobject.name, call.version, grant.user_id
        )
        job.delimiter, job.line_end, job.query, job.state = delimiter, line_end, text, UPLOADED
        await call.org.run(self._jobs.keep, job)
        self._jobs.begin(job, self._work)
        return json_response(job.info(counters=False))

    def _plan(self, text: str, operation: str) -> Plan:
        plan = compile_query(
            self._org.catalog, text, self._org.clock.now().date(), deleted=operation == "queryAll"
        )
        compound = any(column.field and column.field.type == "address" for column in plan.columns)
        if (
            plan.grouped
            or plan.children
            or plan.kinds
            or compound
            or " OFFSET 0" not in (plan.tail or " OFFSET 0")
        ):
            message = (
                "Bulk API 2.0 Query does not support aggregate functions, GROUP BY, OFFSET, TYPEOF, nested queries or "
                "compound fields"
            )
            raise ApiError(400, "API_ERROR", message)
        return plan

    def _work(self, job: Job) -> None:
        begun = time.monotonic()
        try:
            self._answer(job)
        except Exception as error:
            job.state, job.error = FAILED, f"InternalServerError : {type(error).__name__}: {error}"
        job.milliseconds = int((time.monotonic() - begun) * 1000)

    def _answer(self, job: Job) -> None:
        plan = self._plan(job.query, job.operation)
        connection = self._org.store.connection()
        numbers = plan.numbers(connection)
        delimiter, end = DELIMITERS[job.delimiter], LINE_ENDS[job.line_end]
        job.columns = [".".join((*column.steps, column.name)) for column in plan.columns]
        starts, offset = array("Q"), 0
        fields = [column.field for column in plan.columns]
        with self._jobs.file(job, "result").open("wb") as file:
            for first in range(0, len(numbers), _CHUNK_ROWS):
                if job.stop:
                    job.state = ABORTED
                    return
                lines = []
                for row in plan.rows(connection, numbers[first : first + _CHUNK_ROWS]):
                    cells = [render.to_csv(field, value) for field, value in zip(fields, row, strict=False)]
                    line = (quoted(cells, delimiter) + end).encode()
                    starts.append(offset)
                    offset += len(line)
                    lines.append(line)
                file.write(b"".join(lines))
                job.processed += len(lines)
        starts.append(offset)
        self._jobs.file(job, "rows").write_bytes(starts.tobytes())
        job.state = DONE

    async def info(self, call: Call) -> Response:
        """GET a job."""
        return json_response(self._job(call).info(counters=True))

    async def change(self, call: Call) -> Response:
        """PATCH the state: abort."""
        job = self._job(call)
        if (await call.json_object()).get("state") != ABORTED or job.state in TERMINAL:
            raise ApiError(400, "InvalidJobState", f"InvalidJobState : the job is in state {job.state}")
        await self._jobs.stop(job)
        if job.state not in TERMINAL:
            job.state = ABORTED
        await call.org.run(self._jobs.keep, job)
        return json_response(job.info(counters=False))

    async def delete(self, call: Call) -> Response:
        """DELETE a job that has ended."""
        job = self._job(call)
        if job.state in (UPLOADED, RUNNING):
            raise ApiError(400, "InvalidJobState", f"InvalidJobState : the job is in state {job.state}")
        await call.org.run(self._jobs.remove, job)
        return empty()

    async def jobs(self, call: Call) -> Response:
        """GET the jobs, a thousand at a time."""
        return listing(call, self._jobs.all("query"), "query")

    async def results(self, call: Call) -> Response:
        """GET a page of the result; 204 while there is none."""
        job = self._ready(call)
        if job is None:
            return empty()
        rows = await call.org.run(self._starts, job)
        count, query = len(rows) - 1, call.request.query
        start = _place(query.get("locator", ""))
        if start > count:
            raise ApiError(400, "InvalidLocator", "InvalidLocator : the locator does not read")
        end = min(count, start + self._page_rows(call, query.get("maxRecords", "")))
        head = (quoted(job.columns, DELIMITERS[job.delimiter]) + LINE_ENDS[job.line_end]).encode()
        length = rows[end] - rows[start]
        blocks: Iterator[bytes] = chain([head], file_blocks(self._file(job), [(rows[start], length)]))
        headers = [
            ("Content-Type", CSV_TYPE),
            ("Sforce-NumberOfRecords", str(end - start)),
            ("Sforce-Locator", _locator(end) if end < count else "null"),
        ]
        return Response(200, blocks, headers, len(head) + length)

    async def pages(self, call: Call) -> Response:
        """GET where the pages are, five at a time, to be fetched side by side."""
        if float(call.version) < _PAGES_SINCE:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        job = self._ready(call)
        if job is None:
            return empty()
        count = len(await call.org.run(self._starts, job)) - 1
        size = self._page_rows(call, call.request.query.get("maxRecords", ""))
        base = f"{call.data}/jobs/query/{job.id}"
        start = _place(call.request.query.get("locator", ""))
        firsts = list(range(start, max(count, 1), size))
        shown, rest = firsts[:_PARALLEL_PAGES], firsts[_PARALLEL_PAGES:]
        links = [
            {"resultUrl": f"{base}/results?locator={_locator(first)}&maxRecords={size}" if first else
             f"{base}/results?maxRecords={size}"}
            for first in shown
        ]  # fmt: skip
        further = f"{base}/resultPages?locator={_locator(rest[0])}&maxRecords={size}" if rest else None
        link = "nextRecordUrl" if "old-page-link" in call.org.faults else "nextRecordsUrl"
        return json_response({"resultPages": links, link: further, "done": not rest})

    def _ready(self, call: Call) -> Job | None:
        job = self._job(call)
        if float(call.version) != float(job.version):
            message = f"The job was made with API version {job.version}, its results were asked for with {call.version}"
            raise ApiError(409, "InvalidVersion", message)
        if job.state in (FAILED, ABORTED):
            raise ApiError(400, "InvalidJobState", f"InvalidJobState : the job is in state {job.state}")
        return job if job.state == DONE else None

    def _page_rows(self, call: Call, asked: str) -> int:
        size = int(asked) if asked.isdecimal() and int(asked[:9]) > 0 else PAGE_ROWS
        return max(1, min(size, int(call.org.faults.value("page-rows") or size)))

    def _starts(self, job: Job) -> array[int]:
        starts = array("Q")
        starts.frombytes(self._jobs.file(job, "rows").read_bytes())
        return starts

    def _file(self, job: Job) -> Path:
        return self._jobs.file(job, "result")

    def _job(self, call: Call) -> Job:
        return self._jobs.find(call.match["job"], "query")


def _locator(row: int) -> str:
    """Where a page begins, in a form clients are not to look into."""
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def _place(locator: str) -> int:
    if not locator:
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode("ascii"))
    except (ValueError, binascii.Error) as error:
        raise ApiError(400, "InvalidLocator", "InvalidLocator : the locator does not read") from error


def routes(api: QueryJobs) -> list[Route]:
    """The routes of this module."""
    jobs = "/services/data/v{version}/jobs/query"
    return [
        route("POST", jobs, api.create),
        route("GET", jobs, api.jobs),
        route("GET", jobs + "/{job}", api.info),
        route("PATCH", jobs + "/{job}", api.change),
        route("DELETE", jobs + "/{job}", api.delete),
        route("GET", jobs + "/{job}/results", api.results),
        route("GET", jobs + "/{job}/resultPages", api.pages),
    ]
