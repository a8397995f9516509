"""Every recorded exchange of real orgs, sent to ours in its order: the same status, and an answer of the same shape."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from tests.practice.driver import Api
from tests.practice.test_shapes import kind

_FOLDER = "corpora/salesforce/recorded-traffic"
_SESSIONS = [
    "ManualEditTestCompositeParallelSalesforce.test_http_headers",
    "TestCompositeParallelSalesforce.test_composite_parallel_salesforce",
    "TestCompositeParallelSalesforce.test_errors",
    "TestCompositeParallelSalesforce.test_reference_ids",
    "TestSelect.test_select_similarity_select_and_insert_strategy",
    "TestSelect.test_select_similarity_select_and_insert_strategy_bulk",
    "TestUpsert.test_simple_upsert__rest",
    "TestUpsert.test_upsert__rest",
    "TestUpsert.test_upsert_complex_external_id_field__rest",
    "TestUpsert.test_upsert_complex_external_id_field_rest__duplicate_error",
    "TestUpsert.test_upsert_complex_fields__bulk",
    "TestUpsert.test_upsert_external_id_field",
]
_ID = re.compile(r"[0-9A-Za-z]{15}[A-Z0-5]{3}")
# Some bodies were recorded in the chunks they were sent in.
_CHUNK = re.compile(r"^[0-9a-f]{1,4}\r\n")
# Members a release or an org has and another has not; what a list holds depends on the records there are.
_EDITED_JOB = "7509H0000016GUXQA2"
_LOOSE = {"records", "stateMessage", "queryLocator", "nextRecordsUrl"}


@dataclass
class Walk:
    """One session being replayed: their ids with ours, and what has come out."""

    api: Api
    ids: dict[str, str] = field(default_factory=dict)
    compared: int = 0
    different: list[str] = field(default_factory=list)

    def ours(self, text: str) -> str:
        """A recorded text with the ids our org gave."""
        return _ID.sub(lambda match: self.ids.get(match[0], match[0]), text)

    async def prepare(self, items: list[dict[str, Any]]) -> None:
        """Make the records that the session found in their org."""
        made: set[str] = set()
        for item in items:
            body = item["response"]["body"]
            answer = _recorded(body)
            if isinstance(answer, list):
                made |= {str(one.get("id")) for one in answer if isinstance(one, dict)}
            elif isinstance(answer, dict) and isinstance(answer.get("id"), str):
                made.add(answer["id"])
            for record in answer.get("records", []) if isinstance(answer, dict) else []:
                if record["attributes"]["type"] == "Account" and record.get("Id", "") not in made | {""}:
                    made.add(record["Id"])
                    given = (
                        await self.api.post("/sobjects/Account", {"Name": record.get("Name") or "A"})
                    ).json()
                    self.ids[record["Id"]] = given["id"]

    async def send(self, item: dict[str, Any]) -> None:
        """Send a recorded request and compare the answers."""
        request, recorded = item["request"], item["response"]
        path = "/" + self.ours(request["uri"].partition(".com")[2]).replace("vxx.0", "v62.0").lstrip("/")
        usual = "application/xml" if "/async/" in path else "application/json"
        headers = {"Content-Type": request["headers"].get("Content-Type", [usual])[0]}
        if "/async/" in path:
            path = path.replace("/vxx.0/", "/62.0/").replace("/v62.0/", "/62.0/")
            headers = {
                "X-SFDC-Session": self.api.practice.ready.access_token,
                "Content-Type": headers["Content-Type"],
            }
            if path.endswith("/batch") and request["method"] == "POST":
                headers["Content-Type"] = "text/csv"
        body = _text(request.get("body"))
        body = self.ours(_joined(body) if _CHUNK.match(body) else body).replace("vxx.0", "v62.0")
        if path.endswith("/result"):
            await self._worked_off(path.removesuffix("/result"), headers)
        answer = await self.api.call(request["method"], path, content=body.encode(), headers=headers)
        if answer.status_code != recorded["status"]["code"]:
            self.different.append(f"{path[:90]}: {answer.status_code} {answer.text[:200]}")
            return
        self._compare(path[:90], _parsed(answer.text), _recorded(recorded["body"]))
        self.compared += 1

    async def _worked_off(self, batch: str, headers: dict[str, str]) -> None:
        """Wait until a batch has been worked off, as it had been when the session was recorded."""
        state = "Queued"
        while state in ("Queued", "InProgress"):
            await asyncio.sleep(0.01)
            found = _parsed((await self.api.get(batch, headers=headers)).text)
            state = found["state"]

    def _compare(self, place: str, ours: Any, theirs: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            missing = set(theirs) - set(ours) - _LOOSE
            if missing:
                self.different.append(f"{place}: without {sorted(missing)}")
            for name in theirs.keys() & ours.keys():
                self._compare(f"{place} {name}", ours[name], theirs[name])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(ours, theirs, strict=False):
                self._compare(place + "[]", one, other)
        elif kind(ours) != kind(theirs) and "null" not in (kind(ours), kind(theirs)):
            self.different.append(f"{place}: {kind(ours)}, not {kind(theirs)}")
        elif (
            isinstance(theirs, str)
            and isinstance(ours, str)
            and _ID.fullmatch(theirs)
            and _ID.fullmatch(ours)
        ):
            self.ids.setdefault(theirs, ours)


def _text(body: Any) -> str:
    return (
        body.decode()
        if isinstance(body, bytes)
        else json.dumps(body)
        if isinstance(body, dict)
        else str(body or "")
    )


def _joined(text: str) -> str:
    """A body recorded in chunks: each a length in bytes, a line end, so much text, a line end."""
    data, parts = text.encode(), []
    while data:
        size, _end, data = data.partition(b"\r\n")
        parts.append(data[: int(size, 16)])
        data = data[int(size, 16) + 2 :]
    return b"".join(parts).decode()


def _recorded(body: Any) -> Any:
    """A recorded answer; of those kept as a template with values only the ids and what they belong to are known."""
    if isinstance(body.get("string"), dict):
        body = body["string"]
    if "include_template" in body:
        known = {name: body["vars"][name] for name in ("id", "jobId") if name in body["vars"]}
        return {"batchInfo": known} if "List" in body["include_template"] else known
    return _parsed(_text(body.get("string")))


def _parsed(text: str) -> Any:
    """JSON as it is, XML as nested members (repeated ones as lists), CSV as lists of cells, anything else as text."""
    if text.lstrip().startswith(("{", "[")):
        return json.loads(text)
    if text.lstrip().startswith("<"):
        return _members(etree.fromstring(text.strip().encode()))
    return [[cell.strip('"') for cell in line.split(",")] for line in text.splitlines()]


def _members(element: etree._Element) -> Any:
    children = element.findall("*")
    if not children:
        return element.text or ""
    members: dict[str, Any] = {}
    for child in children:
        name, value = etree.QName(child).localname, _members(child)
        if name in members:
            members[name] = [*(members[name] if isinstance(members[name], list) else [members[name]]), value]
        else:
            members[name] = value
    return members


def _replayed(item: dict[str, Any]) -> bool:
    """Whole exchanges as they took place: not those edited by hand (a job is made with 201), nor the job that hangs on one."""
    if "request" not in item:
        return False
    address = item["request"]["uri"]
    edited = address.endswith("/job") and item["response"]["status"]["code"] == 200
    return not (edited or _EDITED_JOB in address)


@pytest.mark.parametrize("name", _SESSIONS)
async def test_a_recorded_session(api: Api, shared: Path, name: str) -> None:
    text = (shared / _FOLDER / f"{name}.yaml").read_text("utf-8")
    items = [item for item in yaml.safe_load(text)["interactions"] if _replayed(item)]
    walk = Walk(api)
    await walk.prepare(items)
    for item in items:
        await walk.send(item)
    assert walk.different == []
    assert walk.compared == len(items) > 0


def test_no_recorded_session_is_left_out(shared: Path) -> None:
    found = {file.stem for file in (shared / _FOLDER).glob("*.yaml") if not file.name.startswith("GET_")}
    assert found - {"ManualEdit_test_describe_to_sql"} == set(_SESSIONS)
