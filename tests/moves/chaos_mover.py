"""A process that forks movers for the chaos test: `python -m tests.moves.chaos_mover`, a command a line.

A mover goes on with the move in its home, or begins it; or undoes it. It may be killed at a journal step or at a
request, its clock may be off, and requests that are harmless twice may be delivered twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from studio.base.errors import BadInput, WeftError
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, connect
from studio.connectors.salesforce.sign_in import password
from studio.moves import store
from studio.moves.access.orgs import PRACTICE_CLIENT
from studio.moves.carrying.run import Interrupted
from studio.moves.load import Request, load, resume
from studio.moves.model import Action, Api, Before, Options
from studio.moves.undoing import undo
from studio.moves.undoing.before import Keeper
from studio.network.client import open_client
from tests.moves.mover import arm

Command = dict[str, Any]


class Rough(httpx.AsyncBaseTransport):
    """Kills the process at a request, before or after it; delivers some requests twice."""

    def __init__(self, inner: httpx.AsyncBaseTransport, command: Command) -> None:
        self._inner = inner
        self._kill_at = int(command.get("kill_call", 0))
        self._before = bool(command.get("before"))
        self._twice = int(command.get("twice", 0))
        self._calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._calls += 1
        dies = self._calls == self._kill_at
        if dies and self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        response = await self._inner.handle_async_request(request)
        if self._twice and self._calls % self._twice == 0 and _harmless(request):
            content = await response.aread()
            headers = [(k, v) for k, v in response.headers.raw if k.lower() != b"content-encoding"]
            await response.aclose()
            second = await self._inner.handle_async_request(request)
            if request.method == "PATCH" and "/jobs/" in request.url.path:
                # The answer to the second delivery is the one that arrives.
                response = second
            else:
                await second.aread()
                await second.aclose()
                response = httpx.Response(response.status_code, headers=headers, content=content)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return response


def _harmless(request: httpx.Request) -> bool:
    """What the protocol lets happen twice: reads, changes and upserts, and new jobs without content."""
    path = request.url.path
    whole = isinstance(request.stream, httpx.ByteStream)
    return whole and (
        request.method in ("GET", "PATCH") or (request.method == "POST" and path.endswith("/jobs/ingest"))
    )


async def work(command: Command) -> dict[str, Any]:
    client = open_client()
    client._transport = Rough(client._transport, command)
    async with client:
        grant = Grant(command["token"], command["url"])

        async def again(_refused: Grant) -> Grant:
            return await password(
                client, command["url"], command["user"], command["password"], PRACTICE_CLIENT
            )

        pace = Pace(first=0.003, most=0.03, patience=command.get("patience", 2))
        try:
            org = await connect(client, grant, renew=again, pace=pace)
            if command["what"] == "undo":
                late = bool(command.get("changed_too"))
                return {"undone": (await undo.undo(_move().run, org, changed_too=late)).to_data()}
            found = _move()
            if found is None:
                options = Options(**_typed(command["options"]))
                request = Request(Action(command["action"]), "Account", Path(command["source"]), key=command["key"],
                                  options=options)  # fmt: skip
                return {"summary": (await load(request, org)).to_data()}
            return {"summary": (await resume(found.run, org)).to_data()}
        except Interrupted as error:
            return {"interrupted": str(error)}
        except BadInput as error:
            return {"refused": str(error)}
        except WeftError as error:
            return {"interrupted": str(error)}


def _typed(options: Command) -> Command:
    return {**options, "api": Api(options["api"]), "before": Before(options["before"])}


def _move() -> Any:
    """The move of this home, None before it is planned."""
    return next((record for record in store.records() if not record.facts.get("undo_of")), None)


def child(command: Command) -> None:
    """Work as one mover and leave the answer in a file."""
    os.environ["WEFT_HOME"] = command["home"]
    skew, real = float(command.get("skew", 0)), time.time
    time.time = lambda: real() + skew
    steps = arm(int(command.get("kill_at", 0)), bool(command.get("before")))
    keep = Keeper.keep

    async def counted(self: Keeper, chunk: Any) -> None:
        await keep(self, chunk)
        if command.get("kill_keep") == chunk.number:
            os.kill(os.getpid(), signal.SIGKILL)

    Keeper.keep = counted  # type: ignore[method-assign]
    answer = asyncio.run(work(command))
    Path(command["answer"]).write_text(json.dumps(answer | {"steps": steps()}))


def main() -> None:
    for text in sys.stdin:
        command = json.loads(text)
        process = os.fork()
        if process == 0:
            status = 1
            try:
                child(command)
                status = 0
            finally:
                os._exit(status)
        _pid, ended = os.waitpid(process, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(ended)}), flush=True)


if __name__ == "__main__":
    main()
