"""The user's practice org: found where it runs, started where not, ended by who started it, its records kept."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

from studio.practice.ready import Ready
from studio.practice.shared import SharedPractice, practice_org


def call(ready: Ready, path: str, data: dict[str, object] | None = None) -> dict[str, object]:
    request = urllib.request.Request(
        ready.url + path,
        data=json.dumps(data).encode() if data is not None else None,
        headers={"Authorization": f"Bearer {ready.access_token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_the_second_finds_the_first_and_leaves_it_running(tmp_path: Path) -> None:
    with practice_org(tmp_path) as first:
        second = SharedPractice(tmp_path)
        assert second.ready == first
        assert not second.ours
        second.close()
        assert call(first, "/services/data/v62.0/limits")
    third = SharedPractice(tmp_path)
    try:
        assert third.ours
    finally:
        third.close()


def test_records_are_there_again_after_a_restart(tmp_path: Path) -> None:
    with practice_org(tmp_path) as org:
        made = call(org, "/services/data/v62.0/sobjects/Account", {"Name": "Padaria São João"})
    with practice_org(tmp_path) as org:
        found = call(org, f"/services/data/v62.0/sobjects/Account/{made['id']}")
    assert found["Name"] == "Padaria São João"


def test_a_killed_org_is_replaced(tmp_path: Path) -> None:
    first = SharedPractice(tmp_path)
    # By its command: the process that runs the tests may have children of its own.
    orgs = [child for child in psutil.Process().children() if str(tmp_path) in " ".join(child.cmdline())]
    assert len(orgs) == 1
    orgs[0].kill()
    orgs[0].wait()
    second = SharedPractice(tmp_path)
    try:
        assert second.ours
        assert call(second.ready, "/services/data/v62.0/limits")
    finally:
        second.close()
        first.close()


def test_many_at_once_share_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from studio.practice.shared import SharedPractice\n"
        "org = SharedPractice(Path(sys.argv[1])); print(org.ready.url, flush=True); sys.stdin.read(); org.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    several = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _n in range(4)
    ]
    urls = [process.stdout.readline() for process in several if process.stdout]
    for process in several:
        process.communicate("")
    assert len(set(urls)) == 1
    assert [process.returncode for process in several] == [0] * 4
