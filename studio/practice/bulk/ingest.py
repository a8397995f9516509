"""The ingest resources: make a job, give it its content, close it, watch it, fetch its results."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from itertools import chain
from pathlib import Path
from typing import Any

from studio.practice.bulk.csvtext import DELIMITERS, LINE_ENDS
from studio.practice.bulk.job import (
    ABORTED,
    DONE,
    INGEST_OPERATIONS,
    OPEN,
    RUNNING,
    TERMINAL,
    UPLOADED,
    Job,
)
from studio.practice.bulk.jobs import Jobs
from studio.practice.bulk.work import IngestWork, result_head
from studio.practice.failures import ApiError
from studio.practice.http.message import CSV_TYPE, Response, empty, file_blocks, json_response
from studio.practice.org import Org
from studio.practice.router import Call, Route, route

CONTENT_LIMIT = 100 * 1024 * 1024
_MULTIPART_LIMIT = 100_000
_LIST_MOST = 1000
_RESULTS = {"successfulresults": "successful", "failedresults": "failed", "unprocessedrecords": "unprocessed"}


class IngestApi:
    """Ingest jobs over REST."""

    def __init__(self, org: Org, jobs: Jobs) -> None:
        self._jobs = jobs
        self._work = IngestWork(org, jobs)

    def resume(self) -> None:
        """Work off what was queued when a lasting org was stopped."""
        for job in self._jobs.all("ingest"):
            if job.state == UPLOADED:
                self._jobs.begin(job, self._work)

    async def create(self, call: Call) -> Response:
        """POST /jobs/ingest, with the content at once when the request is multipart."""
        kind = call.request.headers.get("content-type")
        if kind.lower().startswith("multipart/form-data"):
            asked, content = await _multipart(call, kind)
            job = await self._make(call, asked)
            await call.org.run(self._jobs.file(job, "content").write_bytes, content)
            job.has_content = True
            await self._close(call, job)
        else:
            job = await self._make(call, await call.json_object())
        return json_response(job.info(counters=False))

    async def _make(self, call: Call, asked: dict[str, Any]) -> Job:
        operation = str(asked.get("operation", ""))
        if operation not in INGEST_OPERATIONS:
            raise ApiError(400, "InvalidJob", f"InvalidJob : Unknown operation: {operation or 'none'}")
        sobject = call.org.catalog.get(str(asked.get("object", "")))
        if sobject is None:
            raise ApiError(400, "InvalidJob", f"InvalidJob : Unable to find object: {asked.get('object')}")
        if operation == "hardDelete" and "no-hard-delete" in call.org.faults:
            raise ApiError(
                400, "FeatureNotEnabled", "FeatureNotEnabled : hardDelete is not enabled for this user"
            )
        rights = {"insert": sobject.createable, "update": sobject.updateable, "upsert": sobject.createable}
        if not rights.get(operation, sobject.deletable):
            message = f"InvalidJob : {sobject.name} does not allow {operation}"
            raise ApiError(400, "InvalidJob", message)
        if str(asked.get("contentType", "CSV")).upper() != "CSV":
            raise ApiError(400, "InvalidJob", "InvalidJob : The contentType must be CSV")
        delimiter, line_end = formats(asked)
        key = self._key(call, operation, asked)
        grant = call.grant
        assert grant is not None
        job = await call.org.run(
            self._jobs.make, "ingest", operation, sobject.name, call.version, grant.user_id
        )
        job.delimiter, job.line_end, job.key = delimiter, line_end, key
        job.assignment = str(asked.get("assignmentRuleId") or "")
        await call.org.run(self._jobs.keep, job)
        return job

    def _key(self, call: Call, operation: str, asked: dict[str, Any]) -> str:
        name = str(asked.get("externalIdFieldName") or "")
        if operation != "upsert":
            return ""
        if not name:
            raise ApiError(400, "InvalidJob", "InvalidJob : An upsert needs externalIdFieldName")
        sobject = call.sobject(str(asked["object"]))
        field = sobject.field(name)
        if field is None or not field.is_key:
            message = f"InvalidJob : {name} is no external id field of {sobject.name}"
            raise ApiError(400, "InvalidJob", message)
        return field.name

    async def upload(self, call: Call) -> Response:
        """PUT the content, once."""
        job = self._job(call)
        if job.state != OPEN:
            raise _wrong_state(job, "data can be uploaded to an open job only")
        if job.has_content:
            message = (
                f"Found multiple contents for job: <{job.id}>, please close, abort or delete this job, then make a "
                "new one and upload its content only once"
            )
            raise ApiError(400, "BULK_API_ERROR", message)
        if not call.request.headers.get("content-type").lower().startswith("text/csv"):
            raise ApiError(400, "ClientInputError", "The content's type must be text/csv")
        # From the first byte on the job has a content, whatever becomes of the upload.
        job.has_content = True
        await call.org.run(self._jobs.keep, job)
        await _save(self._jobs.file(job, "content"), call.request.stream(CONTENT_LIMIT))
        return empty(201)

    async def change(self, call: Call) -> Response:
        """PATCH the state: close or abort."""
        job = self._job(call)
        wanted = (await call.json_object()).get("state")
        if wanted == UPLOADED and job.state == OPEN:
            await self._close(call, job)
        elif wanted == ABORTED and job.state in (OPEN, UPLOADED, RUNNING):
            await self._jobs.stop(job)
            # A job that finished in the meantime stays what it is.
            if job.state not in TERMINAL:
                job.state = ABORTED
            await call.org.run(self._jobs.keep, job)
        elif wanted in (UPLOADED, ABORTED):
            raise _wrong_state(job, f"the state can't become {wanted}")
        else:
            raise ApiError(400, "InvalidJobState", f"InvalidJobState : {wanted} is no state to set")
        return json_response(job.info(counters=False))

    async def _close(self, call: Call, job: Job) -> None:
        job.state = UPLOADED
        await call.org.run(self._jobs.keep, job)
        self._jobs.begin(job, self._work)

    async def info(self, call: Call) -> Response:
        """GET a job."""
        return json_response(self._job(call).info(counters=True))

    async def delete(self, call: Call) -> Response:
        """DELETE a job that is closed."""
        job = self._job(call)
        if job.state in (OPEN, RUNNING):
            raise _wrong_state(job, "it can't be deleted")
        await self._jobs.stop(job)
        await call.org.run(self._jobs.remove, job)
        return empty()

    async def jobs(self, call: Call) -> Response:
        """GET the jobs, a thousand at a time."""
        return listing(call, self._jobs.all("ingest"), "ingest")

    async def results(self, call: Call) -> Response:
        """GET one of the three result files."""
        job = self._job(call)
        name = _RESULTS[call.match["result"].lower()]
        if job.state not in TERMINAL:
            raise _wrong_state(job, "its results are not ready")
        head, path, parts = self._parts(job, name)
        length = len(head) + sum(part for _offset, part in parts)
        blocks: Iterator[bytes] = chain([head], file_blocks(path, parts))
        return Response(200, blocks, [("Content-Type", CSV_TYPE)], length)

    def _parts(self, job: Job, name: str) -> tuple[bytes, Path, list[tuple[int, int]]]:
        if name in job.blocks:
            return result_head(job, name), self._jobs.file(job, name), job.blocks[name]
        content = self._jobs.file(job, "content")
        if name == "unprocessed" and job.state != DONE and content.exists():
            # Nothing was worked on: what comes back is what was sent.
            return b"", content, [(0, content.stat().st_size)]
        return result_head(job, name), content, []

    def _job(self, call: Call) -> Job:
        return self._jobs.find(call.match["job"], "ingest")


def formats(asked: dict[str, Any]) -> tuple[str, str]:
    """Delimiter and line end a job asks for. Raises ApiError InvalidJob."""
    delimiter = str(asked.get("columnDelimiter") or "COMMA").upper()
    line_end = str(asked.get("lineEnding") or "LF").upper()
    if delimiter not in DELIMITERS:
        raise ApiError(400, "InvalidJob", f"InvalidJob : Unknown columnDelimiter: {delimiter}")
    if line_end not in LINE_ENDS:
        raise ApiError(400, "InvalidJob", f"InvalidJob : Unknown lineEnding: {line_end}")
    return delimiter, line_end


def listing(call: Call, jobs: list[Job], kind: str) -> Response:
    """A page of jobs."""
    query = call.request.query
    wanted = query.get("jobType", "V2Ingest" if kind == "ingest" else "V2Query")
    matching = [job for job in jobs if wanted.lower() in ("v2ingest", "v2query")]
    start = int(query["queryLocator"]) if query.get("queryLocator", "").isdecimal() else 0
    page = matching[start : start + _LIST_MOST]
    end = start + _LIST_MOST
    further = f"{call.data}/jobs/{kind}?queryLocator={end}" if end < len(matching) else None
    records = [job.info(counters=False) | {"jobType": job.info(counters=True)["jobType"]} for job in page]
    return json_response({"done": further is None, "records": records, "nextRecordsUrl": further})


def _wrong_state(job: Job, why: str) -> ApiError:
    return ApiError(400, "InvalidJobState", f"InvalidJobState : the job is in state {job.state}; {why}")


async def _save(path: Path, blocks: AsyncIterator[bytes]) -> None:
    try:
        with path.open("wb") as file:
            async for block in blocks:
                file.write(block)
    except ApiError as error:
        if error.status == 413:
            message = f"The content is larger than {CONTENT_LIMIT // 1024 // 1024} MB"
            raise ApiError(400, "ClientInputError", message) from error
        raise


async def _multipart(call: Call, kind: str) -> tuple[dict[str, Any], bytes]:
    """The parts `job` and `content` of a multipart request."""
    body = await call.request.body(_MULTIPART_LIMIT + 10_000)
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            parts[name] = payload
    if "job" not in parts or "content" not in parts:
        raise ApiError(400, "InvalidJob", "InvalidJob : The request needs the parts job and content")
    if len(parts["content"]) > _MULTIPART_LIMIT:
        message_ = f"The content of a multipart request may have {_MULTIPART_LIMIT} characters"
        raise ApiError(400, "ClientInputError", message_)
    call.request.blocks = lambda: _one(parts["job"])
    return await call.json_object(), parts["content"]


async def _one(block: bytes) -> AsyncIterator[bytes]:
    yield block


def routes(api: IngestApi) -> list[Route]:
    """The routes of this module."""
    jobs = "/services/data/v{version}/jobs/ingest"
    results = "|".join(_RESULTS)
    return [
        route("POST", jobs, api.create),
        route("GET", jobs, api.jobs),
        route("GET", jobs + "/{job}", api.info),
        route("PATCH", jobs + "/{job}", api.change),
        route("DELETE", jobs + "/{job}", api.delete),
        route("PUT", jobs + "/{job}/batches", api.upload),
        route("GET", jobs + f"/{{job}}/(?P<result>{results})", api.results),
    ]
