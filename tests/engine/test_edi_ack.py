"""Acknowledgements of interchanges: 997, 999 and CONTRL from what reading found, by the library and the command line."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.engine.formats.edi_ack import InterchangeAck, acknowledge, written
from studio.engine.formats.edi_layout import layout_of
from studio.engine.formats.edi_words import words
from studio.schema.edi.check import envelope_problems
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.engine.edi_cases import INVOICE, INVOICES, ORDER_850, ORDERS_850, schema
from tests.schema.edi_texts import X12

NOW = datetime(2026, 3, 2, 8, 30)


def acks(used: Schema, text: str) -> list[InterchangeAck]:
    """What became of the messages of a text."""
    return acknowledge(io.BytesIO(text.encode()), "test", layout_of(used.roots[0]), used.facts)


def lines(found: list[InterchangeAck]) -> list[str]:
    """The acknowledgement, which is itself an interchange without problems."""
    text = written(found, NOW).decode()
    delimiters = find_delimiters(text)
    assert envelope_problems(segments(text, delimiters), delimiters.standard, None) == ()
    return text.split("\n")


def test_what_fits_is_accepted(tmp_path: Path) -> None:
    found = acks(schema(tmp_path, ORDER_850), "\n".join(ORDERS_850))
    assert [(len(one.groups), one.accepted) for one in found] == [(2, True)]
    assert lines(found)[2:9] == [
        "ST*997*0001~", "AK1*PO*7~", "AK2*850*0001~", "AK5*A~", "AK2*850*0002~", "AK5*A~", "AK9*A*2*2*2~",
    ]  # fmt: skip
    assert lines(found)[0].startswith(
        "ISA*00*          *00*          *ZZ*PARTNER        *ZZ*WEFT           *260302*0830"
    )


def test_dates_are_held_to_their_form(tmp_path: Path) -> None:
    """What a run would refuse for its date, validating does not pass."""
    found = acks(schema(tmp_path, ORDER_850), "\n".join(ORDERS_850).replace("20260228~", "20261399~"))
    told = [
        words(fault) for group in found[0].groups for message in group.messages for fault in message.faults
    ]
    assert told == ["Segment 2: element 05 of BEG is no date of its form: 20261399"]
    assert "AK4*5**8*20261399~" in lines(found)


def test_what_does_not_fit_is_rejected_with_place_and_code(tmp_path: Path) -> None:
    text = "\n".join(ORDERS_850)
    for old, new in (
        ("PO1*2*.5*", "PO1*2*many*"),
        ("CTT*2~", "CTT*2~\nZZZ*1~"),
        ("BEG*00*NE*4500018**", "BEG*00*NE***"),
        ("GE*2*7", "GE*3*7"),
    ):
        assert old in text
        text = text.replace(old, new)
    found = acks(schema(tmp_path, ORDER_850), text)
    assert [message.accepted for group in found[0].groups for message in group.messages] == [
        False,
        False,
        True,
    ]
    assert lines(found)[3:15] == [
        "AK1*PO*7~", "AK2*850*0001~", "AK3*PO1*13*PO1*8~", "AK4*2**6*many~", "AK3*ZZZ*15**6~",
        "AK5*R*5*4~", "AK2*850*0002~", "AK3*BEG*2**8~", "AK4*3**1~", "AK5*R*5~", "AK9*R*3*2*0*5~", "SE*13*0001~",
    ]  # fmt: skip


def test_edifact_gets_contrl(tmp_path: Path) -> None:
    text = "\n".join(INVOICES).replace("QTY+47:12'", "QTY+47:12:3'").replace("UNS+S'\nUNT+6+2'", "UNT+6+2'")
    found = acks(schema(tmp_path, INVOICE), text)
    assert lines(found)[1:9] == [
        "UNH+1+CONTRL:D:3:UN'", "UCI+42+WEFT:14+PARTNER:14+8'", "UCM+1+INVOIC:D:96A:UN+4'", "UCS+10'", "UCD+16+1:3'",
        "UCM+2+INVOIC:D:96A:UN+4+29'", "UCS+5+13'", "UNT+8+1'",
    ]  # fmt: skip


def test_a_broken_envelope_is_rejected_as_a_whole(tmp_path: Path) -> None:
    found = acks(schema(tmp_path, ORDER_850), "\n".join(ORDERS_850[:-3]))
    assert found[0].broken is not None
    assert found[0].broken.line == 28
    assert lines(found)[1] == "TA1*000000042*260301*1207*R*022~"


def test_implementation_guides_get_999(shared: Path) -> None:
    used = read_schema(shared / X12 / "pyx12" / "map" / "837.5010.X222.A1.xml")
    data = (shared / X12 / "badx12" / "edi" / "X222-encounter.edi").read_text()
    found = acks(used, data)
    assert found[0].accepted
    assert [line.split("*")[0] for line in lines(found)][2:7] == ["ST", "AK1", "AK2", "IK5", "AK9"]
    assert "ST*999*0001*005010X231A1~" in lines(found)


def test_the_command_line_tells_and_acknowledges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "850.yaml").write_text(ORDER_850)
    (tmp_path / "in.edi").write_text("\n".join(ORDERS_850).replace("BEG*00*SA*X-1", "BEG*00*SA*"))
    ask = ["validate", str(tmp_path / "850.yaml"), str(tmp_path / "in.edi")]
    assert run([*ask, "--json", "--ack", str(tmp_path / "out" / "997.edi")]) == 1
    told = json.loads(capsys.readouterr().out)["problems"]
    assert [(one["record"], one["line"], one["message"]) for one in told] == [
        (3, 26, "Segment 2: BEG lacks element 03.")
    ]
    assert "AK9*R*1*1*0~" in (tmp_path / "out" / "997.edi").read_text()
    (tmp_path / "in.edi").write_text("\n".join(ORDERS_850))
    assert run(ask) == 0
    capsys.readouterr()
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert run(["validate", str(tmp_path / "a.csv"), str(tmp_path / "a.csv"), "--ack", "x"]) > 1
    assert "Only X12 and EDIFACT messages are acknowledged." in capsys.readouterr().err
