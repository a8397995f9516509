"""How an answer's body travels: gzip where the client takes it, with a length or in chunks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import chain

from studio.practice.http.message import Request, Response

# Below this, compressing costs more than it saves.
_WORTH_IT = 1024
_COMPRESSIBLE = ("json", "csv", "xml", "html")


def prepare(
    request: Request, response: Response, faults: Mapping[str, float]
) -> tuple[Response, Iterator[bytes]]:
    """The response with its framing headers, and the blocks to send."""
    blocks, length = _blocks(response)
    headers = list(response.headers)
    if "truncated" in faults:
        blocks, length = _first(blocks, int(faults["truncated"]))
    if "gzip" in faults or _wants_gzip(request, response, length):
        headers.append(("Content-Encoding", "gzip"))
        if length is not None and length <= _WORTH_IT * 64:
            body = b"".join(_zipped(blocks))
            blocks, length = iter((body,)), len(body)
        else:
            blocks, length = _zipped(blocks), None
    if "chunked" in faults:
        blocks, length = _sized(blocks, max(1, int(faults["chunked"]))), None
    if response.status != 204 and response.status != 304:
        headers.append(
            ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
        )
    return Response(response.status, b"", headers, length), blocks


def _blocks(response: Response) -> tuple[Iterator[bytes], int | None]:
    if isinstance(response.body, bytes):
        return iter((response.body,)), len(response.body)
    return response.body, response.length


def _wants_gzip(request: Request, response: Response, length: int | None) -> bool:
    if length is not None and length < _WORTH_IT:
        return False
    kind = response.header("Content-Type") or ""
    accepted = [part.strip().lower() for part in request.headers.get("accept-encoding").split(",")]
    takes = any(part.partition(";")[0] == "gzip" and "q=0" not in part.replace(" ", "") for part in accepted)
    return takes and any(word in kind for word in _COMPRESSIBLE)


def _zipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    zipper = zlib.compressobj(1, zlib.DEFLATED, 31)
    for block in blocks:
        part = zipper.compress(block)
        if part:
            yield part
    yield zipper.flush()


def _first(blocks: Iterator[bytes], count: int) -> tuple[Iterator[bytes], int]:
    kept = b""
    for block in blocks:
        kept += block
        if len(kept) >= count:
            break
    kept = kept[:count]
    return iter((kept,)), len(kept)


def _sized(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    return chain.from_iterable(
        (block[start : start + size] for start in range(0, len(block), size)) for block in blocks
    )
