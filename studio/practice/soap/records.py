"""Records in SOAP: read from the elements of a request, and shown with their parents and children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from studio.practice.catalog import Catalog, SObject
from studio.practice.failures import ApiError
from studio.practice.load import Outcome
from studio.practice.soap.message import element
from studio.practice.write import Incoming, incoming

_NIL = '<{name} xsi:nil="true"/>'


def read_records(catalog: Catalog, elements: Sequence[etree._Element], *, cut: bool) -> list[Incoming]:
    """The records of a request; with `cut` a text too long for its field loses its end. Raises ApiError."""
    return [_record(catalog, one, cut=cut) for one in elements]


def _record(catalog: Catalog, one: etree._Element, *, cut: bool) -> Incoming:
    values = _members(one)
    name = str(values.pop("type", ""))
    sobject = catalog.get(name)
    if sobject is None:
        raise ApiError(500, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
    nulls = values.pop("fieldsToNull", [])
    values |= dict.fromkeys([nulls] if isinstance(nulls, str) else nulls)
    if cut:
        values = {name: _cut(sobject, name, value) for name, value in values.items()}
    return incoming(sobject, values)


def _members(one: etree._Element) -> dict[str, Any]:
    """The children by name; a parent is a record of its own, an empty text is null."""
    values: dict[str, Any] = {}
    for child in one.findall("*"):
        name = etree.QName(child).localname
        if len(child):
            inner = _members(child)
            kind = inner.pop("type", None)
            inner.pop("fieldsToNull", None)
            inner = {key: value for key, value in inner.items() if value is not None}
            values[name] = inner | ({"attributes": {"type": kind}} if kind else {})
        elif name == "fieldsToNull":
            values.setdefault(name, []).append(child.text or "")
        elif name != "Id" or child.text:
            values[name] = child.text or None
    return values


def _cut(sobject: SObject, name: str, value: Any) -> Any:
    field = sobject.field(name)
    long = field is not None and field.is_text and isinstance(value, str)
    return value[: field.length] if long and field is not None else value


def shown(record: Mapping[str, Any], name: str = "records") -> str:
    """A record of a REST answer as SOAP shows it."""
    members = [f"<sf:type>{record['attributes']['type']}</sf:type>"]
    id_ = record.get("Id")
    members.append(f"<sf:Id>{id_}</sf:Id>" if id_ else _NIL.format(name="sf:Id"))
    members += [_member(f"sf:{key}", value) for key, value in record.items() if key != "attributes"]
    return f'<{name} xsi:type="sf:sObject">{"".join(members)}</{name}>'


def _member(name: str, value: Any) -> str:
    if value is None:
        return _NIL.format(name=name)
    if isinstance(value, Mapping) and "records" in value:
        return f'<{name} xsi:type="QueryResult">{found(value)}</{name}>'
    if isinstance(value, Mapping) and "attributes" in value:
        return shown(value, name)
    if isinstance(value, Mapping):
        return element(name, {key: item for key, item in value.items() if item is not None})
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    text = str(value)
    return f"<{name}>{escape(text[:-5] + 'Z' if _moment(text) else text)}</{name}>"


def _moment(text: str) -> bool:
    return len(text) == 28 and text.endswith("+0000") and text[10] == "T"


def found(page: Mapping[str, Any]) -> str:
    """A page of a query's answer."""
    further = str(page.get("nextRecordsUrl") or "").rpartition("/")[2]
    locator = f"<queryLocator>{further}</queryLocator>" if further else _NIL.format(name="queryLocator")
    records = "".join(shown(record) for record in page["records"])
    return f"<done>{str(page['done']).lower()}</done>{locator}{records}<size>{page['totalSize']}</size>"


def result(outcome: Outcome, *, created: bool = False) -> str:
    """What became of a record."""
    parts = [f"<created>{str(outcome.created).lower()}</created>"] if created else []
    if outcome.failure is not None:
        failure = outcome.failure
        parts.append(element("errors", {
            "fields": list(failure.fields), "message": failure.message, "statusCode": failure.code,
        }))  # fmt: skip
    parts.append(f"<id>{outcome.id}</id>" if outcome.id else _NIL.format(name="id"))
    parts.append(f"<success>{str(outcome.failure is None).lower()}</success>")
    return f"<result>{''.join(parts)}</result>"
