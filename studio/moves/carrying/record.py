"""A row as the JSON record that collections take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.connectors.salesforce.rows import NULL


def record(object_name: str, fields: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    """The record of a row with the meaning it has in a job: empty leaves the field out, `#N/A` empties it.

    Values stay text, which the org reads by the field's type, so that no digit changes on the way. `Parent.Key__c` and
    `Type:Parent.Key__c` become a parent named by its key.
    """
    made: dict[str, Any] = {"attributes": {"type": object_name}}
    for field, value in zip(fields, values, strict=True):
        if value == "":
            continue
        if "." not in field:
            made[field] = None if value == NULL else value
            continue
        relation, _dot, key = field.partition(".")
        kind, colon, name = relation.rpartition(":")
        parent: dict[str, Any] = {"attributes": {"type": kind}} if colon else {}
        made[name] = None if value == NULL else parent | {key: value}
    return made
