"""A process that forks movers of several objects, killed at a chosen step: `python -m tests.moves.several.mover`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, connect
from studio.moves.model import Api, Options
from studio.moves.several import kept
from studio.moves.several.model import Asked, Part
from studio.moves.several.run import make, run
from studio.network.client import open_client
from tests.moves.mover import arm


async def work(command: dict[str, Any]) -> dict[str, Any]:
    async with open_client() as client:
        org = await connect(
            client, Grant(command["token"], command["url"]), pace=Pace(first=0.005, most=0.05, patience=5)
        )
        name = "S-0001"
        if not (kept.folder_of(name) / kept.FILE).exists():
            parts = tuple(Part(name, path) for name, path in command["parts"].items())
            name = (await make(Asked(parts, options=Options(chunk_rows=4, api=Api(command["api"]))), org)).run
        return (await run(name, org)).to_data()


def main() -> None:
    for text in sys.stdin:
        command = json.loads(text)
        child = os.fork()
        if child == 0:
            steps = arm(command.get("kill_at", 0), command.get("before", False))
            data = asyncio.run(work(command))
            Path(command["answer"]).write_text(json.dumps({"set": data, "steps": steps()}))
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
