"""`weft script file.js`, `weft check` and `weft run` with JavaScript in a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.main import run


def weft(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "project.yaml": "weft: project/1\nname: P\nid: abcdefgh\nvariables:\n  rate: '2'\n",
        "operations/whole.yaml": "weft: operation/1\nname: Whole\nactivities:\n  - script: steps/mark.js\n",
        "operations/short.yaml": "weft: operation/1\nname: Short\nactivities:\n  - script: steps/mark\n",
        "scripts/steps/mark.js": "var $marked = $rate * 21;\nWriteToOperationLog('marked ' + $marked);\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


def test_running_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("WriteToOperationLog('noted');\nvar $x = [1, new Date(0)];\n'é' + $given", "utf-8")
    given = tmp_path / "vars.json"
    given.write_text('{"$given": 5}', "utf-8")
    assert weft(capsys, "script", str(file), "--vars", str(given)) == (0, "é5\n", "noted\n")
    code, out, _err = weft(capsys, "script", str(file), "--vars", str(given), "--json")
    assert code == 0
    assert json.loads(out) == {
        "result": "é5",
        "variables": {"$given": 5, "$x": [1, {"$date": "1970-01-01 00:00:00"}]},
        "log": ["noted"],
    }


def test_a_text_between_the_vendor_s_tags(capsys: pytest.CaptureFixture[str]) -> None:
    assert weft(capsys, "script", "-e", "<javascript>1 + 1</javascript>") == (0, "2\n", "")


def test_errors_name_the_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("1;\n  missing();", "utf-8")
    code, out, err = weft(capsys, "script", str(file))
    assert (code, out, err) == (2, "", f"{file}:2:3: There is nothing called missing.\n")
    code, out, _err = weft(capsys, "script", str(file), "--json")
    assert code == 1
    assert json.loads(out)["error"] == {
        "message": "There is nothing called missing.",
        "line": 2,
        "column": 3,
    }


def test_checking_and_formatting_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("var a = ;", "utf-8")
    code, out, _err = weft(capsys, "script", str(file), "--check")
    assert code == 1
    assert out.startswith(f"{file}:1:9: error: ; is not expected here. Correct it there.\n")
    code, _out, err = weft(capsys, "script", str(file), "--format")
    assert code == 2
    assert "Only Jitterbit Script" in err


def test_a_project_is_checked_with_its_javascript(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert weft(capsys, "check", str(project))[0] == 0
    (project / "scripts" / "steps" / "mark.js").write_text("var $a = 1;\nif (", "utf-8")
    code, out, _err = weft(capsys, "check", str(project))
    assert code == 1
    assert "scripts/steps/mark.js:2:5" in out
    assert "The script ends too early." in out


@pytest.mark.parametrize("operation", ["whole", "short"])
def test_an_operation_runs_it(capsys: pytest.CaptureFixture[str], project: Path, operation: str) -> None:
    code, out, err = weft(capsys, "run", str(project), operation, "--var", "rate=3")
    assert code == 0, err
    assert "marked 63" in out + err
    (project / "scripts" / "steps" / "mark.js").write_text("\n\n$rate.a.b", "utf-8")
    code, out, err = weft(capsys, "run", str(project), operation)
    assert code != 0
    assert "scripts/steps/mark.js:3:" in out + err
    assert "b cannot be read" in out + err
