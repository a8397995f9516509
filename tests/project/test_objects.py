"""Each object's file: read, written, unknown keys kept, fixed order."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.base.yaml_read import parse
from studio.project import folder
from studio.project.migrate import NewerVersion, migrated
from studio.project.model import Activity
from studio.project.texts import parsed, value_text

TRANSFORMATION = """\
weft: transformation/1
name: Orders to invoices
source: {schema: schemas/orders.xsd, root: orders}
sources:
  prices: {schema: schemas/prices.csv, root: row}
target: {schema: schemas/invoices.xsd, root: invoices}
namespaces: {a: "urn:a", b: "urn:b"}
samples: [samples/orders.xml]
map:
  invoices/invoice: {loop: orders/order, when: "[status] == 'open'"}
  invoices/invoice/@number: "[@id]"
  invoices/invoice/issueDate: FormatDate([placed], "yyyy-mm-dd")
  invoices/invoice/party[1]/name: "[customer/name]"
  invoices/invoice/party[2]/name: "'Weft Ltd'"
  invoices/invoice/line: {loop: lines/line, when: "[qty] > 0"}
  invoices/invoice/line/amount: Round([qty] * [price], 2)
  invoices/invoice/note: |-
    $text = "several";
    $text + " lines"
  invoices/invoice/total: Sum([lines/line/qty] * [lines/line/price])
parked:
  invoices/invoice/fax: "[customer/fax]"
later: {a: [b, c], d: "007: x"}
"""
OPERATION = """\
weft: operation/1
name: Upsert accounts
activities:
  - read: {connection: erp, query: "select * from accounts where changed > $since"}
  - transform: accounts-to-salesforce
  - write: {connection: crm, object: Account, action: upsert, key: ERP_Id__c}
    later: x
  - script: mark-as-sent
  - read:
      connection: erp
      query: |-
        select *
        from t
on_success: [notify-sales]
on_failure: [notify-operations]
options: {timeout: 2h, log: everything, chunk: 10000, threads: 2}
"""
CONNECTION = """\
weft: connection/1
name: CRM
kind: salesforce
login: {flow: web, url: "https://login.salesforce.com", client_id: 3MVG9}
secrets: {client_secret: "keyring:6f1a3c1e/crm/client_secret"}
"""
PROJECT = """\
weft: project/1
name: Orders to ERP
id: 6f1a3c1e
description: |-
  Two
  lines
variables:
  since: 2026-03-01
  limit: 007
later: yes
"""


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("transformations/x", TRANSFORMATION),
        ("operations/x", OPERATION),
        ("connections/x", CONNECTION),
        ("project", PROJECT),
        ("schedules/x", "weft: schedule/1\nat: 02:00\ndays: [mon, tue]\n"),
    ],
)
def test_a_file_in_its_proper_form_comes_back_byte_by_byte(id: str, text: str) -> None:
    value = parsed(id, text.encode())
    assert value_text(id, value) == text


def test_texts_are_texts() -> None:
    project = parsed("project", PROJECT.encode())
    assert project.variables == {"since": "2026-03-01", "limit": "007"}
    assert project.extra == {"later": "yes"}


def test_activities_name_an_object_or_hold_settings() -> None:
    activities = parsed("operations/x", OPERATION.encode()).activities
    assert activities[1] == Activity("transform", ref="accounts-to-salesforce")
    assert activities[2].connection == "crm"
    assert activities[2].extra == {"later": "x"}
    assert activities[4].settings["query"] == "select *\nfrom t"


def test_a_name_left_out_is_the_files() -> None:
    assert parsed("transformations/a/b", b"weft: transformation/1\n").name == "b"


def test_a_transformation_is_read_from_any_file(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(TRANSFORMATION)
    assert folder.load_transformation(file).mapping.get("invoices/invoice/line/amount") is not None
    file.write_text(TRANSFORMATION.replace("transformation/1", "transformation/2"))
    with pytest.raises(NewerVersion) as caught:
        folder.load_transformation(file)
    assert (caught.value.file, caught.value.line, caught.value.exit_code) == (str(file), 1, 2)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\n", 1, "does not say what it is"),
        ("name: x\nweft: operation/1\n", 2, "not transformation"),
        ("weft: transformation/zero\n", 1, "not a format version"),
        ("weft: transformation/0\n", 1, "not a format version"),
        ("weft: transformation/99999999999999999999\n", 1, "not a format version"),
        ("weft: transformation/1\nsource: x\n", 2, "keys and values"),
        ("weft: transformation/1\nsamples: {a: b}\n", 2, "must be a list"),
        ("weft: transformation/1\nname: [a]\n", 2, "one text"),
        ("- a\n", 1, "keys and values"),
    ],
)
def test_a_wrong_file_names_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parsed("transformations/x", text.encode())
    assert (caught.value.file, caught.value.line) == ("transformations/x.yaml", line)


@pytest.mark.parametrize("activities", ["[a]", "[{}]", "[{read: [x]}]", "x"])
def test_a_wrong_activity_names_its_line(activities: str) -> None:
    with pytest.raises(BadInput) as caught:
        parsed("operations/x", f"weft: operation/1\nactivities: {activities}\n".encode())
    assert caught.value.line == 2


def test_older_files_go_through_the_migrations_they_need() -> None:
    def second(node: object) -> object:
        return parse("weft: thing/2\nname: from one\n")

    def third(node: object) -> object:
        return parse(f"weft: thing/3\nname: {node.members()['name'].text()} to three\n")  # type: ignore[attr-defined]

    steps = (second, third)
    assert migrated(parse("weft: thing/1\n"), "thing", steps).members()["name"].text() == "from one to three"  # type: ignore[arg-type]
    old = parse("weft: thing/2\nname: two\n")
    assert migrated(old, "thing", steps).members()["name"].text() == "two to three"  # type: ignore[arg-type]
    with pytest.raises(NewerVersion):
        migrated(parse("weft: thing/4\n"), "thing", steps)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("source: orders.xsd", "source: {schema: schemas/orders.xsd, root: orders}"),
        ("target: [a]", "target: {schema: schemas/invoices.xsd, root: invoices}"),
        ("sources: prices.csv", "sources: {prices: {schema: schemas/prices.csv, root: row, sample: samples/prices.csv}}"),
        ("targets: [audit]", "targets: {audit: {schema: schemas/audit.xsd, root: log}}"),
        ("samples: {a: b}", "samples: [samples/orders.xml]"),
        ("namespaces: urn:orders", 'namespaces: {o: "urn:orders"}'),
        ("validate: {input: true}", "validate: [input, output]"),
        ("map: [a]", 'map: {invoices/invoice: {loop: orders/order}, invoices/invoice/@number: "[@id]"}'),
    ],
)  # fmt: skip
def test_a_wrong_form_is_shown_the_right_one(text: str, form: str) -> None:
    with pytest.raises(BadInput) as caught:
        parsed("transformations/x", f"weft: transformation/1\n{text}\n".encode())
    assert caught.value.next_step == f"Write it like this: {form}"
    parsed("transformations/x", f"weft: transformation/1\n{form}\n".encode())
