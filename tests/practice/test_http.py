"""The wire: one raw connection at a time, as strict and as lenient as clients need."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import zlib
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from studio.practice.server import PracticeOrg
from tests.practice.driver import DATA, Api


class Wire:
    """A bare connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, api: Api) -> Wire:
        url = urlsplit(api.practice.ready.url)
        return cls(*await asyncio.open_connection(url.hostname, url.port))

    async def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def answer(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next answer."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _c, value in (line.partition(":") for line in head[1:-2])
        }
        status = int(head[0].split()[1])
        if not body or status in (100, 204):
            return status, headers, b""
        if headers.get("transfer-encoding") == "chunked":
            text = b""
            while size := int(await self.reader.readline(), 16):
                text += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
            return status, headers, text
        return status, headers, await self.reader.readexactly(int(headers["content-length"]))

    async def closed(self) -> bool:
        """Whether the server has hung up."""
        return await asyncio.wait_for(self.reader.read(), 5) == b""

    async def end(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def head(api: Api, line: str, *more: str) -> bytes:
    token = api.practice.ready.access_token
    lines = [f"{line} HTTP/1.1", "Host: practice.local:1", f"Authorization: Bearer {token}", *more, "", ""]
    return "\r\n".join(lines).encode()


async def test_several_requests_on_one_connection_even_at_once(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(
        head(api, "GET /services/data"), head(api, f"GET {DATA}/limits"), head(api, "GET /nowhere")
    )
    statuses = [(await wire.answer())[0] for _n in range(3)]
    assert statuses == [200, 200, 404]
    await wire.end()


async def test_absolute_addresses_echo_the_host_of_the_request(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(head(api, f"GET {DATA}/"))
    identity = json.loads((await wire.answer())[2])["identity"]
    assert identity.startswith("http://practice.local:1/id/00D")
    await wire.end()


async def test_head_answers_like_get_without_a_body(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(head(api, f"HEAD {DATA}/limits"), head(api, f"GET {DATA}/limits"))
    status, headers, _body = await wire.answer(body=False)
    assert (status, headers["content-type"]) == (200, "application/json;charset=UTF-8")
    assert (await wire.answer())[0] == 200
    await wire.end()


async def test_a_chunked_gzipped_body_announced_by_expect(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(
        head(
            api,
            f"POST {DATA}/sobjects/Account",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            "Content-Encoding: gzip",
            "Expect: 100-continue",
        )
    )
    assert (await wire.answer())[0] == 100
    body = gzip.compress(b'{"Name": "Zipped"}')
    for start in range(0, len(body), 7):
        part = body[start : start + 7]
        await wire.send(f"{len(part):x}\r\n".encode(), part, b"\r\n")
    await wire.send(b"0\r\n\r\n")
    status, _headers, answer = await wire.answer()
    assert (status, json.loads(answer)["success"]) == (201, True)
    assert await api.query("SELECT Name FROM Account") == [{"Name": "Zipped"}]
    await wire.end()


async def test_a_body_nobody_asked_for_does_not_confuse_the_next_request(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(
        head(api, "POST /nowhere", "Content-Length: 5"), b"hello", head(api, f"GET {DATA}/limits")
    )
    assert [(await wire.answer())[0] for _n in range(2)] == [404, 200]
    await wire.end()


@pytest.mark.parametrize(
    "garbage",
    [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /\x00 HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_http_is_answered_and_hung_up_on(api: Api, garbage: bytes) -> None:
    wire = await Wire.open(api)
    await wire.send(garbage)
    status, _headers, _body = await wire.answer()
    assert status in (400, 431)
    assert await wire.closed()
    await wire.end()


async def test_an_address_may_have_16_kb(api: Api) -> None:
    assert (
        await api.get("/query", params={"q": "SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'"})
    ).status_code == 414


async def test_large_answers_are_compressed_for_those_who_take_it(api: Api) -> None:
    wire = await Wire.open(api)
    await wire.send(head(api, f"GET {DATA}/sobjects/Account/describe", "Accept-Encoding: gzip"))
    _status, headers, body = await wire.answer()
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["name"] == "Account"
    await wire.send(head(api, f"GET {DATA}/sobjects/Account/describe", "Accept-Encoding: gzip;q=0, br"))
    _status, headers, body = await wire.answer()
    assert "content-encoding" not in headers
    assert json.loads(body)["name"] == "Account"
    await wire.end()


async def test_a_gzip_bomb_stops_at_the_limit(api: Api) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * (1024 * 1024)
    bomb = b"".join(packer.compress(block) for _n in range(80)) + packer.flush()
    answer = await api.call("POST", "/sobjects/Account", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content", "coding", "status"),
    [(b"not gzip", "gzip", 400), (gzip.compress(b'{"Name": "x"}')[:-9], "gzip", 400), (b"{}", "br", 415)],
    ids=["nonsense", "cut off", "unknown"],
)
async def test_a_body_that_cannot_be_decoded(api: Api, content: bytes, coding: str, status: int) -> None:
    answer = await api.call(
        "POST", "/sobjects/Account", content=content, headers={"Content-Encoding": coding}
    )
    assert answer.status_code == status


async def test_methods_and_addresses_it_does_not_have(api: Api) -> None:
    answer = await api.call("PUT", "/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET"
    assert (await api.get("/services/data/v62.0/nonsense")).json()[0]["errorCode"] == "NOT_FOUND"
    assert (await api.get("/services/data/v20.0/limits")).status_code == 410
    assert (await api.get("/services/data/v99.0/limits")).status_code == 404


async def test_a_post_may_stand_for_a_patch(api: Api) -> None:
    made = (await api.post("/sobjects/Account", {"Name": "Old"})).json()["id"]
    answer = await api.post(f"/sobjects/Account/{made}?_HttpMethod=PATCH", {"Name": "New"})
    assert answer.status_code == 204
    assert await api.query("SELECT Name FROM Account") == [{"Name": "New"}]


async def test_broken_json_is_refused(api: Api) -> None:
    for body in (b"{", b"[]", b"\xff\xfe", b'{"Name": "a"} x', b"[" * 100_000):
        answer = await api.call("POST", "/sobjects/Account", content=body)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


async def test_it_listens_on_loopback_only(api: Api) -> None:
    sockets: list[Any] = [s for server in api.practice._servers for s in server.sockets]
    assert {s.getsockname()[0] for s in sockets} == {"127.0.0.1"}


async def test_https_with_an_authority_of_its_own() -> None:
    async with PracticeOrg(https=True, seed=False) as practice:
        ready = practice.ready
        assert ready.https_url is not None
        assert ready.ca is not None
        trusting = ssl.create_default_context(cafile=ready.ca)
        async with httpx.AsyncClient(verify=trusting) as client:
            for host in ("127.0.0.1", "localhost"):
                url = ready.https_url.replace("127.0.0.1", host)
                answer = await client.get(
                    url + DATA, headers={"Authorization": f"Bearer {ready.access_token}"}
                )
                assert answer.json()["identity"].startswith(f"{url}/id/")
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(ready.https_url + "/services/data")


async def test_a_slash_too_many_and_a_word_before_the_session_do_no_harm(api: Api) -> None:
    answer = await api.client.get(api.practice.ready.url + "//services/data")
    assert answer.json()[0]["version"] == "31.0"
    headers = {
        "X-SFDC-Session": "Bearer " + api.practice.ready.access_token,
        "Content-Type": "application/json",
    }
    body = {"operation": "insert", "object": "Account", "contentType": "CSV"}
    made = await api.call("POST", "/services/async/62.0/job", json=body, headers=headers)
    assert (made.status_code, made.json()["state"]) == (201, "Open")
