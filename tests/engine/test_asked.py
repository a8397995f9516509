"""What a script gives where a rule stands, for one record."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.agent.bench import Bench
from studio.agent.script_study import ask
from studio.mapping.evidence import Answer
from studio.project.folder import load
from tests.ui.small_project import write_small_project

INVOICE = "invoices/invoice"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    write_small_project(tmp_path)
    return Bench(tmp_path)


def asked(bench: Bench, path: str, script: str, record: int = 1) -> Answer:
    map = load(bench.folder).project.transformations["orders-to-invoices"]
    message = {"path": path, "script": script, "sample": "samples/orders.xml", "record": record}
    return ask(bench, message, map)


def test_a_script_reads_the_record_of_the_rule(bench: Bench) -> None:
    assert asked(bench, f"{INVOICE}/@number", "Left([@id], 4)", 3).value == '"1025"'
    assert asked(bench, f"{INVOICE}/issueDate", "[placed]").value == "2026-03-01"


def test_a_loops_condition_is_answered_for_records_it_leaves_out(bench: Bench) -> None:
    assert asked(bench, INVOICE, "[@status] == 'open'", 1).value == "true"
    assert asked(bench, INVOICE, "[@status] == 'open'", 2).value == "false"
    assert asked(bench, INVOICE, "[@status]", 2).value == '"shipped"'


def test_what_a_record_does_not_come_to_is_not_met(bench: Bench) -> None:
    assert not asked(bench, f"{INVOICE}/@number", "[@id]", 2).met


def test_errors_have_their_place_and_variables_are_told(bench: Bench) -> None:
    failed = asked(bench, f"{INVOICE}/@number", "$x = 1;\nRaiseError('no')")
    assert (failed.problem, failed.line) == ("no", 2)
    assert ("x", "1") in failed.after
    assert ("x", "1") not in failed.before
    assert "Foo" in asked(bench, f"{INVOICE}/@number", "Foo(1)").problem
