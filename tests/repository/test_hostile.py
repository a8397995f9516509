"""What answers may be no repository server, or one that lies: every answer ends in an error a person can act on."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from studio.base.errors import NotAllowed, NotReachable, TooLarge, WeftError
from studio.protocol import limits
from studio.protocol.manifests import BadManifest, hash_of
from studio.protocol.packs import MEDIA_TYPE, Packed, damaged, packed, written
from studio.protocol.problems import MEDIA_TYPE as PROBLEM
from studio.protocol.projects import NewUpload, Push
from studio.repository.client import Repository
from studio.repository.refusals import (
    NotARepository,
    Refused,
    ServerFailed,
    SignedOut,
    refusal,
)
from tests.repository.hostile_server import Hostile, answer, hostile, problem

STATUS = {"project": "p", "head": None, "number": 0, "tree": None, "time": None}
PUSH = Push((), (), "0" * 64)
REVISION = {
    "id": "r1", "number": 1, "parent": None, "tree": "0" * 64, "author": "u", "author_name": "U", "message": "",
    "time": "2026-11-20T12:00:00Z", "objects": 0, "size": 0, "added": 0, "changed": 0, "removed": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        answer(b"<html>Log in to the hotel's network", media_type="text/html"),
        answer(b"", media_type="text/html"),
        answer(b"[" * 200_000),
        answer({"project": 3}),
        answer({}),
        answer(b'{"project": "\xff"}'),
        answer(b"", 304),
        answer(b"", 302, Location="https://elsewhere.test/x?token=1"),
        answer(b"gone", 404, media_type="text/plain"),
        answer(b"{", 404, media_type=PROBLEM),
        answer(b"[]", 403, media_type=PROBLEM),
        answer(b"not gzip", Content_Encoding="gzip"),
    ],
)
async def test_what_is_no_repository_server(wrong: bytes) -> None:
    async with hostile([wrong]) as server, server.repository() as repository:
        with pytest.raises(NotARepository) as told:
            await repository.status("p")
        assert server.asked == ["GET /api/v1/organizations/org/projects/p/status"]
    assert told.value.exit_code == 3
    assert told.value.next_step
    assert "token=1" not in str(told.value)


async def test_a_redirect_is_not_followed_and_carries_no_token() -> None:
    async with hostile([answer(STATUS)]) as other:
        away = answer(b"", 307, Location=f"{other.url}/api")
        async with hostile([away]) as server, server.repository() as repository:
            with pytest.raises(NotARepository, match=r"sends us on to 127\.0\.0\.1"):
                await repository.status("p")
        assert other.asked == []


@pytest.mark.parametrize("squeezed", [False, True])
async def test_an_answer_without_end(squeezed: bool) -> None:
    endless = b" " * (33 << 20)
    big = answer(gzip.compress(endless), Content_Encoding="gzip") if squeezed else answer(endless)
    async with hostile([big]) as server, server.repository() as repository:
        with pytest.raises(TooLarge):
            await repository.status("p")


@pytest.mark.parametrize("trouble", [b"", answer(STATUS)[:-5], problem(503, "busy"), problem(500, "server_error"),
                                     answer(b"Bad gateway", 502, media_type="text/html")])  # fmt: skip
async def test_a_read_is_tried_again(trouble: bytes) -> None:
    async with hostile([trouble, trouble, answer(STATUS)]) as server, server.repository() as repository:
        assert (await repository.status("p")) is not None
        assert (len(server.asked), len(server.waited)) == (3, 2)


async def test_it_ends_with_what_the_server_said() -> None:
    busy = problem(503, "database_busy", "The database did not answer in time.", next_step="Wait.")
    async with hostile([busy]) as server, server.repository() as repository:
        with pytest.raises(ServerFailed, match="database did not answer") as told:
            await repository.status("p")
        assert len(server.asked) == 4
    assert (told.value.status, told.value.code, told.value.next_step) == (503, "database_busy", "Wait.")


async def test_as_long_as_the_server_asks_and_no_longer() -> None:
    busy = problem(429, "too_many_requests", retry_after=7)
    async with hostile([busy, answer(STATUS)]) as server, server.repository() as repository:
        await repository.status("p")
        assert server.waited == [7]
    async with hostile([problem(429, "x", retry_after=3600)]) as server, server.repository() as repository:
        with pytest.raises(ServerFailed) as told:
            await repository.status("p")
        assert (len(server.asked), server.waited, told.value.wait) == (1, [], 600)


async def test_a_push_is_tried_again_with_its_key() -> None:
    # The revision was made and the answer got lost; the server knows the key.
    answers = [b"", problem(500, "server_error"), answer(REVISION, 201)]
    async with hostile(answers) as server, server.repository() as repository:
        made = await repository.push("p", None, PUSH, "key-of-this-push")
    assert made.id == "r1"
    keys = [re.search(r"(?i)idempotency-key: (\S+)", head) for head in server.heads]
    assert [key and key[1] for key in keys] == ["key-of-this-push"] * 3
    assert len(set(server.bodies)) == 1


async def test_what_a_second_time_would_do_twice_is_sent_once() -> None:
    for trouble in (b"", problem(503, "busy"), problem(500, "server_error")):
        async with hostile([trouble]) as server, server.repository() as repository:
            with pytest.raises(NotReachable):
                await repository.set_variables("p", "e", 0, {})
            assert len(server.asked) == 1
    # What was counted and not looked at may come again.
    wanted = answer({"values": {}, "version": 1})
    async with hostile([problem(429, "x"), wanted]) as server, server.repository() as repository:
        assert (await repository.set_variables("p", "e", 0, {})).version == 1


async def test_nobody_there_is_told_at_once() -> None:
    async with hostile([b""]) as server:
        repository = server.repository()
    async with repository:
        with pytest.raises(NotReachable, match="refuses connections"):
            await repository.status("p")
    assert server.waited == []


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/passwd", "a/../../b", ".weft/link.json", "c:\\x", "a\x00b", "con"]
)
async def test_paths_that_lead_out_are_refused(path: str) -> None:
    entry = {"path": path, "hash": "0" * 64, "size": 1}
    told = answer({"head": REVISION, "base": None, "put": [entry], "remove": []})
    async with hostile([told]) as server, server.repository() as repository:
        with pytest.raises(BadManifest):
            await repository.pull("p")


@pytest.mark.parametrize(
    "entries",
    [
        [{"path": "a", "hash": "../../x", "size": 1}],
        [{"path": "a", "hash": "0" * 64, "size": -1}],
        [{"path": "a", "hash": "0" * 64, "size": 1}, {"path": "a", "hash": "1" * 64, "size": 1}],
        [{"path": "a", "hash": "0" * 64, "size": 1}, {"path": "A", "hash": "1" * 64, "size": 1}],
    ],
)
async def test_manifests_that_make_no_sense_are_refused(entries: list[dict[str, Any]]) -> None:
    async with hostile([answer(entries)]) as server, server.repository() as repository:
        with pytest.raises(BadManifest):
            await repository.manifest("p", "r")


CONTENTS = [b"one", b"two" * 100, b"three"]
HASHES = [hash_of(data) for data in CONTENTS]


def pack(*some: Packed) -> bytes:
    return b"".join(written(some))


def pack_answer(data: bytes, **more: Any) -> bytes:
    return answer(data, media_type=MEDIA_TYPE, **more)


async def taken(repository: Repository, got: list[bytes]) -> None:
    """Put what comes into `got`, all of it what its hash says."""
    async for digest, data in repository.pack("p", HASHES):
        assert hash_of(data) == digest
        got.append(data)


async def test_a_pack_that_is_cut_goes_on_with_what_is_missing() -> None:
    whole = pack(*map(packed, CONTENTS))
    cut = pack_answer(whole[: whole.index(packed(CONTENTS[2]).data)], length=len(whole))
    rest = pack_answer(pack(packed(CONTENTS[2])))
    async with hostile([cut, b"", rest]) as server, server.repository() as repository:
        got = dict([pair async for pair in repository.pack("p", HASHES)])
    assert sorted(got.values()) == sorted(CONTENTS)
    wanted = [json.loads(body)["hashes"] for body in server.bodies]
    assert wanted == [HASHES, HASHES[2:], HASHES[2:]]


@pytest.mark.parametrize("wrong", [
    pack(packed(b"else")), pack(packed(CONTENTS[0]), packed(CONTENTS[0])), pack(packed(CONTENTS[0])),
    pack(Packed(HASHES[0], packed(b"x").kind, b"x", 1)), b"WEFTPACK1\n", b"", b"<html>",
])  # fmt: skip
async def test_packs_that_lie(wrong: bytes) -> None:
    async with hostile([pack_answer(wrong)]) as server, server.repository() as repository:
        with pytest.raises(NotReachable):
            await taken(repository, [])
        assert len(server.asked) <= 8


async def test_what_is_damaged_there_is_named_after_all_else_has_come() -> None:
    told = pack(packed(CONTENTS[0]), damaged(HASHES[1]), packed(CONTENTS[2]))
    got: list[bytes] = []
    async with hostile([pack_answer(told)]) as server, server.repository() as repository:
        with pytest.raises(Refused) as error:
            await taken(repository, got)
    assert got == [CONTENTS[0], CONTENTS[2]]
    assert error.value.answer.extra["hashes"] == [HASHES[1]]


async def test_a_large_content_goes_on_at_its_byte() -> None:
    data = bytes(range(256)) * 100

    def say(number: int, head: str) -> bytes:
        found = re.search(r"(?i)range: bytes=(\d+)-", head)
        start = int(found[1]) if found else 0
        part = data[start : start + 10_000]
        return answer(
            part, 206 if found else 200, media_type="application/octet-stream", length=len(data) - start
        )

    async with hostile(say) as server, server.repository() as repository:
        got = io.BytesIO()
        assert await repository.object("p", hash_of(data), got) == len(data)
    assert got.getvalue() == data
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [200, 206])
async def test_a_large_content_that_is_another(status: int) -> None:
    async with hostile([answer(b"else", status)]) as server, server.repository() as repository:
        with pytest.raises(NotARepository, match="other contents"):
            await repository.object("p", "0" * 64, io.BytesIO())


async def test_an_upload_that_never_moves_on_ends() -> None:
    stuck = answer({"id": "u", "hash": "0" * 64, "size": 9, "offset": 0, "done": False})
    async with hostile([stuck]) as server, server.repository() as repository:
        with pytest.raises(WeftError):
            await repository.upload("p", NewUpload("0" * 64, 9), io.BytesIO(b"123456789"))
        assert len(server.asked) < 12


async def test_an_upload_goes_on_where_the_server_says() -> None:
    data = b"x" * (limits.UPLOAD_PIECE_BYTES + 10)
    here = {"id": "u", "hash": hash_of(data), "size": len(data), "done": False}
    answers = [
        answer(here | {"offset": 0}, 201),
        b"",  # the first piece: cut off
        answer(here | {"offset": 1000}),
        problem(409, "offset_differs"),
        answer(here | {"offset": 2000}),
        answer(here | {"offset": len(data), "done": True}),
    ]
    gone: list[int] = []
    async with hostile(answers) as server, server.repository() as repository:
        done = await repository.upload(
            "p", NewUpload(hash_of(data), len(data)), io.BytesIO(data), gone.append
        )
    assert done.done
    assert [asked.split(" ")[0] for asked in server.asked] == [
        "POST",
        "PATCH",
        "GET",
        "PATCH",
        "GET",
        "PATCH",
    ]
    assert sum(gone) == len(data)


async def test_pages_without_end_are_left() -> None:
    page = answer({"items": [], "after": "x"})
    async with hostile([page]) as server, server.repository() as repository:
        assert await repository.projects() == ()
        assert len(server.asked) == 1


async def test_what_others_wrote_moves_no_cursor() -> None:
    title = "Over\x1b[2J\u202e\r\n" + "x" * 5000
    async with hostile([problem(403, "forbidden", title)]) as server, server.repository() as repository:
        with pytest.raises(Refused) as told:
            await repository.status("p")
    assert "\x1b" not in str(told.value)
    assert "\u202e" not in str(told.value)
    assert len(told.value.message) < 600


@given(st.sampled_from([400, 401, 403, 404, 409, 412, 422, 429, 500, 503, 507]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda deep: st.lists(deep) | st.dictionaries(st.text(), deep)
) | st.fixed_dictionaries({}, optional=dict.fromkeys(
    ["code", "title", "detail", "next_step", "conflict", "pack", "uploads", "seen", "tree", "status"],
    st.none() | st.text() | st.integers() | st.lists(st.text()) | st.sampled_from(
        ["revision_conflict", "objects_missing", "deployed_meanwhile", "object_damaged"]))))  # fmt: skip
def test_any_refusal_is_an_error_for_people(status: int, said: Any) -> None:
    error = refusal("https://x.test", status, PROBLEM, msgspec.json.encode(said), None)
    assert isinstance(error, NotAllowed | NotReachable)
    assert error.message
    assert str(error)
    if status == 401 and isinstance(error, Refused):
        assert isinstance(error, SignedOut)


async def test_an_answer_that_trickles_has_an_end() -> None:
    stopped = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b" ", length=1 << 20))
        await writer.drain()
        await stopped.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Hostile(url).repository(whole=0.3) as repository:
            with pytest.raises(NotReachable, match="end of its answer"):
                await repository.status("p")
        stopped.set()
