"""Bulk API 2.0 ingest: one job takes one upload and gives up to three result files."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path

from studio.base.atomic import told
from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.connectors.salesforce import jobs
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.jobs import Job, JobState
from studio.connectors.salesforce.session import Org

KIND = "ingest"
# 150 MB after base64 is what the org takes, about 100 MB of bytes.
LARGEST_UPLOAD = 100_000_000
_LARGEST_RESULT = 1 << 31


class ResultKind(StrEnum):
    """The three result files of a job."""

    SUCCEEDED = "successfulResults"
    FAILED = "failedResults"
    UNPROCESSED = "unprocessedrecords"


async def create(org: Org, object_name: str, operation: str, key: str = "", assignment: str = "") -> Job:
    """A new, open job for CSV with LF and commas; `key` is the external id field of an upsert, `assignment` the id of
    an assignment rule."""
    request = {
        "object": object_name,
        "operation": operation,
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    if key:
        request["externalIdFieldName"] = key
    if assignment:
        request["assignmentRuleId"] = assignment
    return await jobs.create(org, KIND, request)


async def upload(org: Org, job: Job, blocks: AsyncIterator[bytes], *, compress: bool = False) -> None:
    """Send the one content of an open job, as it is made.

    After any failure the job's content is unknown: never upload into it again; abort it and make another.
    """
    path = job.content_url or f"{org.data.lstrip('/')}/jobs/ingest/{job.id}/batches"
    headers = {"Content-Type": "text/csv; charset=UTF-8"}
    content = _measured(blocks)
    if compress:
        headers["Content-Encoding"] = "gzip"
        content = _gzip(content)
    async with org.streaming("PUT", "/" + path.lstrip("/"), content=content, headers=headers) as response:
        await response.aread()


async def close(org: Org, job_id: str) -> Job:
    """Hand the job over to the org; sent once."""
    return await jobs.set_state(org, KIND, job_id, JobState.UPLOAD_COMPLETE)


async def abort(org: Org, job_id: str) -> None:
    """Stop a job; one that is final already, or gone, is left as it is."""
    try:
        await org.request(
            "PATCH",
            f"{org.data}/jobs/{KIND}/{job_id}",
            body={"state": JobState.ABORTED.value},
            repeatable=True,
        )
    except SalesforceError as error:
        if error.status not in (400, 404, 409):
            raise


async def fetch(org: Org, job_id: str, kind: ResultKind, path: Path) -> None:
    """Download one result file to `path`, again from the start after a broken connection."""

    async def once() -> None:
        with told(path), path.open("wb") as file:
            size = 0
            async with org.streaming("GET", f"{org.data}/jobs/{KIND}/{job_id}/{kind.value}") as response:
                async for block in response.aiter_bytes(1 << 18):
                    size += len(block)
                    if size > _LARGEST_RESULT:
                        raise TooLarge(_("A result file of job {job} is too large.").format(job=job_id))
                    file.write(block)

    await org.patiently(once)


async def list_open(org: Org) -> AsyncIterator[Job]:
    """The jobs of the org that are still open."""
    path: str | None = f"{org.data}/jobs/{KIND}"
    params: dict[str, str] | None = {"jobType": "V2Ingest"}
    while path:
        answer = (await org.get(path, params)).json()
        for item in answer.get("records", []):
            if item.get("state") == JobState.OPEN:
                yield Job.of(item)
        path = None if answer.get("done", True) else answer.get("nextRecordsUrl")
        params = None


async def _measured(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for block in blocks:
        size += len(block)
        if size > LARGEST_UPLOAD:
            raise TooLarge(
                _("A chunk is larger than the {limit} MB the org takes at once.").format(
                    limit=LARGEST_UPLOAD // 1_000_000
                ),
                next_step=_("Choose a smaller chunk size."),
            )
        yield block


async def _gzip(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    async for block in blocks:
        packed = packer.compress(block)
        if packed:
            yield packed
    yield packer.flush()
