"""A process that forks movers and has them killed at a chosen step: `python -m tests.moves.mover`, a command a line.

Forking from a process that has imported everything makes a mover cheap enough to be killed at every step. A command
`{"what", "source", "url", "token", "kill_at", "before"}` is answered by one line: how the mover ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, connect
from studio.moves.journal import Journal
from studio.moves.load import Request, load, resume
from studio.moves.model import Action, Api, Options
from studio.network.client import open_client


def arm(kill_at: int, before: bool) -> Callable[[], int]:
    """Have this process killed at the n-th step that writes: a journal transaction or a file put in place."""
    steps = 0

    def step(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == kill_at and before:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*given, **named)
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counted

    for name in ("update", "abandon", "set_state", "remember", "spend", "send_again"):
        setattr(Journal, name, step(getattr(Journal, name)))
    atomic.write_bytes = step(atomic.write_bytes)
    Journal.create = staticmethod(step(Journal.create))  # type: ignore[method-assign]
    return lambda: steps


async def work(command: dict[str, Any]) -> dict[str, Any]:
    async with open_client() as client:
        grant = Grant(command["token"], command["url"])
        org = await connect(client, grant, pace=Pace(first=0.005, most=0.05, patience=5))
        if command["what"] == "resume":
            summary = await resume("M-0001", org)
        else:
            options = Options(chunk_rows=20, parallel=2, api=Api(command["api"]))
            source = Path(command["source"])
            summary = await load(Request(Action.INSERT, "Account", source, options=options), org)
    return summary.to_data()


def main() -> None:
    for text in sys.stdin:
        command = json.loads(text)
        child = os.fork()
        if child == 0:
            steps = arm(command.get("kill_at", 0), command.get("before", False))
            summary = asyncio.run(work(command))
            Path(command["answer"]).write_text(json.dumps(summary | {"steps": steps()}))
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
