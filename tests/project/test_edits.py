"""Put, remove, rename: references follow, names that no system could have are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.base.errors import BadInput
from studio.mapping.model import Mapping, Rule
from studio.project import edits
from studio.project.layout import check_ref, ref_for
from studio.project.model import Connection, Operation
from tests.project.examples import operation, project, transformation


def test_renaming_rewrites_every_reference_as_one_edit() -> None:
    before = replace(
        project(),
        others={
            "schedules/nightly": {"weft": "schedule/1", "operation": "send-invoices"},
            "environments/test": {"weft": "environment/1", "connections": {"drop": {"folder": "x"}}},
            "tests/orders-to-invoices/open": {"weft": "test/1", "input": "orders-to-invoices"},
        },
        operations={
            "send-invoices": operation(),
            "tell-sales": Operation("Tell", on_failure=("send-invoices",)),
        },
    )
    after = edits.rename(before, "transformations/orders-to-invoices", "out/invoices")
    assert after.operations["send-invoices"].activities[1].ref == "out/invoices"
    assert after.others["tests/out/invoices/open"]["input"] == "orders-to-invoices", (
        "a file's name is not a reference"
    )
    assert "tests/orders-to-invoices/open" not in after.others
    after = edits.rename(after, "connections/drop", "inbox")
    assert [activity.connection for activity in after.operations["send-invoices"].activities] == [
        "inbox",
        "",
        "inbox",
        "",
    ]
    assert after.others["environments/test"]["connections"] == {"inbox": {"folder": "x"}}
    after = edits.rename(after, "operations/send-invoices", "send")
    assert after.others["schedules/nightly"]["operation"] == "send"
    assert after.operations["tell-sales"].on_failure == ("send",)
    after = edits.rename(after, "scripts/mark/sent", "done")
    assert after.operations["send"].activities[3].ref == "done"


def test_renaming_rewrites_references_in_scripts() -> None:
    text = 'RunOperation("<TAG>Operations/send-invoices</TAG>"); RunOperation("<TAG>operations/send-invoices-2</TAG>")'
    rules = Mapping((Rule("a", script='RunScript("<TAG>Scripts/s</TAG>")'),))
    before = replace(
        project(),
        scripts={"s": text, "t": "send-invoices"},
        transformations={"x": replace(transformation(), mapping=rules)},
    )
    after = edits.rename(before, "operations/send-invoices", "a/b")
    assert after.scripts["s"] == text.replace("Operations/send-invoices<", "Operations/a/b<")
    assert after.scripts["t"] == "send-invoices"
    after = edits.rename(after, "scripts/s", "u")
    assert after.transformations["x"].mapping.rules[0].script == 'RunScript("<TAG>Scripts/u</TAG>")'


def test_what_does_not_refer_is_the_same_object() -> None:
    before = project()
    after = edits.rename(before, "connections/drop", "inbox")
    assert after.transformations["orders-to-invoices"] is before.transformations["orders-to-invoices"]
    assert after.scripts is before.scripts
    assert edits.rename(before, "connections/drop", "drop") is before


@pytest.mark.parametrize(
    "ref",
    ["", "..", "../x", "a/../b", "a//b", "/a", "a/", ".x", "a.", " a", "a ", "con", "LPT1", "nul.x", "a:b", "a\\b",
     "a?", 'a"', "a\nb", "x" * 200],
)  # fmt: skip
def test_names_no_system_could_have_are_refused(ref: str) -> None:
    with pytest.raises(BadInput):
        edits.put(project(), f"scripts/{ref}", "x")
    with pytest.raises(BadInput):
        edits.rename(project(), "scripts/mark/sent", ref)


def test_a_name_that_is_taken_is_refused_whatever_its_case() -> None:
    for id in ("connections/Drop", "connections/DROP"):
        with pytest.raises(BadInput, match="already"):
            edits.put(project(), id, Connection("x", "files"))
    with pytest.raises(BadInput, match="already"):
        edits.rename(project(), "operations/send-invoices", "Tell-Sales")
    renamed = edits.rename(project(), "operations/send-invoices", "Send-Invoices")
    assert "Send-Invoices" in renamed.operations


@pytest.mark.parametrize("id", ["project", "scripts/none", "nothing/x"])
def test_what_is_not_there_cannot_be_removed(id: str) -> None:
    with pytest.raises(BadInput):
        edits.remove(project(), id)
    with pytest.raises(BadInput):
        edits.rename(project(), id, "x")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadInput, match="no kind"):
        edits.put(project(), "things/x", "y")


def test_renaming_a_file_follows_in_transformations() -> None:
    before = replace(project(), schemas=("schemas/orders.xsd",), samples=("samples/orders.xml",))
    after = edits.rename_file(before, "schemas/orders.xsd", "schemas/v2/orders.xsd")
    assert after.transformations["orders-to-invoices"].source.schema == "schemas/v2/orders.xsd"
    assert after.schemas == ("schemas/v2/orders.xsd",)
    after = edits.rename_file(after, "samples/orders.xml", "samples/o.xml")
    assert after.transformations["orders-to-invoices"].samples == ("samples/o.xml",)


def test_references_made_of_titles_are_allowed_names() -> None:
    taken: set[str] = set()
    for title in (
        "Orders to invoices",
        "Orders to Invoices",
        "Äpfel & Birnen",
        "con",
        "../..",
        "",
        "日本",
        "a" * 300,
    ):
        ref = ref_for(title, taken)
        check_ref(ref)
        assert ref.lower() not in taken
        taken.add(ref)
    assert {"orders-to-invoices", "orders-to-invoices-2", "äpfel-birnen", "new"} <= taken
