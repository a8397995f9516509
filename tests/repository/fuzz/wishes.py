"""Deployments asked for while nobody can be reached: each is made once, in order, or waits and is told why."""

from __future__ import annotations

import random

from studio.protocol.deployments import NewDeployment
from studio.repository.client import new_key
from studio.repository.queue import enqueue, queued, send
from tests.repository.fuzz.sharer import Sharer
from tests.repository.fuzz.transport import Fault

PLACES = ("development", "test")


async def wish(one: Sharer, chance: random.Random, mark: str) -> list[str]:
    """Ask for a deployment of the revision the files come from; now and then against what is there no more."""
    if not one.base:
        return []
    server = one.shared.server
    where = server.here.environments[chance.choice(PLACES)]
    seen = (await server.ask("GET", f"/projects/{server.project}/deployed/{where}")).json()["tree"]
    seen = chance.choice([seen, seen, seen, None])
    revision = one.shared.revisions[one.base - 1].id
    enqueue(one.place, NewDeployment(where, revision, "whole", seen, message=mark), new_key())
    one.wished.append(mark)
    return await judged(one)


async def sent(one: Sharer, fault: Fault | None) -> list[str]:
    """Send what waits."""
    one.network.begin(fault)
    done = await one._do(lambda repository: send(one.place, repository), None)
    wrong = await judged(one)
    if done is not None:
        left = [item.deployment.message for item in queued(one.place) if not item.refused]
        told = {item.deployment.environment for item in queued(one.place) if item.refused}
        free = [
            item for item in queued(one.place) if not item.refused and item.deployment.environment not in told
        ]
        wrong += [f"sent, and waits without a reason: {left}"] if free else []
    return wrong


async def judged(one: Sharer) -> list[str]:
    """Each wish waits, or was made once; those of one environment in the order they were asked for."""
    server = one.shared.server
    path = f"/projects/{server.project}/deployments?limit=200"
    made = (await server.ask("GET", path)).json()["items"]
    waiting = {item.deployment.message for item in queued(one.place)}
    told = [item["message"] for item in reversed(made)]
    wrong = [f"deployed twice: {mark}" for mark in one.wished if told.count(mark) > 1]
    wrong += [
        f"a deployment is forgotten: {mark}"
        for mark in one.wished
        if mark not in waiting and mark not in told
    ]
    for place in server.here.environments.values():
        mine = [
            item["message"]
            for item in reversed(made)
            if item["environment"] == place and item["message"] in one.wished
        ]
        if mine != sorted(mine, key=one.wished.index):
            wrong.append(f"deployed in another order: {mine}")
    return wrong
