"""Lines that are cut, programs that write in the same moment, much and large: pull and push all the same."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import Cancelled, NotReachable
from studio.base.progress import Progress, Step
from studio.network.client import NetworkSettings, open_client
from studio.project import edits
from studio.protocol import limits
from studio.repository import fetching
from studio.repository import pull as pulling
from studio.repository.client import Repository
from studio.repository.push import push
from studio.workspace import Workspace
from tests.conftest import FULL
from tests.repository.copies import shared
from tests.repository.relay import relayed
from tests.repository.running_server import AT_ONCE, Site

ORDERS = "transformations/orders-to-invoices.yaml"


def run(work: object) -> None:
    asyncio.run(work)  # type: ignore[arg-type]


def test_large_files_travel_both_ways(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_MEMORY", 1000)
    large = os.urandom(limits.PACK_OBJECT_BYTES + 5)

    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("schemas/large.bin", large)
        one.write("schemas/middle.bin", large[:5000])
        steps: list[Step] = []
        async with site.repository() as repository:
            await push(one.folder, repository, progress=Progress(steps.append))
        assert (steps[-1].done, steps[-1].total) == (2, 2)
        await other.pull()
        assert one.files() == other.files()
        assert not (other.folder / ".weft/repository/incoming").exists()

    run(work())


def test_a_push_can_be_stopped_and_begun_again(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        for number in range(5):
            one.write(f"scripts/s{number}.jb", f"x = {number};")
        progress = Progress()
        progress.listener = lambda step: progress.stop() if "sent" in step.text else None
        async with site.repository() as repository:
            with pytest.raises(Cancelled):
                await push(one.folder, repository, progress=progress)
        pushed = await one.push()
        assert pushed.revision is not None
        assert pushed.revision.number == 2
        await other.pull()
        assert one.files() == other.files()

    run(work())


def test_two_processes_pull_and_push_in_turn(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("scripts/x.jb", "a")
        await one.push()
        other.write("scripts/y.jb", "b")
        results = await asyncio.gather(other.pull(), other.pull(), other.pull())
        assert sorted(len(result.taken) for result in results) == [0, 0, 1]
        pushes = await asyncio.gather(other.push(), other.push())
        assert sorted(result.made for result in pushes) == [False, True]

    run(work())


def test_one_rule_of_a_large_project_is_three_small_requests(site: Site, tmp_path: Path) -> None:
    def many(folder: Path) -> None:
        for number in range(5000 if FULL else 1000):
            text = f"weft: operation/1\nname: O{number}\nactivities: []\n".encode()
            file = folder / f"operations/{number // 100}/o{number}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(text)

    async def work() -> None:
        one, _other = await shared(site, tmp_path, before=many)
        one.change(ORDERS, '@number: "[@id]"', "@number: F()")
        async with relayed(site.url) as line:
            account = replace(site.account(), server=line.url)
            client = open_client(NetworkSettings())
            async with Repository(account, site.token(), client, AT_ONCE) as repository:
                pushed = await push(one.folder, repository)
        assert (pushed.made, pushed.put, pushed.requests) == (True, 1, 3)
        assert line.requests == 3
        assert line.up + line.down < 64 * 1024

    run(work())


def test_a_save_at_the_moment_of_a_pull_loses_nothing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window looks, the pull writes, the window writes: it finds out, and looks again."""

    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("scripts/x.jb", "a = 1;")
        one.change(ORDERS, '@number: "[@id]"', "@number: F()")
        await one.push()
        workspace = Workspace.open(other.folder)
        held = workspace.project.transformations["orders-to-invoices"]
        changed = edits.put(
            workspace.project, "transformations/orders-to-invoices", replace(held, description="ours")
        )
        workspace.edit("Edit", changed)
        real, pulls = Workspace.check_outside, [other.pull]

        def look_then_pull(self: Workspace) -> object:
            found = real(self)
            if pulls:
                thread = threading.Thread(target=lambda: asyncio.run(pulls.pop()()))
                thread.start()
                thread.join()
            return found

        monkeypatch.setattr(Workspace, "check_outside", look_then_pull)
        try:
            workspace.save()
        finally:
            workspace.close()
        text = other.read(ORDERS)
        assert b"F()" in text
        assert b"description: ours" in text
        assert (other.folder / "scripts/x.jb").is_file()

    run(work())


def test_an_edit_between_merging_and_writing_is_merged_too(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.change(ORDERS, '@number: "[@id]"', "@number: F()")
        one.write("scripts/x.jb", "theirs")
        await one.push()
        real, saves = pulling.merge_files, [1]

        def then_edit(*sides: object) -> object:
            found = real(*sides)  # type: ignore[arg-type]
            if saves:
                saves.pop()
                other.change(ORDERS, "name: Orders to invoices", "name: Renamed")
                other.write("scripts/x.jb", "mine")
            return found

        monkeypatch.setattr(pulling, "merge_files", then_edit)
        pulled = await other.pull()
        assert pulled.joined == (ORDERS,)
        assert pulled.clashed == ("scripts/x.jb",)
        assert b"F()" in other.read(ORDERS)
        assert b"name: Renamed" in other.read(ORDERS)
        assert other.read("scripts/x.jb") == b"mine"

    run(work())


def test_an_upload_goes_on_where_it_was_cut(site: Site, tmp_path: Path) -> None:
    large = os.urandom(3 * limits.UPLOAD_PIECE_BYTES)

    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("schemas/large.bin", large)
        async with relayed(site.url, cut_after=limits.UPLOAD_PIECE_BYTES + 100_000) as line:
            account = replace(site.account(), server=line.url)
            patience = replace(AT_ONCE, tries=1)
            async with Repository(
                account, site.token(), open_client(NetworkSettings()), patience
            ) as repository:
                with pytest.raises(NotReachable):
                    await push(one.folder, repository)
        async with relayed(site.url) as line:
            account = replace(site.account(), server=line.url)
            async with Repository(
                account, site.token(), open_client(NetworkSettings()), AT_ONCE
            ) as repository:
                pushed = await push(one.folder, repository)
        assert pushed.made
        assert line.up < len(large) - limits.UPLOAD_PIECE_BYTES + 100_000
        await other.pull()
        assert one.files() == other.files()

    run(work())
