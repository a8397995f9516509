"""The first Bulk API over HTTP: jobs and batches as XML or JSON, the session in a header of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from studio.practice.asking import Asking, asking
from studio.practice.bulk.classic import QUERIES, ClassicBatch, ClassicJob, results_csv, results_json, work
from studio.practice.bulk.job import INGEST_OPERATIONS
from studio.practice.catalog import SObject
from studio.practice.clock import in_json, stored
from studio.practice.failures import ApiError
from studio.practice.http.message import CSV_TYPE, Response, json_response, text_response
from studio.practice.ids import record_id
from studio.practice.org import Org
from studio.practice.router import Call, Route, route

SPACE = "http://www.force.com/2009/06/asyncapi/dataload"
BATCH_LIMIT = 10 * 1024 * 1024
_XML = "application/xml"
_OPERATIONS = (*INGEST_OPERATIONS, *QUERIES)


class ClassicApi:
    """Jobs of the first Bulk API; they are gone when the org stops."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs: dict[str, ClassicJob] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._made = 0

    async def close(self) -> None:
        """Wait for the batches under way."""
        if self._tasks:
            await asyncio.wait(list(self._tasks))

    def signed_in(
        self, handle: Callable[[Call], Awaitable[Response]]
    ) -> Callable[[Call], Awaitable[Response]]:
        """A handler that asks for the session header first and answers errors in this API's form."""

        async def answer(call: Call) -> Response:
            try:
                # Data Loader makes the job with the bare session and polls with "Bearer" before it.
                token = call.request.headers.get("x-sfdc-session").rpartition(" ")[2]
                call.grant = self._org.sessions.find(token)
                if call.grant is None:
                    raise ApiError(401 if token else 400, "InvalidSessionId", "Unable to find session id")
                asking.set(Asking(call.grant.user_id))
                return await handle(call)
            except ApiError as error:
                body = {"exceptionCode": error.code, "exceptionMessage": error.message.strip()}
                return _shown(call, "error", body, error.status)

        return answer

    async def create(self, call: Call) -> Response:
        """POST /job."""
        asked = await _asked(call)
        operation, sobject = asked.get("operation", ""), self._org.catalog.get(asked.get("object", ""))
        if operation not in _OPERATIONS or sobject is None:
            raise ApiError(400, "InvalidJob", "Unable to find the operation or the object")
        kind = asked.get("contentType", "XML")
        if kind not in ("CSV", "JSON"):
            raise ApiError(400, "InvalidJob", f"The practice org takes CSV and JSON, not {kind}")
        now = stored(self._org.clock.now())
        concurrency = "Serial" if asked.get("concurrencyMode") in ("Serial", "1") else "Parallel"
        key = _key(sobject, asked) if operation == "upsert" else None
        job = ClassicJob(
            self._id("750"), operation, sobject, key, kind, concurrency, call.match["soap"], now, now
        )
        self._jobs[job.id[:15]] = job
        return _shown(call, "jobInfo", self._info(job), 201)

    async def info(self, call: Call) -> Response:
        """GET a job."""
        return _shown(call, "jobInfo", self._info(self._job(call)))

    async def change(self, call: Call) -> Response:
        """POST a job's new state."""
        job = self._job(call)
        wanted = (await _asked(call)).get("state")
        if wanted not in ("Closed", "Aborted") or job.state != "Open":
            raise ApiError(400, "InvalidJobState", f"The job is {job.state} and can't become {wanted}")
        job.state = wanted
        return _shown(call, "jobInfo", self._info(job))

    async def add_batch(self, call: Call) -> Response:
        """POST a batch."""
        job = self._job(call)
        if job.state != "Open":
            raise ApiError(400, "InvalidJobState", f"The job is {job.state}; batches can't be added")
        try:
            content = await call.request.body(BATCH_LIMIT)
        except ApiError as error:
            if error.status == 413:
                raise ApiError(400, "InvalidBatch", f"A batch has at most {BATCH_LIMIT} bytes") from error
            raise
        now = stored(self._org.clock.now())
        batch = ClassicBatch(self._id("751"), content, now, now)
        job.batches[batch.id[:15]] = batch
        task = asyncio.create_task(self._run(job, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _shown(call, "batchInfo", self._batch_info(job, batch), 201)

    async def _run(self, job: ClassicJob, batch: ClassicBatch) -> None:
        batch.state = "InProgress"
        await self._org.run(work, self._org, job, batch)
        batch.modified = job.modified = stored(self._org.clock.now())

    async def batches(self, call: Call) -> Response:
        """GET a job's batches."""
        job = self._job(call)
        infos = [self._batch_info(job, batch) for batch in job.batches.values()]
        if _wants_json(call):
            return json_response({"batchInfo": infos})
        inner = "".join(_xml("batchInfo", info, root=False) for info in infos)
        return text_response(
            f'<?xml version="1.0" encoding="UTF-8"?><batchInfoList xmlns="{SPACE}">{inner}</batchInfoList>',
            _XML,
        )

    async def batch(self, call: Call) -> Response:
        """GET a batch."""
        job, batch = self._batch(call)
        return _shown(call, "batchInfo", self._batch_info(job, batch))

    async def request(self, call: Call) -> Response:
        """GET what a batch was sent as."""
        job, batch = self._batch(call)
        kind = "application/json" if job.kind == "JSON" else CSV_TYPE
        return Response(200, batch.content, [("Content-Type", kind)])

    async def results(self, call: Call) -> Response:
        """GET a batch's results, or for a query the ids of its results."""
        job, batch = self._batch(call)
        if batch.state != "Completed":
            raise ApiError(400, "InvalidBatch", f"The batch is {batch.state}; it has no results")
        if job.operation in QUERIES:
            result = "752" + batch.id[3:]
            if job.kind == "JSON":
                return json_response([result])
            text = f'<result-list xmlns="{SPACE}"><result>{result}</result></result-list>'
            return text_response(text, _XML)
        if job.kind == "JSON":
            return json_response(results_json(batch.outcomes))
        return Response(200, results_csv(batch.outcomes), [("Content-Type", CSV_TYPE)])

    async def result(self, call: Call) -> Response:
        """GET a query's result."""
        job, batch = self._batch(call)
        kind = "application/json" if job.kind == "JSON" else CSV_TYPE
        return Response(200, batch.answer, [("Content-Type", kind)])

    def _id(self, prefix: str) -> str:
        self._made += 1
        # Apart from the ids of newer jobs, which are counted with the records.
        return record_id(prefix, 40_000_000 + self._made)

    def _job(self, call: Call) -> ClassicJob:
        job = self._jobs.get(call.match["job"][:15])
        if job is None:
            raise ApiError(400, "InvalidJob", f"Invalid job id: {call.match['job']}")
        return job

    def _batch(self, call: Call) -> tuple[ClassicJob, ClassicBatch]:
        job = self._job(call)
        batch = job.batches.get(call.match["batch"][:15])
        if batch is None:
            raise ApiError(400, "InvalidBatch", f"Invalid batch id: {call.match['batch']}")
        return job, batch

    def _info(self, job: ClassicJob) -> dict[str, Any]:
        done = list(job.batches.values())
        answer = {
            "id": job.id, "operation": job.operation, "object": job.sobject.name,
            "createdById": self._org.user_id, "createdDate": in_json(job.created),
            "systemModstamp": in_json(job.modified), "state": job.state,
        }  # fmt: skip
        if job.key is not None:
            answer["externalIdFieldName"] = job.key.name
        return answer | {
            "concurrencyMode": job.concurrency, "contentType": job.kind,
            "numberBatchesQueued": job.count("Queued"), "numberBatchesInProgress": job.count("InProgress"),
            "numberBatchesCompleted": job.count("Completed"), "numberBatchesFailed": job.count("Failed"),
            "numberBatchesTotal": len(done), "numberRecordsProcessed": sum(batch.rows for batch in done),
            "numberRetries": 0, "apiVersion": float(job.version),
            "numberRecordsFailed": sum(batch.failed for batch in done), "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0, "apexProcessingTime": 0,
        }  # fmt: skip

    def _batch_info(self, job: ClassicJob, batch: ClassicBatch) -> dict[str, Any]:
        answer: dict[str, Any] = {"id": batch.id, "jobId": job.id, "state": batch.state}
        if batch.message:
            answer["stateMessage"] = batch.message
        return answer | {
            "createdDate": in_json(batch.created), "systemModstamp": in_json(batch.modified),
            "numberRecordsProcessed": batch.rows, "numberRecordsFailed": batch.failed, "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0, "apexProcessingTime": 0,
        }  # fmt: skip


def _key(sobject: SObject, asked: dict[str, str]) -> Any:
    field = sobject.field(asked.get("externalIdFieldName", ""))
    if field is None or not field.is_key:
        raise ApiError(400, "InvalidJob", "An upsert needs the externalIdFieldName of an external id field")
    return field


async def _asked(call: Call) -> dict[str, str]:
    """The members of a jobInfo, from JSON or XML."""
    if "json" in call.request.headers.get("content-type"):
        return {name: str(value) for name, value in (await call.json_object()).items()}
    body = await call.request.body(BATCH_LIMIT)
    if b"<!DOCTYPE" in body:
        raise ApiError(400, "InvalidJob", "The request has a document type declaration")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ApiError(400, "InvalidJob", f"The request is no XML: {error}") from error
    return {etree.QName(child).localname: child.text or "" for child in root if isinstance(child.tag, str)}


def _wants_json(call: Call) -> bool:
    return "json" in call.request.headers.get("content-type") or "json" in call.request.headers.get("accept")


def _shown(call: Call, name: str, values: dict[str, Any], status: int = 200) -> Response:
    if _wants_json(call):
        return json_response(values, status)
    return text_response(
        '<?xml version="1.0" encoding="UTF-8"?>' + _xml(name, values, root=True), _XML, status
    )


def _xml(name: str, values: dict[str, Any], *, root: bool) -> str:
    space = f' xmlns="{SPACE}"' if root else ""
    inner = "".join(f"<{key}>{escape(_text(value))}</{key}>" for key, value in values.items())
    return f"<{name}{space}>{inner}</{name}>"


def _text(value: Any) -> str:
    """Moments end in Z here, unlike in JSON."""
    text = str(value)
    return text[:-5] + "Z" if text.endswith("+0000") else text


def routes(api: ClassicApi) -> Iterable[Route]:
    """The routes of this module."""
    job = "/services/async/{soap}/job"
    batch = job + "/{job}/batch"
    handlers = [
        ("POST", job, api.create),
        ("GET", job + "/{job}", api.info),
        ("POST", job + "/{job}", api.change),
        ("POST", batch, api.add_batch),
        ("GET", batch, api.batches),
        ("GET", batch + "/{batch}", api.batch),
        ("GET", batch + "/{batch}/request", api.request),
        ("GET", batch + "/{batch}/result", api.results),
        ("GET", batch + "/{batch}/result/{result}", api.result),
    ]
    return [route(method, path, api.signed_in(handle), open=True) for method, path, handle in handlers]
