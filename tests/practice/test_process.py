"""The org as a child process: its ready line, its data folder, and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from studio.base.child import python_command
from studio.base.errors import BadInput, WeftError
from studio.practice.process import PracticeProcess, start_practice
from studio.practice.server import PracticeOrg


def test_a_child_with_https_and_its_end() -> None:
    with start_practice(https=True, seed=False) as ready:
        assert ready.https_url is not None
        assert ready.ca is not None
        assert Path(ready.ca).read_text().startswith("-----BEGIN CERTIFICATE-----")
        headers = {"Authorization": f"Bearer {ready.access_token}"}
        assert httpx.get(ready.url + "/services/data/v62.0/limits", headers=headers).status_code == 200
        folder = Path(ready.ca).parent.parent
        assert folder.is_dir()
    with pytest.raises(httpx.ConnectError):
        httpx.get(ready.url)
    assert not folder.exists()


def test_a_data_folder_keeps_records_sessions_and_authority(tmp_path: Path) -> None:
    headers: dict[str, str] = {}
    texts = []
    for round_ in range(2):
        with start_practice(tmp_path / "org", https=True, seed=False) as ready:
            headers = headers or {"Authorization": f"Bearer {ready.access_token}"}
            assert ready.ca is not None
            texts.append((Path(ready.ca).read_text(), ready.access_token, ready.password))
            if round_ == 0:
                httpx.post(
                    ready.url + "/services/data/v62.0/sobjects/Account",
                    headers=headers,
                    json={"Name": "Kept"},
                )
            found = httpx.get(
                ready.url + "/services/data/v62.0/query?q=SELECT+Name+FROM+Account", headers=headers
            )
            assert [record["Name"] for record in found.json()["records"]] == ["Kept"]
    assert texts[0] == texts[1]


def test_a_folder_belongs_to_one_org_at_a_time(tmp_path: Path) -> None:
    with start_practice(tmp_path / "org", seed=False), pytest.raises(WeftError, match="another practice org"):
        PracticeProcess(tmp_path / "org")


async def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be opened"):
        await PracticeOrg(data=tmp_path / "file").start()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "org.db").write_bytes(b"no database" * 1000)
    with pytest.raises(BadInput, match="cannot be opened"):
        await PracticeOrg(data=tmp_path / "bad").start()
    async with PracticeOrg(seed=False) as running:
        port = int(running.ready.url.rpartition(":")[2])
        with pytest.raises(BadInput, match=f"port {port}"):
            await PracticeOrg(port=port, seed=False).start()
    with pytest.raises(BadInput, match="port 70000"):
        await PracticeOrg(port=70000, seed=False).start()
    with pytest.raises(WeftError, match="no fault nonsense"):
        PracticeProcess(faults=["nonsense"])


def test_it_ends_when_its_parent_is_killed() -> None:
    script = (
        "import sys, time\n"
        "from studio.practice.process import PracticeProcess\n"
        "child = PracticeProcess(seed=False)\n"
        "print(child.process_id, child.ready.url, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        number, url = parent.stdout.readline().split()
        child = psutil.Process(int(number))
        assert httpx.get(url + "/services/data").status_code == 200
    finally:
        parent.kill()
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
    gone, alive = psutil.wait_procs([child], timeout=10)
    assert alive == []
    assert gone


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_a_signal_and_prints_one_line(number: int) -> None:
    command = python_command("studio.practice", json.dumps({"seed": False}))
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert set(ready) == {"url", "https_url", "ca", "access_token", "username", "password"}
    process.send_signal(number)
    rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")
