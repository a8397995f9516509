"""Contents on their way: packs both ways, large contents in pieces that go on where they were cut."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, BinaryIO
from urllib.parse import quote

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.packs import MEDIA_TYPE, BadPack, Kind, Packed, Reader, written
from studio.protocol.problems import ProblemAnswer
from studio.protocol.projects import NewUpload, Stored, Upload, Wanted
from studio.repository.refusals import NotARepository, Refused
from studio.repository.wire import Asked, Wire

OFFSET_TYPE = "application/offset+octet-stream"
# Told with every piece that has gone or come: bytes.
Progress = Callable[[int], object]
# Told the id of an upload that begins.
Began = Callable[[str], object]
_READ = 256 * 1024


def nothing(_count: int) -> None:
    """Nobody watches."""


def forgotten(_upload: str) -> None:
    """Nobody will go on with it."""


async def receive_pack(
    wire: Wire, path: str, hashes: Iterable[str], progress: Progress = nothing
) -> AsyncIterator[tuple[str, bytes]]:
    """The contents of these hashes, each checked, in any order; after a cut only what has not come is asked for again.

    Raises Refused (`object_damaged`) at the end where the server has some of them no longer as they were.
    """
    left = dict.fromkeys(hashes)
    damaged: list[str] = []
    while left:
        asked = list(left)[: limits.PACK_WANTED]
        tried = 0
        while missing := [digest for digest in asked if digest in left]:
            tried += 1
            try:
                async for packed in _packed(wire, path, missing, progress):
                    if packed.hash not in left:
                        raise _not_asked(wire)
                    if packed.kind is Kind.DAMAGED:
                        damaged.append(packed.hash)
                    else:
                        yield packed.hash, packed.plain()
                    del left[packed.hash]
                    tried = 0
            except BadPack as error:
                await _again(wire, _cut(wire, error), tried)
            except NotReachable as error:
                await _again(wire, error, tried)
    if damaged:
        raise damaged_contents(damaged)


async def _packed(wire: Wire, path: str, hashes: list[str], progress: Progress) -> AsyncIterator[Packed]:
    reader = Reader()
    asked = Asked("POST", path, json=Wanted(tuple(hashes)))
    async with wire.streaming(asked, limits.PACK_BYTES) as (_status, blocks):
        async for block in blocks:
            progress(len(block))
            for packed in reader.feed(block):
                yield packed
    if reader.end() != len(hashes):
        raise _not_asked(wire)


async def _again(wire: Wire, error: NotReachable, tried: int) -> None:
    """Wait before going on; raise the error where that is no use, or nothing came several times in a row."""
    pause = wire.pause(error, tried, again=True)
    if pause is None:
        raise error
    await wire.patience.sleep(pause)


def _cut(wire: Wire, error: BadPack) -> NotReachable:
    return NotReachable(
        _("What {server} sent did not arrive whole: {reason}").format(
            server=wire.server, reason=error.message
        ),
        next_step=_("Try again; nothing was changed."),
    )


def _not_asked(wire: Wire) -> NotARepository:
    return NotARepository(
        _("{server} sent other contents than those asked for.").format(server=wire.server),
        next_step=_("Tell whoever runs the server; nothing was changed here."),
    )


def _stuck(wire: Wire) -> NotARepository:
    return NotARepository(
        _("{server} does not take the rest of an upload.").format(server=wire.server),
        next_step=_("Push again; if it stays like this, tell whoever runs the server."),
    )


def damaged_contents(hashes: list[str]) -> Refused:
    """The error for contents the server has, but not as they were."""
    return Refused(
        ProblemAnswer(
            500,
            "object_damaged",
            _("Contents stored on the server are damaged and were not given out."),
            ", ".join(sorted(hashes)[:5]),
            _("Whoever runs the server restores them from a backup; who has them pushes them again."),
            extra={"hashes": hashes},
        )
    )


async def receive_object(
    wire: Wire, path: str, digest: str, file: BinaryIO, progress: Progress = nothing
) -> int:
    """One content of any size into `file`, which is empty; goes on where it was cut. Its size in bytes; raises as
    `Wire.ask` does, and NotARepository for bytes that are not what their hash says."""
    seen = hashlib.sha256()
    size = tried = 0
    while True:
        tried += 1
        headers = {"Range": f"bytes={size}-"} if size else {}
        try:
            asked = Asked("GET", path, headers=headers)
            async with wire.streaming(asked, limits.UPLOAD_BYTES) as (status, blocks):
                if size and status != 206:
                    raise _not_asked(wire)
                async for block in blocks:
                    file.write(block)
                    seen.update(block)
                    size += len(block)
                    tried = 0
                    progress(len(block))
            break
        except NotReachable as error:
            if seen.hexdigest() == digest:
                break  # the cut came after the last byte
            await _again(wire, error, tried)
    if seen.hexdigest() != digest:
        raise _not_asked(wire)
    return size


async def send_pack(
    wire: Wire, path: str, contents: Callable[[], Iterable[Packed]], progress: Progress = nothing
) -> Stored:
    """Bring contents in one pack; `contents` gives them anew for each try. What is there already does no harm."""

    async def body() -> AsyncIterator[bytes]:
        for chunk in written(contents()):
            progress(len(chunk))
            yield chunk

    headers = {"Content-Type": MEDIA_TYPE}
    return await wire.json(Asked("POST", path, headers=headers, body=body, again=True), Stored)


async def upload(
    wire: Wire,
    path: str,
    new: NewUpload,
    file: BinaryIO,
    progress: Progress = nothing,
    known: str = "",
    began: Began = forgotten,
) -> Upload:
    """Bring one large content in pieces; `known` is an upload of it begun before, gone on with where it stopped.

    `began` is told the id of one that begins, for who wants to go on with it after a cut that lasts.

    Each piece carries its checksum. After a cut the server is asked how far it came. Raises Refused.
    """
    at = await _resumed(wire, path, new, known)
    if at is None:
        at = await wire.json(Asked("POST", path, json=new, again=True), Upload)
        began(at.id)
    tried = 0
    while not at.done:
        tried += 1
        one = f"{path}/{quote(at.id, safe='')}"
        if not 0 <= at.offset <= new.size:
            raise _stuck(wire)
        file.seek(at.offset)
        data = file.read(limits.UPLOAD_PIECE_BYTES)
        try:
            after = await wire.json(_piece(one, at.offset, data), Upload)
        except NotReachable as error:
            await _again(wire, error, tried)
            after = await wire.json(Asked("GET", one), Upload)
        except Refused as error:
            if error.code not in ("offset_differs", "piece_differs") or tried >= wire.patience.tries:
                raise
            after = await wire.json(Asked("GET", one), Upload)
        if after.offset > at.offset or after.done:
            tried = 0
            progress(after.offset - at.offset)
        elif tried >= wire.patience.tries:
            raise _stuck(wire)
        at = after
    return at


async def _resumed(wire: Wire, path: str, new: NewUpload, known: str) -> Upload | None:
    if not known:
        return None
    try:
        found = await wire.json(Asked("GET", f"{path}/{quote(known, safe='')}", again=True), Upload)
    except Refused as error:
        if error.status != 404:
            raise
        return None
    return found if (found.hash, found.size) == (new.hash, new.size) else None


def _piece(path: str, offset: int, data: bytes) -> Asked:
    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(data), _READ):
            yield data[start : start + _READ]

    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    headers: dict[str, Any] = {
        "Content-Type": OFFSET_TYPE,
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {checksum}",
    }
    return Asked("PATCH", path, headers=headers, body=body)
