"""The sample project keeps what its README promises."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from lxml import etree

from studio.base.paths import resource
from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.engine.run import Stats, transform
from studio.project.check import problems_of_folder
from studio.project.folder import load
from studio.project.layout import file_of
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.project.texts import object_text

SAMPLE = resource("samples") / "orders"
ORDER = "{urn:weft-sample:orders}order"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    file = SAMPLE.parents[2] / "packaging" / "make_sample_orders.py"
    spec = importlib.util.spec_from_file_location("make_sample_orders", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample_orders"] = module
    spec.loader.exec_module(module)
    return module


def ran(ref: str, sample: str, output: Path, tables: Path = SAMPLE) -> tuple[Stats, list[Failure]]:
    project = load(SAMPLE).project
    schemas, transformation = Schemas(SAMPLE), project.transformations[ref]
    plan = compile_plan(
        transformation, schemas.get(transformation.source), schemas.get(transformation.target), Tables(tables)
    )
    failures: list[Failure] = []
    stats = transform(
        plan, SAMPLE / "samples" / sample, output, failures=failures.append, variables=dict(project.variables)
    )
    return stats, failures


def test_the_documents_are_made_by_the_script_byte_by_byte(
    maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["make", str(tmp_path)])
    maker.main()
    for name in ("orders.xml", "customers.csv"):
        assert (tmp_path / name).read_bytes() == (SAMPLE / "samples" / name).read_bytes()


def test_the_orders_are_valid_and_as_many_as_told() -> None:
    document = etree.parse(SAMPLE / "samples/orders.xml")
    etree.XMLSchema(etree.parse(SAMPLE / "schemas/orders.xsd")).assertValid(document)
    states = Counter(order.get("status") for order in document.getroot().iter(ORDER))
    assert states == {"open": 512, "shipped": 291, "cancelled": 27}
    assert (SAMPLE / "samples/orders.xml").stat().st_size < 2_500_000


def test_the_project_is_clean_and_every_file_in_its_proper_form() -> None:
    assert problems_of_folder(SAMPLE) == ()
    project = load(SAMPLE).project
    for id in project.objects():
        assert (SAMPLE / file_of(id)).read_text("utf-8") == object_text(project, id)


def test_invoices(tmp_path: Path) -> None:
    stats, failures = ran("orders-to-invoices", "orders.xml", tmp_path / "invoices.xml")
    assert (stats.records_in, stats.records_out, stats.failed, stats.filtered) == (830, 508, 4, 318)
    assert {failure.path for failure in failures} == {"invoices/invoice/line/taxRate"}
    assert all("class V" in failure.reason for failure in failures)
    document = etree.parse(tmp_path / "invoices.xml")
    etree.XMLSchema(etree.parse(SAMPLE / "schemas/invoices.xsd")).assertValid(document)
    spaces = {"i": "urn:weft-sample:invoices"}
    assert len(document.xpath("//i:invoice[not(i:dueDate)]", namespaces=spaces)) == 13
    (third,) = document.xpath("//i:invoice[@number='10250']", namespaces=spaces)
    texts = {
        name: third.findtext(f"i:{name}", namespaces=spaces)
        for name in ("dueDate", "net", "total", "lineCount")
    }
    # 10 × 7.70 + 35 × 13.20 + 15 × 8.05, and 65.83 of freight.
    assert texts == {"dueDate": "2026-04-07", "net": "659.75", "total": "725.58", "lineCount": "3"}


def test_the_four_that_fail_pass_with_a_rate(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for table in (SAMPLE / "tables").iterdir():
        text = table.read_text("utf-8") + ("V,0,voucher\n" if table.stem == "tax-rates" else "")
        (tmp_path / "tables" / table.name).write_text(text, "utf-8")
    stats, failures = ran("orders-to-invoices", "orders.xml", tmp_path / "invoices.xml", tables=tmp_path)
    assert (stats.records_out, failures) == (512, [])


def test_order_lines(tmp_path: Path) -> None:
    stats, failures = ran("orders-to-csv", "orders.xml", tmp_path / "lines.csv")
    assert (stats.records_in, stats.records_out, failures) == (2535, 2397, [])
    text = (tmp_path / "lines.csv").read_text("utf-8")
    assert (
        "10250,08.03.2026,open,Casa Aurora Ltda,BR,1,W-100,Clam chowder 340 g,10,7.70,0,77.00,BRL\n" in text
    )


def test_accounts(tmp_path: Path) -> None:
    stats, failures = ran("customers-to-accounts", "customers.csv", tmp_path / "accounts.csv")
    assert (stats.records_in, stats.records_out) == (504, 501)
    assert [failure.reason for failure in failures] == ["The customer has no number"] * 3


def test_the_readmes_numbers() -> None:
    text = (SAMPLE / "README.md").read_text("utf-8")
    for number in (
        "830 orders",
        "512 open, 291 shipped, 27 cancelled",
        "504 customers",
        "508 invoices",
        "2,535",
        "2,397",
    ):
        assert number in text
