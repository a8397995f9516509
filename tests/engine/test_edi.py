"""X12 and EDIFACT as source and target of runs: to XML and back, envelopes completed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.compile import compile_plan
from studio.engine.formats.edi_forms import edi_writer, reads
from studio.mapping.model import Mapping, SchemaUse, Transformation
from studio.schema.model import Base, ValueType
from tests.engine import build
from tests.engine.edi_cases import (
    INVOICE,
    INVOICES,
    ORDER_850,
    ORDERS_850,
    schema,
    straight,
    through_xml,
)

CLOCK = datetime(2026, 3, 1, 12, 7)
ORDER = "interchange/group/transaction"


def test_orders_become_xml_and_the_same_interchange_again(tmp_path: Path) -> None:
    given = "\n".join(ORDERS_850)
    text, again = through_xml(schema(tmp_path, ORDER_850), given.encode())
    assert "<xBEG05>2026-02-28</xBEG05>" in text.decode()
    assert "<xN102>Weft &amp; Sons, Ltd.</xN102>" in text.decode()
    assert again == given.replace("\n", "")


def test_invoices_become_xml_and_the_same_interchange_again(tmp_path: Path) -> None:
    given = "".join(INVOICES)
    text, again = through_xml(schema(tmp_path, INVOICE), given.encode("iso-8859-1"))
    assert "<xBGM02>R+2026/17</xBGM02>" in text.decode()
    assert "It's 50% off: really?" in text.decode()
    assert again == given
    assert straight(schema(tmp_path, INVOICE), given.encode()) == given


def _order(number: str = "1", **more: str) -> dict[str, str]:
    rules: dict[str, object] = {
        ORDER: {"loop": "orders/order"},
        f"{ORDER}/BEG/BEG03": "[no]",
        f"{ORDER}/PO1": {"loop": "line"},
        f"{ORDER}/PO1/PO1/PO102": "[q]",
        f"{ORDER}/PO1/PO1/PO107": "[id]",
    }
    return {**rules, **more}  # type: ignore[dict-item]


XML = build.xml(
    {"orders": {"@from?": "text", "order*": {"no": "text", "line*": {"q?": "decimal", "id?": "text"}}}}
)
TWO = (
    "<orders from='ME'><order><no>A</no><line><q>1.50</q></line><line><id>x</id></line></order>"
    "<order><no>B</no><line><q>2</q></line></order></orders>"
)


def test_what_no_rule_gives_of_an_envelope_is_put_in_and_counted(tmp_path: Path) -> None:
    """S68"""
    made = build.plan(
        _order(**{"interchange/ISA/ISA06": "[/orders/@from]", f"{ORDER}/ST/ST02": "'7'"}),
        XML,
        schema(tmp_path, ORDER_850),
    )
    text, failures, counts = build.both(made, TWO, clock=lambda: CLOCK)
    assert text.split("~") == [
        "ISA*00*          *00*          *ZZ*ME             *ZZ*               *260301*1207*U*00401*000000001*0*P*:",
        "GS*PO***20260301*1207*1*X*004010",
        "ST*850*7", "BEG***A", "PO1**1.50", "PO1*******x", "SE*5*7",
        "ST*850*7", "BEG***B", "PO1**2", "SE*4*7",
        "GE*2*1", "IEA*1*000000001", "",
    ]  # fmt: skip
    assert (failures, counts) == ([], (2, 2, 0, 0))


def test_edifact_is_numbered_counted_and_released(tmp_path: Path) -> None:
    rules = {
        "interchange/message": {"loop": "orders/order"},
        "interchange/message/BGM/BGM02": "[no]",
        "interchange/message/SG3": {"loop": "line"},
        "interchange/message/SG3/LIN/LIN03/LIN03-01": "[id]",
    }
    made = build.plan(rules, XML, schema(tmp_path, INVOICE))
    given = "<orders><order><no>A+B:C'D?</no><line><id>x</id></line></order></orders>"
    text, failures, _counts = build.both(made, given, clock=lambda: CLOCK)
    assert failures == []
    assert "BGM++A?+B?:C?'D??" in text
    assert "LIN+++x'UNT+4+1'UNZ+1+1'" in text


def test_a_value_that_holds_a_delimiter_fails_its_record_in_x12(tmp_path: Path) -> None:
    made = build.plan(_order(), XML, schema(tmp_path, ORDER_850))
    for mark, reason in (
        ("*", "The text holds *, a delimiter of the interchange."),
        ("~", "The text holds ~, a delimiter of the interchange."),
        ("&#10;", "The text holds the character U+000A, which no message may hold."),
    ):
        text, failures, counts = build.both(made, TWO.replace("<no>A", f"<no>A{mark}"), clock=lambda: CLOCK)
        assert failures == [(1, f"{ORDER}/BEG/BEG03", reason)]
        assert counts == (2, 1, 1, 0)
        assert "BEG***B~" in text
        assert "GE*1*1~" in text


def _read(tmp_path: Path, data: str | bytes) -> build.Outcome:
    out = build.xml(
        {"orders": {"order*": {"@isa?": "text", "@n": "text", "no?": "text", "on?": "date", "q*": "decimal"}}}
    )
    rules = {
        "orders/order": {"loop": ORDER},
        "orders/order/@isa": "[/interchange/ISA/ISA06]",
        "orders/order/@n": "[../GS/GS06]",
        "orders/order/no": "[BEG/BEG03]",
        "orders/order/on": "[BEG/BEG05]",
        "orders/order/q": "[PO1/PO1/PO102]",
    }
    made = build.plan(rules, schema(tmp_path, ORDER_850), out)
    assert made.passes == "stream"
    return build.both(made, data)


def test_levels_around_a_message_come_with_it(tmp_path: Path) -> None:
    """S65"""
    second = "\n".join(ORDERS_850).replace("*", "|").replace("|WEFT    ", "|NEXT    ").replace("~", "!")
    text, failures, counts = _read(tmp_path, "\n".join(ORDERS_850) + "\r\n\r\n" + second)
    assert (failures, counts) == ([], (6, 6, 0, 0))
    assert [line.strip() for line in text.split("\n") if "<order " in line] == [
        '<order isa="WEFT" n="7">', '<order isa="WEFT" n="7">', '<order isa="WEFT" n="8">',
        '<order isa="NEXT" n="7">', '<order isa="NEXT" n="7">', '<order isa="NEXT" n="8">',
    ]  # fmt: skip
    assert "<q>.5</q>" in text
    assert "<on>1999-12-31</on>" in text


def test_a_message_that_does_not_fit_fails_with_the_number_of_its_segment(tmp_path: Path) -> None:
    """S67"""
    for old, new, reason in (
        ("PID*F****Washers~", "XXX*1~", "Line 21: Segment 4: XXX is not in the definition of the message."),
        ("PID*F****Washers~", "x~", "Line 21: Segment 4: this is no segment."),
        ("PID*F****Washers~", "BEG*00*NE*1~", "Line 21: Segment 4: BEG occurs more often than it may."),
        ("PID*F****Washers~", "REF*A*B~", "Line 21: Segment 4: REF stands out of order."),
        ("BEG*00*NE*4500018**20260301~", "REF*A*B~", "Line 19: Before segment 2 (REF), BEG is missing."),
        ("BEG*00*NE*4500018**20260301~", "BEG*00*NE~", "Line 19: Segment 2: BEG lacks element 03."),
        (
            "PID*F****Washers~",
            "PID*F****W*6~",
            "Line 21: Segment 4: PID has no element 06 in the definition.",
        ),
        ("SE*5*0002~", "SE*6*0002~", "Line 22: Segment 5: SE counts 6 segments, but there are 5."),
        ("SE*5*0002~", "SE*5*0003~", "Line 22: Segment 5: SE has another number than the message."),
    ):
        data = "\n".join(ORDERS_850).replace(old, new)
        _text, failures, counts = _read(tmp_path, data)
        assert failures == [(2, "transaction", reason)]
        assert counts == (3, 2, 1, 0)


def test_counts_of_groups_and_interchanges_that_differ_are_told(tmp_path: Path) -> None:
    data = "\n".join(ORDERS_850).replace("GE*2*7", "GE*3*7").replace("IEA*2*000000042", "IEA*2*000000041")
    _text, failures, counts = _read(tmp_path, data)
    assert [reason for _number, _path, reason in failures] == [
        "Line 23: GE counts 3, but there are 2.",
        "Line 31: IEA says the number 000000041, but ISA in line 1 says 000000042.",
    ]
    assert counts == (5, 3, 2, 0)


def test_a_broken_envelope_ends_the_run_with_its_place(tmp_path: Path) -> None:
    whole = "\n".join(ORDERS_850)
    for data, reason, line in (
        (whole.replace("GE*2*7~\n", ""), "GS in line 2 is not closed: GE is missing.", 23),
        (whole.replace("SE*5*0002~\n", ""), "ST in line 18 is not closed: SE is missing.", 22),
        (whole.rsplit("\n", 1)[0], "ISA in line 1 is not closed: IEA is missing.", 30),
        (whole.replace("GE*2*7~", "GE*2*7~\nBEG*1~"), "The segment BEG stands outside a message.", 24),
        ("UNB+UNOA:1+a+b+1:1+1'UNZ+0+1'", "The interchange is EDIFACT, its schema is of X12.", 1),
        ("hello", "There is no interchange here: it starts with ISA, UNA or UNB.", 1),
        ("", "There is no interchange here: it starts with ISA, UNA or UNB.", 1),
        (
            whole.replace("~", "é~", 1).replace("*:é~", "*:a"),
            "The ISA segment is not ended by a segment terminator.",
            1,
        ),
    ):
        with pytest.raises(BadInput) as error:
            _read(tmp_path, data)
        assert (error.value.message, error.value.line) == (reason, line)


def test_character_sets_are_those_the_interchange_says(tmp_path: Path) -> None:
    out = build.xml({"out": {"n*": {"t?": "text"}}})
    made = build.plan(
        {"out/n": {"loop": "interchange/message"}, "out/n/t": "[BGM/BGM02]"}, schema(tmp_path, INVOICE), out
    )
    given = "".join(INVOICES).replace("R?+2026/17", "Žluť")
    for said, encoding in (("UNOD", "iso-8859-2"), ("UNOW", "utf-8"), ("UNOY", "utf-16")):
        text, failures, _counts = build.both(made, given.replace("UNOC", said).encode(encoding))
        assert "<t>Žluť</t>" in text
        assert failures == []
    text, _failures, _counts = build.both(
        made, given.replace("Žluť", "façade").replace("UNOC", "UNOA").encode("iso-8859-1")
    )
    assert "<t>façade</t>" in text
    with pytest.raises(BadInput, match="The text is not UTF-8"):
        build.both(made, given.replace("UNOC", "UNOW").encode("iso-8859-2"))


def test_delimiters_come_from_una(tmp_path: Path) -> None:
    out = build.xml({"out": {"n*": {"t?": "text", "q*": "decimal"}}})
    rules = {
        "out/n": {"loop": "interchange/message"},
        "out/n/t": "[FTX[1]/FTX04/FTX04-01]",
        "out/n/q": "[SG3/QTY/QTY01/QTY01-02]",
    }
    made = build.plan(rules, schema(tmp_path, INVOICE), out)
    given = (
        "UNA;|,! \nUNB|UNOC;3|A|B|260301;1207|1\nUNH|1|INVOIC;D;96A;UN\nBGM||7\nDTM|137;x\n"
        "FTX||||A!|B!;C!!;'+:\nLIN|1\nQTY|47;1,5\nUNS|S\nUNT|8|1\nUNZ|1|1\n"
    )
    text, failures, _counts = build.both(made, given)
    assert failures == []
    assert "<t>A|B;C!</t>" in text
    assert "<q>1.5</q>" in text
    assert "'FTX++++A|B;C!:?'?+?:'LIN+1'" in straight(schema(tmp_path, INVOICE), given.encode())


def test_a_target_may_say_how_messages_are_written(tmp_path: Path) -> None:
    """S69"""
    mapping = Mapping(tuple(build.rule(path, given) for path, given in _order().items()))
    options = {"breaks": "true", "element": "|", "segment": "!", "encoding": "us-ascii"}
    use = SchemaUse("target", extra=options)
    made = compile_plan(
        Transformation("test", SchemaUse("source"), use, mapping), XML, schema(tmp_path, ORDER_850)
    )
    text, failures, _counts = build.both(made, TWO.replace("<no>A", "<no>*é"), clock=lambda: CLOCK)
    assert failures == [(1, f"{ORDER}/BEG/BEG03", "The text holds a character that us-ascii does not have.")]
    assert text.split("\n")[2:4] == ["ST|850|0001!", "BEG|||B!"]
    use = SchemaUse("target", extra={"element": "ab", "breaks": "maybe"})
    made = compile_plan(
        Transformation("test", SchemaUse("source"), use, mapping), XML, schema(tmp_path, ORDER_850)
    )
    assert [problem.message for problem in made.errors] == [
        "breaks is true or false.", "element is one character that is no letter and no digit.",
    ]  # fmt: skip


def test_forms_of_elements_are_numbers_dates_and_times() -> None:
    """S66"""
    for base, form, written, meant in (
        (Base.DECIMAL, "N2", "12345", "123.45"), (Base.DECIMAL, "N2", "-7", "-0.07"), (Base.DECIMAL, "N2", "1.5", "1.5"),
        (Base.DATE, "yyyymmdd", "20260228", "2026-02-28"), (Base.DATE, "yyyymmdd", "20260230", "20260230"),
        (Base.DATE, "yymmdd", "490101", "2049-01-01"), (Base.DATE, "yymmdd", "500101", "1950-01-01"),
        (Base.TIME, "hhmm", "1207", "12:07:00"), (Base.TIME, "hhmm", "120759", "12:07:59"), (Base.TIME, "hhmm", "12075905", "12:07:59.05"),
        (Base.DATETIME, "yyyymmddhhmm", "202602281207", "2026-02-28T12:07:00"), (Base.DECIMAL, "", "1,5", "1.5"),
    ):  # fmt: skip
        read = reads(base, form)
        assert read is not None
        assert read(written) == meant
        write = edi_writer(ValueType(form or "n", base, format=form or None), declared=True)
        if written != "1,5" and meant != written:
            assert write(meant) == written
    assert edi_writer(ValueType("n", Base.DECIMAL), True, ",")("1.50") == "1,50"
