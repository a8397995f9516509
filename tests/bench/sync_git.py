"""git's own HTTP server for the benchmark: `python -m tests.bench.sync_git FOLDER PORT` runs `git http-backend` by CGI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO


class _Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root = ""

    def do_GET(self) -> None:
        self._ask()

    def do_POST(self) -> None:
        self._ask()

    def _ask(self) -> None:
        path, _mark, query = self.path.partition("?")
        env = os.environ | {
            "GIT_PROJECT_ROOT": self.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
            "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""), "REMOTE_USER": "bench",
            "REMOTE_ADDR": "127.0.0.1", "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
        }  # fmt: skip
        with subprocess.Popen(
            ["git", "http-backend"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
        ) as backend:
            assert backend.stdin is not None
            assert backend.stdout is not None
            self._body(backend.stdin)
            backend.stdin.close()
            self._answer(backend.stdout)

    def _body(self, out: BinaryIO) -> None:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline(), 16):
                out.write(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        else:
            out.write(self.rfile.read(int(self.headers.get("content-length", "0"))))

    def _answer(self, said: BinaryIO) -> None:
        status, headers = 200, []
        while line := said.readline().decode().strip():
            name, _colon, value = line.partition(": ")
            if name.lower() == "status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        shutil.copyfileobj(said, self.wfile)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""


def main(folder: str, port: int) -> None:
    """Serve the repositories of a folder until ended."""
    _Backend.root = folder
    ThreadingHTTPServer(("127.0.0.1", port), _Backend).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
