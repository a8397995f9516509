"""Signs of numbers in fixed-width fields, written where their field wants them and read back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.engine.formats.fixed_values import value_reader, value_writer
from studio.schema.model import Base, Kind, Node, Occurs, Type, ValueType

NUMBER = ValueType("decimal", Base.DECIMAL)


@pytest.mark.parametrize(
    ("sign", "pad", "given", "written"),
    [
        ("overpunch-leading", "0", "12", "{0012"),
        ("overpunch-leading", "0", "-12", "}0012"),
        ("overpunch-leading", "0", "-98765", "R8765"),
        ("overpunch-leading", " ", "12", "   A2"),
        ("overpunch", "0", "12", "0001B"),
        ("overpunch", "0", "-10", "0001}"),
    ],
)
def test_signs(sign: str, pad: str, given: str, written: str) -> None:
    """The first or last digit carries the sign, that of the padded field where zeros fill it."""
    facts = {"sign": sign, "pad": pad, "width": "5", "align": "right"}
    write = value_writer("n", NUMBER, facts, {}, True)
    assert write(Decimal(given)) == written
    node = Node("n", Kind.FIELD, Type("n", value=NUMBER), Occurs(0, 1), facts=facts)
    text = value_reader(node, {})(written)
    assert text is not None
    assert Decimal(text) == Decimal(given)
