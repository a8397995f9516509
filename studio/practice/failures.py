"""What the org answers when it refuses: one Failure per record, one ApiError per request, in the vendor's words.

Status codes and texts are those clients match on, so they are English in every language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Failure:
    """Why a record was refused: a status code, a sentence, and the fields concerned."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def in_results(self) -> str:
        """As `sf__Error` spells it: `CODE:message:Field1,Field2 --`."""
        return f"{self.code}:{self.message}:{','.join(self.fields)} --"

    @property
    def in_collections(self) -> dict[str, Any]:
        """As collections and single-record answers list it."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class ApiError(Exception):
    """A whole request refused: HTTP status, error code, message; `fields` where the vendor lists them."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Sequence[str] | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = tuple(headers)

    @property
    def body(self) -> list[dict[str, Any]]:
        """The JSON every REST error carries."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """404 as the vendor words it."""
    return ApiError(404, "NOT_FOUND", message)


def not_of_type(value: str, field: str) -> Failure:
    """A value that does not read as the field's type."""
    return Failure("INVALID_TYPE_ON_FIELD_IN_RECORD", f"value not of required type: {value}", (field,))


def too_long(label: str, value: str, limit: int, field: str) -> Failure:
    """A text over the field's length; the message quotes it in full, as the vendor does up to a point."""
    shown = value if len(value) <= 255 else value[:255]
    return Failure(
        "STRING_TOO_LONG", f"{label}: data value too large: {shown} (max length={limit})", (field,)
    )


def required_missing(names: Sequence[str]) -> Failure:
    """Required fields left empty."""
    return Failure(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", tuple(names)
    )


def not_writable(names: Sequence[str]) -> Failure:
    """Read-only fields given a value."""
    return Failure(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set.",
        tuple(names),
    )


def bad_cross_reference() -> Failure:
    """An id that names no record."""
    return Failure("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())


def malformed_id(label: str, value: str, field: str) -> Failure:
    """An id of the wrong shape or of another object."""
    return Failure("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", (field,))


def entity_deleted() -> Failure:
    """A record that is in the recycle bin."""
    return Failure("ENTITY_IS_DELETED", "entity is deleted", ())


def duplicate_value(field: str, record: str) -> Failure:
    """A unique value another record has."""
    return Failure(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {record[:15]}",
        (field,),
    )


def duplicate_key(field: str, value: str) -> Failure:
    """The same external id twice in one batch of an upsert."""
    return Failure("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", (field,))


def ambiguous_key(field: str, records: Sequence[str]) -> Failure:
    """An external id that several records have."""
    return Failure(
        "DUPLICATE_EXTERNAL_ID",
        f"{field}: more than one record found for external id field: [{', '.join(records)}]",
        (field,),
    )


def no_such_parent(value: str, field: str, entity: str) -> Failure:
    """A relationship column whose value finds no parent."""
    return Failure(
        "INVALID_FIELD",
        f"Foreign key external ID: {value} not found for field {field} in entity {entity}",
        (),
    )
