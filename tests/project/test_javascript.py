"""Scripts in JavaScript are files of a project: found, saved, renamed with their references, packed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.project import edits
from studio.project.check import problems_of_folder
from studio.project.folder import load, save
from studio.project.layout import file_of, id_of
from studio.project.model import Activity, Operation, Project


def project() -> Project:
    operation = Operation(
        "Mark", (Activity("script", ref="steps/mark.js"), Activity("script", ref="steps/mark"))
    )
    scripts = {"steps/mark.js": "var $a = '<TAG>Scripts/steps/mark.js</TAG>';\n", "other": "1"}
    return Project("abcdefgh", "P", operations={"mark": operation}, scripts=scripts)


def test_the_ending_stays_in_the_reference() -> None:
    assert file_of("scripts/steps/mark.js") == "scripts/steps/mark.js"
    assert file_of("scripts/steps/mark") == "scripts/steps/mark.jb"
    assert id_of("scripts/steps/mark.js") == "scripts/steps/mark.js"
    assert id_of("scripts/steps/mark.jb") == "scripts/steps/mark"
    # Its reference would be that of another file.
    assert id_of("scripts/mark.js.jb") is None
    assert file_of("operations/mark.js") == "operations/mark.js.yaml"


def test_both_languages_are_saved_and_read(tmp_path: Path) -> None:
    save(tmp_path, project(), None)
    assert (tmp_path / "scripts/steps/mark.js").is_file()
    assert load(tmp_path).project.scripts == project().scripts
    assert problems_of_folder(tmp_path) == ()


def test_the_ending_may_be_left_out_of_a_reference() -> None:
    one = project()
    assert one.script_ref("steps/mark.js") == one.script_ref("steps/mark") == "steps/mark.js"
    assert one.script_ref("other") == "other"
    assert one.script_ref("nobody") is None
    both = replace(one, scripts={**one.scripts, "steps/mark": "2"})
    assert both.script_ref("steps/mark") == "steps/mark"


@pytest.mark.parametrize("new", ["steps/done.js", "done"])
def test_references_follow_a_rename_with_or_without_the_ending(new: str) -> None:
    renamed = edits.rename(project(), "scripts/steps/mark.js", new)
    assert [activity.ref for activity in renamed.operations["mark"].activities] == [new, new]
    assert renamed.scripts[new] == f"var $a = '<TAG>Scripts/{new}</TAG>';\n"


def test_a_reference_of_another_script_stays() -> None:
    one = project()
    both = replace(one, scripts={**one.scripts, "steps/mark": "2"})
    renamed = edits.rename(both, "scripts/steps/mark.js", "done.js")
    assert [activity.ref for activity in renamed.operations["mark"].activities] == ["done.js", "steps/mark"]


def test_an_unknown_script_is_a_problem(tmp_path: Path) -> None:
    operation = Operation("Mark", (Activity("script", ref="nobody"),))
    save(tmp_path, Project("abcdefgh", "P", operations={"mark": operation}), None)
    (problem,) = problems_of_folder(tmp_path)
    assert problem.message == "There is no script called 'nobody'."
