"""Refresh tokens that are replaced on use: kept whatever dies when, by one process at a time, and seen by nobody else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio.base.secrets import open_store
from studio.connectors.salesforce.refusals import SignInRefused
from studio.moves.access import org_defaults, orgs
from studio.moves.access.opened import opened
from studio.moves.access.orgs import PRACTICE_CLIENT, OrgLogin
from studio.network.client import open_client
from studio.practice.ready import Ready
from tests.cheap_vault import cheap_vault
from tests.conftest import child_processes
from tests.fake_browser import browser_command, visited
from tests.moves.conftest import QUICK
from tests.practice_beside import org_beside

pytestmark = pytest.mark.network
_ROOT = Path(__file__).resolve().parents[2]
NAME = "orgs/crm/refresh_token"
# Signs in some times in a row, each time using the token up that is kept.
AGAIN = """
import asyncio, sys
from studio.base.secrets import open_store
from studio.moves.access import orgs
from studio.moves.access.opened import opened
store = open_store()
def show(address, code):
    raise SystemExit("the browser was asked for")
async def work():
    for _time in range(int(sys.argv[1])):
        async with opened(orgs.own("crm"), lambda: store, show=show) as org:
            assert (await org.identify()).name == "Weft Practice"
asyncio.run(work())
"""
# Is killed by the store, with the org's answer in hand and the new token not yet kept.
KILLED = AGAIN.replace(
    "async def work",
    """
