"""The constant that a schema itself names for a node: the only value it lists, or the code its documentation tells."""

from __future__ import annotations

import re

from studio.schema.model import Base, Place
from studio.schema.validate.values import unlisted

# A code at the beginning of a sentence that says what it means: "380 is a commercial invoice".
_TOLD = re.compile(
    r"(?:^|[.;:(]\s*)[\"'\u2018\u201c]?([0-9]{1,4}|[A-Z][A-Z0-9]{1,5})[\"'\u2019\u201d]?"
    r"\s+(?:is|means|stands for|=|\u00e9|significa)\s"
)
_DIGITS_ONLY = (Base.INTEGER, Base.DECIMAL)


def named(place: Place) -> str:
    """The constant, "" where the schema names none or several."""
    value = place.node.value
    if value is None:
        return ""
    if len(value.enumeration) == 1:
        return value.enumeration[0]
    told = " ".join((place.node.documentation or place.node.type.documentation).split())
    codes = set(_TOLD.findall(told))
    if len(codes) != 1:
        return ""
    code: str = codes.pop()
    fits = code.isdigit() if value.base in _DIGITS_ONLY else value.base is Base.TEXT
    return code if fits and not unlisted(value, code) else ""
