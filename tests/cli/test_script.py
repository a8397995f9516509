"""`weft script`: runs, checks, formats; JSON; many scripts a file; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.main import run


def weft(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["script", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_running_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert weft(capsys, "-e", "WriteToOperationLog('noted'); 1.5 * 2") == (0, "3\n", "noted\n")
    assert weft(capsys, "-e", "Null()") == (0, "", "")


def test_json_holds_result_variables_and_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = tmp_path / "vars.json"
    given.write_text('{"$a": {"$date": "2026-03-01 10:00:00"}, "b": [1, {"$dict": [["k", 2]]}]}', "utf-8")
    text = "$c = HexToBinary('0a'); $d = Dict(); $d['x'] = $b; WriteToOperationLog('hi'); $a + 60"
    code, out, _err = weft(capsys, "-e", text, "--vars", str(given), "--json")
    assert code == 0
    assert json.loads(out) == {
        "result": {"$date": "2026-03-01 10:01:00"},
        "variables": {
            "$a": {"$date": "2026-03-01 10:00:00"},
            "$b": [1, {"$dict": [["k", 2]]}],
            "$c": {"$binary": "0a"},
            "$d": {"$dict": [["x", [1, {"$dict": [["k", 2]]}]]]},
        },
        "log": ["hi"],
    }


def test_errors(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _err = weft(capsys, "-e", "1;\n 2 / 0", "--json")
    assert code == 1
    assert json.loads(out)["error"] == {"message": "Division by 0.", "line": 2, "column": 2}
    file = tmp_path / "bad.jb"
    file.write_text("1 +", "utf-8")
    code, out, err = weft(capsys, str(file))
    assert (code, out) == (2, "")
    assert err.startswith(f"{file}:1:4: The script ends too early.")
    assert "Traceback" not in err


def test_a_script_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "clean.jb"
    file.write_bytes("\ufeff<trans>'é' + 1</trans>".encode())
    assert weft(capsys, str(file)) == (0, "é1\n", "")


def test_value_tables_of_the_project_around_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text("weft: project/1\nname: P\n", "utf-8")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "countries.csv").write_text("code,name\nBR,Brazil\n", "utf-8")
    file = tmp_path / "scripts" / "a.jb"
    file.parent.mkdir()
    file.write_text("TableLookup('countries', 'BR')", "utf-8")
    assert weft(capsys, str(file)) == (0, "Brazil\n", "")


def test_checking(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = weft(capsys, "-e", "Upper('a')", "--check")
    assert code == 1
    assert out == "1:1: error: There is no function Upper. Did you mean ToUpper?\n    Upper('a')\n    ^\n"
    assert err == "1 problem.\n"
    code, out, err = weft(capsys, "-e", "x = (1;\ny = 'a", "--check")
    assert [line for line in out.splitlines() if line.startswith("    ")] == [
        "    x = (1;", "          ^", "    y = 'a", "        ^",
    ]  # fmt: skip
    assert (code, err) == (1, "2 problems.\n")
    code, out, _err = weft(capsys, "-e", "ToUpper('a')", "--check", "--json")
    assert (code, json.loads(out)) == (0, {"problems": []})


def test_formatting(capsys: pytest.CaptureFixture[str]) -> None:
    assert weft(capsys, "-e", "x=1;x+2", "--format") == (0, "x = 1; x + 2\n", "")
    assert weft(capsys, "-e", "x=1;x+2", "--check-format")[0] == 1
    assert weft(capsys, "-e", "x = 1; x + 2\n", "--check-format") == (0, "", "")


def test_formatting_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.jb"
    file.write_bytes(b"x=1;\r\nx+2 // c")
    assert weft(capsys, str(file), "--check-format") == (
        1,
        f"{file} is not laid out as --format does it.\n",
        "",
    )
    assert file.read_bytes() == b"x=1;\r\nx+2 // c"
    assert weft(capsys, str(file), "--format") == (0, "", "")
    assert file.read_bytes() == b"x = 1;\nx + 2 // c\n"
    assert weft(capsys, str(file), "--check-format") == (0, "", "")
    file.write_text("x = (1", "utf-8")
    code, _out, err = weft(capsys, str(file), "--format")
    assert (code, file.read_text("utf-8")) == (2, "x = (1")
    assert err.startswith(f"{file}:1:5: ")


def test_many_scripts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    lines = [
        {"id": "a", "script": "$x + 1", "vars": {"x": 1}},
        {"id": "b", "script": "1 +"},
        {"id": 3, "script": "d = Dict(); d['a'] = 1; d"},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    file.write_text(text + "\n\nnot json\n[1]\n", "utf-8")
    code, out, _err = weft(capsys, "--batch", str(file))
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [result["id"] for result in results] == ["a", "b", 3, None, None]
    assert results[0]["result"] == 2
    assert results[1]["error"]["column"] == 4
    assert results[2]["result"] == {"$dict": [["a", 1]]}
    assert results[3]["error"]["line"] == 5


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-e", "1", "--batch", "x"],
        ["missing.jb"],
        ["--batch", "missing.jsonl"],
        ["-e", "1", "--vars", "missing"],
    ],
)
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = weft(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.strip()


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": {"$date": "soon"}}', "[" * 100_000])
def test_bad_variables(content: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "vars.json"
    file.write_text(content, "utf-8")
    code, _out, err = weft(capsys, "-e", "1", "--vars", str(file))
    assert code == 2
    assert "Traceback" not in err


def test_bad_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "latin.jb"
    file.write_bytes(b"'\xff'")
    code, _out, err = weft(capsys, str(file))
    assert code == 2
    assert "UTF-8" in err


def test_published_cases_as_a_batch(capsys: pytest.CaptureFixture[str], shared: Path) -> None:
    cases = shared / "conformance" / "script" / "cases.jsonl"
    _code, out, _err = weft(capsys, "--batch", str(cases))
    outcomes = {result["id"]: result for result in map(json.loads, out.splitlines())}
    expected = [json.loads(line) for line in cases.read_text("utf-8").splitlines()]
    wrong = [case["id"] for case in expected if bool(case.get("error")) != ("error" in outcomes[case["id"]])]
    assert wrong == []
