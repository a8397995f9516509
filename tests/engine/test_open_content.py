"""Wildcards, derived types and substitutes, written and read: by real schemas, held against other validators."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from studio.schema.drawn import Drawn, lost
from studio.schema.model import ANY_NAME, MANY, WILDCARD, Kind, Node, Place, Schema, Type, find_place
from studio.schema.read import read_schema
from tests.engine.build import both, json_object, rows, xml
from tests.engine.open_maps import open_plan

ROWS = rows({"id": "text", "name": "text", "amount": "decimal"})
TEXT = "id,name,amount\n7,Åse & Co,12.50\n"
STAMP = "urn:example:stamps"


@pytest.fixture(scope="module")
def ubl(shared: Path) -> tuple[Schema, etree.XMLSchema]:
    file = shared / "corpora/xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"
    return read_schema(file), etree.XMLSchema(file=str(file))


@pytest.fixture(scope="module")
def bpmn(shared: Path) -> tuple[Schema, etree.XMLSchema]:
    file = shared / "corpora/xsd/bpmn-2.0/BPMN20.xsd"
    return read_schema(file), etree.XMLSchema(file=str(file))


CONTENT = "Invoice/UBLExtensions/UBLExtension/ExtensionContent"
DRAWN = {
    f"{CONTENT}/Stamp": Drawn(namespace=STAMP, occurs="1"),
    f"{CONTENT}/Stamp/@kind": Drawn("text"),
    f"{CONTENT}/Stamp/paid": Drawn("decimal"),
    f"{CONTENT}/Stamp/by": Drawn(namespace="urn:example:people", occurs="0..n"),
}
INVOICE = {
    "Invoice/ID": "[row[1]/id]",
    "Invoice/IssueDate": "'2026-03-01'",
    "Invoice/AccountingSupplierParty/Party/PartyName/Name": "'Weft'",
    "Invoice/AccountingCustomerParty/Party/PartyName/Name": "[row[1]/name]",
    "Invoice/LegalMonetaryTotal/PayableAmount": "[row[1]/amount]",
    "Invoice/LegalMonetaryTotal/PayableAmount/@currencyID": "'EUR'",
    "Invoice/InvoiceLine/ID": "'1'",
    "Invoice/InvoiceLine/LineExtensionAmount": "[row[1]/amount]",
    "Invoice/InvoiceLine/LineExtensionAmount/@currencyID": "'EUR'",
    "Invoice/InvoiceLine/Item/Name": "'Bolts'",
}
STAMPED = {
    f"{CONTENT}/Stamp/@kind": "'paid'",
    f"{CONTENT}/Stamp/paid": "[row[1]/amount]",
    f"{CONTENT}/Stamp/by[1]": "[row[1]/name]",
    f"{CONTENT}/Stamp/by[2]": "'nobody'",
}


def test_what_is_drawn_in_an_extension_is_written_in_its_namespaces(
    ubl: tuple[Schema, etree.XMLSchema],
) -> None:
    schema, validator = ubl
    text, failures, _counts = both(open_plan(ROWS, schema, STAMPED | INVOICE, write=DRAWN), TEXT, fast=False)
    assert failures == []
    document = etree.fromstring(text.encode())
    validator.assertValid(document)
    (stamp,) = document.iter(f"{{{STAMP}}}Stamp")
    assert stamp.get("kind") == "paid"
    assert [(each.tag, each.text) for each in stamp] == [
        (f"{{{STAMP}}}paid", "12.50"),
        ("{urn:example:people}by", "Åse & Co"),
        ("{urn:example:people}by", "nobody"),
    ]


def test_what_is_drawn_is_read_as_it_was_written(ubl: tuple[Schema, etree.XMLSchema]) -> None:
    schema, _validator = ubl
    written, _failures, _counts = both(
        open_plan(ROWS, schema, STAMPED | INVOICE, write=DRAWN), TEXT, fast=False
    )
    again = open_plan(
        schema,
        xml({"out": {"paid": "decimal", "by*": "text"}}),
        {"out/paid": f"[/{CONTENT}[1]/Stamp/paid] + 1".replace("UBLExtension/", "UBLExtension[1]/"),
         "out/by": f"[/{CONTENT}/Stamp/by]"},
        read=DRAWN,
    )  # fmt: skip
    text, failures, _counts = both(again, written, fast=False)
    assert failures == []
    out = etree.fromstring(text.encode())
    assert [each.text for each in out] == ["13.5", "Åse & Co", "nobody"]


def test_elements_of_another_namespace_than_drawn_are_not_read() -> None:
    source = _open_schema()
    drawn = {"doc/Stamp": Drawn("text", namespace=STAMP)}
    made = open_plan(source, xml({"out": {"stamp?": "text"}}), {"out/stamp": "[/doc/Stamp]"}, read=drawn)
    said = '<doc xmlns:s="{space}"><s:Stamp>x</s:Stamp></doc>'
    assert "<stamp>x</stamp>" in both(made, said.format(space=STAMP))[0]
    assert "<stamp>" not in both(made, said.format(space="urn:other"))[0]


def _open_schema() -> Schema:
    """`doc` holds `first`, whatever one likes, then `last`."""
    (first,), (last,) = xml({"first?": "text"}).roots, xml({"last?": "text"}).roots
    inside = Type("doc", children=lambda: (first, Node(ANY_NAME, Kind.ANY, WILDCARD, MANY), last))
    return Schema("xsd", (Node("doc", Kind.ELEMENT, inside),), files=("open.xsd",))


def test_what_is_drawn_stands_where_the_wildcard_stands() -> None:
    """S72."""
    rules = {"doc/first": "'1'", "doc/last": "'3'", "doc/own": "[row[1]/name]"}
    made = open_plan(ROWS, _open_schema(), rules, write={"doc/own": Drawn()})
    text, _failures, _counts = both(made, TEXT)
    assert [each.tag for each in etree.fromstring(text.encode())] == ["first", "own", "last"]
    undrawn = open_plan(ROWS, _open_schema(), rules)
    assert both(undrawn, TEXT)[0] == text


def test_two_of_one_name_are_told_apart_by_a_prefix() -> None:
    drawn = {
        "doc/s:first": Drawn("text", namespace=STAMP),
        "doc/p:first": Drawn("integer", namespace="urn:p"),
    }
    rules = {"doc/first": "'mine'", "doc/s:first": "'stamped'", "doc/p:first": "7"}
    made = open_plan(ROWS, _open_schema(), rules, write=drawn)
    found = etree.fromstring(both(made, TEXT)[0].encode())
    assert [(each.tag, each.text) for each in found] == [
        ("first", "mine"), (f"{{{STAMP}}}first", "stamped"), ("{urn:p}first", "7"),
    ]  # fmt: skip


def test_types_and_members_picked_are_written_as_the_schema_wants_them(
    bpmn: tuple[Schema, etree.XMLSchema],
) -> None:
    schema, validator = bpmn
    process = "definitions/rootElement~process"
    rules = {
        "definitions/@targetNamespace": "'urn:p'",
        f"{process}/@id": "'p'",
        f"{process}/flowElement~startEvent[1]/@id": "'s'",
        f"{process}/flowElement~task[2]/@id": "'t' + [row[1]/id]",
        f"{process}/flowElement~task[2]/@name": "[row[1]/name]",
        f"{process}/flowElement~sequenceFlow[3]/@id": "'f'",
        f"{process}/flowElement~sequenceFlow[3]/@sourceRef": "'s'",
        f"{process}/flowElement~sequenceFlow[3]/@targetRef": "'t7'",
        f"{process}/flowElement~sequenceFlow[3]/conditionExpression~tFormalExpression/text()": "'amount > 10'",
        f"{process}/flowElement~sequenceFlow[3]/conditionExpression~tFormalExpression/@language": "'urn:feel'",
    }
    made = open_plan(ROWS, schema, rules, roots=("", "definitions"))
    text, failures, _counts = both(made, TEXT)
    assert failures == []
    document = etree.fromstring(text.encode())
    validator.assertValid(document)
    space = document.nsmap[None]
    (found,) = document.iter(f"{{{space}}}process")
    assert [etree.QName(each).localname for each in found] == ["startEvent", "task", "sequenceFlow"]
    condition = found[2][0]
    kind = condition.get("{http://www.w3.org/2001/XMLSchema-instance}type")
    assert kind is not None
    assert kind.endswith("tFormalExpression")
    # Read back by the same picks, each instance by its member.
    flow = "/definitions/rootElement~process[1]/flowElement~{name}[1]/{rest}"
    again = open_plan(
        schema,
        xml({"out": {"task": "text", "when": "text"}}),
        {
            "out/task": f"[{flow.format(name='task', rest='@name')}]",
            "out/when": f"[{flow.format(name='sequenceFlow', rest='conditionExpression~tFormalExpression/text()')}]",
        },
        roots=("definitions", ""),
    )
    text, failures, _counts = both(again, text, fast=False)
    assert failures == []
    assert [each.text for each in etree.fromstring(text.encode())] == ["Åse & Co", "amount > 10"]


def test_members_of_a_json_object_are_drawn() -> None:
    def members() -> tuple[Node, ...]:
        (known,) = json_object({"known": "text"}).roots[0].type.children
        return known, Node(ANY_NAME, Kind.ANY, WILDCARD, MANY)

    schema = Schema(
        "json-schema", (Node("", Kind.ELEMENT, Type(children=members)),), files=("open.json",),
        facts={"form": "object"},
    )  # fmt: skip
    drawn = {
        "/score": Drawn("integer"),
        "/tags": Drawn("text", occurs="0..n"),
        "/lines": Drawn(),
        "/lines/item": Drawn(occurs="0..n"),
        "/lines/item/paid": Drawn("boolean"),
    }
    rules = {
        "/known": "[row[1]/name]", "/score": "[row[1]/id]", "/tags[1]": "'a'", "/tags[2]": "'b'",
        "/lines/item": {"loop": "/row"}, "/lines/item/paid": "[amount] > 10",
    }  # fmt: skip
    text, failures, _counts = both(open_plan(ROWS, schema, rules, write=drawn), TEXT, fast=False)
    assert failures == []
    assert json.loads(text) == {
        "known": "Åse & Co",
        "score": 7,
        "tags": ["a", "b"],
        "lines": [{"paid": True}],
    }
    again = open_plan(
        schema, xml({"out": {"n": "integer", "t*": "text"}}),
        {"out/n": "[/score] + 1", "out/t": "[/tags]"}, read=drawn,
    )  # fmt: skip
    found = etree.fromstring(both(again, text, fast=False)[0].encode())
    assert [each.text for each in found] == ["8", "a", "b"]


def test_a_namespace_that_the_wildcard_keeps_out_is_told(ubl: tuple[Schema, etree.XMLSchema]) -> None:
    (root,) = (each for each in ubl[0].roots if each.name == "Invoice")
    drawn = {
        f"{CONTENT}/Stamp": Drawn(namespace=STAMP),
        f"{CONTENT}/Stamp/a": Drawn(),
        "Invoice/Stamp": Drawn(),
    }
    assert list(lost(root, drawn)) == [("Invoice/Stamp", False)]
    extension = find_place(Place.root(root), CONTENT)
    assert extension is not None
    own = {f"{CONTENT}/Stamp": Drawn(namespace=extension.node.namespace)}
    assert list(lost(root, own)) == [(f"{CONTENT}/Stamp", True)]


_NAMES = st.sampled_from(["a", "b", "c", "first"])
_SPACES = st.sampled_from([None, "", STAMP, "urn:example:people"])


@st.composite
def _drawings(draw: st.DrawFn) -> dict[str, Drawn]:
    """A drawn subtree: elements with leaves, some with attributes, in several namespaces."""
    drawn: dict[str, Drawn] = {}
    for top in draw(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True)):
        drawn[f"doc/{top}"] = Drawn(namespace=draw(_SPACES))
        for name in draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)):
            mark = "@" if draw(st.booleans()) else ""
            space = None if mark else draw(_SPACES)
            drawn[f"doc/{top}/{mark}{name}"] = Drawn(draw(st.sampled_from(["text", "decimal"])), space)
    return drawn


@given(drawn=_drawings())
def test_whatever_is_drawn_is_written_and_read_again(drawn: dict[str, Drawn]) -> None:
    leaves = {path: f"'{number}.50'" for number, path in enumerate(drawn, 1) if path.count("/") == 2}
    made = open_plan(ROWS, _open_schema(), leaves, write=drawn)
    text, failures, _counts = both(made, TEXT)
    assert failures == []
    target = xml({"out": {f"v{number}": "text" for number in range(len(leaves))}})
    reads = {f"out/v{number}": f"[/{path}]" for number, path in enumerate(leaves)}
    again, failures, _counts = both(open_plan(_open_schema(), target, reads, read=drawn), text)
    assert failures == []
    assert [f"'{each.text}'" for each in etree.fromstring(again.encode())] == list(leaves.values())


def test_alternatives_of_a_repeated_choice_stand_together_and_kinds_of_one_node_as_numbered(
    bpmn: tuple[Schema, etree.XMLSchema],
) -> None:
    """S73: rules give an order to what shares its numbers, types and members of one node, and to nothing else."""
    mixed = xml({"doc": {"|*": {"a?": "text", "b?": "text"}}})
    rules = {"doc/b[1]": "'b1'", "doc/a[1]": "'a1'", "doc/b[2]": "'b2'", "doc/a[2]": "'a2'"}
    text, failures, _counts = both(open_plan(ROWS, mixed, rules), TEXT)
    assert failures == []
    assert [each.text for each in etree.fromstring(text.encode())] == ["a1", "a2", "b1", "b2"]
    flow = "definitions/rootElement~process/flowElement"
    kinds = ["endEvent", "task", "startEvent", "task", "endEvent"]
    ids = {f"{flow}~{kind}[{number}]/@id": f"'n{number}'" for number, kind in enumerate(kinds, 1)}
    made = open_plan(
        ROWS,
        bpmn[0],
        {"definitions/@targetNamespace": "'urn:p'", **dict(reversed(ids.items()))},
        roots=("", "definitions"),
    )
    text, failures, _counts = both(made, TEXT)
    assert failures == []
    document = etree.fromstring(text.encode())
    bpmn[1].assertValid(document)
    assert [(etree.QName(each).localname, each.get("id")) for each in document[0]] == [
        (kind, f"n{number}") for number, kind in enumerate(kinds, 1)
    ]
