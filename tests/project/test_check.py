"""Every problem of a project is told with its file, line and mend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import Problem, Severity
from studio.mapping.model import Mapping, Rule, SchemaUse
from studio.project import edits
from studio.project.check import Checker, problems, problems_of_folder
from studio.project.check_schemas import LISTED
from studio.project.create import create
from studio.project.folder import load, save
from studio.project.model import Activity, Connection, Operation, Project
from studio.project.schemas import Schemas

MAP = "transformations/orders-to-invoices"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    return tmp_path / "orders"


def change(place: Path, name: str, old: str, new: str) -> int:
    """Replace a text in a file; the line it stands in."""
    file = place / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def only(found: tuple[Problem, ...]) -> Problem:
    assert len(found) == 1, [problem.message for problem in found]
    assert found[0].mend
    return found[0]


def test_the_sample_is_clean(place: Path) -> None:
    assert problems_of_folder(place) == ()


def test_a_rule_whose_node_has_gone(place: Path) -> None:
    line = change(place, f"{MAP}.yaml", "invoices/invoice/lineCount", "invoices/invoice/linesCount")
    problem = only(problems_of_folder(place))
    assert (problem.file, problem.line, problem.severity) == (f"{MAP}.yaml", line, Severity.ERROR)
    assert problem.path == "invoices/invoice/linesCount"
    assert problem.object == MAP


def test_a_source_field_that_is_not_there(place: Path) -> None:
    line = change(place, f"{MAP}.yaml", '"[customer/taxNumber]"', '"[customer/vatNumber]"')
    problem = only(problems_of_folder(place))
    assert problem.line == line
    assert "vatNumber" in problem.message


def test_a_script_with_a_mistake_in_a_rule_and_on_its_own(place: Path) -> None:
    line = change(place, f"{MAP}.yaml", "Round([qty] * [price], 2)", "Round([qty] * , 2)")
    assert only(problems_of_folder(place)).line == line
    change(place, f"{MAP}.yaml", "Round([qty] * , 2)", "Round([qty] * [price], 2)")
    change(place, "scripts/clean-phone.jb", "RegExReplace(phone", "RegExReplace((phone")
    problem = only(problems_of_folder(place))
    assert (problem.file, problem.line) == ("scripts/clean-phone.jb", 4)


def test_a_mandatory_node_without_a_rule(place: Path) -> None:
    text = (place / f"{MAP}.yaml").read_text("utf-8")
    lines = [line for line in text.splitlines(keepends=True) if "/paymentTerms" not in line]
    (place / f"{MAP}.yaml").write_text("".join(lines), "utf-8")
    problem = only(problems_of_folder(place))
    assert problem.path == "invoices/invoice/paymentTerms"
    assert problem.severity is Severity.WARNING
    assert problem.line is not None


def test_a_schema_that_is_missing_or_does_not_read(place: Path) -> None:
    (place / "schemas/invoices.xsd").rename(place / "schemas/moved.xsd")
    found = problems_of_folder(place)
    assert {problem.file for problem in found} == {"schemas/invoices.xsd", f"{MAP}.yaml"}
    (place / "schemas/moved.xsd").rename(place / "schemas/invoices.xsd")
    change(place, "schemas/invoices.xsd", "</xs:schema>", "")
    found = problems_of_folder(place)
    assert any(problem.file == "schemas/invoices.xsd" and problem.line for problem in found)
    assert any(problem.file == f"{MAP}.yaml" and problem.line == 5 for problem in found)


def test_an_import_that_is_missing_is_told_once(place: Path) -> None:
    (place / "schemas/common.xsd").unlink()
    found = problems_of_folder(place)
    assert [p for p in found if p.file == "schemas/orders.xsd"]
    assert len({(p.file, p.line, p.message, p.path) for p in found}) == len(found)


def test_a_root_the_schema_does_not_have(place: Path) -> None:
    line = change(place, f"{MAP}.yaml", "root: invoices}", "root: bills}")
    problem = only(problems_of_folder(place))
    assert problem.line == line
    assert "invoices" in problem.mend


def test_a_sample_that_is_missing(place: Path) -> None:
    (place / "samples/customers.csv").unlink()
    problem = only(problems_of_folder(place))
    assert (problem.file, problem.severity) == (
        "transformations/customers-to-accounts.yaml",
        Severity.WARNING,
    )


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        (
            "transform: orders-to-invoices",
            "transform: orders-to-invoice",
            "no transformation",
            "orders-to-invoices",
        ),
        ("connection: inbox", "connection: inbx", "no connection", "inbox"),
        ("- transform:", "- transfrom:", "no activity", "transform"),
        ("{connection: outbox, path: invoices.xml}", "{path: invoices.xml}", "connection", "connection"),
        ("{connection: outbox, path: invoices.xml}", "outbox", "connection", "connection"),
    ],
)
def test_an_operation_that_names_what_is_not_there(
    place: Path, old: str, new: str, message: str, mend: str
) -> None:
    line = change(place, "operations/send-invoices.yaml", old, new)
    problem = only(problems_of_folder(place))
    assert (problem.file, problem.line) == ("operations/send-invoices.yaml", line)
    assert message in problem.message
    assert mend in problem.mend


def test_followers_and_schedules_name_operations(place: Path) -> None:
    file = place / "operations/send-invoices.yaml"
    file.write_text(file.read_text() + "on_failure: [tell-nobody]\n")
    (place / "schedules").mkdir()
    (place / "schedules/nightly.yaml").write_text("weft: schedule/1\noperation: send-invoces\n")
    first, second = problems_of_folder(place)
    assert (first.file, first.line) == ("operations/send-invoices.yaml", 8)
    assert (second.file, second.line) == ("schedules/nightly.yaml", 2)
    assert "send-invoices" in second.mend


def test_credentials_in_files(place: Path) -> None:
    (place / "connections/shop.yaml").write_text(
        "weft: connection/1\nname: Shop\nkind: http\nlogin:\n  user: ana\n  password: hunter2\n"
        "secrets: {client_secret: plain}\n"
    )
    first, second = problems_of_folder(place)
    assert (first.line, second.line) == (6, 7)
    assert "hunter2" not in first.message + first.mend
    (place / "connections/shop.yaml").write_text(
        "weft: connection/1\nname: Shop\nkind: http\nlogin: {password: $shop_password}\n"
        'secrets: {client_secret: "keyring:6f1a3c1e/shop/client_secret"}\n'
    )
    assert problems_of_folder(place) == ()


def test_small_things_of_the_project(tmp_path: Path) -> None:
    value = Project(id="", name="x", scripts={"a": "1", "A": "2"}, operations={"o": Operation("O")})
    save(tmp_path, value, None)
    found = problems(replace(value, variables={"db_password": "secret"}), tmp_path)
    assert [problem.severity for problem in found] == [Severity.WARNING] * 4
    assert any("differ in case" in problem.message for problem in found)


def test_unsaved_work_is_checked_and_only_what_changed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load(place).project
    checker = Checker(place, Schemas(place))
    assert checker.problems(project) == ()
    looked: list[str] = []
    real = Checker._map

    def watched(self: Checker, project: Project, id: str, *rest: object) -> object:
        looked.append(id)
        return real(self, project, id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Checker, "_map", watched)
    old = project.transformations["orders-to-invoices"]
    rules = (*old.mapping.rules, Rule("invoices/invoice/nothing", script="1"))
    changed = edits.put(project, MAP, replace(old, mapping=Mapping(rules)))
    assert only(checker.problems(changed)).path == "invoices/invoice/nothing"
    assert looked == [MAP]
    assert checker.problems(project) == ()


def test_a_new_object_that_has_no_file_yet(place: Path) -> None:
    project = load(place).project
    project = edits.put(project, "operations/new", Operation("New", (Activity("transform", ref="none"),)))
    project = edits.put(project, "connections/new", Connection("New", "http", {"token": "x"}))
    found = Checker(place, Schemas(place)).problems(project)
    assert [(problem.object, problem.line) for problem in found] == [
        ("operations/new", 4),
        ("connections/new", 4),
    ]


def test_a_folder_nobody_may_write_can_be_checked(place: Path) -> None:
    before = sorted(path.name for path in place.iterdir())
    problems_of_folder(place)
    assert sorted(path.name for path in place.iterdir()) == before, "checking leaves no trace"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("Rond([qty] * [price], 2)", "no function Rond"),
        ("Round([qty], 2, 3, 4)", "Round"),
        ("total + 1", "never set"),
    ],
)
def test_a_rule_that_calls_what_is_not_there(place: Path, script: str, message: str) -> None:
    line = change(place, f"{MAP}.yaml", "Round([qty] * [price], 2)", script)
    problem = only(problems_of_folder(place))
    assert (problem.line, problem.path) == (line, "invoices/invoice/line/amount")
    assert message in problem.message


def test_a_script_that_names_what_is_not_there(place: Path) -> None:
    line = change(place, f"{MAP}.yaml", 'TableLookup("tax-rates"', 'TableLookup("tax-rate"')
    problem = only(problems_of_folder(place))
    assert problem.line == line - 1
    assert "tax-rates" in problem.mend
    change(place, f"{MAP}.yaml", 'TableLookup("tax-rate"', 'TableLookup("tax-rates"')
    (place / "scripts/start.jb").write_text('// run\nRunOperation("<TAG>Operations/send-invoice</TAG>")\n')
    problem = only(problems_of_folder(place))
    assert (problem.file, problem.line) == ("scripts/start.jb", 2)
    assert "send-invoices" in problem.mend


def test_a_table_that_does_not_read(place: Path) -> None:
    (place / "tables/countries.csv").write_bytes(b'country,name\nBR,"Braz\n')
    problem = only(problems_of_folder(place))
    assert problem.file == "tables/countries.csv"


def test_schemas_nobody_uses_are_looked_at_too(place: Path) -> None:
    before = problems_of_folder(place)
    broken = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:element name="a">\n'
    (place / "schemas/broken.xsd").write_text(broken)
    (place / "schemas/cut.xsd").write_text("")
    (place / "schemas/README.md").write_text("What these are, and where they came from.")
    # A part that only makes sense where it is included is not looked at alone; nor is it told twice.
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    (place / "schemas/part.xsd").write_text(f'{head}<xs:element name="p" type="Given"/></xs:schema>')
    whole = f'{head}<xs:include schemaLocation="part.xsd"/><xs:simpleType name="Given"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>'
    (place / "schemas/whole.xsd").write_text(whole)
    found = [problem for problem in problems_of_folder(place) if problem not in before]
    assert {(p.object, p.file, p.severity) for p in found} == {
        ("schemas/broken.xsd", "schemas/broken.xsd", Severity.ERROR),
        ("schemas/cut.xsd", "schemas/cut.xsd", Severity.ERROR),
    }
    assert next(p for p in found if p.object == "schemas/broken.xsd").line
    (place / "schemas/whole.xsd").unlink()
    assert any(p.object == "schemas/part.xsd" for p in problems_of_folder(place))


def test_an_unused_schema_is_read_once_per_content(place: Path) -> None:
    (place / "schemas/more.json").write_text(
        '{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "gone.json"}'
    )
    schemas, project = Schemas(place), load(place).project
    checker = Checker(place, schemas)
    first = checker.problems(project)
    assert any(p.object == "schemas/more.json" and p.line for p in first)
    reads: list[SchemaUse] = []
    schemas.get = lambda use: reads.append(use) or Schemas.get(schemas, use)  # type: ignore[method-assign,func-returns-value]
    assert checker.problems(project) == first
    assert "schemas/more.json" not in {use.schema for use in reads}
    assert checker.waiting(project) == ()
    (place / "schemas/more.json").write_text(
        '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}'
    )
    assert [use.schema for use in checker.waiting(project)] == ["schemas/more.json"]
    assert not [p for p in checker.problems(project) if p.object == "schemas/more.json"]


def test_a_schema_with_very_many_problems_is_told_in_short(place: Path) -> None:
    members = ",\n".join(f'"p{n}": {{"$ref": "gone{n}.json"}}' for n in range(LISTED + 5))
    text = f'{{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {{\n{members}}}}}'
    (place / "schemas/more.json").write_text(text)
    found = [p for p in problems_of_folder(place) if p.object == "schemas/more.json"]
    assert len(found) == LISTED + 1
    assert "5 more problems" in found[-1].message
