"""Several targets of one map: each in its own file, records that fail in one are in none, files appear together."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine.explain import explain
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.preview import Previews
from studio.engine.run import Stats, transform
from tests.engine import build

ORDERS = build.xml(
    {"orders": {"day?": "text", "order*": {"@id": "integer", "qty": "integer", "note?": "text"}}}
)
BILLS = build.xml({"bills": {"bill*": {"@no": "integer", "q?": "integer"}, "last?": "text"}})
LOG = build.json_items({"who": "text", "day?": "text"}, "lines")
LIST = build.rows({"id": "text", "n": "decimal"})
DATA = (
    '<orders><day>Mo</day><order id="1"><qty>2</qty></order><order id="2"><qty>x</qty><note>n</note></order>'
    '<order id="3"><qty>0</qty></order><order id="4"><qty>9</qty></order><order id="5"><qty>1</qty></order></orders>'
)


def two(
    bills: dict[str, Any] | None = None, log: dict[str, Any] | None = None, more: dict[str, Any] | None = None
) -> Plan:
    """Bills of orders, and a log beside them."""
    rules = {
        "bills/bill": {"loop": "orders/order", "when": "[@id] != 3", **(bills or {})},
        "bills/bill/@no": "[@id]",
        "bills/bill/q": "[qty]",
        "audit::item": {"loop": "orders/order", **(log or {})},
        "audit::item/who": "If([@id] == 4, RaiseError('four'), 'order ' + [@id])",
        "audit::item/day": "[/orders/day]",
        **(more or {}),
    }
    return build.plan(rules, ORDERS, BILLS, targets={"audit": LOG, "list": LIST} if more else {"audit": LOG})


def run(made: Plan, engine: str = "auto", **more: Any) -> tuple[dict[str, str], list[tuple[int, str]], Stats]:
    """The texts by target (the main one's name is empty), the failures and the counts."""
    assert made.errors == (), made.errors
    streams = {name: io.BytesIO() for name in ("", *(each.name for each in made.outputs))}
    failures: list[Failure] = []
    others = {name: stream for name, stream in streams.items() if name}
    stats = transform(
        made,
        io.BytesIO(DATA.encode()),
        streams[""],
        engine=engine,
        failures=failures.append,
        outputs=others,
        **more,
    )
    for counts in (stats, *stats.targets.values()):
        assert counts.records_in == counts.records_out + counts.failed + counts.filtered
    texts = {name: stream.getvalue().decode() for name, stream in streams.items()}
    return texts, [(failure.record, failure.path) for failure in failures], stats


def both(made: Plan, **more: Any) -> tuple[dict[str, str], list[tuple[int, str]], Stats]:
    """The outcome of the judge, after generated code gave the same."""
    judged, generated = run(made, "interpret", **more), run(made, "auto", **more)
    assert generated[:2] == judged[:2]
    assert generated[2].targets == judged[2].targets
    return judged


def test_a_failing_record_is_in_no_target() -> None:
    """S57 S58: each target has its own loops, conditions and counts; what fails in one is left out of all, and told once."""
    texts, failures, stats = both(two())
    assert texts[""].count("<bill ") == 2
    assert '<bill no="1">' in texts[""]
    assert '<bill no="5">' in texts[""]
    assert texts["audit"].splitlines() == [
        '{"who":"order 1","day":"Mo"}', '{"who":"order 3","day":"Mo"}', '{"who":"order 5","day":"Mo"}',
    ]  # fmt: skip
    assert failures == [(4, "audit::item/who"), (2, "bills/bill/q")]
    assert (stats.records_in, stats.records_out, stats.failed, stats.filtered) == (5, 2, 2, 1)
    audit = stats.targets["audit"]
    assert (audit.records_in, audit.records_out, audit.failed, audit.filtered) == (5, 3, 2, 0)


def test_held_in_memory() -> None:
    """S58: it makes no difference whether the records are held in memory, sorted or cut."""
    made = two(bills={"sort": [{"by": "[@id]", "order": "desc"}]}, log={"last": 2})
    texts, failures, _stats = both(made)
    assert [line.strip() for line in texts[""].splitlines() if "<bill " in line] == [
        '<bill no="5">',
        '<bill no="1">',
    ]
    assert failures == [(4, "audit::item/who"), (2, "bills/bill/q")]
    assert texts["audit"] == '{"who":"order 5","day":"Mo"}\n'


def test_groups_are_records_of_their_own() -> None:
    """S58: a group is another record than the nodes in it."""
    made = two(log={"group": {"by": ["[qty] > 1"]}})
    texts, failures, stats = both(made)
    assert failures == [(2, "bills/bill/q")] or len(failures) > 1
    assert stats.targets["audit"].records_in == texts["audit"].count("\n") + stats.targets["audit"].failed


def test_three_targets_of_different_formats() -> None:
    """S57: a target may be a table, and rules outside the records stand where they do in a single one."""
    made = two(
        more={
            "list::row": {"loop": "orders/order"},
            "list::row/id": "[@id]",
            "list::row/n": "[qty] + 1",
            "bills/last": "[/orders/order[5]/@id]",
        }
    )
    texts, failures, stats = both(made)
    assert failures == [(4, "audit::item/who"), (2, "bills/bill/q")]
    assert texts["list"] == "id,n\n1,3\n3,1\n5,2\n"
    assert "<last>5</last>" in texts[""]
    assert texts["audit"].count("\n") == 3
    assert set(stats.targets) == {"audit", "list"}


def test_files_appear_together(tmp_path: Path) -> None:
    """S57: all files appear, or none: an error in one leaves the old ones."""
    made = two()
    source = tmp_path / "in.xml"
    source.write_text(DATA)
    outputs = {"audit": tmp_path / "log.jsonl"}
    stats = transform(made, source, tmp_path / "out.xml", outputs=outputs)
    assert stats.failed == 2
    old = (tmp_path / "out.xml").read_bytes(), outputs["audit"].read_bytes()
    assert b"order 5" in old[1]
    listed = (tmp_path / "out.xml.failures.csv").read_text()
    rows = [line.split(",") for line in listed.splitlines()[1:]]
    assert [(row[0], row[4]) for row in rows] == [("2", "/orders/order[2]"), ("4", "/orders/order[4]")]
    again = tmp_path / "out.xml.failures.records.xml"
    assert 'id="2"' in again.read_text()
    assert 'id="4"' in again.read_text()
    source.write_text(DATA.replace("</orders>", "<order>"))
    with pytest.raises(BadInput):
        transform(made, source, tmp_path / "out.xml", outputs=outputs)
    source.write_text(DATA)
    with pytest.raises(BadInput, match="four"):
        transform(made, source, tmp_path / "out.xml", outputs=outputs, strict=True)
    assert ((tmp_path / "out.xml").read_bytes(), outputs["audit"].read_bytes()) == old
    assert not [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")]


@pytest.mark.parametrize(
    "bills", [{}, {"sort": [{"by": "[qty]"}]}, {"group": {"by": ["[qty]"]}}, {"loop": "orders", "when": None}]
)
def test_the_list_shows_the_records_of_every_target(tmp_path: Path, bills: dict[str, Any]) -> None:
    """S50 S58: whatever loops the main target has, a further one's failures have node, line and text, and run again."""
    made = build.plan(
        {
            "bills/bill": {"loop": "orders/order", **bills},
            "bills/bill/@no": "1",
            "audit::item": {"loop": "orders/order"},
            "audit::item/who": "If([@id] == 4, RaiseError('four'), 'order ' + [@id])",
        },
        ORDERS,
        BILLS,
        targets={"audit": LOG},
    )
    assert made.errors == ()
    source = tmp_path / "in.xml"
    source.write_text(DATA)
    transform(made, source, tmp_path / "out.xml", outputs={"audit": tmp_path / "log.jsonl"})
    with (tmp_path / "out.xml.failures.csv").open(newline="") as lines:
        listed = list(csv.DictReader(lines))
    text = '<order id="4"><qty>9</qty></order>'
    assert [(each["record"], each["node"], each["line"], each["content"]) for each in listed] == [
        ("4", "/orders/order[4]", "1", text)
    ]
    again = (tmp_path / "out.xml.failures.records.xml").read_text()
    assert again == f"<orders><day>Mo</day>{text}</orders>"


def test_names() -> None:
    """Targets must be known to the map and given a place."""
    with pytest.raises(BadInput, match="audit is given no file"):
        transform(two(), io.BytesIO(DATA.encode()), io.BytesIO(), failures=print)
    with pytest.raises(BadInput, match="no further target log"):
        transform(
            two(),
            io.BytesIO(DATA.encode()),
            io.BytesIO(),
            failures=print,
            outputs={"audit": io.BytesIO(), "log": io.BytesIO()},
        )
    wrong = build.plan({"audit::item/who": "'x'", "bills/last": "'y'"}, ORDERS, BILLS)
    assert any("no further target called audit" in problem.message for problem in wrong.errors)


def test_explained() -> None:
    """--explain shows each target with its rules."""
    page = explain(two())
    assert "Further target audit: JSON lines item" in page
    assert "who = If([@id] == 4" in page


def test_a_preview_shows_what_the_record_gives_every_target(tmp_path: Path) -> None:
    sample = tmp_path / "orders.xml"
    sample.write_text(DATA)
    found = Previews().evidence(two(), sample, 2)
    assert {path: seen.text for path, seen in found.target.items() if path.startswith("audit::")} == {
        "audit::item": "",
        "audit::item/who": "order 2",
        "audit::item/day": "Mo",
    }
    assert found.target["bills/bill/@no"].text == "2"
    failing = Previews().evidence(two(), sample, 4)
    assert [problem.path for problem in failing.problems] == ["audit::item/who"]
