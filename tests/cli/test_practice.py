from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from studio.cli.main import run


@pytest.mark.skipif(os.name == "nt", reason="ends by a signal")
def test_it_prints_one_line_serves_and_ends_with_130(tmp_path: Path) -> None:
    table = tmp_path / "looms.txt"
    table.write_text("object Loom__c | auto | Loom | Looms\nCode__c | Code | string(10) | external\n")
    command = [sys.executable, "-m", "studio", "practice", "--https", "--data", str(tmp_path / "org"), "--empty",
               "--object", str(table), "--fault", "unavailable=3,on=GET */limits,times=1", "--fault", "input-order"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert list(ready) == ["url", "https_url", "ca", "access_token", "username", "password"]
    headers = {"Authorization": f"Bearer {ready['access_token']}"}
    answers = [httpx.get(ready["url"] + "/services/data/v62.0/limits", headers=headers) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [503, 200]
    state = httpx.get(ready["url"] + "/practice", headers=headers).json()
    assert "Loom__c" in state["objects"]
    assert [fault["name"] for fault in state["faults"]] == ["unavailable", "input-order"]
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (130, "", "")


def test_the_list_of_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["practice", "--list-faults"]) == 0
    assert "drop-answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "nonsense"], "no fault nonsense"),
        (["--object", "nowhere.txt"], "nowhere.txt"),
        (["--port", "many"], "--port"),
    ],
)
def test_bad_input_is_one_message(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["practice", *arguments]) == 2
    found = capsys.readouterr()
    assert words in found.err
    assert "Traceback" not in found.err
    assert found.out == ""
