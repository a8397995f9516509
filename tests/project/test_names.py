"""Where names stand across a project, and what renaming them changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project import names
from studio.project.folder import load
from studio.project.model import Project
from studio.script.references import Name, Sort
from tests.ui.small_project import write_small_project

RATE = Name(Sort.GLOBAL, "rate")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_small_project(tmp_path)
    (tmp_path / "scripts" / "rates.jb").write_text('$rate = 1.5;\nDebug($rate, "$rate"); // $rate\n', "utf-8")
    (tmp_path / "scripts" / "use.js").write_text(
        "// $rate\nvar a = $rate * 2;\nJitterbit.SetVar('rate', a); var s = '$rate';\n"
        "Jitterbit.RunScript('<TAG>Scripts/rates</TAG>');\n",
        "utf-8",
    )
    map = tmp_path / "transformations" / "orders-to-invoices.yaml"
    text = map.read_text("utf-8").replace("[@status] == 'open'", "[@status] == Get('rate')")
    text = text.replace('"[placed]"', "\"RunScript('<TAG>Scripts/rates</TAG>') + $rate\"")
    map.write_text(text, "utf-8")
    return load(tmp_path).project


def found(project: Project, name: Name) -> list[tuple[str, str, str, int, bool]]:
    return [
        (use.object, use.path, use.part, use.line, use.sets)
        for use in names.uses(project, name)
        if use is not None
    ]


def test_a_variable_is_found_in_rules_conditions_and_scripts_of_both_languages(project: Project) -> None:
    assert found(project, RATE) == [
        ("transformations/orders-to-invoices", "invoices/invoice", "when", 1, False),
        ("transformations/orders-to-invoices", "invoices/invoice/issueDate", "script", 1, False),
        ("scripts/rates", "", "script", 1, True),
        ("scripts/rates", "", "script", 2, False),
        ("scripts/use.js", "", "script", 2, False),
        ("scripts/use.js", "", "script", 3, True),
    ]


def test_an_object_is_found_in_scripts_and_operations(project: Project) -> None:
    assert [each[:3] for each in found(project, Name(Sort.OBJECT, "scripts/rates"))] == [
        ("transformations/orders-to-invoices", "invoices/invoice/issueDate", "script"),
        ("scripts/use.js", "", "script"),
    ]
    operation = found(project, Name(Sort.OBJECT, "transformations/orders-to-invoices"))
    assert operation == [("operations/send-invoices", "", "activity", 2, False)]


def test_a_variable_is_renamed_everywhere_but_in_comments_and_texts(project: Project) -> None:
    after = names.rename(project, RATE, "$factor").project
    assert after.scripts["rates"] == '$factor = 1.5;\nDebug($factor, "$rate"); // $rate\n'
    assert (
        "// $rate\nvar a = $factor * 2;\nJitterbit.SetVar('factor', a); var s = '$rate'"
        in after.scripts["use.js"]
    )
    rules = {rule.path: rule for rule in after.transformations["orders-to-invoices"].mapping.rules}
    assert rules["invoices/invoice"].when == "[@status] == Get('factor')"
    assert (rules["invoices/invoice/issueDate"].script or "").endswith("+ $factor")
    assert found(after, RATE) == []
    assert len(found(after, Name(Sort.GLOBAL, "factor"))) == 6


def test_a_variable_of_the_project_is_renamed_with_its_value(project: Project) -> None:
    done = names.rename(project, Name(Sort.GLOBAL, "currency"), "money")
    assert dict(done.project.variables) == {"money": "BRL"}
    assert [each.object for each in done.changes] == ["project"]


def test_an_object_renamed_is_followed_in_scripts_conditions_and_operations(project: Project) -> None:
    done = names.rename(project, Name(Sort.OBJECT, "scripts/rates"), "prices")
    assert "<TAG>Scripts/prices</TAG>" in done.project.scripts["use.js"]
    assert {each.object for each in done.changes} == {
        "scripts/rates", "transformations/orders-to-invoices", "scripts/use.js",
    }  # fmt: skip


@pytest.mark.parametrize("new", ["currency", "1st", "a b", "", "jitterbit.api.x y"])
def test_what_cannot_be_a_name_is_refused(project: Project, new: str) -> None:
    with pytest.raises(BadInput):
        names.rename(project, RATE, new)


def test_what_the_system_names_keeps_its_name(project: Project) -> None:
    with pytest.raises(BadInput):
        names.rename(project, Name(Sort.GLOBAL, "jitterbit.operation.name"), "x")
    with pytest.raises(BadInput):
        names.rename(project, Name(Sort.FUNCTION, "Length"), "Size")


def test_the_variables_to_offer_are_those_named_anywhere(project: Project) -> None:
    assert set(names.variables(project)) == {"currency", "rate"}
