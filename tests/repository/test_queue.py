"""Deployments asked for while nobody could be reached: sent in order, each once, and never against what is there by now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotReachable
from studio.network.client import NetworkSettings, open_client
from studio.protocol.deployments import NewDeployment
from studio.repository import queue
from studio.repository.client import Repository, new_key
from studio.repository.local import place
from studio.repository.queue import enqueue, queued, remove, send
from studio.repository.state import state_of
from studio.repository.status import local_status
from tests.repository.copies import Copy, shared
from tests.repository.relay import relayed
from tests.repository.running_server import AT_ONCE, Site


def wish(site: Site, one: Copy, where: str, seen: str | None) -> NewDeployment:
    """The folder's revision into an environment that holds `seen`."""
    revision = state_of(one.folder).revision
    assert revision is not None
    return NewDeployment(site.environment(where), revision, "whole", seen)


def test_what_waits_is_sent_in_order_once(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, _other = await shared(site, tmp_path)
        first = state_of(one.folder).tree
        enqueue(one.folder, wish(site, one, "test", None), new_key())
        one.write("scripts/x.jb", "x")
        await one.push()
        enqueue(one.folder, wish(site, one, "test", first), new_key())
        enqueue(one.folder, wish(site, one, "development", None), new_key())
        assert [item.number for item in queued(one.folder)] == [1, 2, 3]
        assert local_status(one.folder).queued == 3
        async with site.repository() as repository:
            sent = await send(one.folder, repository)
            assert [made.number for made in sent.made] == [1, 2, 2]
            assert (sent.refused, sent.waiting, queued(one.folder)) == ((), (), ())
            assert (await send(one.folder, repository)).made == ()

    asyncio.run(work())


def test_what_does_not_fit_any_more_is_told_and_holds_back_what_follows(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, _other = await shared(site, tmp_path)
        enqueue(one.folder, wish(site, one, "test", "0" * 64), new_key())
        enqueue(one.folder, wish(site, one, "test", state_of(one.folder).tree), new_key())
        enqueue(one.folder, wish(site, one, "development", None), new_key())
        async with site.repository() as repository:
            sent = await send(one.folder, repository)
            assert len(sent.made) == 1
            assert [item.number for item in sent.refused] == [1]
            assert [item.number for item in sent.waiting] == [2]
            assert queued(one.folder)[0].refused
            remove(one.folder, 1)
            remove(one.folder, 1)
            assert [item.number for item in queued(one.folder)] == [2]

    asyncio.run(work())


def test_an_answer_that_never_came_deploys_once(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, _other = await shared(site, tmp_path)
        enqueue(one.folder, wish(site, one, "test", None), new_key())
        async with relayed(site.url, cut_down=True) as line:
            account, patience = replace(site.account(), server=line.url), replace(AT_ONCE, tries=1)
            async with Repository(
                account, site.token(), open_client(NetworkSettings()), patience
            ) as repository:
                with pytest.raises(NotReachable):
                    await send(one.folder, repository)
        assert len(queued(one.folder)) == 1
        async with site.repository() as repository:
            [made] = (await send(one.folder, repository)).made
            project = (await repository.projects())[0].id
            page = await repository.deployments(project)
        assert [item.id for item in page.items] == [made.id]

    asyncio.run(work())


def test_a_damaged_queue_is_told(tmp_path: Path) -> None:
    place(tmp_path).mkdir(parents=True)
    for junk in (b"{", b"[{}]", b"[1]"):
        (place(tmp_path) / queue.FILE).write_bytes(junk)
        with pytest.raises(BadInput, match=r"queue\.json"):
            queued(tmp_path)
