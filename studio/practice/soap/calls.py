"""The calls of the partner API, one function each, and the endpoint that finds them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any

from studio.practice import describe, removal
from studio.practice.api.collections import MOST_RECORDS
from studio.practice.api.discovery import described
from studio.practice.api.query import QueryApi
from studio.practice.api.records import check_right
from studio.practice.api.records import read_records as records_by_id
from studio.practice.asking import Asking, asking
from studio.practice.catalog import SObject
from studio.practice.clock import stored
from studio.practice.failures import ApiError, malformed_id, not_found
from studio.practice.http.message import Response
from studio.practice.ids import full_id
from studio.practice.load import Batch, Outcome
from studio.practice.router import Call, Route, route
from studio.practice.soap import records
from studio.practice.soap.login import log_in, log_out, user_info
from studio.practice.soap.message import KINDS, NIL, Asked, Refused, answer, element, fault, faulty, read
from studio.practice.write import rolled_back, write

Remove = Callable[[SObject, list[str]], list[Outcome]]
# Members of REST descriptions that SOAP ones do not have.
_REST_ONLY = {"urls", "sobjectDescribeOption", "extendedBy", "extendsInterfaces"}
# Members that are shown even when they are empty.
_EMPTY = {
    "associateEntityType", "associateParentEntity", "defaultImplementation", "implementedBy", "implementsInterfaces",
    "keyPrefix", "networkScopeFieldName",
}  # fmt: skip
_DESCRIBE_MOST = 100


class PartnerApi:
    """Answers SOAP requests of signed-in clients."""

    def __init__(self) -> None:
        self._queries = QueryApi()
        self._calls: dict[str, Callable[[Call, Asked], Awaitable[Response]]] = {
            "getUserInfo": self._user, "getServerTimestamp": self._time, "describeGlobal": self._list,
            "describeSObject": self._describe, "describeSObjects": self._describe, "query": self._query,
            "queryAll": self._query, "queryMore": self._more, "retrieve": self._retrieve, "create": self._write,
            "update": self._write, "upsert": self._write, "delete": self._remove, "undelete": self._remove,
            "emptyRecycleBin": self._remove,
        }  # fmt: skip

    async def endpoint(self, call: Call) -> Response:
        """POST /services/Soap/u/62.0, whatever its SOAPAction."""
        kind = KINDS.get(call.match["kind"].lower())
        if kind is None:
            raise not_found()
        try:
            asked = read(await call.request.body(), kind)
        except Refused as error:
            return fault(kind, "UNKNOWN_EXCEPTION", str(error))
        try:
            return await self._answer(call, asked)
        except ApiError as error:
            return faulty(kind, error)

    async def _answer(self, call: Call, asked: Asked) -> Response:
        if asked.operation == "login":
            return await call.org.run(log_in, call, asked)
        if asked.operation == "logout":
            return await call.org.run(log_out, call, asked)
        answers = self._calls.get(asked.operation)
        if answers is None:
            raise ApiError(500, "INVALID_OPERATION", f"The practice org has no SOAP call {asked.operation}()")
        grant = call.org.sessions.find(asked.head("SessionHeader/sessionId"))
        if grant is None:
            message = "Invalid Session ID found in SessionHeader: Illegal Session"
            raise ApiError(500, "INVALID_SESSION_ID", message)
        if call.org.calls_today >= call.org.call_limit:
            raise ApiError(500, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        call.org.calls_today += 1
        call.grant = grant
        rule = asked.head("AssignmentRuleHeader/assignmentRuleId")
        default = asked.head("AssignmentRuleHeader/useDefaultRule") == "true"
        allowed = asked.head("DuplicateRuleHeader/allowSave") == "true"
        asking.set(Asking(grant.user_id, allowed, bool(rule) or default))
        call.match |= {
            "version": call.match["soap"],
            "options": f"batchSize={asked.head('QueryOptions/batchSize')}",
        }
        return await answers(call, asked)

    async def _user(self, call: Call, asked: Asked) -> Response:
        info = await call.org.run(user_info, call, call.org.user_id)
        return answer(asked, element("result", info))

    async def _time(self, call: Call, asked: Asked) -> Response:
        return answer(asked, element("result", {"timestamp": stored(call.org.clock.now())}))

    async def _list(self, call: Call, asked: Asked) -> Response:
        listing = describe.listing(call.org.catalog, call.data)
        objects = [_object(item) for item in listing["sobjects"]]
        return answer(asked, element("result", listing | {"sobjects": objects}))

    async def _describe(self, call: Call, asked: Asked) -> Response:
        names = asked.texts("sObjectType")
        if len(names) > _DESCRIBE_MOST:
            raise ApiError(
                500, "EXCEEDED_ID_LIMIT", f"At most {_DESCRIBE_MOST} objects can be described at once"
            )
        results = []
        for name in names:
            sobject = call.org.catalog.get(name)
            if sobject is None:
                raise ApiError(500, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
            found = await described(call, sobject)
            for field in found["fields"]:
                field["soapType"] = field["soapType"].replace("urn:address", "tns:address")
            kinds = [_without(kind) for kind in found["recordTypeInfos"]]
            urls = found["urls"]
            more = {
                "urlDetail": urls["uiDetailTemplate"],
                "urlEdit": urls["uiEditTemplate"],
                "urlNew": urls["uiNewRecord"],
            }
            results.append(_object(found) | more | {"recordTypeInfos": kinds})
        return answer(asked, element("result", results))

    async def _query(self, call: Call, asked: Asked) -> Response:
        page = await self._queries.first(
            call, asked.text("queryString"), deleted=asked.operation == "queryAll"
        )
        return _page(asked, page)

    async def _more(self, call: Call, asked: Asked) -> Response:
        call.match["locator"] = asked.text("queryLocator")
        return _page(asked, await self._queries.further(call))

    async def _retrieve(self, call: Call, asked: Asked) -> Response:
        sobject = call.sobject(asked.text("sObjectType"))
        names = [name.strip() for name in asked.text("fieldList").split(",") if name.strip()]
        ids = [full_id(text) or text for text in asked.texts("ids")]
        found = await call.org.run(
            records_by_id, call, sobject, [i for i in ids if full_id(i)], ["Id", *names]
        )
        shown = [found.get(id_) for id_ in ids]
        nothing = '<result xsi:nil="true"/>'
        return answer(asked, "".join(records.shown(one, "result") if one else nothing for one in shown))

    async def _write(self, call: Call, asked: Asked) -> Response:
        elements = asked.element.findall("{*}sObjects")
        _check_count(elements)
        cut = asked.head("AllowFieldTruncationHeader/allowFieldTruncation") == "true"
        given = records.read_records(call.org.catalog, elements, cut=cut)
        operation = {"create": "insert"}.get(asked.operation, asked.operation)
        for record in given:
            check_right(record.sobject, operation)
        key = None
        if operation == "upsert":
            name = asked.text("externalIDFieldName")
            key = given[0].sobject.field(name) if given else None
            if given and (key is None or not key.is_key):
                message = f"Field name provided, {name} is not an External ID or indexed field"
                raise ApiError(500, "INVALID_FIELD", message)
        outcomes = await call.org.run(
            write, call.org, operation, given, key=key, all_or_none=_all_or_none(asked)
        )
        results = [records.result(one, created=operation == "upsert") for one in outcomes]
        return answer(asked, "".join(results))

    async def _remove(self, call: Call, asked: Asked) -> Response:
        """delete(), undelete() and emptyRecycleBin(), of records of any objects."""
        ids = asked.texts("ids") or asked.texts("iDs") or asked.texts("ID")
        _check_count(ids)
        outcomes = await call.org.run(_removed, call, asked, ids)
        return answer(asked, "".join(records.result(one) for one in outcomes))


class _RollBack(Exception):
    pass


def _removed(call: Call, asked: Asked, ids: Sequence[str]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        with call.org.store.writing() as connection:
            ways: dict[str, Remove] = {
                "delete": lambda of, some: removal.delete(call.org, connection, of, some, Batch()),
                "undelete": lambda of, some: removal.undelete(call.org, connection, of, some),
                "emptyRecycleBin": lambda of, some: removal.empty_bin(call.org, connection, of, some),
            }
            for prefix, group in groupby(ids, key=lambda text: text[:3]):
                outcomes += _of_one_kind(call, ways[asked.operation], asked.operation, prefix, list(group))
            if _all_or_none(asked) and any(outcome.failure for outcome in outcomes):
                raise _RollBack
    except _RollBack:
        return rolled_back(outcomes)
    return outcomes


def _of_one_kind(call: Call, remove: Remove, operation: str, prefix: str, texts: list[str]) -> list[Outcome]:
    """The records of one object, in order; ids that read as none are refused."""
    sobject = call.org.catalog.with_prefix(prefix)
    if sobject is None:
        return [Outcome(None, False, malformed_id("Id", text, "Id")) for text in texts]
    if operation == "delete":
        check_right(sobject, "delete")
    done = iter(remove(sobject, [id_ for text in texts if (id_ := full_id(text))]))
    return [
        next(done) if full_id(text) else Outcome(None, False, malformed_id("Id", text, "Id"))
        for text in texts
    ]


def _object(values: dict[str, Any]) -> dict[str, Any]:
    """An object's description as SOAP shows it."""
    shown = _without(values) | {"idEnabled": False}
    return {name: NIL if value is None and name in _EMPTY else value for name, value in shown.items()}


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _REST_ONLY}


def _page(asked: Asked, page: dict[str, Any]) -> Response:
    return answer(asked, f'<result xsi:type="QueryResult">{records.found(page)}</result>')


def _check_count(given: Sequence[object]) -> None:
    if len(given) > MOST_RECORDS:
        message = f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call"
        raise ApiError(500, "EXCEEDED_ID_LIMIT", message)


def _all_or_none(asked: Asked) -> bool:
    return asked.head("AllOrNoneHeader/allOrNone") == "true"


def routes() -> list[Route]:
    """The routes of this module."""
    api = PartnerApi()
    return [
        route("POST", "/services/Soap/{kind}/{soap}", api.endpoint, open=True),
        route("POST", "/services/Soap/{kind}/{soap}/{org}", api.endpoint, open=True),
    ]
