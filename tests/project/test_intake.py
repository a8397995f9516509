"""Files, folders and archives taken into a project, with what they import and where they stand to each other."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.intake import beside, look_at, samples_as_schemas, take_in
from studio.schema.read import read_schema

MAIN = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="../common/parts.xsd"/><xs:element name="order" type="Order"/></xs:schema>"""
PARTS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="Order"><xs:sequence><xs:element name="total" type="xs:decimal"/></xs:sequence></xs:complexType>
</xs:schema>"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "schemas").mkdir(parents=True)
    return made


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    (folder / "docs").mkdir(parents=True)
    (folder / "common").mkdir()
    (folder / "docs" / "order.xsd").write_text(MAIN)
    (folder / "common" / "parts.xsd").write_text(PARTS)
    (folder / "README").write_text("words, not columns\n")
    return folder


def test_a_file_brings_what_it_imports_and_keeps_where_it_stands(project: Path, given: Path) -> None:
    intake = look_at([given / "docs" / "order.xsd"])
    assert intake.starts == ("schemas/docs/order.xsd",)
    assert intake.clashes(project) == ()
    take_in(intake, project)
    schema = read_schema(project / "schemas" / "docs" / "order.xsd", within=project)
    assert schema.find("order/total") is not None
    assert not schema.problems


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_or_an_archive_is_taken_whole(project: Path, given: Path, packed: bool) -> None:
    what = given
    if packed:
        what = given.parent / "given.zip"
        with zipfile.ZipFile(what, "w") as archive:
            for file in given.rglob("*"):
                archive.write(file, file.relative_to(given).as_posix())
    intake = look_at([what])
    assert intake.starts == ("schemas/given/docs/order.xsd",)
    assert {piece.target for piece in intake.pieces} == {
        "schemas/given/docs/order.xsd",
        "schemas/given/common/parts.xsd",
    }
    take_in(intake, project)
    assert read_schema(project / intake.starts[0], within=project).find("order/total") is not None


def test_another_file_of_the_same_name_is_told_and_can_stand_beside(project: Path, given: Path) -> None:
    take_in(look_at([given / "docs" / "order.xsd"]), project)
    assert look_at([given / "docs" / "order.xsd"]).clashes(project) == ()
    (given / "common" / "parts.xsd").write_text(PARTS.replace("total", "sum"))
    intake = look_at([given / "docs" / "order.xsd"])
    assert intake.clashes(project) == ("schemas/common/parts.xsd",)
    moved = beside(intake, project)
    assert moved.clashes(project) == ()
    take_in(moved, project)
    assert read_schema(project / moved.starts[0]).find("order/sum") is not None
    assert read_schema(project / "schemas/docs/order.xsd").find("order/total") is not None


def test_samples_are_told_from_schemas(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<order><total>1</total></order>")
    (tmp_path / "b.csv").write_text("sku,quantity\nA-1,5\n")
    intake = look_at([tmp_path / "a.xml", tmp_path / "b.csv"])
    assert [Path(file).name for file in intake.samples] == ["a.xml", "b.csv"]
    assert not intake.pieces
    assert samples_as_schemas(intake).starts == ("schemas/a.xml", "schemas/b.csv")


def test_what_is_nothing_we_know_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.xsd").write_text("")
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "notes.md").write_text("# Notes\n")
    intake = look_at([tmp_path / "empty.xsd", tmp_path / "paper"])
    assert not intake.pieces
    assert {Path(one.file).name for one in intake.refused} == {"empty.xsd", "paper"}
    assert all(one.reason for one in intake.refused)


def test_an_archive_that_leads_out_of_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "slip.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../out.xsd", MAIN)
    with pytest.raises(BadInput):
        look_at([file])
    assert not (tmp_path.parent / "out.xsd").exists()


def test_references_in_a_ring_or_into_nowhere_end(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        text = MAIN.replace("../common/parts.xsd", f"{other}.xsd").replace("order", f"order{name}")
        (tmp_path / f"{name}.xsd").write_text(
            text.replace("/>", '/><xs:include schemaLocation="none.xsd"/>', 1)
        )
    intake = look_at([tmp_path / "a.xsd", tmp_path / "b.xsd"])
    assert intake.starts == ("schemas/a.xsd",)
    assert {piece.target for piece in intake.pieces} == {"schemas/a.xsd", "schemas/b.xsd"}


def test_a_real_set_is_taken_with_all_it_imports(project: Path, shared: Path) -> None:
    file = next((shared / "corpora" / "xsd" / "ubl-2.1").rglob("UBL-Order-2.1.xsd"))
    intake = look_at([file])
    take_in(intake, project)
    assert len(intake.starts) == 1
    schema = read_schema(project / intake.starts[0], within=project)
    assert len(intake.pieces) == len(schema.files)
    assert not [problem for problem in schema.problems if "outside" in problem.message]


def test_bytes_that_are_no_text_are_refused_as_the_command_line_does(tmp_path: Path) -> None:
    file = tmp_path / "rnd.bin"
    file.write_bytes(random.Random(7).randbytes(5000))
    found = look_at([file])
    assert not found.samples
    assert not found.pieces
    assert "The file is not text" in found.refused[0].reason
    sample = tmp_path / "rows.txt"
    sample.write_text("a;b\n1;2\n")
    assert look_at([sample]).samples == (str(sample),)
