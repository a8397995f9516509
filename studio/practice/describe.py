"""Describe answers: every key a real org gives for an object, a field, a picklist value, a child relationship."""

from __future__ import annotations

import base64
from typing import Any

from studio.practice.catalog import NUMBER_TYPES, Catalog, ChildLink, Field, Pick, SObject

_SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
    "time": "xsd:time", "address": "urn:address",
}  # fmt: skip
_MASTER_RECORD_TYPE = "012000000000000AAA"
# Characters of a text field may take three bytes each.
_BYTES_PER_CHARACTER = 3


def summary(sobject: SObject, data: str) -> dict[str, Any]:
    """An entry of the list of objects; `data` is the path of the version asked for."""
    address = f"{data}/sobjects/{sobject.name}"
    writable = sobject.createable
    urls = {"rowTemplate": address + "/{ID}", "describe": address + "/describe", "sobject": address}
    if writable:
        urls |= {
            "compactLayouts": address + "/describe/compactLayouts",
            "layouts": address + "/describe/layouts",
            "quickActions": address + "/quickActions",
            "approvalLayouts": address + "/describe/approvalLayouts",
            "listviews": address + "/listviews",
        }
    return {
        "activateable": False, "associateEntityType": None, "associateParentEntity": None,
        "createable": sobject.createable, "custom": sobject.custom, "customSetting": False, "deepCloneable": False,
        "deletable": sobject.deletable, "deprecatedAndHidden": False, "feedEnabled": writable,
        "hasSubtypes": False, "isInterface": False, "isSubtype": False, "keyPrefix": sobject.prefix,
        "label": sobject.label, "labelPlural": sobject.plural, "layoutable": writable,
        "mergeable": sobject.name in ("Account", "Contact", "Lead"), "mruEnabled": writable, "name": sobject.name,
        "queryable": True, "replicateable": True, "retrieveable": True, "searchable": writable,
        "triggerable": writable, "undeletable": sobject.deletable, "updateable": sobject.updateable, "urls": urls,
    }  # fmt: skip


def listing(catalog: Catalog, data: str) -> dict[str, Any]:
    """The list of all objects."""
    objects = sorted(catalog, key=lambda sobject: sobject.name)
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [summary(item, data) for item in objects]}


def describe(
    catalog: Catalog, sobject: SObject, data: str, base: str, types: list[tuple[str, str, str]]
) -> Any:
    """The whole description; `types` are the object's record types as id, name and label."""
    answer = summary(sobject, data)
    answer["urls"] = answer["urls"] | {
        "uiDetailTemplate": base + "/{ID}",
        "uiEditTemplate": base + "/{ID}/e",
        "uiNewRecord": f"{base}/{sobject.prefix}/e",
    }
    plural = sobject.plural.lower()
    scopes = [{"label": f"All {plural}", "name": "everything"}]
    if any(field.name == "OwnerId" for field in sobject.fields):
        scopes.append({"label": f"My {plural}", "name": "mine"})
    return answer | {
        "actionOverrides": [], "childRelationships": [_child(link) for link in catalog.children(sobject)],
        "compactLayoutable": sobject.createable, "defaultImplementation": None, "extendedBy": None,
        "extendsInterfaces": None, "fields": [_field(field, sobject) for field in sobject.fields],
        "implementedBy": None, "implementsInterfaces": None, "listviewable": None, "lookupLayoutable": None,
        "namedLayoutInfos": [], "networkScopeFieldName": None,
        "recordTypeInfos": [_record_type(item, sobject, data, first=not n) for n, item in enumerate(types)]
        + [_record_type((_MASTER_RECORD_TYPE, "Master", "Master"), sobject, data, first=not types)],
        "searchLayoutable": sobject.createable, "sobjectDescribeOption": "FULL", "supportedScopes": scopes,
    }  # fmt: skip


def _record_type(item: tuple[str, str, str], sobject: SObject, data: str, *, first: bool) -> dict[str, Any]:
    id_, name, label = item
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": first,
        "developerName": name,
        "master": id_ == _MASTER_RECORD_TYPE,
        "name": label,
        "recordTypeId": id_,
        "urls": {"layout": f"{data}/sobjects/{sobject.name}/describe/layouts/{id_}"},
    }


def _child(link: ChildLink) -> dict[str, Any]:
    return {
        "cascadeDelete": link.field.cascade,
        "childSObject": link.child.name,
        "deprecatedAndHidden": False,
        "field": link.field.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": link.field.children,
        "restrictedDelete": False,
    }


def _field(field: Field, sobject: SObject) -> dict[str, Any]:
    searchable = field.filterable and not field.long
    text = field.is_text or field.type in ("id", "reference")
    bytes_ = field.length * _BYTES_PER_CHARACTER if field.is_text else field.length
    master = field.master
    above = sobject.field(field.controller) if field.controller else None
    controlling = [pick.value for pick in above.picklist] if above else []
    return {
        "aggregatable": field.type not in ("boolean", "address") and not field.long,
        "aiPredictionField": False,
        "autoNumber": field.auto is not None,
        "byteLength": bytes_ if text else 0,
        "calculated": sobject.custom and field.formula is not None,
        "calculatedFormula": None,
        "cascadeDelete": master,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": field.controller,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": field.controller is not None,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external,
        "extraTypeInfo": field.extra,
        "filterable": searchable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": _groupable(field),
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.references) > 1,
        "nillable": field.nillable,
        "permissionable": field.permissionable and not field.required,
        "picklistValues": [_pick(pick, controlling) for pick in field.picklist],
        "polymorphicForeignKey": len(field.references) > 1,
        "precision": field.precision if field.type in NUMBER_TYPES and field.type != "int" else 0,
        "queryByDistance": field.type == "address",
        "referenceTargetField": None,
        "referenceTo": list(field.references),
        "relationshipName": field.relationship,
        "relationshipOrder": 0 if master else None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference" and field.permissionable,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": searchable and field.type not in ("address", "multipicklist"),
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _groupable(field: Field) -> bool:
    if field.long or field.auto:
        return False
    return field.type not in ("double", "currency", "percent", "datetime", "address", "multipicklist", "time")


def valid_for(pick: Pick, controlling: list[str]) -> str | None:
    """Which controlling values a dependent one goes with: a bit each, from the left, in base 64."""
    if not controlling:
        return None
    bits = bytearray((len(controlling) + 7) // 8)
    for place, value in enumerate(controlling):
        if value in pick.under:
            bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bits).decode()


def _pick(pick: Pick, controlling: list[str]) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": pick.default,
        "label": pick.value,
        "validFor": valid_for(pick, controlling),
        "value": pick.value,
    }
