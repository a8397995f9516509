"""X12 and EDIFACT by definitions: implementation maps, directories, JSON and our own; messages placed in them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.cache import load_cache, write_cache
from studio.schema.edi.match import best_definition, place_segments, read_with_definition
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.read import read_schema
from tests.schema.edi_texts import EDIFACT, X12, interchange, nodes_of, text_of
from tests.schema.trees import Reads, lines


def test_every_supplied_map_opens_with_names_and_types(shared: Path, tmp_path: Path) -> None:
    folder = shared / X12 / "pyx12" / "map"
    count = 0
    for file in sorted(folder.glob("*.xml")):
        if file.name in ("codes.xml", "dataele.xml", "maps.xml"):
            assert read_schema(file).kind == "xml"
            continue
        schema = read_schema(file)
        assert (schema.kind, schema.all_problems()) == ("edi", ()), file.name
        count += sum(1 for _node in nodes_of(schema))
    assert count > 15_000
    schema = read_schema(folder / "835.5010.X221.A1.xml")
    write_cache(schema, tmp_path / "x.schema")
    assert lines(load_cache(tmp_path / "x.schema"), depth=9) == lines(schema, depth=9)
    start = "interchange/group/transaction/HEADER"
    method = schema.find(f"{start}/BPR/BPR04")
    assert method is not None
    assert method.node.documentation == "Payment Method Code"
    assert method.node.value is not None
    assert method.node.value.enumeration == ("ACH", "BOP", "CHK", "FWT", "NON")
    assert (method.node.value.min_length, method.node.value.max_length) == (3, 3)
    assert method.node.facts["usage"] == "required"
    amount = schema.find(f"{start}/BPR/BPR02")
    assert amount is not None
    assert amount.node.type.value is not None
    assert amount.node.type.value.base == "decimal"
    # Several segments of one code are told apart by their qualifier.
    loop = schema.find(f"{start}/1000A")
    assert loop is not None
    assert [(one.node.name, one.node.facts.get("code")) for one in loop.children()][:2] == [
        ("N1", "N1"),
        ("N3", "N3"),
    ]
    dates = [one.node for one in schema.find(start).children() if one.node.facts.get("code") == "REF"]  # type: ignore[union-attr]
    assert [node.name for node in dates] == ["REF_EV", "REF_F2"]


def test_messages_stand_in_the_maps_they_follow(shared: Path) -> None:
    folder = shared / X12 / "pyx12" / "map"
    names = ("835.5010.X221.A1.xml", "837.5010.X222.A1.xml", "834.5010.X220.A1.xml", "999.5010.xml")
    maps = [read_schema(folder / name) for name in names]
    files = [
        *sorted((shared / X12 / "badx12" / "edi").glob("X22*.edi")),
        *sorted((shared / X12 / "pyx12").glob("*/*.txt")),
    ]
    assert len(files) > 25
    wrong: Counter[str] = Counter()
    placed_all = 0
    for file in files:
        text = text_of(file)
        found = list(segments(text, find_delimiters(text)))
        schema = best_definition(found, "x12", maps)
        assert schema is not None, file.name
        placing = place_segments(text, schema)
        placed_all += len(placing.segments)
        wrong[file.name] += sum(one.node is None for one in placing.segments)
        for path in {one.path for one in placing.segments if one.node is not None}:
            assert schema.find(path) is not None
    assert placed_all > 1200
    assert +wrong == Counter()


def test_loops_are_opened_by_their_qualifiers(shared: Path) -> None:
    file = shared / X12 / "badx12" / "edi" / "X222-encounter.edi"
    schema = read_with_definition(file, [shared / X12 / "pyx12" / "map" / "837.5010.X222.A1.xml"])
    assert schema.problems == ()
    start = "interchange/group/transaction/"
    paths = [one.path.removeprefix(start) for one in place_segments(text_of(file), schema).segments]
    assert [path for path in paths if path.split("/")[-1] in ("NM1", "HL", "CLM", "LX", "HI_ABK")] == [
        "HEADER/1000A/NM1",
        "HEADER/1000B/NM1",
        "DETAIL/2000A/HL",
        "DETAIL/2000A/2010AA/NM1",
        "DETAIL/2000A/2010AB/NM1",
        "DETAIL/2000A/2000B/HL",
        "DETAIL/2000A/2000B/2010BA/NM1",
        "DETAIL/2000A/2000B/2010BB/NM1",
        "DETAIL/2000A/2000B/2300/CLM",
        "DETAIL/2000A/2000B/2300/HI_ABK",
        "DETAIL/2000A/2000B/2300/2310C/NM1",
        *["DETAIL/2000A/2000B/2300/2400/LX"] * 4,
    ]


def test_a_message_without_its_definition_is_shown_by_position(shared: Path) -> None:
    file = shared / X12 / "badx12" / "edi" / "X222-encounter.edi"
    folder = shared / X12 / "pyx12" / "map"
    schema = read_with_definition(file, [folder / "835.5010.X221.A1.xml"])
    assert schema.facts["form"] == "sample"
    assert [one.message for one in schema.problems] == [
        "None of the definitions is one of 837 005010X222A1, so the message is shown by position."
    ]
    file = next((shared / X12 / "badx12" / "edi").glob("X279-error*"))
    schema = read_with_definition(file, [folder / "271.4010.X092.A1.xml"])
    assert schema.facts["form"] == "definition"
    assert "of version 005010X279A1, the definition of 004010X092A1" in schema.problems[-1].message


def test_edifact_messages_stand_in_the_directory(shared: Path) -> None:
    folder = shared / EDIFACT / "d21a" / "data" / "messages"
    for file in sorted(folder.glob("*.xml")):
        schema = read_schema(file)
        assert (schema.kind, schema.problems) == ("edi", ()), file.name
        assert sum(1 for _node in nodes_of(schema)) > 100, file.name
        assert schema.facts["version"] == "D.21A"
    for name in ("order.edi", "order2.edi", "wikipedia_de.edi", "invoice1.edi"):
        sample = shared / EDIFACT / name
        schema = read_with_definition(sample, [folder / "orders.xml", folder / "invoic.xml"])
        placing = place_segments(text_of(sample), schema)
        unplaced = [one.record.name for one in placing.segments if one.node is None]
        # PAT was in the older directory only.
        assert unplaced in ([], ["PAT"]), name
    schema = read_schema(folder / "orders.xml")
    quantity = schema.find("interchange/message/SG29/QTY/QTY01/QTY01-01")
    assert quantity is not None
    assert quantity.node.facts["label"] == "QuantityTypeCodeQualifier"
    assert quantity.node.value is not None
    assert "21" in quantity.node.value.enumeration
    library = read_schema(folder.parent / "segments.xml")
    assert len(library.roots) > 100
    assert library.find("ADR/ADR01/ADR01-01") is not None


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7, 8])
def test_json_definitions_and_their_messages(shared: Path, number: int) -> None:
    folder = shared / X12 / "ballerina-edi-tools" / "edi-tools-tests" / "resources" / f"sample{number}"
    schema = read_schema(folder / "schema.json")
    assert schema.kind == "edi"
    placing = place_segments(text_of(folder / "message.edi"), schema)
    assert placing.problems == ()
    assert [one.path for one in placing.segments if one.node is None] == []
    assert len(placing.segments) > 3


def test_a_json_definition_has_the_users_names(shared: Path) -> None:
    folder = shared / X12 / "ballerina-edi-tools"
    schema = read_schema(folder / "edi-tools-tests" / "resources" / "sample4" / "schema.json")
    assert lines(schema) == [
        "message 0..n message",
        "message/header 0..1 header",
        "message/header/orderId 0..1 string",
        "message/header/organization 0..1 string",
        "message/header/date 0..1 string",
        "message/items 1..n items",
        "message/items/items 0..1 items",
        "message/items/items/item 0..1 string",
        "message/items/items/quantity 0..1 int",
        "message/items/supplier 0..1 supplier",
        "message/items/supplier/supplierCode 0..1 string",
        "message/items/supplier/promotionCode 0..1 string",
        "message/items/deliveries 0..3 deliveries",
        "message/items/deliveries/destination 0..1 destination",
        "message/items/deliveries/destination/addressCode 0..1 string",
        "message/items/deliveries/destination/contact 0..1 string",
        "message/items/deliveries/destinationQuantity 0..1 destinationQuantity",
        "message/items/deliveries/destinationQuantity/quantity 0..1 int",
        "message/items/deliveries/destinationQuantity/deliverBy 0..1 string",
    ]
    orders = folder / "edi-tools-tests" / "resources" / "d96aORDERS"
    placing = place_segments(text_of(orders / "message.edi"), read_schema(orders / "schema.json"))
    assert [one.record.name for one in placing.segments if one.node is None] == []
    for name in (
        "edifact/d03a/INVOIC_expected.json",
        "edifact/d03a/ORDERS_expected.json",
        "x12xsd/004010/210.json",
    ):
        schema = read_schema(folder / "edi-tools" / "tests" / "resources" / name)
        assert (schema.kind, schema.problems) == ("edi", ()), name
        assert schema.roots[0].name == "interchange"
        assert sum(1 for _node in nodes_of(schema)) > 500


def test_a_json_definition_with_a_segment_missing(reads: Reads) -> None:
    text = '{"delimiters": {"segment": "~", "field": "*"}, "segments": [{"ref": "NONE"}, {"code": "A", "fields": []}]}'
    schema = reads(("a.json", text))
    assert [one.message for one in schema.problems] == ["The segment NONE is used but not defined."]
    node = schema.find("message/NONE")
    assert node is not None
    assert node.node.unresolved


_OWN = """weft: schema/1
kind: edi
standard: x12
version: "005010"
transaction: "850"
records:
  BEG:
    occurs: 1
    description: The purchase order begins
    fields:
      BEG01: {type: text, values: ["00", "05"], required: true}
      number: {type: text, length: 22, position: 3}
      BEG05: {type: date, format: yyyymmdd, position: 5}
  parties:
    occurs: 0..200
    records:
      buyer: {code: N1, occurs: 1, tell: {field: qualifier, text: [BY, ST]}, fields: {qualifier: text, name: text}}
      N3: {fields: {street: {occurs: "2"}}}
  lines:
    occurs: 1..n
    records:
      PO1:
        occurs: 1
        fields:
          PO101: text
          quantity: decimal
          PO106: {fields: {kind: text, value: text}, position: 6}
