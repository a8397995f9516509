"""Files fetched from a server on this computer: validators, redirects told, refusals, size."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from studio.base.errors import NotAllowed, NotReachable, TooLarge
from studio.network.documents import Document, Documents


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            return self._say(302, b"", Location="/there.xsd")
        if self.path.startswith("/secret") and self.headers.get("Authorization") != "Bearer t":
            return self._say(401, b"")
        if self.path == "/gone":
            return self._say(404, b"no")
        if self.headers.get("If-None-Match") == '"7"':
            return self._say(304, b"")
        body = b"x" * 100
        return self._say(
            200, body, ETag='"7"', **{"Last-Modified": "then", "Cache-Control": "public, max-age=90"}
        )

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_comes_with_what_tells_whether_it_changed(base: str) -> None:
    with Documents() as documents:
        assert documents.get(f"{base}/a") == Document(b"x" * 100, '"7"', "then", 90.0)
        again = documents.get(f"{base}/a", {"If-None-Match": '"7"'})
        assert (again.unchanged, again.body) == (True, b"")
        assert documents.get(f"{base}/moved").moved == "/there.xsd"
        assert documents.get(f"{base}/secret", {"Authorization": "Bearer t"}).body


def test_refusals_gaps_and_sizes_are_told(base: str) -> None:
    with Documents() as documents:
        with pytest.raises(NotAllowed, match="answered 401") as caught:
            documents.get(f"{base}/secret?token=hidden")
        assert "hidden" not in str(caught.value)
        with pytest.raises(NotReachable, match="answered 404"):
            documents.get(f"{base}/gone")
        with pytest.raises(TooLarge):
            documents.get(f"{base}/a", limit=99)
        with pytest.raises(NotAllowed, match="without encryption"):
            documents.get("http://example.com/a")
