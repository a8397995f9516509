"""Up to 200 records in one call that is answered at once, in the order sent: sObject collections, and undelete by SOAP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.session import Org

if TYPE_CHECKING:
    from studio.connectors.salesforce import soap
else:
    # Undeleting alone needs it.
    soap = Lazily("studio.connectors.salesforce.soap")

# What the org takes in one call.
MOST = 200


@dataclass(frozen=True)
class Outcome:
    """What became of one record. `error` is written as Bulk results write it; `created` tells the two ends of an upsert."""

    id: str
    error: str = ""
    created: bool = False


@dataclass(frozen=True)
class Rules:
    """What is asked of the org's own rules; the defaults leave them as they are.

    `save_duplicates` saves records that a duplicate rule would only warn of; `assignment` is an assignment rule's id, or
    TRUE for the active one and FALSE for none (empty: the org's own default, which is TRUE); `all_or_none` makes the
    records of a call succeed together or not at all.
    """

    save_duplicates: bool = False
    assignment: str = ""
    all_or_none: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call."""
        found = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if self.save_duplicates else {}
        return found | ({"Sforce-Auto-Assign": self.assignment} if self.assignment else {})


NO_RULES = Rules()


async def insert(org: Org, records: Sequence[Mapping[str, Any]], rules: Rules = NO_RULES) -> list[Outcome]:
    """Create records, once. Every function here raises NotReachable where the answer was lost, SalesforceError."""
    return await _written(org, "POST", "", records, rules)


async def update(org: Org, records: Sequence[Mapping[str, Any]], rules: Rules = NO_RULES) -> list[Outcome]:
    """Change records that carry their ids."""
    return await _written(org, "PATCH", "", records, rules)


async def upsert(
    org: Org, object_name: str, key: str, records: Sequence[Mapping[str, Any]], rules: Rules = NO_RULES
) -> list[Outcome]:
    """Change the records found by `key`, create the others."""
    return await _written(org, "PATCH", f"/{quote(object_name)}/{quote(key)}", records, rules)


async def delete(org: Org, ids: Sequence[str], rules: Rules = NO_RULES) -> list[Outcome]:
    """Put records into the recycle bin."""
    answer = await org.request(
        "DELETE",
        f"{org.data}/composite/sobjects",
        params={"ids": ",".join(ids), "allOrNone": str(rules.all_or_none).lower()},
        repeatable=False,
    )
    return _outcomes(answer.json(), len(ids))


async def undelete(org: Org, ids: Sequence[str]) -> list[Outcome]:
    """Take records out of the recycle bin: a call that only the SOAP API has."""
    listed = "".join(f"<ids>{escape(id_)}</ids>" for id_ in ids)
    root = await soap.call(org, f"<undelete>{listed}</undelete>")
    return _undeleted(root, len(ids))


async def _written(
    org: Org, method: str, path: str, records: Sequence[Mapping[str, Any]], rules: Rules
) -> list[Outcome]:
    body = {"allOrNone": rules.all_or_none, "records": list(records)}
    address = f"{org.data}/composite/sobjects{path}"
    answer = await org.request(method, address, body=body, headers=rules.headers, repeatable=False)
    return _outcomes(answer.json(), len(records))


def _outcomes(data: Any, expected: int) -> list[Outcome]:
    try:
        found = [_outcome(item) for item in data]
    except (TypeError, AttributeError, KeyError) as error:
        raise _unreadable() from error
    if len(found) != expected:
        raise _unreadable()
    return found


def _outcome(item: Mapping[str, Any]) -> Outcome:
    if item["success"] is True:
        return Outcome(str(item.get("id") or ""), "", bool(item.get("created")))
    first = (item.get("errors") or [{}])[0]
    return Outcome(
        str(item.get("id") or ""),
        _error(first.get("statusCode"), first.get("message"), first.get("fields") or ()),
    )


def _error(code: object, message: object, fields: Sequence[object] = ()) -> str:
    return f"{code or 'UNKNOWN_EXCEPTION'}:{message or ''}:{','.join(map(str, fields))} --"


def _undeleted(root: Any, expected: int) -> list[Outcome]:
    found = []
    for result in root.iter(soap.SPACE + "result"):
        id_ = result.findtext(soap.SPACE + "id") or ""
        ok = result.findtext(soap.SPACE + "success") == "true"
        code, message = (
            result.findtext(f"{soap.SPACE}errors/{soap.SPACE}{n}") for n in ("statusCode", "message")
        )
        found.append(Outcome(id_, "" if ok else _error(code, message)))
    if len(found) != expected:
        raise _unreadable()
    return found


def _unreadable() -> NotReachable:
    """As good as no answer: what became of the records is not known."""
    return NotReachable(
        _("The org's answer does not tell what became of the records."),
        next_step=_("Check that no proxy answers in its place."),
    )


def never_applied(error: SalesforceError) -> bool:
    """The org turned the call away before it did anything: too busy, not signed in, or not to be read."""
    return error.status in (429, 503) or error.status < 500
