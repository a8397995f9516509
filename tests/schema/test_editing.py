"""Schemas built by hand: every edit makes a new schema that is written and read back as it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema import editing
from studio.schema.model import Base, Kind, Node, Occurs, Schema
from studio.schema.own import own_text
from studio.schema.read import read_schema


def shape(nodes: tuple[Node, ...]) -> list[object]:
    """Names, kinds, types, occurrence and facts, nested."""
    return [
        (
            node.name,
            node.kind,
            node.value,
            node.occurs,
            node.default,
            dict(node.facts),
            shape(node.type.children),
        )
        for node in nodes
    ]


def back(schema: Schema, folder: Path) -> Schema:
    file = folder / "made.yaml"
    file.write_text(own_text(schema), encoding="utf-8")
    return read_schema(file)


def built() -> Schema:
    schema = editing.blank("delimited", "order")
    for name in ("number", "placed", "total"):
        schema = editing.add_field(schema, "order", name)
    schema = editing.retype(schema, "order/placed", "date")
    schema = editing.retype(schema, "order/total", "decimal")
    schema = editing.describe(schema, "order/total", "digits", "12")
    schema = editing.describe(schema, "order/total", "scale", "2")
    schema = editing.describe(schema, "order/number", "length", "10")
    schema = editing.describe(schema, "order/number", "description", "The order's number")
    schema = editing.set_occurs(schema, "order/number", Occurs(1, 1))
    schema = editing.add_record(schema, "order", "line")
    return editing.add_field(schema, "order/line", "sku")


def test_what_is_built_is_written_and_read_back(tmp_path: Path) -> None:
    schema = built()
    read = back(schema, tmp_path)
    assert shape(read.roots) == shape(schema.roots)
    total = read.find("order/total")
    assert total is not None
    assert total.node.value is not None
    assert (total.node.value.base, total.node.value.total_digits) == (Base.DECIMAL, 12)
    assert editing.editable(read)


def test_an_edit_leaves_the_schema_before_it_as_it_was() -> None:
    schema = built()
    before = shape(schema.roots)
    changed = editing.remove(editing.rename(schema, "order/placed", "date"), "order/total")
    assert shape(schema.roots) == before
    assert [node.name for node in changed.roots[0].type.children] == ["number", "date", "line"]


def test_moving_keeps_fields_before_records() -> None:
    schema = editing.move(built(), "order/total", 1)
    assert [n.name for n in schema.roots[0].type.children] == ["number", "placed", "total", "line"]
    schema = editing.move(schema, "order/total", -1)
    schema = editing.add_field(schema, "order", "note", after="line")
    assert [n.name for n in schema.roots[0].type.children] == ["number", "total", "placed", "note", "line"]


def test_a_type_keeps_only_limits_that_make_sense() -> None:
    schema = editing.retype(built(), "order/total", "text")
    total = schema.find("order/total")
    assert total is not None
    assert total.node.value is not None
    assert (total.node.value.total_digits, total.node.value.fraction_digits) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s: editing.rename(s, "order/placed", "total"),
        lambda s: editing.rename(s, "order/placed", " "),
        lambda s: editing.add_field(s, "order/number", "inside"),
        lambda s: editing.add_field(s, "order", "number"),
        lambda s: editing.remove(s, "order"),
        lambda s: editing.remove(s, "order/none"),
        lambda s: editing.describe(s, "order/number", "length", "ten"),
        lambda s: editing.describe(s, "order/number", "width", "0"),
        lambda s: editing.retype(s, "order/line", "date"),
        lambda s: editing.with_setting(s, "delimiter", "::"),
    ],
)
def test_what_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput):
        wrong(built())  # type: ignore[operator]


@pytest.mark.parametrize(("text", "occurs"), [("1", Occurs(1, 1)), ("0..n", Occurs(0, None)), ("n", Occurs(0, None)),
                                              ("2..5", Occurs(2, 5)), ("3", Occurs(3, 3))])  # fmt: skip
def test_occurrence_is_written_as_shown(text: str, occurs: Occurs) -> None:
    assert editing.occurs_of(text) == occurs


@pytest.mark.parametrize("text", ["", "0", "5..2", "-1", "a..b", "1..0"])
def test_other_occurrence_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        editing.occurs_of(text)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.text(min_size=1, max_size=6), st.sampled_from([*editing.TYPES])),
        max_size=12,
    )
)
def test_any_edits_give_a_schema_that_reads_back(edits: list[tuple[int, str, str]]) -> None:
    schema = editing.blank("delimited")
    for way, name, kind in edits:
        fields = [n.name for n in schema.roots[0].type.children if n.kind is Kind.FIELD]
        try:
            if way <= 2 or not fields:
                schema = editing.add_field(schema, "row", name)
            elif way == 3:
                schema = editing.retype(schema, f"row/{fields[0]}", kind)
            elif way == 4:
                schema = editing.rename(schema, f"row/{fields[-1]}", name)
            else:
                schema = editing.move(schema, f"row/{fields[-1]}", -1)
        except BadInput:
            continue
    with tempfile.TemporaryDirectory() as folder:
        assert shape(back(schema, Path(folder)).roots) == shape(schema.roots)