import os, signal
store.put = lambda name, value: os.kill(os.getpid(), signal.SIGKILL)
async def work""",
)


@pytest.fixture(scope="module")
def org() -> Iterator[Ready]:
    with org_beside(seed=False) as ready:
        yield ready


@pytest.fixture
async def kept(org: Ready, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> OrgLogin:
    """An org that somebody is signed in to, by the browser, its token in a vault."""
    cheap_vault(tmp_path, monkeypatch)
    orgs.add(OrgLogin("crm", org.url, "web", PRACTICE_CLIENT, port=0))
    await sign_in()
    return orgs.own("crm")


async def sign_in() -> int:
    """Sign in with a person at hand; how often that person was needed."""
    store, asked = open_store(), 0
    tasks: list[asyncio.Task[None]] = []

    async with open_client() as client:

        def show(address: str, _code: str) -> None:
            nonlocal asked
            asked += 1
            tasks.append(asyncio.create_task(_say_yes(client, address)))

        async with opened(orgs.own("crm"), lambda: store, show=show, pace=QUICK) as org:
            assert (await org.identify()).id
        await asyncio.gather(*tasks)
    return asked


async def _say_yes(client: httpx.AsyncClient, address: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(address)
    data = dict(parse_qsl(parts.query)) | {"answer": "allow"}
    back = await client.post(f"{parts.scheme}://{parts.netloc}{parts.path}", data=data)
    await client.get(back.headers["Location"].replace("localhost", "127.0.0.1"))


def start(program: str, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(times)],
        env=dict(os.environ, PYTHONPATH=str(_ROOT)),
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_killed_between_the_answer_and_the_store(kept: OrgLogin) -> None:
    before = open_store().get(NAME)
    killed = start(KILLED, 1)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    # The vault is whole and holds the token before, which the org no longer takes: one sentence, then the browser.
    assert open_store().get(NAME) == before
    store = open_store()
    with pytest.raises(SignInRefused, match="The sign-in is over") as caught:
        async with opened(kept, lambda: store, pace=QUICK):
            pytest.fail("it was let in")
    assert caught.value.again
    assert store.get(NAME) is None
    assert await sign_in() == 1
    assert await sign_in() == 0


async def test_two_processes_never_use_up_each_others_token(kept: OrgLogin) -> None:
    both = [start(AGAIN, 4) for _process in range(2)]
    said = [process.communicate(timeout=240)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert await sign_in() == 0


async def test_two_processes_keep_secrets_of_two_orgs_in_one_vault(kept: OrgLogin) -> None:
    program = (
        "import sys\nfrom studio.base.secrets import open_store\nstore = open_store()\n"
        "for n in range(12):\n    store.put(f'{sys.argv[1]}/{n}', str(n))\n"
    )
    both = [start(program, number) for number in range(2)]
    for process in both:
        assert process.communicate(timeout=240)[1] == ""
    found = open_store()
    assert [found.get(f"{one}/{n}") for one in range(2) for n in range(12)] == [str(n) for n in range(12)] * 2


CANARY = "canary-4711-never-to-be-seen"


async def test_secrets_are_seen_by_nobody(org: Ready, kept: OrgLogin, tmp_path: Path, own_home: Path) -> None:
    """Not in files, not in output, not in the list of processes: a secret is in the vault, sealed, and nowhere else."""
    secret = tmp_path / "secret"
    secret.write_text(CANARY)
    environment = dict(
        os.environ, PYTHONPATH=str(_ROOT), WEFT_LOG="debug", BROWSER=browser_command(tmp_path, "close")
    )
    words = ["org", "add", "job", "--url", org.url, "--flow", "client", "--client-id", PRACTICE_CLIENT]
    command = [sys.executable, "-m", "studio", *words, "--secret-file", str(secret)]
    lines: set[str] = set()
    ready = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    talk = asyncio.create_task(ready.communicate())
    while not talk.done():
        for child in child_processes():
            try:
                lines.add(Path(f"/proc/{child}/cmdline").read_bytes().decode("utf-8", "replace"))
            except OSError:
                continue
        await asyncio.sleep(0.02)
    out, err = talk.result()
    assert ready.returncode != 0
    token = open_store().get(NAME)
    assert token
    source = tmp_path / "rows.csv"
    source.write_text("Name\nOne\n")
    moved = subprocess.run(
        [sys.executable, "-m", "studio", "move", "insert", "Account", str(source), "--org", "crm"],
        env=environment, capture_output=True, timeout=240, check=False,
    )  # fmt: skip
    assert moved.returncode == 0, moved.stderr
    newest = open_store().get(NAME)
    assert newest not in (None, token)
    seen = [out, err, moved.stdout, moved.stderr, *(line.encode() for line in lines)]
    seen += [file.read_bytes() for file in own_home.rglob("*") if file.is_file()]
    assert len(seen) > 10
    for text in (CANARY, token, str(newest)):
        assert not [one[:200] for one in seen if text.encode() in one]
    assert visited(tmp_path) == []


async def test_marks_names_and_the_org_that_is_taken_where_none_is_named(
    kept: OrgLogin, tmp_path: Path
) -> None:
    assert (kept.sort, kept.title, kept.color) == ("", "", "teal")
    store = open_store()
    async with opened(kept, lambda: store, pace=QUICK) as org:
        orgs.remember(kept, await org.identify())
    told = orgs.own("crm")
    assert (told.sort, told.title, told.org_id[:3]) == ("practice", "Weft Practice", "00D")
    orgs.add(OrgLogin("second", "acme--uat", "token"))
    assert orgs.own("second").color == "sky"
    assert orgs.own("second").url == "https://acme--uat.sandbox.my.salesforce.com"
    project = tmp_path / "project"
    project.mkdir()
    (project / "project.yaml").write_text("weft: project/1\nname: P\nid: p1\n")
    assert org_defaults.default(project) == ""
    org_defaults.use("second", tmp_path)
    org_defaults.use("crm", project)
    assert (org_defaults.default(project), org_defaults.default(tmp_path)) == ("crm", "second")
    orgs.rename("crm", "main", store)
    org_defaults.renamed("crm", "main")
    assert org_defaults.default(project) == "main"
    assert store.get("orgs/main/refresh_token")
    assert store.get(NAME) is None
    async with opened(orgs.own("main"), lambda: store, pace=QUICK) as org:
        assert (await org.identify()).name == "Weft Practice"
    (orgs.folder() / "defaults.json").write_text("{spoiled")
    assert org_defaults.default(project) == ""