"""


def test_an_own_definition_of_a_message(reads: Reads) -> None:
    schema = reads(("order.yaml", _OWN))
    assert schema.problems == ()
    transaction = schema.find("interchange/group/transaction")
    assert transaction is not None
    assert [f"{one.node.name} {one.node.occurs}" for one in transaction.children()] == [
        "ST 1",
        "BEG 1",
        "parties 0..200",
        "lines 1..n",
        "SE 1",
    ]
    assert schema.find("interchange/group/transaction/lines/PO1/PO106/kind") is not None
    text = interchange(
        "ST*850*1", "BEG*00*SA*P1", "N1*BY*Ada", "N3*Street", "PO1*1*2****A:B", "PO1*2*3", "SE*7*1"
    )
    placing = place_segments(text, schema)
    assert placing.problems == ()
    assert [one.path.removeprefix("interchange/") for one in placing.segments][3:-3] == [
        "group/transaction/BEG",
        "group/transaction/parties/buyer",
        "group/transaction/parties/N3",
        "group/transaction/lines/PO1",
        "group/transaction/lines/PO1",
    ]
    broken = text.replace("N1*BY", "N1*XX").replace("BEG*00*SA*P1~", "")
    assert [one.message for one in place_segments(broken, schema).problems] == [
        "This record is of no kind the schema knows: N1*XX*Ada",
        "This record is of no kind the schema knows: N3*Street",
        "BEG is missing in interchange/group/transaction.",
    ]


def test_a_description_chooses_among_definitions_by_a_sample(
    tmp_path: Path, reads: Reads, shared: Path
) -> None:
    text = interchange("ST*850*1", "BEG*00*SA*P1", "PO1*1*2", "SE*4*1")
    head = 'weft: schema/1\nkind: edi\ndefinitions: [a.json, b.json, "{}"]\nsample: m.edi\n'
    definition = (
        '{"name": "850", "delimiters": {"segment": "~", "field": "*"}, "ignoreSegments": ["ISA"], '
        '"segments": [{"code": "BEG", "tag": "Beginning"}, {"code": "PO1", "tag": "Line", "maxOccurances": -1}]}'
    )
    files = (("a.json", definition.replace("850", "810")), ("b.json", definition), ("m.edi", text))
    schema = reads(("order.yaml", head.format("b.json")), *files)
    assert schema.problems == ()
    assert schema.facts["transaction"] == "850"
    assert schema.find("interchange/group/transaction/Line") is not None
    assert [Path(one).name for one in schema.files] == ["order.yaml", "b.json", "m.edi"]
    for wrong, line, message in (("../../x.json", 3, "leads out of the project"),):
        with pytest.raises(BadInput, match=message) as caught:
            reads(("order.yaml", head.format(wrong)), *files)
        assert caught.value.line == line
    with pytest.raises(BadInput, match="a sample of the messages is needed"):
        reads(("order.yaml", head.format("b.json").replace("sample: m.edi\n", "")), *files)
    folder = shared / X12 / "ballerina-edi-tools" / "edi-tools-tests" / "resources" / "sample3"
    bare = read_with_definition(folder / "message.edi", [folder / "schema.json"])
    assert (bare.problems, bare.facts["element"]) == ((), "*")


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["segments", "ref", "code", "tag", "fields", "components", "maxOccurances", "minOccurances", "delimiters"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_json_is_a_definition_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, inner: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps({"segments": [inner], "delimiters": inner}), "utf-8")
    schema = read_schema(file, kind="edi")
    assert sum(1 for _node in nodes_of(schema)) >= 1
