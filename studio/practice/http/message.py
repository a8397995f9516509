"""A request as handlers see it and the response they give back."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from studio.practice.failures import ApiError

JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "text/xml;charset=UTF-8"
CSV_TYPE = "text/csv;charset=UTF-8"
# What any request but an upload may hold; the vendor stops at 50 MB for SOAP and far below that for REST.
BODY_LIMIT = 50 * 1024 * 1024
_BLOCK = 256 * 1024


class Headers:
    """Header fields by name in any case; a repeated one is joined with commas."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def get(self, name: str, default: str = "") -> str:
        """The value, or `default`."""
        return self._values.get(name.lower(), default)


async def no_body() -> AsyncIterator[bytes]:
    """The body of a request without one."""
    nothing: tuple[bytes, ...] = ()
    for block in nothing:
        yield block


@dataclass
class Request:
    """One request; the body is read when a handler asks for it, decoded from gzip, never more than it allows."""

    method: str
    target: str
    headers: Headers = field(default_factory=Headers)
    scheme: str = "http"
    blocks: Callable[[], AsyncIterator[bytes]] = no_body

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; the last of a repeated one counts."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def base(self) -> str:
        """Scheme and host as the client wrote them; absolute addresses in answers begin with it."""
        return f"{self.scheme}://{self.headers.get('host', '127.0.0.1')}"

    async def stream(self, limit: int) -> AsyncIterator[bytes]:
        """The body in blocks. Raises ApiError 413 past `limit` bytes, 400 when its gzip coding is broken."""
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", ""):
            raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Encoding {coding} is not supported")
        unzip = zlib.decompressobj(31) if coding.endswith("gzip") else None
        total = 0
        async for block in self.blocks():
            for part in _unzipped(unzip, block) if unzip else (block,):
                total += len(part)
                if total > limit:
                    raise ApiError(
                        413, "REQUEST_ENTITY_TOO_LARGE", f"The request is larger than {limit} bytes"
                    )
                yield part
        if unzip and not unzip.eof:
            raise ApiError(400, "BAD_REQUEST", "The gzip body ends too early")

    async def body(self, limit: int = BODY_LIMIT) -> bytes:
        """The whole body."""
        return b"".join([part async for part in self.stream(limit)])

    async def json(self) -> Any:
        """The body as JSON. Raises ApiError JSON_PARSER_ERROR."""
        text = await self.body()
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            place = f" at [line:{getattr(error, 'lineno', 1)}, column:{getattr(error, 'colno', 1)}]"
            raise ApiError(
                400, "JSON_PARSER_ERROR", f"Unexpected content or end of the input{place}"
            ) from error

    async def form(self) -> dict[str, str]:
        """The body as a form."""
        text = (await self.body(1024 * 1024)).decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))


def _unzipped(unzip: Any, block: bytes) -> Iterator[bytes]:
    data = block
    while data:
        try:
            part = unzip.decompress(data, _BLOCK)
        except zlib.error as error:
            raise ApiError(400, "BAD_REQUEST", "The body is not gzip") from error
        if part:
            yield part
        data = unzip.unconsumed_tail
        if unzip.eof:
            return


@dataclass
class Response:
    """Status, headers and a body: bytes, or blocks whose length may be known."""

    status: int
    body: bytes | Iterator[bytes] = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    length: int | None = None

    def header(self, name: str) -> str | None:
        """The value of a header of this response."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def json_response(value: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(status, body, [("Content-Type", JSON_TYPE), *headers])


def text_response(text: str, kind: str, status: int = 200) -> Response:
    """A text answer of this content type."""
    return Response(status, text.encode("utf-8"), [("Content-Type", kind)])


def empty(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status)


def refused(error: ApiError) -> Response:
    """The answer to a refused request."""
    return json_response(error.body, error.status, error.headers)


def file_blocks(path: Path, parts: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """Parts of a file, each an offset and a length, one after the other."""
    with path.open("rb") as file:
        for offset, length in parts:
            file.seek(offset)
            left = length
            while left > 0:
                block = file.read(min(_BLOCK, left))
                if not block:
                    return
                left -= len(block)
                yield block
