"""Exporting a schema in a form by its name."""

from __future__ import annotations

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.export.dtd import to_dtd
from studio.schema.export.header import to_csv_header
from studio.schema.export.json_schema import to_json_schema
from studio.schema.export.xsd import to_xsd
from studio.schema.model import Node, Schema

# Form → the ending of its files.
FORMS = {"xsd": ".xsd", "json-schema": ".json", "dtd": ".dtd", "csv": ".csv"}


def export(schema: Schema, form: str, *, root: Node | None = None, name: str = "schema") -> dict[str, str]:
    """File name → text of the schema in a form (one of FORMS), of one root or of all; the first file is the main one.

    Only XSD needs several: one for each namespace. Raises BadInput for an unknown form or nothing to export.
    """
    roots = (root,) if root is not None else schema.roots
    if form not in FORMS:
        raise BadInput(
            _("There is no form of export called {name}.").format(name=form),
            next_step=_("The forms are: {forms}.").format(forms=", ".join(FORMS)),
        )
    if not roots or all(one.unresolved for one in roots):
        raise BadInput(
            _("There is nothing to export: the schema has no root that is here."),
            file=schema.files[0] if schema.files else None,
            next_step=_("Supply what is missing, or choose another schema."),
        )
    if form == "xsd":
        return to_xsd(schema, roots, name=name)
    writers = {"json-schema": to_json_schema, "dtd": to_dtd, "csv": to_csv_header}
    return {f"{name}{FORMS[form]}": writers[form](schema, roots)}
