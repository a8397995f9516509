"""Why a user may not do something with an object or a field, and which permission is missing."""

from __future__ import annotations

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field
from studio.moves.model import Action

# The org writes these itself, unless a user may give them to new records.
_AUDIT = frozenset({"createddate", "createdbyid", "lastmodifieddate", "lastmodifiedbyid"})


def may_write(field: Field, header: str, action: Action, key: str) -> bool:
    """The user may give the field a value by this action, or it only names the record (`header` is the column's name)."""
    names_record = field.type == "id" or (action is Action.UPSERT and header.lower() == key.lower())
    if names_record:
        return action is not Action.INSERT or field.type != "id"
    if action.id_only:
        return False
    if action is Action.INSERT:
        return field.createable
    if action is Action.UPDATE:
        return field.updateable
    return field.createable or field.updateable


def why_shut(field: Field, action: Action) -> str:
    """Why no value of the field is taken, where `may_write` says so, with the permission that would help if one would."""
    if field.type == "id":
        return _("an id is given by the org")
    if action.id_only:
        return _("nothing but the Id is sent")
    if field.calculated:
        return _("a formula, which the org works out")
    if field.auto_number:
        return _("a number that the org gives")
    if field.name.lower() in _AUDIT:
        if action is Action.UPDATE:
            return _("written by the org alone")
        return _(
            "written by the org, unless the user has the permission Set Audit Fields upon Record Creation"
        )
    if field.createable:
        return _("taken of new records only, not changed later")
    if field.permissionable:
        return _(
            "this user lacks Edit Access to the field (field-level security of a permission set or the profile)"
        )
    return _("the field cannot be written by any user")


def one_way(field: Field, header: str, action: Action, key: str) -> str:
    """What an upsert can do with a field only sometimes: the reason why some of its rows may fail; else empty."""
    if action is not Action.UPSERT or field.createable == field.updateable or "." in header:
        return ""
    if field.type == "id" or header.lower() == key.lower():
        return ""
    if field.createable:
        return _("taken of new records only: a row whose record is there already will fail")
    return _("taken of records that are there already only: a row that creates one will fail")


def needed(action: Action) -> str:
    """The permission on an object that an action needs, by the name an admin finds it under."""
    return {
        Action.INSERT: "Create",
        Action.UPDATE: "Edit",
        Action.UPSERT: "Create, Edit",
        Action.HARD_DELETE: "Delete, Bulk API Hard Delete",
    }.get(action, "Delete")
