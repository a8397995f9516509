"""Page layouts of an object, and what a form for a new record begins with (the user interface's own calls)."""

from __future__ import annotations

from typing import Any

from studio.practice.api.discovery import described
from studio.practice.catalog import SObject
from studio.practice.failures import ApiError, not_found
from studio.practice.http.message import Response, json_response
from studio.practice.router import Call, Route, route

_COLUMNS = 2


async def layouts(call: Call) -> Response:
    """GET describe/layouts: the layouts, and which record type has which."""
    sobject, answer = call.sobject(), await described(call, call.sobject())
    mappings = [
        {
            "active": True,
            "available": one["available"],
            "defaultRecordTypeMapping": one["defaultRecordTypeMapping"],
            "developerName": one["developerName"],
            "layoutId": _layout_id(sobject),
            "master": one["master"],
            "name": one["name"],
            "picklistsForRecordType": [
                {"picklistName": field["name"], "picklistValues": field["picklistValues"]}
                for field in answer["fields"]
                if field["type"] in ("picklist", "multipicklist")
            ],
            "recordTypeId": one["recordTypeId"],
            "urls": one["urls"],
        }
        for one in answer["recordTypeInfos"]
    ]
    several = len([one for one in mappings if not one["master"]]) > 1
    found = {
        "layouts": [_layout(sobject, answer)],
        "recordTypeMappings": mappings,
        "recordTypeSelectorRequired": [several],
    }
    return json_response(found)


async def layout(call: Call) -> Response:
    """GET describe/layouts/{id}: the layout of one record type."""
    answer = await described(call, call.sobject())
    _record_type(answer, call.match["id"])
    return json_response(_layout(call.sobject(), answer))


async def record_defaults(call: Call) -> Response:
    """GET ui-api/record-defaults/create/{object}: the fields a user may fill, with what they begin with."""
    sobject = call.sobject()
    answer = await described(call, sobject)
    chosen = _record_type(answer, call.request.query.get("recordTypeId", ""))
    writable = [field for field in answer["fields"] if field["createable"]]
    fields = {field["name"]: _begun(field) for field in writable}
    if "RecordTypeId" in fields:
        fields["RecordTypeId"] = {"displayValue": None, "value": chosen["recordTypeId"]}
    if "OwnerId" in fields:
        fields["OwnerId"] = {"displayValue": None, "value": call.org.user_id}
    record = {
        "apiName": sobject.name,
        "childRelationships": {},
        "fields": fields,
        "id": None,
        "lastModifiedById": None,
        "lastModifiedDate": None,
        "recordTypeId": chosen["recordTypeId"],
        "recordTypeInfo": None if chosen["master"] else _type_info(chosen),
        "systemModstamp": None,
    }
    found = {
        "layout": {
            "id": _layout_id(sobject),
            "layoutType": "Full",
            "mode": "Create",
            "objectApiName": sobject.name,
        },
        "objectInfos": {sobject.name: _object_info(sobject, answer)},
        "record": record,
    }
    return json_response(found)


async def object_info(call: Call) -> Response:
    """GET ui-api/object-info/{object}."""
    return json_response(_object_info(call.sobject(), await described(call, call.sobject())))


def _record_type(answer: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The record type asked for, or the default one. Raises ApiError 404 for one of another object."""
    for one in answer["recordTypeInfos"]:
        if wanted and one["recordTypeId"][:15] == wanted[:15]:
            return dict(one)
        if not wanted and one["defaultRecordTypeMapping"]:
            return dict(one)
    raise not_found() if wanted else ApiError(400, "INVALID_TYPE", "There is no default record type")


def _layout_id(sobject: SObject) -> str:
    return f"00h{sobject.prefix}000000001AAA"


def _layout(sobject: SObject, answer: dict[str, Any]) -> dict[str, Any]:
    shown = [field for field in answer["fields"] if field["type"] != "id"]
    edited = [field for field in shown if field["createable"] or field["updateable"]]
    return {
        "buttonLayoutSection": None,
        "detailLayoutSections": [_section(sobject, shown)],
        "editLayoutSections": [_section(sobject, edited)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": _layout_id(sobject),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": None,
        "relatedContent": None,
        "relatedLists": [
            {"label": link["childSObject"], "name": link["relationshipName"], "sobject": link["childSObject"]}
            for link in answer["childRelationships"]
            if link["relationshipName"]
        ],
        "saveOptions": [],
    }


def _section(sobject: SObject, fields: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [fields[at : at + _COLUMNS] for at in range(0, len(fields), _COLUMNS)]
    return {
        "collapsed": False,
        "columns": _COLUMNS,
        "heading": f"{sobject.label} Information",
        "layoutRows": [
            {"layoutItems": [_item(field) for field in row], "numItems": len(row)} for row in rows
        ],
        "layoutSectionId": f"01B{sobject.prefix}000000001AAA",
        "parentLayoutId": _layout_id(sobject),
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(field: dict[str, Any]) -> dict[str, Any]:
    required = field["createable"] and not field["nillable"] and not field["defaultedOnCreate"]
    return {
        "editableForNew": field["createable"],
        "editableForUpdate": field["updateable"],
        "label": field["label"],
        "layoutComponents": [
            {"details": field, "displayLines": 1, "tabOrder": 0, "type": "Field", "value": field["name"]}
        ],
        "placeholder": False,
        "required": required,
    }


def _begun(field: dict[str, Any]) -> dict[str, Any]:
    """What a field of a new record begins with: a picklist's default, else the field's own."""
    picked = next((one for one in field["picklistValues"] if one["defaultValue"]), None)
    if picked is not None:
        return {"displayValue": picked["label"], "value": picked["value"]}
    value = field["defaultValue"]
    return {"displayValue": None, "value": False if value is None and field["type"] == "boolean" else value}


def _type_info(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "available": one["available"],
        "defaultRecordTypeMapping": one["defaultRecordTypeMapping"],
        "master": one["master"],
        "name": one["name"],
        "recordTypeId": one["recordTypeId"],
    }


def _object_info(sobject: SObject, answer: dict[str, Any]) -> dict[str, Any]:
    types = {one["recordTypeId"]: _type_info(one) for one in answer["recordTypeInfos"]}
    default = next((id_ for id_, one in types.items() if one["defaultRecordTypeMapping"]), None)
    return {
        "apiName": sobject.name,
        "createable": answer["createable"],
        "custom": answer["custom"],
        "defaultRecordTypeId": default,
        "deletable": answer["deletable"],
        "fields": {
            field["name"]: {
                "apiName": field["name"],
                "createable": field["createable"],
                "dataType": field["type"].capitalize(),
                "label": field["label"],
                "length": field["length"],
                "required": field["createable"] and not field["nillable"] and not field["defaultedOnCreate"],
                "updateable": field["updateable"],
            }
            for field in answer["fields"]
        },
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "nameFields": [field["name"] for field in answer["fields"] if field["nameField"]],
        "recordTypeInfos": types,
        "updateable": answer["updateable"],
    }


def routes() -> list[Route]:
    """The routes of this module."""
    data = "/services/data/v{version}"
    return [
        route("GET", data + "/sobjects/{object}/describe/layouts", layouts),
        route("GET", data + "/sobjects/{object}/describe/layouts/{id}", layout),
        route("GET", data + "/ui-api/record-defaults/create/{object}", record_defaults),
        route("GET", data + "/ui-api/object-info/{object}", object_info),
    ]
