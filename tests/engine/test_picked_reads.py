"""Types and members picked in source scripts, read by generated code: the judge's bytes and failures, whatever stands there."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.schema.drawn import Drawn
from studio.schema.model import ANY_NAME, MANY, WILDCARD, Kind, Node, Schema, Type
from studio.schema.read import read_schema
from tests.engine.build import Outcome, both, json_object, rows, xml
from tests.engine.open_maps import open_plan

_XSD = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="Party"><xs:sequence><xs:element name="name" type="xs:string" minOccurs="0"/></xs:sequence>
    <xs:attribute name="id"/></xs:complexType>
  <xs:complexType name="Company"><xs:complexContent><xs:extension base="Party"><xs:sequence>
    <xs:element name="tax" type="xs:decimal" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:extension>
    </xs:complexContent></xs:complexType>
  <xs:complexType name="Person"><xs:complexContent><xs:extension base="Party"><xs:sequence>
    <xs:element name="born" type="xs:string" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:element name="in"><xs:complexType><xs:sequence>
    <xs:element name="row" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="owner" type="Party" minOccurs="0"/>
      <xs:element name="party" type="Party" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
READS = {
    "out/line/@owner": "[owner~Company/@id]",
    "out/line/plain": "[owner/name]",
    "out/line/tax": "[owner~Company/tax[1]] * 2",
    "out/line/taxes": "SumString([owner~Company/tax], '+', false)",
    "out/line/first": "[party~Company[1]/name]",
    "out/line/second": "[party~Company[2]/name]",
    "out/line/born": "SumString([party~Person[[@id] == '2']/born], '+', false)",
    "out/line/names": "SumString([party~Person/name], '+', false)",
    "out/line/all": "SumString([party~Company/tax], '+', false)",
    "out/line/some": "SumString([party~Company[[tax[1]] > 5]/name], '+', false)",
    "out/line/here": "[owner~Person/@id]",
}
TARGET = {"out": {"line*": {"@owner?": "text", **dict.fromkeys(
    ("plain?", "tax?", "taxes?", "first?", "second?", "born?", "names?", "all?", "some?", "here?"), "text")}}}  # fmt: skip


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    file = tmp_path_factory.mktemp("parties") / "in.xsd"
    file.write_text(_XSD)
    return read_schema(file)


def generated(made: Plan, data: str) -> Outcome:
    """The outcome of both; that of the generated code must be its own."""
    out = io.BytesIO()
    assert transform(made, io.BytesIO(data.encode()), out, engine="rows").engine == "rows"
    return both(made, data)


_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:q="urn:q"'


def _party(name: str, kind: str | None, id: int, taxes: list[str], born: str | None) -> str:
    said = f' xsi:type="{kind}"' if kind is not None else ""
    inside = f"<name>n{id}</name>" if id % 3 else ""
    inside += "".join(f"<tax>{tax}</tax>" for tax in taxes)
    inside += f"<born>{born}</born>" if born is not None else ""
    return f'<{name} id="{id}"{said}>{inside}</{name}>'


_KINDS = st.sampled_from(
    [None, "Company", "q:Company", " Company ", "Person", "Party", "q:Person", "other", ""]
)
_PARTY = st.tuples(
    _KINDS,
    st.integers(1, 3),
    st.lists(st.sampled_from(["1", "7.50", "", "x"]), max_size=2),
    st.none() | st.just("1990"),
)


@given(
    records=st.lists(
        st.tuples(st.lists(_PARTY, max_size=2), st.lists(_PARTY, max_size=5)), min_size=1, max_size=4
    )
)
def test_generated_code_reads_what_the_judge_reads(parties: Schema, records: list[Any]) -> None:
    made = open_plan(parties, xml(TARGET), {"out/line": {"loop": "/in/row"}, **READS}, roots=("in", ""))
    text = "".join(
        "<row>" + "".join(_party("owner", *each) for each in owners)
        + "".join(_party("party", *each) for each in others) + "</row>"
        for owners, others in records
    )  # fmt: skip
    generated(made, f"<in {_XSI}>{text}</in>")


def test_a_loop_inside_the_record_visits_those_of_its_type(parties: Schema) -> None:
    target = xml({"out": {"line*": {"firm*": {"name?": "text", "tax*": "decimal"}}}})
    rules: Mapping[str, Any] = {
        "out/line": {"loop": "/in/row"},
        "out/line/firm": {"loop": "party~Company"},
        "out/line/firm/name": "[name]",
        "out/line/firm/tax": "[tax]",
    }
    made = open_plan(parties, target, rules, roots=("in", ""))
    data = "".join(_party("party", kind, at, ["1", "2"], None) for at, kind in enumerate(
        ["Company", None, "Person", "q:Company"], 1))  # fmt: skip
    text, failures, _counts = generated(made, f"<in {_XSI}><row>{data}</row></in>")
    assert failures == []
    assert text.count("<firm>") == 2
    assert "n4" in text
    assert "n2" not in text


def test_types_are_read_of_many_records_of_one_form(parties: Schema) -> None:
    """So many that their form is learned, and that types change on the way."""
    made = open_plan(parties, xml(TARGET), {"out/line": {"loop": "/in/row"}, **READS}, roots=("in", ""))
    kinds = ["Company"] * 300 + ["Person", "Company", None] * 60
    text = "".join(
        "<row>" + _party("owner", kind, at, ["2"], None) + _party("party", kind, at + 1, ["9"], "1990") + "</row>\n"
        for at, kind in enumerate(kinds)
    )  # fmt: skip
    text, failures, _counts = generated(made, f"<in {_XSI}>\n{text}</in>")
    assert failures == []
    assert text.count("<tax>4</tax>") == kinds.count("Company")
    assert text.count("<here>") == kinds.count("Person")


ROWS = rows({"id": "text", "name": "text", "amount": "decimal"})
CSV = "id,name,amount\na7,Åse & Co,12.50\na8,,1\n"


def test_bpmn_is_written_and_read_by_generated_code(shared: Path) -> None:
    file = shared / "corpora/xsd/bpmn-2.0/BPMN20.xsd"
    schema = read_schema(file)
    process = "definitions/rootElement~process"
    flow = f"{process}/flowElement~sequenceFlow"
    rules = {
        "definitions/@targetNamespace": "'urn:p'",
        f"{process}/@id": "'p'",
        f"{process}/flowElement~task[1]/@id": "'from'",
        f"{process}/flowElement~task[2]/@id": "'to'",
        f"{flow}[3]": {"loop": "/row"},
        f"{flow}[3]/@id": "[id]",
        f"{flow}[3]/@name": "[name]",
        f"{flow}[3]/@sourceRef": "'from'",
        f"{flow}[3]/@targetRef": "'to'",
        f"{flow}[3]/conditionExpression~tFormalExpression/text()": "'amount > ' + [amount]",
    }
    text, failures, _counts = generated(open_plan(ROWS, schema, rules, roots=("", "definitions")), CSV)
    assert failures == []
    etree.XMLSchema(file=str(file)).assertValid(etree.fromstring(text.encode()))
    target = xml({"out": {"line*": {"@id": "text", "when?": "text", "plain?": "text"}}})
    again = open_plan(
        schema,
        target,
        {
            "out/line": {"loop": f"/{flow}"},
            "out/line/@id": "[@id]",
            "out/line/when": "[conditionExpression~tFormalExpression/text()]",
        },
        roots=("definitions", ""),
    )
    other = text.replace("tFormalExpression", "tExpression", 1)
    assert "amount &gt; 12.5" in generated(again, text)[0]
    assert "amount &gt; 12.5" not in generated(again, other)[0]
    assert "amount &gt; 1<" in generated(again, other)[0]


def test_what_is_drawn_in_ubl_is_written_and_read_by_generated_code(shared: Path) -> None:
    schema = read_schema(shared / "corpora/xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd")
    above = "Invoice/UBLExtensions/UBLExtension"
    stamp = f"{above}/ExtensionContent/Stamp"
    drawn = {stamp: Drawn(namespace="urn:stamps", occurs="1"), f"{stamp}/@kind": Drawn("text"), f"{stamp}/paid": Drawn("decimal")}  # fmt: skip
    rules = {above: {"loop": "/row"}, f"{stamp}/@kind": "[id]", f"{stamp}/paid": "[amount]"}
    text, failures, _counts = generated(
        open_plan(ROWS, schema, rules, write=drawn, roots=("", "Invoice")), CSV
    )
    assert failures == []
    assert [each.get("kind") for each in etree.fromstring(text.encode()).iter("{urn:stamps}Stamp")] == [
        "a7",
        "a8",
    ]
    inside = "ExtensionContent/Stamp"
    again = open_plan(
        schema,
        xml({"out": {"line*": {"@kind": "text", "paid": "decimal"}}}),
        {"out/line": {"loop": f"/{above}"}, "out/line/@kind": f"[{inside}/@kind]", "out/line/paid": f"[{inside}/paid] + 1"},
        read=drawn,
        roots=("Invoice", ""),
    )  # fmt: skip
    assert "<paid>13.5</paid>" in generated(again, text)[0]


def test_what_is_drawn_in_json_is_written_and_read_by_generated_code() -> None:
    def members() -> tuple[Node, ...]:
        (known,) = json_object({"known": "text"}).roots[0].type.children
        return known, Node(ANY_NAME, Kind.ANY, WILDCARD, MANY)

    schema = Schema(
        "json-schema", (Node("", Kind.ELEMENT, Type(children=members)),), files=("open.json",),
        facts={"form": "object"},
    )  # fmt: skip
    drawn = {"/lines": Drawn(), "/lines/item": Drawn(occurs="0..n"), "/lines/item/paid": Drawn("boolean"), "/lines/item/tags": Drawn("text", occurs="0..n")}  # fmt: skip
    rules = {
        "/lines/item": {"loop": "/row"}, "/lines/item/paid": "[amount] > 10",
        "/lines/item/tags": "[name]",
    }  # fmt: skip
    text, failures, _counts = generated(open_plan(ROWS, schema, rules, write=drawn), CSV)
    assert failures == []
    assert json.loads(text)["lines"][0] == {"paid": True, "tags": ["Åse & Co"]}
    again = open_plan(
        schema, xml({"out": {"line*": {"paid": "text", "t*": "text"}}}),
        {"out/line": {"loop": "/lines/item"}, "out/line/paid": "[paid]", "out/line/t": "[tags]"}, read=drawn,
    )  # fmt: skip
    assert "<t>Åse &amp; Co</t>" in generated(again, text)[0]
