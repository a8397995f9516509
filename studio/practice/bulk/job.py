"""One bulk job: what was asked, how far it is, and how it describes itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.practice.clock import in_json

OPEN, UPLOADED, RUNNING, DONE, FAILED, ABORTED = (
    "Open",
    "UploadComplete",
    "InProgress",
    "JobComplete",
    "Failed",
    "Aborted",
)
TERMINAL = frozenset({DONE, FAILED, ABORTED})
INGEST_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
QUERY_OPERATIONS = ("query", "queryAll")
_FIRST_WITH_FAILED_IDS = 53
STOPPED = "InternalServerError : the org was stopped while it worked on the job"


@dataclass
class Job:
    """A job's state. Moments are the org's, as stored text; `blocks` are the parts of the result files, per file, as
    offset and length, in the order they are shown."""

    id: str
    kind: str
    operation: str
    object: str
    user_id: str
    version: str
    created: str
    state: str = OPEN
    modified: str = ""
    ended: str = ""
    line_end: str = "LF"
    delimiter: str = "COMMA"
    key: str = ""
    assignment: str = ""
    query: str = ""
    error: str = ""
    has_content: bool = False
    processed: int = 0
    failed: int = 0
    milliseconds: int = 0
    columns: list[str] = field(default_factory=list)
    blocks: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    # Set to stop the worker at the next opportunity.
    stop: bool = False

    @property
    def ids_of_failed(self) -> bool:
        """Whether failed results begin with the record's id."""
        return float(self.version) >= _FIRST_WITH_FAILED_IDS

    def info(self, *, counters: bool) -> dict[str, Any]:
        """The job as JSON; `counters` are left out when it is made, closed or aborted."""
        answer: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": in_json(self.created),
            "systemModstamp": in_json(self.modified or self.created),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }
        if self.kind == "ingest" and self.state == OPEN:
            answer["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        answer |= {"lineEnding": self.line_end, "columnDelimiter": self.delimiter}
        if self.key:
            answer["externalIdFieldName"] = self.key
        return answer | (self._counters() if counters else {})

    def _counters(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "jobType": "V2Ingest" if self.kind == "ingest" else "V2Query",
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
            "numberRecordsProcessed": self.processed,
        }
        if self.kind == "ingest":
            answer |= {
                "apiActiveProcessingTime": self.milliseconds,
                "apexProcessingTime": 0,
                "numberRecordsFailed": self.failed,
            }
        else:
            answer["isPkChunkingSupported"] = True
        if self.error:
            answer["errorMessage"] = self.error
        return answer

    def dump(self) -> str:
        """The state as text."""
        return json.dumps(asdict(self))


def restored(text: str) -> Job:
    """A job from what `dump` wrote; one that was being worked on when the org stopped has failed."""
    values = json.loads(text)
    values["blocks"] = {name: [tuple(part) for part in parts] for name, parts in values["blocks"].items()}
    job = Job(**values)
    if job.state == RUNNING:
        job.state, job.error = FAILED, STOPPED
        job.ended = job.ended or job.modified or job.created
    return job
