"""A PostgreSQL of the tests' own: a temporary folder, a free port on loopback, gone when the tests are.

Run as a program it looks after one: starts it, prints a line, and stops it when its standard input ends, however the
tests end. It is not their child: tests look for children left behind.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SETTINGS = (
    "max_connections=120",
    "shared_buffers=32MB",
    "autovacuum=off",
    "jit=off",
    "log_min_messages=fatal",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_parallel_workers=0",
)


def programs() -> Path | None:
    """The folder with initdb and postgres, if there is one: on the PATH, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return kept[-1].parent if kept else None


def _as_other() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: another user then."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise SystemExit("no user that could run PostgreSQL")


def look_after(binaries: Path, durable: bool) -> None:
    """Start, tell the port, wait for the end of standard input, stop."""
    other = _as_other()
    folder = Path(tempfile.mkdtemp(prefix="weft-postgres-"))
    if other:
        os.chown(folder, other["user"], other["group"])
    port = _free_port()
    server = None
    try:
        made = [binaries / "initdb", "-D", folder / "data", "-U", "owner", "--auth=trust", "-E", "UTF8"]
        made += ["--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run(made, check=True, cwd=folder, stdout=subprocess.DEVNULL, **other)
        command = [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder]
        for setting in ("listen_addresses=127.0.0.1", *SETTINGS, *_sync(durable)):
            command += ["-c", setting]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **other)
        _wait(binaries, port, server)
        print(json.dumps({"port": port, "pid": server.pid}), flush=True)
        sys.stdin.read()
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _sync(durable: bool) -> tuple[str, ...]:
    off = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    return () if durable else off


def _wait(binaries: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    asks = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "30"]
    while subprocess.call(asks) != 0:
        if server.poll() is not None:
            raise SystemExit("PostgreSQL did not start")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Postgres:
    """One running server. `url(role, name)` is the address of a database in it."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        # A middleman starts it and goes, so that it is no child of the tests; the pipe stays.
        again = [sys.executable, __file__, str(binaries), "durable" if durable else "quick"]
        middle = [sys.executable, "-c", "import subprocess, sys; subprocess.Popen(sys.argv[1:])", *again]
        out_read, out_write = os.pipe()
        in_read, self._leash = os.pipe()
        subprocess.run(middle, stdin=in_read, stdout=out_write, check=True, start_new_session=True)
        os.close(in_read)
        os.close(out_write)
        self._out = os.fdopen(out_read)
        told = self._out.readline()
        if not told:
            raise RuntimeError("PostgreSQL did not start; the lines above say why")
        self.port: int = json.loads(told)["port"]
        self.pid: int = json.loads(told)["pid"]

    def url(self, role: str, name: str) -> str:
        """The address of a database."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        """Stop it; returns when it is gone."""
        os.close(self._leash)
        self._out.read()
        self._out.close()


if __name__ == "__main__":
    look_after(Path(sys.argv[1]), sys.argv[2] == "durable")
