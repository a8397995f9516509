"""A Bulk 2.0 job, of either kind, as the org tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.session import Org
from studio.network.retry_after import retry_after


class JobState(StrEnum):
    """Where a job is; the last three are final, and rows applied before a Failed or Aborted stay applied."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"

    @property
    def final(self) -> bool:
        """Nothing more will happen."""
        return self in (JobState.COMPLETE, JobState.FAILED, JobState.ABORTED)


@dataclass(frozen=True)
class Job:
    """A job's answer. `processed` counts all rows the org has dealt with, `failed` those among them it refused."""

    id: str
    state: JobState
    object: str = ""
    operation: str = ""
    key: str = ""
    content_url: str = ""
    processed: int = 0
    failed: int = 0
    message: str = ""
    created_by: str = ""
    created: str = ""

    @staticmethod
    def of(data: Any) -> Job:
        """Read an answer; raises NotReachable when it is no job."""
        try:
            return Job(
                id=str(data["id"]),
                state=JobState(data["state"]),
                object=str(data.get("object") or ""),
                operation=str(data.get("operation") or ""),
                key=str(data.get("externalIdFieldName") or ""),
                content_url=str(data.get("contentUrl") or ""),
                processed=int(data.get("numberRecordsProcessed") or 0),
                failed=int(data.get("numberRecordsFailed") or 0),
                message=str(data.get("errorMessage") or ""),
                created_by=str(data.get("createdById") or ""),
                created=str(data.get("createdDate") or ""),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotReachable(_("The org's answer does not describe a job.")) from error


async def create(org: Org, kind: str, request: Mapping[str, Any]) -> Job:
    """Make a job of `kind` ingest or query.

    Tried again after a lost answer: an ingest job that stays behind holds no data, a query job changes none.
    """
    answer = await org.request("POST", f"{org.data}/jobs/{kind}", body=request, repeatable=True)
    return Job.of(answer.json())


async def info(org: Org, kind: str, job_id: str) -> Job:
    """The job as it is now; raises SalesforceError (404 when the org has forgotten it)."""
    return Job.of((await org.get(f"{org.data}/jobs/{kind}/{job_id}")).json())


async def set_state(org: Org, kind: str, job_id: str, state: JobState) -> Job:
    """Close or abort a job; sent once (the caller looks at the job when the answer is lost)."""
    answer = await org.request("PATCH", f"{org.data}/jobs/{kind}/{job_id}", body={"state": state.value})
    return Job.of(answer.json())


async def delete(org: Org, kind: str, job_id: str) -> None:
    """Remove a finished job and its results from the org."""
    await org.request("DELETE", f"{org.data}/jobs/{kind}/{job_id}")


async def until_final(
    org: Org, kind: str, job_id: str, seen: Callable[[Job], object] = lambda _job: None
) -> Job:
    """Look at the job, at growing intervals or when the org says, until its state is final.

    The interval starts small again whenever the count of processed rows has moved. `seen` gets every look.
    """
    before = -1
    waits = org.pace.waits()
    while True:
        answer = await org.get(f"{org.data}/jobs/{kind}/{job_id}")
        job = Job.of(answer.json())
        seen(job)
        if job.state.final:
            return job
        if job.processed != before:
            before = job.processed
            waits = org.pace.waits()
        asked = retry_after(answer.headers.get("Retry-After"))
        await asyncio.sleep(next(waits) if asked is None else asked)
