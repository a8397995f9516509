"""Maps between published formats: UBL and CII invoices of the XRechnung samples in both directions, payments of invoices.

`maps/xrechnung/fields.csv` holds the fields of EN 16931 with their places in the two syntaxes; the result of a map is
compared with the paired document of the samples on every value, and must be valid.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.engine.golden.model import State
from studio.engine.golden.running import Bench, run_test
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.project.folder import load_transformation
from studio.schema.model import Schema
from studio.schema.read import read_schema

HERE = Path(__file__).resolve().parent / "maps"
XSD = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "xsd"
SAMPLES = "xrechnung-samples"
PAIRS = ("01.01a", "01.02a", "01.03a", "01.04a", "01.05a", "03.03a", "03.05a")
ALONE = ("02.01a", "02.02a", "02.04a", "03.02a")
ENDING = {"ubl": "ubl", "cii": "uncefact"}
Leaf = tuple[str, str]

# What the two documents of a pair say differently themselves: (pair, field) and why.
EXPLAINED = {
    ("01.02a", "BT-13"): "UBL needs an order number beside the sales order and makes one up; CII has none",
}
# The same of what is no field of the norm: a UBL element that CII has no place for.
MADE_UP = {
    "/Invoice/OrderReference/ID",
    "/Invoice/AccountingSupplierParty/Party/PartyTaxScheme/TaxScheme/ID",
}


@pytest.fixture
def samples() -> None:
    if not (XSD / SAMPLES).is_dir():
        pytest.skip("the folder ../shared with real schemas and samples is not here")


@cache
def schema(name: str) -> Schema:
    return read_schema(XSD / name)


@cache
def plan(name: str) -> Plan:
    """A map of ours over schemas of the corpora."""
    made = load_transformation(HERE / f"{name}.yaml")
    found = compile_plan(made, schema(made.source.schema), schema(made.target.schema))
    assert found.problems == ()
    return found


@cache
def valid(name: str) -> etree.XMLSchema:
    made = load_transformation(HERE / f"{name}.yaml")
    return etree.XMLSchema(etree.parse(str(XSD / made.target.schema)))


def made(name: str, document: bytes, **more: Any) -> bytes:
    """What a map makes of a document, by every engine the same; no record may fail."""
    results = []
    for engine in ("interpret", "auto"):
        out = io.BytesIO()
        failures: list[Failure] = []
        transform(plan(name), io.BytesIO(document), out, engine=engine, failures=failures.append, **more)
        assert failures == []
        results.append(out.getvalue())
    assert results[0] == results[1]
    return results[0]


def sample(number: str, kind: str) -> bytes:
    return (XSD / SAMPLES / f"{number}-INVOICE_{ENDING[kind]}.xml").read_bytes()


def leaves(data: bytes) -> Iterator[Leaf]:
    """Every value of a document with the names above it; numbers by their value."""
    waiting: list[tuple[Any, str]] = [(etree.fromstring(data), "")]
    while waiting:
        element, above = waiting.pop()
        path = f"{above}/{etree.QName(element).localname}"
        for name, value in element.attrib.items():
            if "schemaLocation" not in name:
                yield f"{path}/@{etree.QName(name).localname}", value
        inside = [child for child in element if isinstance(child.tag, str)]
        waiting += [(child, path) for child in inside]
        if not inside:
            yield path, value_of((element.text or "").strip())


def value_of(text: str) -> str:
    try:
        return str(Decimal(text).normalize()) if "." in text else text
    except InvalidOperation:
        return text


def fields(data: bytes, kind: str) -> dict[str, Counter[str]]:
    """The values of each field of the norm."""
    values: dict[str, Counter[str]] = {}
    for path, text in leaves(data):
        values.setdefault(path.partition("/")[2].partition("/")[2], Counter())[text] += 1
    with (HERE / "xrechnung/fields.csv").open(encoding="utf-8") as lines:
        return {row["field"]: values.get(row[kind], Counter()) for row in csv.DictReader(lines)}


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("number", PAIRS)
@pytest.mark.parametrize(("source", "target"), [("ubl", "cii"), ("cii", "ubl")])
def test_invoices_in_both_directions(number: str, source: str, target: str) -> None:
    """Every field is as the paired document has it, but for what the pair itself says differently."""
    name = f"xrechnung/{source}-to-{target}"
    result, paired = made(name, sample(number, source)), sample(number, target)
    assert valid(name).validate(etree.fromstring(result)), valid(name).error_log
    wanted, found = fields(paired, target), fields(result, target)
    assert sum(bool(values) for values in wanted.values()) >= 45
    differing = {(number, field) for field in wanted if wanted[field] != found[field]}
    assert differing == {key for key in EXPLAINED if key[0] == number}
    # Nothing else stands in the one and not in the other.
    one, other = Counter(leaves(paired)), Counter(leaves(result))
    left = {path for path, _text in (one - other) + (other - one)}
    assert left <= MADE_UP | {path for field in differing for path in _paths(field[1])}


def _paths(field: str) -> Iterator[str]:
    with (HERE / "xrechnung/fields.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["field"] == field:
                yield from (f"/Invoice/{row['ubl']}", f"/CrossIndustryInvoice/{row['cii']}")


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("number", ALONE)
def test_invoices_there_and_back(number: str) -> None:
    """An invoice without a pair: valid CII, and as UBL again with the fields it had."""
    first = sample(number, "ubl")
    middle = made("xrechnung/ubl-to-cii", first)
    assert valid("xrechnung/ubl-to-cii").validate(etree.fromstring(middle))
    last = made("xrechnung/cii-to-ubl", middle)
    assert valid("xrechnung/cii-to-ubl").validate(etree.fromstring(last))
    wanted, found = fields(first, "ubl"), fields(last, "ubl")
    assert {field for field in wanted if wanted[field] != found[field]} == set()


@pytest.mark.usefixtures("samples")
def test_every_field_of_the_list_is_mapped_in_both_directions() -> None:
    for kind, name in (("cii", "ubl-to-cii"), ("ubl", "cii-to-ubl")):
        ruled = {
            _bare(target.path).partition("/")[2]
            for target in plan(f"xrechnung/{name}").root.walk()
            if target.script is not None
        }
        with (HERE / "xrechnung/fields.csv").open(encoding="utf-8") as lines:
            assert {row["field"] for row in csv.DictReader(lines) if row[kind] not in ruled} == set()


def _bare(path: str) -> str:
    return "/".join(step.partition("[")[0] for step in path.split("/"))


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("number", [number for number in (*PAIRS, *ALONE) if number[:4] not in ("03.0",)])
def test_payments_of_invoices(number: str) -> None:
    """A credit transfer that is valid, with the amount, the account and the names of the invoice."""
    given = {"debtor_iban": "DE89370400440532013000"}
    invoice = sample(number, "ubl")
    result = made(
        "pain/ubl-to-pain001", invoice, variables=given, clock=lambda: datetime(2026, 3, 1, 12, 0, 0)
    )
    document = etree.fromstring(result)
    assert valid("pain/ubl-to-pain001").validate(document), valid("pain/ubl-to-pain001").error_log
    found, of_invoice = Counter(leaves(result)), fields(invoice, "ubl")
    start = "/Document/CstmrCdtTrfInitn"
    accounts = {text for path, text in found if path == f"{start}/PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN"}
    assert accounts == {text.replace(" ", "") for text in of_invoice["BT-84"]}
    amounts = {text for path, text in found if path == f"{start}/PmtInf/CdtTrfTxInf/Amt/InstdAmt"}
    assert amounts == set(of_invoice["BT-115"])
    assert (f"{start}/GrpHdr/CreDtTm", "2026-03-01T12:00:00") in found
    assert (f"{start}/PmtInf/DbtrAcct/Id/IBAN", given["debtor_iban"]) in found
    (count,) = [text for path, text in found if path == f"{start}/GrpHdr/NbOfTxs"]
    assert int(count) == len(document.findall(".//{*}CdtTrfTxInf")) > 0


@pytest.mark.parametrize("ref", ["850-to-orders/orders", "orders-to-850/orders"])
def test_orders_of_an_interchange_and_back(ref: str) -> None:
    """X12 850 as XML orders, called as in UBL, and as one interchange again: a project with golden tests of its own."""
    bench = Bench(HERE / "edi-orders")
    outcome = run_test(bench, ref)
    assert (outcome.state, outcome.differences, outcome.records) == (State.PASSED, (), 3)
    if ref.startswith("850"):
        valid_orders = etree.XMLSchema(etree.parse(str(HERE / "edi-orders/schemas/orders.xsd")))
        assert valid_orders.validate(etree.fromstring(outcome.document)), valid_orders.error_log
    (counts,) = (found.counts() for found in bench.coverage.values())
    assert counts["rule"][0] == counts["rule"][1]
    assert counts["branch"][0] == counts["branch"][1]
