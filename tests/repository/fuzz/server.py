"""The real server within this process: the cloud's application on a SQLite file, which can be started again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.config import Config, Limits
from cloud.projects import collecting
from cloud.running import make_server
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.keys import LocalMaster
from cloud.store.schema import make_tables
from tests.cloud.conftest import MovableClock, Organization, Running, by_test_token
from tests.cloud.pushes import unpacked

ADDRESS = "https://weft.example"
_CALLER = ("127.0.0.1", 50000)
MASTER = LocalMaster(bytes(range(32)))


@dataclass(frozen=True)
class Told:
    """A revision as the server has it: its maker's id, the revision it was made from, and path → hash."""

    id: str
    number: int
    parent: str | None
    author: str
    message: str
    restored: str | None
    manifest: dict[str, str]


class Server:
    """One organization with a project, the people who work on it, and an auditor who only looks."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder = folder
        self.clock = MovableClock()
        self.starts = 0
        self.app: Any = None
        self._database: Database | None = None
        folder.mkdir(parents=True)
        database = Database(f"sqlite:///{folder / 'weft.db'}", durable=False)
        make_tables(database.engine)
        database.close()
        self.start()
        assert self._database is not None
        with self._database.common(write=True) as common:
            Envelope(self._database, MASTER).make_keys(common)
        running = Running("sqlite", self.app, None, self._database, self.clock, MASTER, folder, "")  # type: ignore[arg-type]
        rights = {"test": {Right.READ, Right.WRITE}, "development": {Right.READ, Right.WRITE}}
        self.here: Organization = running.organization(people=dict.fromkeys([*names, "auditor"], rights))
        self.project = ""

    def start(self) -> None:
        """Start on what is there; whatever ran before ends as when its process is gone."""
        self.close()
        self.starts += 1
        limits = Limits(per_minute=10**8, tries_per_minute=10**8)
        config = Config(
            folder=self.folder,
            database=f"sqlite:///{self.folder / 'weft.db'}",
            public_url=ADDRESS,
            limits=limits,
        )
        self._database = Database(config.database_url, clock=self.clock, durable=False)
        self.app = create_app(config, database=self._database, master=MASTER, authenticators=(by_test_token,))

    def close(self) -> None:
        """End it."""
        if self._database is not None:
            self._database.close()

    def a_day_goes_by(self) -> None:
        """Time passes, and what nobody needed in it is collected."""
        self.clock.move(hours=25)
        collecting.collect(self.app.state.server, self.here.id)

    async def answer(
        self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes
    ) -> httpx.Response:
        """What the server as it is now says to a request."""
        request = httpx.Request(method, url, headers=headers, content=body)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=_CALLER)
        response = await transport.handle_async_request(request)
        await response.aread()
        return response

    async def cut_off(self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes) -> None:
        """A request whose line is cut after these bytes of its body."""
        parts: list[dict[str, Any]] = [
            {"type": "http.request", "body": body, "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> dict[str, Any]:
            return parts.pop(0) if len(parts) > 1 else parts[0]

        async def send(_message: Any) -> None:
            pass

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "headers": [(key.lower(), value) for key, value in headers.raw], "scheme": url.scheme,
            "path": url.path, "raw_path": url.raw_path.partition(b"?")[0], "query_string": url.query,
            "server": (url.host, url.port), "client": _CALLER, "root_path": "",
        }  # fmt: skip
        with contextlib.suppress(Exception):
            await self.app(scope, receive, send)

    def token(self, name: str) -> str:
        """Who the tests say asks."""
        return f"test:{self.here.people[name].id}"

    async def ask(self, method: str, path: str, name: str = "auditor", **more: Any) -> httpx.Response:
        """A request nothing happens to."""
        headers = {"Authorization": f"Bearer {self.token(name)}"} | more.pop("headers", {})
        request = httpx.Request(method, f"{ADDRESS}/api/v1{self.here.path}{path}", headers=headers, **more)
        answer = await self.answer(method, request.url, request.headers, request.read())
        await answer.aread()
        assert answer.status_code < 400, answer.text
        return answer

    async def make_project(self, name: str, maker: str) -> None:
        """The project everybody works on, without a revision."""
        body = {"name": name, "environment": self.here.environments["test"]}
        self.project = (await self.ask("POST", "/projects", maker, json=body)).json()["id"]

    async def since(self, number: int) -> list[Told]:
        """The revisions after this one, oldest first."""
        place = f"/projects/{self.project}"
        status = (await self.ask("GET", f"{place}/status")).json()
        if status["number"] == number:
            return []
        found = (await self.ask("GET", f"{place}/revisions?limit=200")).json()["items"]
        told = []
        for item in reversed([each for each in found if each["number"] > number]):
            entries = (await self.ask("GET", f"{place}/revisions/{item['id']}/manifest")).json()
            told.append(
                Told(
                    item["id"], item["number"], item["parent"], item["author"], item["message"],
                    item.get("restored"), {entry["path"]: entry["hash"] for entry in entries},
                )
            )  # fmt: skip
        return told

    async def contents(self, wanted: list[str]) -> dict[str, bytes]:
        """Contents, as a reader gets them."""
        answer = await self.ask("POST", f"/projects/{self.project}/pack", json={"hashes": wanted})
        return {digest: data for digest, data in unpacked(answer.content).items() if data is not None}


class Listening(Server):
    """The same on a port, in a thread: requests go over real connections."""

    def start(self) -> None:
        super().start()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._port = self._listening.getsockname()[1]
        self._server = make_server(self.app, Config(folder=self.folder, port=self._port, plain_http=True))
        self._thread = threading.Thread(target=self._server.run, args=([self._listening],), name="a server")
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def close(self) -> None:
        if self._thread is not None:
            self._server.should_exit = True
            self._thread.join(60)
            self._thread = None
        super().close()

    async def answer(
        self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes
    ) -> httpx.Response:
        there = url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        async with httpx.AsyncHTTPTransport(trust_env=False) as transport:
            request = httpx.Request(method, there, headers=headers, content=body)
            response = await transport.handle_async_request(request)
            # As it came: what it is packed with is the client's to unpack.
            content = b"".join([block async for block in response.aiter_raw()])
            return httpx.Response(response.status_code, headers=response.headers, stream=_Whole(content))

    async def cut_off(self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes) -> None:
        lines = [
            f"{method} {url.raw_path.decode()} HTTP/1.1",
            *(f"{key}: {value}" for key, value in headers.items()),
        ]
        _reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    _thread: threading.Thread | None = None


class _Whole(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
