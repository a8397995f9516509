"""Queries over REST: pages of records, and the cursors that lead from one to the next."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from studio.practice.failures import ApiError
from studio.practice.http.message import Response, json_response
from studio.practice.ids import record_id
from studio.practice.router import Call, Route, route
from studio.practice.soql import render
from studio.practice.soql.plan import Plan, compile_query

LEAST, MOST = 200, 2000
_OPEN_CURSORS = 10
_CURSOR_TIME = timedelta(days=2)
Page = dict[str, Any]


@dataclass(frozen=True)
class Cursor:
    """An answer that goes on: the records' numbers as they were when it was asked."""

    plan: Plan
    numbers: Sequence[int]
    made: datetime


class Cursors:
    """The open cursors; an eleventh closes the oldest."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._made = 0

    def add(self, cursor: Cursor) -> str:
        """Keep a cursor; its id."""
        self._made += 1
        name = record_id("01g", 14_776_000 + self._made)
        self._open[name] = cursor
        while len(self._open) > _OPEN_CURSORS:
            self._open.popitem(last=False)
        return name

    def get(self, name: str, now: datetime) -> Cursor:
        """A cursor. Raises ApiError INVALID_QUERY_LOCATOR when it is closed, too old or was never there."""
        cursor = self._open.get(name)
        if cursor is None or now - cursor.made > _CURSOR_TIME:
            self._open.pop(name, None)
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor


class QueryApi:
    """The query resources."""

    def __init__(self) -> None:
        self._cursors = Cursors()

    async def query(self, call: Call) -> Response:
        """Run a query over what is not deleted."""
        return await self._run(call, deleted=False)

    async def query_all(self, call: Call) -> Response:
        """Run a query that includes the recycle bin."""
        return await self._run(call, deleted=True)

    async def more(self, call: Call) -> Response:
        """A further page."""
        return json_response(await self.further(call))

    async def further(self, call: Call) -> Page:
        """The page a locator leads to: the cursor, a dash, and the place to go on from."""
        name, _dash, place = call.match["locator"].rpartition("-")
        if not place.isdecimal():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        cursor = self._cursors.get(name, call.org.clock.now())
        return await call.org.run(self._page, call, name, cursor, int(place))

    async def _run(self, call: Call, *, deleted: bool) -> Response:
        return json_response(await self.first(call, call.request.query.get("q", ""), deleted=deleted))

    async def first(self, call: Call, text: str, *, deleted: bool) -> Page:
        """The first page of a query's answer."""
        if not text.strip():
            raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
        now = call.org.clock.now()
        plan = compile_query(call.org.catalog, text, now.date(), deleted=deleted)
        return await call.org.run(self._first, call, plan, now)

    def _first(self, call: Call, plan: Plan, now: datetime) -> Page:
        connection = call.org.store.connection()
        if plan.count_only:
            return _answer([], plan.count(connection))
        if plan.grouped:
            rows = render.totals(connection, plan)
            return _answer(rows, len(rows))
        cursor = Cursor(plan, plan.numbers(connection), now)
        size = _page_size(call)
        name = self._cursors.add(cursor) if len(cursor.numbers) > size else ""
        return self._page(call, name, cursor, 0)

    def _page(self, call: Call, name: str, cursor: Cursor, start: int) -> Page:
        size = _page_size(call)
        numbers = cursor.numbers[start : start + size]
        found = render.records(call.org.store.connection(), cursor.plan, numbers, call.data)
        end = start + size
        further = f"{call.data}/query/{name}-{end}" if end < len(cursor.numbers) else None
        return _answer(found, len(cursor.numbers), further)


def _page_size(call: Call) -> int:
    # SOAP calls bring theirs in a header of their own.
    options = call.match.get("options") or call.request.headers.get("sforce-query-options")
    match = re.search(r"batchSize\s*=\s*(\d{1,9})", options, re.IGNORECASE)
    asked = min(MOST, max(LEAST, int(match[1]))) if match else MOST
    return int(min(asked, call.org.faults.value("page-rows") or asked))


def _answer(records: list[dict[str, Any]], total: int, further: str | None = None) -> Page:
    answer: dict[str, Any] = {"totalSize": total, "done": further is None}
    if further:
        answer["nextRecordsUrl"] = further
    return answer | {"records": records}


def routes() -> list[Route]:
    """The routes of this module."""
    api, data = QueryApi(), "/services/data/v{version}"
    return [
        route("GET", data + "/query", api.query),
        route("GET", data + "/queryAll", api.query_all),
        route("GET", data + "/query/{locator}", api.more),
        route("GET", data + "/queryAll/{locator}", api.more),
    ]
