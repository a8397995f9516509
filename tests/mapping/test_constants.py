"""The constant a schema names: the only value listed, or the one code that its documentation explains."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.mapping.constants import named
from studio.schema.model import Base, Kind, Node, Place, Type, ValueType


def _place(told: str, base: Base = Base.TEXT, **facts: object) -> Place:
    value = replace(ValueType(base=base), **facts)  # type: ignore[arg-type]
    return Place.root(Node("code", Kind.FIELD, Type("code", value=value), documentation=told))


@pytest.mark.parametrize(
    ("told", "base", "facts", "found"),
    [
        ("380 is a commercial invoice.", Base.TEXT, {}, "380"),
        ("380 is a commercial invoice.", Base.INTEGER, {}, "380"),
        ("What it is. EUR means euro.", Base.TEXT, {}, "EUR"),
        ("EUR means euro.", Base.DECIMAL, {}, ""),
        ("380 is an invoice. 381 is a credit note.", Base.TEXT, {}, ""),
        ("The date by which it is to be paid.", Base.TEXT, {}, ""),
        ("Version 2 is out.", Base.TEXT, {}, ""),
        ("380 is an invoice.", Base.TEXT, {"enumeration": ("381", "384")}, ""),
        ("", Base.TEXT, {"enumeration": ("only",)}, "only"),
        ("", Base.TEXT, {"enumeration": ("one", "two")}, ""),
    ],
)
def test_one_constant_is_named_or_none(told: str, base: Base, facts: dict[str, object], found: str) -> None:
    assert named(_place(told, base, **facts)) == found
