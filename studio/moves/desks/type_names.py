"""Types of fields as people call them."""

from __future__ import annotations

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field


def type_text(field: Field) -> str:
    """`text 255`, `picklist, 27 values`, `number 18, 2`."""
    names = {
        "string": _("text"),
        "textarea": _("long text"),
        "boolean": _("yes/no"),
        "int": _("whole number"),
        "double": _("number"),
        "currency": _("currency"),
        "percent": _("percent"),
        "date": _("date"),
        "datetime": _("date and time"),
        "phone": _("phone"),
        "email": _("e-mail"),
        "url": _("web address"),
        "id": _("record id"),
        "picklist": _("picklist"),
        "multipicklist": _("multiple picklist"),
    }
    name = names.get(field.type, field.type)
    if field.type == "reference":
        return _("lookup to {objects}").format(objects=", ".join(field.reference_to[:2]) or "…")
    if field.type in ("picklist", "multipicklist"):
        return _("{type}, {count} values").format(type=name, count=len(field.values))
    if field.type in ("double", "currency", "percent"):
        return f"{name} {field.precision}, {field.scale}" if field.precision else name
    return f"{name} {field.length}" if field.length and field.type not in ("id", "boolean") else name
