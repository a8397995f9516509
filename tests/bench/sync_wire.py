"""Between a client and a server of the benchmark: `python -m tests.bench.sync_wire LISTEN TARGET` counts what passes.

Each line read is answered by what has passed since the one before, as JSON: bytes up and down, requests, connections.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

_REQUEST = re.compile(rb"^(?:GET|POST|PUT|PATCH|DELETE) /\S* HTTP/1\.1\r\n", re.MULTILINE)
_told = {"up": 0, "down": 0, "requests": 0, "connections": 0}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
    try:
        while block := await reader.read(1 << 18):
            _told[way] += len(block)
            if way == "up":
                _told["requests"] += len(_REQUEST.findall(block))
            writer.write(block)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(listen: int, target: int) -> None:
    """Pass on until the input ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _told["connections"] += 1
        there, to = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_pass(reader, to, "up"), _pass(there, writer, "down"))

    server = await asyncio.start_server(connected, "127.0.0.1", listen)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(_told), flush=True)
        _told.update(dict.fromkeys(_told, 0))
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
