"""X12 and EDIFACT as source and target of runs: by their definitions, to XML and back, envelopes completed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
