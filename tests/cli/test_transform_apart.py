"""weft transform writes over nothing that it reads, and over nothing that the project is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create

NAME = "transformations/orders-to-csv.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project."""
    create(tmp_path / "orders", sample="orders")
    monkeypatch.chdir(tmp_path / "orders")
    return tmp_path / "orders"


@pytest.mark.parametrize(
    "place",
    [
        "schemas/orders.xsd",
        "schemas/common.xsd",
        "tables/countries.csv",
        "scripts/clean-phone.jb",
        "project.yaml",
    ],
)
@pytest.mark.parametrize("option", ["-o", "--failures"])
def test_files_of_the_project_are_not_written_over(
    place: str, option: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / place).read_bytes()
    more = [] if option == "-o" else ["-o", "out.csv"]
    assert run(["transform", NAME, "samples/orders.xml", option, place, *more]) == 2
    said = capsys.readouterr().err
    assert f"{place}: This file is a part of the project; it would be overwritten." in said
    assert (project / place).read_bytes() == before
    assert not (project / "out.csv").exists()


def test_new_files_and_samples_are_written(project: Path) -> None:
    for place in ("tables/new.csv", "samples/rows.csv", "samples/rows.csv", "out.csv"):
        assert run(["transform", NAME, "samples/orders.xml", "-o", place]) == 0
        assert (project / place).read_bytes().startswith(b"order,placed")


def test_a_schema_outside_of_every_project_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "as.csv").write_text("c\n1\n", encoding="utf-8")
    made = tmp_path / "map.yaml"
    rules = "map:\n  row: {loop: row}\n  row/c: '[a]'\n"
    made.write_text(
        f"weft: transformation/1\nname: m\nsource: {{schema: rows.csv}}\ntarget: {{schema: as.csv}}\n{rules}",
        "utf-8",
    )
    assert run(["transform", str(made), str(tmp_path / "rows.csv"), "-o", str(tmp_path / "as.csv")]) == 2
    assert "as.csv: This file is a part of the project" in capsys.readouterr().err
    assert (tmp_path / "as.csv").read_text("utf-8") == "c\n1\n"


def test_policies_that_say_different_things(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["transform", NAME, "samples/orders.xml", "-o", "out.csv", "--strict", "--policy"]
    assert run([*given, "null-field"]) == 2
    assert "--strict and --policy null-field say different things." in capsys.readouterr().err
    assert not (project / "out.csv").exists()
    assert run([*given, "stop"]) == 0
