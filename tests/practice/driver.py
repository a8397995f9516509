"""A short way to drive a practice org in tests: paths below the data resource, jobs from start to end."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass
from typing import Any

import httpx

from studio.practice import faults
from studio.practice.server import PracticeOrg

DATA = "/services/data/v62.0"


@dataclass
class Results:
    """A finished job: its info, and its three result files as rows."""

    info: dict[str, Any]
    successful: list[dict[str, str]]
    failed: list[dict[str, str]]
    unprocessed: list[dict[str, str]]
    texts: dict[str, str]


@dataclass
class Api:
    """Calls on one org with its own token."""

    practice: PracticeOrg
    client: httpx.AsyncClient

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request; paths that do not begin with /services, /id or /practice are below the data resource."""
        own = path.startswith(("/services", "/practice", "/id/"))
        return await self.client.request(method, path if own else DATA + path, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", path, json=body, **more)

    async def patch(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.call("PATCH", path, json=body, **more)

    async def query(self, text: str) -> list[dict[str, Any]]:
        """All records of a query, page by page, without their attributes."""
        answer = (await self.get("/query", params={"q": text})).json()
        assert isinstance(answer, dict), answer
        records = answer["records"]
        while not answer["done"]:
            answer = (await self.get(answer["nextRecordsUrl"])).json()
            records += answer["records"]
        return [bare(record) for record in records]

    async def make_job(self, operation: str, name: str = "Account", **more: Any) -> dict[str, Any]:
        answer = await self.post("/jobs/ingest", {"object": name, "operation": operation, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def upload(self, job: dict[str, Any], content: bytes | str) -> httpx.Response:
        data = content.encode() if isinstance(content, str) else content
        return await self.call(
            "PUT", "/" + job["contentUrl"], content=data, headers={"Content-Type": "text/csv"}
        )

    async def close(self, job: dict[str, Any]) -> httpx.Response:
        return await self.patch(f"/jobs/ingest/{job['id']}", {"state": "UploadComplete"})

    async def ended(self, job_id: str, kind: str = "ingest") -> dict[str, Any]:
        """The job's info once it has ended."""
        while True:
            info = (await self.get(f"/jobs/{kind}/{job_id}")).json()
            if info["state"] in ("JobComplete", "Failed", "Aborted"):
                return info
            await asyncio.sleep(0.01)

    async def results(self, job_id: str, delimiter: str = ",") -> Results:
        """Info and result files of an ended job."""
        info = await self.ended(job_id)
        texts, rows = {}, {}
        for name, path in (("successful", "successfulResults"), ("failed", "failedResults"),
                           ("unprocessed", "unprocessedrecords")):  # fmt: skip
            answer = await self.get(f"/jobs/ingest/{job_id}/{path}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].startswith("text/csv")
            texts[name] = answer.text
            rows[name] = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=delimiter))
        return Results(info, rows["successful"], rows["failed"], rows["unprocessed"], texts)

    async def load(self, operation: str, content: bytes | str, name: str = "Account", **more: Any) -> Results:
        """A whole ingest job."""
        job = await self.make_job(operation, name, **more)
        assert (await self.upload(job, content)).status_code == 201
        assert (await self.close(job)).status_code == 200
        delimiters = {"SEMICOLON": ";", "PIPE": "|", "TAB": "\t", "CARET": "^", "BACKQUOTE": "`"}
        return await self.results(job["id"], delimiters.get(more.get("columnDelimiter", ""), ","))

    def fault(self, text: str) -> None:
        """Put a fault in force."""
        self.practice.org.faults.add(faults.parse(text))


def bare(record: Any) -> Any:
    """A record without attributes, at every level."""
    if isinstance(record, dict):
        return {key: bare(value) for key, value in record.items() if key != "attributes"}
    return [bare(item) for item in record] if isinstance(record, list) else record
