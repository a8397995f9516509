"""X12 and EDIFACT: delimiters, broken interchanges, trees by position, definitions, messages placed in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.edi.sample import read_edi_sample
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Kind, Schema
from studio.schema.read import read_schema
from tests.schema.edi_texts import EDIFACT, ISA, X12, interchange, nodes_of, text_of
from tests.schema.trees import Reads, lines


def test_every_supplied_message_opens(shared: Path, tmp_path: Path) -> None:
    files = [
        *sorted((shared / X12 / "badx12" / "edi").glob("*.edi")),
        *sorted((shared / X12 / "pyx12").glob("*/*.txt")),
        *sorted((shared / EDIFACT).rglob("*.edi")),
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
    for file in [*(shared / X12 / "badx12" / "edi").glob("*.edi"), *(shared / EDIFACT).glob("*.edi")]:
        schema, text = read_schema(file), text_of(file)
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
    text = interchange(
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
    schema = read_schema(shared / X12 / "badx12" / "edi" / "X221-era-sample.edi")
    assert [f"{node.name} {node.value.base}" for node in nodes_of(schema) if node.value and node.value.base != "text"] == [
        "IEA01 integer", "GE01 integer", "SE01 integer", "CAS03 decimal", "SVC03 decimal", "SVC02 decimal",
        "AMT02 decimal", "CLP05 decimal", "CLP04 decimal", "CLP03 decimal", "LX01 integer", "BPR02 decimal",
    ]  # fmt: skip
    # The sender, control numbers, the claim's number and the postal code hold digits only in this sample.
    text = ("ISA/ISA06", "group/GS/GS06", "group/transaction/CLP/CLP01", "group/transaction/N4/N403")
    for path in text:
        place = schema.find(f"interchange/{path}")
        assert place is not None
        assert place.node.facts["examples"].isdigit()
    schema = read_schema(shared / EDIFACT / "wikipedia_de.edi")
    assert {node.name for node in nodes_of(schema) if node.value and node.value.base != "text"} == {
        "UNZ01", "UNT01", "QTY01-02", "MOA01-02", "PRI01-02", "CNT01-02"
    } & {node.name for node in nodes_of(schema)}  # fmt: skip


def test_what_is_no_number_at_the_place_of_one_stays_text(reads: Reads) -> None:
    schema = reads(("a.edi", interchange("ST*850*1", "AMT*1*007", "QTY*1*many", "CUR*BY*USD*", "SE*5*1")))
    start = "interchange/group/transaction"
    kinds = [schema.find(f"{start}/{path}") for path in ("AMT/AMT02", "QTY/QTY02", "CUR/CUR03")]
    assert [one.node.type.name for one in kinds if one is not None] == ["string", "string", "decimal"]


def test_segments_are_named_and_the_envelope_is_required(shared: Path, tmp_path: Path) -> None:
    file = shared / X12 / "badx12" / "edi" / "X221-era-sample.edi"
    schema = read_schema(file)
    nodes = list(nodes_of(schema))
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
    text = text_of(file)
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
        node.name: node.documentation for node in nodes_of(read_schema(shared / EDIFACT / "wikipedia_de.edi"))
    }
    assert (names["NAD"], names["UNB"], names["UNB02"]) == (
        "Name and address",
        "Interchange begins",
        "Sender",
    )
    assert names.get("UNB02-01", "") == ""


def test_several_samples_make_one_tree(tmp_path: Path) -> None:
    (tmp_path / "a.edi").write_text(interchange("ST*850*1", "BEG*00", "SE*3*1"))
    (tmp_path / "b.edi").write_text(interchange("ST*850*1", "BEG*00*SA", "CUR*BY", "SE*4*1"))
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
        (ISA.format("U", "00401", ":", "~"), ("*", ":", "~", "")),
        (ISA.format("!", "00501", "\\", "\n"), ("*", "\\", "\n", "!")),
        (ISA.format(">", "00501", ":", "\r\n"), ("*", ":", "\n", ">")),
        (ISA.format("^", "00400", ":", "~"), ("*", ":", "~", "")),
        (ISA.format("^", "00501", ":", "~").replace("*", "|"), ("|", ":", "~", "^")),
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
    schema = read_schema(shared / X12 / "badx12" / "errors" / name)
    assert any(
        (one.line, one.column) == (line, column) and message in one.message for one in schema.problems
    ), schema.problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bad_file", "no interchange here"),
        ("ISA*00*too*short~GS*1~", "does not have its 16"),
        (ISA.format("^", "00501", ":", "")[:-1], "not have its 16|not ended"),
        (ISA.format("^", "00501", ":", ""), "not ended"),
    ],
)
def test_what_is_no_interchange_is_refused(reads: Reads, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        reads(("a.edi", text), kind="edi")
    assert caught.value.line == 1
    assert caught.value.next_step


def test_envelopes_within_each_other_are_checked(reads: Reads) -> None:
    good = interchange("ST*850*1", "BEG*00", "SE*3*1")
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


_TEXTS = st.text("AB1*~:'+?\n ^ISAGSTUNBH", max_size=120)


@given(_TEXTS, st.sampled_from([ISA.format("^", "00501", ":", "~"), "UNA:+.? '", "UNB+UNOA:4+", "ISA", ""]))
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
