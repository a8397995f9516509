"""weft schedule add, list and remove: a crontab and systemd units of the user, tried with programs that stand in for both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.connectors.salesforce.rows import encode

CRONTAB = """#!{python}
import os, sys
from pathlib import Path
table = Path(os.environ["FAKE_TABLE"])
if os.environ.get("FAKE_REFUSES"):
    sys.exit("You (you) are not allowed to use this program (crontab)")
if sys.argv[1:] == ["-l"]:
    if not table.exists():
        sys.exit("no crontab for you")
    sys.stdout.write(table.read_text())
elif sys.argv[1:] == ["-"]:
    table.write_text(sys.stdin.read())
else:
    sys.exit("usage")
"""
SYSTEMCTL = """#!{python}
import os, sys
from pathlib import Path
assert sys.argv[1] == "--user"
with Path(os.environ["FAKE_TABLE"]).open("a") as log:
    log.write(" ".join(sys.argv[2:]) + "\\n")
if os.environ.get("FAKE_REFUSES") and sys.argv[2] == "enable":
    sys.exit("Failed to connect to bus")
"""
Weft = Callable[..., tuple[int, str, str]]


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Weft:
    def call(*words: object) -> tuple[int, str, str]:
        code = run(["schedule", *(str(word) for word in words)])
        return (code, *capsys.readouterr())

    return call


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> Path:
    """Only this program is on the path; returns what it writes to."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / name).write_text(text.format(python=sys.executable))
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("FAKE_TABLE", str(tmp_path / "table"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "table"


def test_a_crontab_keeps_what_others_wrote(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = program(tmp_path, monkeypatch, "crontab", CRONTAB)
    table.write_text("# mine\nMAILTO=me\n\n5 4 * * * /bin/echo 100\\%\n")
    others = table.read_text()
    assert weft("list")[1] == ""
    query = "SELECT Id FROM Account WHERE Name LIKE 'A%'"
    code, out, err = weft("add", "--name", "night", "30 6 * * 1-5", "move", "export", query, "a.csv")
    assert (code, "night is entered (cron)" in out, "It runs next at" in err) == (0, True, True)
    assert table.read_text().startswith(others + "# weft: night\n30 6 * * 1-5 cd ")
    assert table.read_text().count("\n") == others.count("\n") + 2
    assert weft("add", "@daily", "run", "p/operations/load.yaml", "--json")[0] == 0
    code, out, _err = weft("list", "--json")
    jobs = {job["name"]: job for job in json.loads(out)}
    assert {name: (job["scheduler"], job["times"]) for name, job in jobs.items()} == {
        "night": ("cron", "30 6 * * 1-5"), "run-load": ("cron", "0 0 * * *"),
    }  # fmt: skip
    assert "LIKE" in jobs["night"]["command"]
    code, _out, err = weft("add", "--name", "night", "@hourly", "run", "x")
    assert (code, "already" in err) == (2, True)
    assert weft("add", "--name", "night", "--replace", "@hourly", "run", "x")[0] == 0
    assert (table.read_text().count("# weft: night"), "LIKE" in table.read_text()) == (1, False)
    assert weft("remove", "night")[0] == weft("remove", "run-load")[0] == 0
    assert table.read_text() == others
    code, _out, err = weft("remove", "night")
    assert (code, "weft schedule list" in err) == (2, True)


def test_a_user_without_a_crontab_gets_one(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = program(tmp_path, monkeypatch, "crontab", CRONTAB)
    assert weft("add", "@weekly", "test", "project")[0] == 0
    assert len(table.read_text().splitlines()) == 2


def test_refusals_are_told_and_nothing_is_left(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = program(tmp_path, monkeypatch, "crontab", CRONTAB)
    monkeypatch.setenv("FAKE_REFUSES", "1")
    code, _out, err = weft("add", "@daily", "run", "x")
    assert (code, "not allowed to use this program" in err, "by hand" in err) == (2, True, True)
    assert not table.exists()
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _out, err = weft("add", "@daily", "run", "x")
    assert (code, "none of cron, systemd" in err, "weft schedule --for" in err) == (2, True, True)
    assert (weft("list")[0], weft("add", "@never", "run", "x")[0], weft("add", "@daily", "org")[0]) == (
        0,
        2,
        2,
    )


def test_units_of_the_user(weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = program(tmp_path, monkeypatch, "systemctl", SYSTEMCTL)
    units = tmp_path / "config" / "systemd" / "user"
    assert weft("add", "--name", "night", "30 6 * * 1-5", "run", "x")[0] == 0
    assert sorted(path.name for path in units.iterdir()) == ["weft-night.service", "weft-night.timer"]
    assert "enable --now weft-night.timer" in table.read_text()
    (job,) = json.loads(weft("list", "--json")[1])
    assert (job["name"], job["scheduler"], job["times"]) == (
        "night", "systemd", "Mon,Tue,Wed,Thu,Fri *-*-* 06:30:00",
    )  # fmt: skip
    before = (units / "weft-night.timer").read_bytes()
    monkeypatch.setenv("FAKE_REFUSES", "1")
    code, _out, err = weft("add", "--name", "other", "@daily", "run", "x")
    assert (code, "Failed to connect to bus" in err) == (2, True)
    assert sorted(path.name for path in units.iterdir()) == ["weft-night.service", "weft-night.timer"]
    assert (units / "weft-night.timer").read_bytes() == before
    assert weft("remove", "night")[0] == 0
    assert (list(units.iterdir()), "disable --now weft-night.timer" in table.read_text()) == ([], True)


@pytest.mark.network
def test_a_saved_move_runs_by_the_line_that_was_entered(
    weft: Weft, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the crontab is carried out as cron does it: by a shell, from another folder, with few variables."""
    source = tmp_path / "rows.csv"
    source.write_bytes(b"".join(encode(("ERP_Id__c", "Name"), [("S-1", "One"), ("S-2", "Two")])))
    project = tmp_path / "project" / "operations" / "load"
    move = ["move", "upsert", "Account", str(source), "--key", "ERP_Id__c", "--org", "practice"]
    assert run([*move, "--save-as", str(project)]) == 0
    table = program(tmp_path, monkeypatch, "crontab", CRONTAB)
    assert weft("add", "--name", "load", "@daily", "run", "project", "load")[0] == 0
    line = table.read_text().splitlines()[1].replace("\\%", "%").split(" ", 5)[5]
    few: dict[str, Any] = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(["/bin/sh", "-c", line], cwd="/", env=few, check=False, timeout=120)
    assert done.returncode == 0, (tmp_path / "load.log").read_text()
    assert "2 rows: 2 succeeded" in (tmp_path / "load.log").read_text()
