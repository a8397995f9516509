"""X12 and EDIFACT: delimiters, broken interchanges, trees by position, definitions, messages placed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.edi.match import best_definition, place_segments, read_with_definition
from studio.schema.edi.sample import read_edi_sample
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Kind, Node, Schema
from studio.schema.read import read_schema
from studio.schema.source import decode
from tests.schema.trees import Reads, lines

_X12 = Path("corpora") / "edi-x12"
_EDIFACT = Path("corpora") / "edi-edifact" / "pydifact"
_ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*1200*{0}*{1}*000000001*0*T*{2}{3}"


def _interchange(
    *body: str, repetition: str = "^", version: str = "00501", component: str = ":", end: str = "~"
) -> str:
    parts = (
        _ISA.format(repetition, version, component, ""),
        "GS*PO*A*B*20260301*1200*1*X*005010",
        *body,
        "GE*1*1",
        "IEA*1*000000001",
    )
    return "".join(part + end for part in parts)


def _text(file: Path) -> str:
    return decode(file.read_bytes(), None, file=file)[0]


def test_every_supplied_message_opens(shared: Path, tmp_path: Path) -> None:
    files = [
        *sorted((shared / _X12 / "badx12" / "edi").glob("*.edi")),
        *sorted((shared / _X12 / "pyx12").glob("*/*.txt")),
        *sorted((shared / _EDIFACT).rglob("*.edi")),
    ]
    assert len(files) > 45
    for file in files:
        schema = read_schema(file)
        inner = "transaction" if schema.facts["standard"] == "x12" else "message"
        assert schema.kind == "edi", file.name
        assert schema.roots[0].name == "interchange"
        assert schema.facts["transaction"], file.name
        place = schema.root()
        while place is not None and place.node.name != inner:
            place = next((one for one in place.children() if one.node.name in ("group", inner)), None)
        assert place is not None, file.name
        assert len(place.children()) > 2
        write_cache(schema, tmp_path / "x.schema")
        assert lines(load_cache(tmp_path / "x.schema")) == lines(schema)


def test_every_segment_of_a_message_is_in_its_tree(shared: Path) -> None:
    for file in [*(shared / _X12 / "badx12" / "edi").glob("*.edi"), *(shared / _EDIFACT).glob("*.edi")]:
        schema, text = read_schema(file), _text(file)
        prefix = (
            "interchange/group/transaction" if schema.facts["standard"] == "x12" else "interchange/message"
        )
        service = ("ISA", "IEA", "UNB", "UNZ", "GS", "GE")
        seen: set[tuple[object, ...]] = set()
        for segment in list(segments(text, find_delimiters(text)))[:300]:
            shape = (segment.name, *((len(one), len(one[0])) for one in segment.elements))
            if segment.name in service or not segment.known or shape in seen:
                continue
            seen.add(shape)
            place = schema.find(f"{prefix}/{segment.name}")
            assert place is not None, (file.name, segment.text)
            for at, element in enumerate(segment.elements, 1):
                below = schema.find(f"{place.path}/{segment.name}{at:02}")
                assert below is not None
                assert below.repeats or len(element) == 1
                assert len(below.children()) >= len(element[0]) or len(element[0]) == 1


def test_a_message_by_position(reads: Reads) -> None:
    text = _interchange(
        "ST*850*0001", "BEG*00*SA*P1**20260301", "PO1*1*2*EA*9.50**A:B^C*X", "PO1*2*5", "SE*5*0001"
    )
    schema = reads(("order.txt", text))
    assert [(one.severity, one.message[:18]) for one in schema.problems] == [
        (Severity.NOTE, "PO1 and others rep")
    ]
    assert "a definition of 850" in (schema.problems[0].mend or "")
    assert {key: schema.facts[key] for key in ("segment", "element", "component", "repetition")} == {
        "segment": "~",
        "element": "*",
        "component": ":",
        "repetition": "^",
    }
    assert (schema.facts["transaction"], schema.facts["version"]) == ("850", "005010")
    transaction = schema.find("interchange/group/transaction")
    assert transaction is not None
    assert [f"{one.path} {one.node.occurs}" for one in transaction.children()] == [
        "interchange/group/transaction/ST 1",
        "interchange/group/transaction/BEG 0..1",
        "interchange/group/transaction/PO1 0..n",
        "interchange/group/transaction/SE 1",
    ]
    part = schema.find("interchange/group/transaction/PO1/PO106")
    assert part is not None
    assert (part.node.kind, str(part.node.occurs)) == (Kind.ELEMENT, "0..n")
    assert [one.node.name for one in part.children()] == ["PO106-01", "PO106-02"]
    words = {
        path: schema.find(f"interchange/{path}")
        for path in ("ISA/ISA06", "group/GS/GS08", "group/transaction/ST/ST01")
    }
    assert [place.node.documentation for place in words.values() if place] == [
        "Sender",
        "Version",
        "Kind of message",
    ]
    assert part.node.documentation == "Kind of product number"
    assert {inner.node.documentation for inner in part.children()} == {""}
    price = schema.find("interchange/group/transaction/PO1/PO104")
    assert price is not None
    assert price.node.type.name == "decimal"


def test_only_counts_and_amounts_of_a_sample_are_numbers(shared: Path) -> None:
    schema = read_schema(shared / _X12 / "badx12" / "edi" / "X221-era-sample.edi")
    assert [f"{node.name} {node.value.base}" for node in _nodes(schema) if node.value and node.value.base != "text"] == [
        "IEA01 integer", "GE01 integer", "SE01 integer", "CAS03 decimal", "SVC03 decimal", "SVC02 decimal",
        "AMT02 decimal", "CLP05 decimal", "CLP04 decimal", "CLP03 decimal", "LX01 integer", "BPR02 decimal",
    ]  # fmt: skip
    # The sender, control numbers, the claim's number and the postal code hold digits only in this sample.
    text = ("ISA/ISA06", "group/GS/GS06", "group/transaction/CLP/CLP01", "group/transaction/N4/N403")
    for path in text:
        place = schema.find(f"interchange/{path}")
        assert place is not None
        assert place.node.facts["examples"].isdigit()
    schema = read_schema(shared / _EDIFACT / "wikipedia_de.edi")
    assert {node.name for node in _nodes(schema) if node.value and node.value.base != "text"} == {
        "UNZ01", "UNT01", "QTY01-02", "MOA01-02", "PRI01-02", "CNT01-02"
    } & {node.name for node in _nodes(schema)}  # fmt: skip


def test_what_is_no_number_at_the_place_of_one_stays_text(reads: Reads) -> None:
    schema = reads(("a.edi", _interchange("ST*850*1", "AMT*1*007", "QTY*1*many", "CUR*BY*USD*", "SE*5*1")))
    start = "interchange/group/transaction"
    kinds = [schema.find(f"{start}/{path}") for path in ("AMT/AMT02", "QTY/QTY02", "CUR/CUR03")]
    assert [one.node.type.name for one in kinds if one is not None] == ["string", "string", "decimal"]


def test_segments_are_named_and_the_envelope_is_required(shared: Path, tmp_path: Path) -> None:
    file = shared / _X12 / "badx12" / "edi" / "X221-era-sample.edi"
    schema = read_schema(file)
    nodes = list(_nodes(schema))
    for node in nodes:
        if "code" in node.facts:
            assert node.facts["label"] == node.documentation != "", node.name
    said = {node.name: (str(node.occurs), node.documentation) for node in nodes}
    assert said["CLP"] == ("0..1", "Payment of a claim")
    assert said["CLP04"] == ("0..1", "Amount paid")
    assert (said["CAS03"][1], said["BPR16"][1], said["N403"][1]) == ("Amount", "Date", "Postal code")
    assert said["interchange"][0] == "1"
    assert {said[name][0] for name in ("ISA", "GS", "ST", "SE", "GE", "IEA", "ISA06", "ST02")} == {"1"}
    assert (said["group"][0], said["transaction"][0], said["ST02"][1]) == ("0..n", "0..n", "Control number")
    # What closes an envelope belongs to it, also where a sample breaks off before it.
    text = _text(file)
    (tmp_path / "cut.edi").write_text(text[: text.index("SE*35")])
    cut = read_schema(tmp_path / "cut.edi")
    assert [
        str(place.node.occurs)
        for place in (cut.find("interchange/IEA"), cut.find("interchange/group/GE"))
        if place
    ] == ["1", "1"]
    (tmp_path / "two.edi").write_text(text + text)
    assert str(read_schema(tmp_path / "two.edi").roots[0].occurs) == "0..n"
    names = {
        node.name: node.documentation for node in _nodes(read_schema(shared / _EDIFACT / "wikipedia_de.edi"))
    }
    assert (names["NAD"], names["UNB"], names["UNB02"]) == (
        "Name and address",
        "Interchange begins",
        "Sender",
    )
    assert names.get("UNB02-01", "") == ""


def test_several_samples_make_one_tree(tmp_path: Path) -> None:
    (tmp_path / "a.edi").write_text(_interchange("ST*850*1", "BEG*00", "SE*3*1"))
    (tmp_path / "b.edi").write_text(_interchange("ST*850*1", "BEG*00*SA", "CUR*BY", "SE*4*1"))
    schema = read_edi_sample(tmp_path / "a.edi", more=[tmp_path / "b.edi"])
    assert schema.find("interchange/group/transaction/BEG/BEG02") is not None
    assert schema.find("interchange/group/transaction/CUR/CUR01") is not None
    assert len(schema.files) == 2
    (tmp_path / "c.edi").write_text("UNB+UNOA:1+A+B+260301:1200+1'UNZ+0+1'")
    with pytest.raises(BadInput, match="another EDIFACT"):
        read_edi_sample(tmp_path / "a.edi", more=[tmp_path / "c.edi"])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (_ISA.format("U", "00401", ":", "~"), ("*", ":", "~", "")),
        (_ISA.format("!", "00501", "\\", "\n"), ("*", "\\", "\n", "!")),
        (_ISA.format(">", "00501", ":", "\r\n"), ("*", ":", "\n", ">")),
        (_ISA.format("^", "00400", ":", "~"), ("*", ":", "~", "")),
        (_ISA.format("^", "00501", ":", "~").replace("*", "|"), ("|", ":", "~", "^")),
        ("UNA:+.?*'UNB+UNOA:4", ("+", ":", "'", "*")),
        ("UNA:+,? '\r\nUNB+UNOA:4", ("+", ":", "'", "")),
        ("UNB+UNOA:4+A", ("+", ":", "'", "*")),
        ("UNB+UNOA:3+A", ("+", ":", "'", "")),
        ("UNA;*.! \nUNB*UNOA;1", ("*", ";", "\n", "")),
    ],
)
def test_delimiters_come_from_the_message(head: str, expected: tuple[str, str, str, str]) -> None:
    found = find_delimiters("\ufeff\n" + head)
    assert (found.element, found.component, found.segment, found.repetition) == expected


def test_released_delimiters_and_line_breaks_belong_to_the_text() -> None:
    text = "UNA:+.? 'UNB+UNOA:1+a?'b?+c+x??'\r\nFTX+A+++one?:two:three\nfour?''UNZ+1'"
    found = list(segments(text, find_delimiters(text)))
    assert [one.name for one in found] == ["UNB", "FTX", "UNZ"]
    assert found[0].get(2) == "a'b+c"
    assert found[0].get(3) == "x?"
    assert (found[1].get(4, 1), found[1].get(4, 2)) == ("one:two", "three\nfour'")
    assert [(one.line, one.column) for one in found] == [(1, 10), (2, 1), (3, 8)]


@pytest.mark.parametrize(
    ("name", "line", "column", "message"),
    [
        ("error_validation.edi", 1, 824, "SE says the number 112223, but ST in line 1 says 112233"),
        ("error_validation.edi", 1, 837, "GE counts 2, but there are 1"),
        ("segment_terminator.edi", 1, 1, "ISA in line 1 is not closed"),
        ("unknown_segment_error.edi", 1, 170, "HL stands outside a message"),
    ],
)
def test_broken_interchanges_are_located(
    shared: Path, name: str, line: int, column: int, message: str
) -> None:
    schema = read_schema(shared / _X12 / "badx12" / "errors" / name)
    assert any(
        (one.line, one.column) == (line, column) and message in one.message for one in schema.problems
    ), schema.problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bad_file", "no interchange here"),
        ("ISA*00*too*short~GS*1~", "does not have its 16"),
        (_ISA.format("^", "00501", ":", "")[:-1], "not have its 16|not ended"),
        (_ISA.format("^", "00501", ":", ""), "not ended"),
    ],
)
def test_what_is_no_interchange_is_refused(reads: Reads, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        reads(("a.edi", text), kind="edi")
    assert caught.value.line == 1
    assert caught.value.next_step


def test_envelopes_within_each_other_are_checked(reads: Reads) -> None:
    good = _interchange("ST*850*1", "BEG*00", "SE*3*1")
    assert reads(("a.edi", good + "\r\n" + good)).problems == ()
    for change, message in (
        (("SE*3*1~", ""), "ST in line 1 is not closed"),
        (("GE*1*1~", ""), "GS in line 1 is not closed"),
        (("ST*850*1~", ""), "BEG stands outside a message"),
        (("IEA*1*", "IEA*7*"), "IEA counts 7"),
        (("BEG*00", "B G*00"), "no segment: B G"),
    ):
        problems = reads(("a.edi", good.replace(*change))).problems
        assert any(message in one.message for one in problems), (change, problems)


def test_every_supplied_map_opens_with_names_and_types(shared: Path, tmp_path: Path) -> None:
    folder = shared / _X12 / "pyx12" / "map"
    count = 0
    for file in sorted(folder.glob("*.xml")):
        if file.name in ("codes.xml", "dataele.xml", "maps.xml"):
            assert read_schema(file).kind == "xml"
            continue
        schema = read_schema(file)
        assert (schema.kind, schema.all_problems()) == ("edi", ()), file.name
        count += sum(1 for _node in _nodes(schema))
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


def _nodes(schema: Schema) -> Iterator[Node]:
    waiting = list(schema.roots)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.type.children


def test_messages_stand_in_the_maps_they_follow(shared: Path) -> None:
    folder = shared / _X12 / "pyx12" / "map"
    names = ("835.5010.X221.A1.xml", "837.5010.X222.A1.xml", "834.5010.X220.A1.xml", "999.5010.xml")
    maps = [read_schema(folder / name) for name in names]
    files = [
        *sorted((shared / _X12 / "badx12" / "edi").glob("X22*.edi")),
        *sorted((shared / _X12 / "pyx12").glob("*/*.txt")),
    ]
    assert len(files) > 25
    wrong: Counter[str] = Counter()
    placed_all = 0
    for file in files:
        text = _text(file)
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
    file = shared / _X12 / "badx12" / "edi" / "X222-encounter.edi"
    schema = read_with_definition(file, [shared / _X12 / "pyx12" / "map" / "837.5010.X222.A1.xml"])
    assert schema.problems == ()
    start = "interchange/group/transaction/"
    paths = [one.path.removeprefix(start) for one in place_segments(_text(file), schema).segments]
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
    file = shared / _X12 / "badx12" / "edi" / "X222-encounter.edi"
    folder = shared / _X12 / "pyx12" / "map"
    schema = read_with_definition(file, [folder / "835.5010.X221.A1.xml"])
    assert schema.facts["form"] == "sample"
    assert [one.message for one in schema.problems] == [
        "None of the definitions is one of 837 005010X222A1, so the message is shown by position."
    ]
    file = next((shared / _X12 / "badx12" / "edi").glob("X279-error*"))
    schema = read_with_definition(file, [folder / "271.4010.X092.A1.xml"])
    assert schema.facts["form"] == "definition"
    assert "of version 005010X279A1, the definition of 004010X092A1" in schema.problems[-1].message


def test_edifact_messages_stand_in_the_directory(shared: Path) -> None:
    folder = shared / _EDIFACT / "d21a" / "data" / "messages"
    for file in sorted(folder.glob("*.xml")):
        schema = read_schema(file)
        assert (schema.kind, schema.problems) == ("edi", ()), file.name
        assert sum(1 for _node in _nodes(schema)) > 100, file.name
        assert schema.facts["version"] == "D.21A"
    for name in ("order.edi", "order2.edi", "wikipedia_de.edi", "invoice1.edi"):
        sample = shared / _EDIFACT / name
        schema = read_with_definition(sample, [folder / "orders.xml", folder / "invoic.xml"])
        placing = place_segments(_text(sample), schema)
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
    folder = shared / _X12 / "ballerina-edi-tools" / "edi-tools-tests" / "resources" / f"sample{number}"
    schema = read_schema(folder / "schema.json")
    assert schema.kind == "edi"
    placing = place_segments(_text(folder / "message.edi"), schema)
    assert placing.problems == ()
    assert [one.path for one in placing.segments if one.node is None] == []
    assert len(placing.segments) > 3


def test_a_json_definition_has_the_users_names(shared: Path) -> None:
    folder = shared / _X12 / "ballerina-edi-tools"
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
    placing = place_segments(_text(orders / "message.edi"), read_schema(orders / "schema.json"))
    assert [one.record.name for one in placing.segments if one.node is None] == []
    for name in (
        "edifact/d03a/INVOIC_expected.json",
        "edifact/d03a/ORDERS_expected.json",
        "x12xsd/004010/210.json",
    ):
        schema = read_schema(folder / "edi-tools" / "tests" / "resources" / name)
        assert (schema.kind, schema.problems) == ("edi", ()), name
        assert schema.roots[0].name == "interchange"
        assert sum(1 for _node in _nodes(schema)) > 500


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
    text = _interchange(
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
    text = _interchange("ST*850*1", "BEG*00*SA*P1", "PO1*1*2", "SE*4*1")
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
    folder = shared / _X12 / "ballerina-edi-tools" / "edi-tools-tests" / "resources" / "sample3"
    bare = read_with_definition(folder / "message.edi", [folder / "schema.json"])
    assert (bare.problems, bare.facts["element"]) == ((), "*")


_TEXTS = st.text("AB1*~:'+?\n ^ISAGSTUNBH", max_size=120)


@given(_TEXTS, st.sampled_from([_ISA.format("^", "00501", ":", "~"), "UNA:+.? '", "UNB+UNOA:4+", "ISA", ""]))
def test_any_text_behind_a_head_gives_a_tree_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, head: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.edi"
    file.write_text(head + text, "utf-8")
    schema: Schema | None = None
    line: int | None = None
    try:
        schema = read_schema(file, kind="edi")
    except WeftError as error:
        line = error.line
    end = (head + text).count("\n") + 1
    if schema is None:
        assert line is not None
        assert 1 <= line <= end
    else:
        assert all(1 <= (one.line or 0) <= end for one in schema.problems)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["BGM", "FTX", "LIN"]),
            st.lists(
                st.lists(st.text("ab:+?'* \n", max_size=5), min_size=1, max_size=3), min_size=1, max_size=3
            ),
        ),
        max_size=5,
    )
)
def test_what_is_released_comes_back(given_segments: list[tuple[str, list[list[str]]]]) -> None:
    def released(text: str) -> str:
        return "".join(f"?{mark}" if mark in "?:+'" else mark for mark in text)

    text = "UNA:+.? '" + "".join(
        "+".join([name, *(":".join(map(released, components)) for components in elements)]) + "'"
        for name, elements in given_segments
    )
    found = [
        (one.name, [list(element[0]) for element in one.elements])
        for one in segments(text, find_delimiters(text))
    ]
    assert found == given_segments


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["segments", "ref", "code", "tag", "fields", "components", "maxOccurances", "minOccurances", "delimiters"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_json_is_a_definition_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, inner: object
) -> None:
    import json

    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps({"segments": [inner], "delimiters": inner}), "utf-8")
    schema = read_schema(file, kind="edi")
    assert sum(1 for _node in _nodes(schema)) >= 1
