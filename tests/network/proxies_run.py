"""Real proxies for the tests: squid, tinyproxy and dante, each with its own configuration, log and folder, on loopback.

Where one of them is not on this computer its tests are left out and say so; `python3 dev.py test` installs them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.network.origin import NAME, own_name

USER, PASSWORD, REALM = "joão", "s3cr:et@1 ç", "Corp, açúcar & more"
SQUID_HELPERS = Path("/usr/lib/squid")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


@dataclass
class Proxied:
    """A proxy that runs: its address, who it lets through, and the name by which it knows the origin."""

    address: str
    origin: str
    folder: Path
    user: str | None = None
    password: str = ""
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """host:port."""
        return self.address.partition("://")[2]

    def logged(self) -> list[str]:
        """The lines of its log."""
        return (
            []
            if self.log is None or not self.log.exists()
            else self.log.read_text(errors="replace").splitlines()
        )

    def seen(self, part: str, times: int) -> bool:
        """So many lines hold this; waits until they do, as a log is written when a connection ends."""
        until = time.monotonic() + 10
        while sum(part in line for line in self.logged()) < times and time.monotonic() < until:
            time.sleep(0.02)
        return sum(part in line for line in self.logged()) == times


def program(name: str) -> str:
    """Where a program is; leaves the test out where it is not here."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip(
            f"NO {name.upper()} HERE: nothing is proven with it; python3 dev.py test installs it on Debian"
        )
    return found


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def folder_for(user: str) -> Iterator[Path]:
    """A folder that a program which gives up being root may use; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="weft-proxy-"))
    folder.chmod(0o755)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program, once it listens; ended by its id."""
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, env=os.environ | more)
    try:
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            told = (folder / "said.txt").read_text(errors="replace")[-2000:]
            assert process.poll() is None, f"{command[0]} ended: {told}"
            assert time.monotonic() < until, f"{command[0]} does not listen: {told}"
            time.sleep(0.02)
        yield process
    finally:
        # squid takes its time to end well, and has nothing to keep.
        (process.kill if "squid" in command[0] else process.terminate)()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _helper(name: str) -> Path:
    helper = SQUID_HELPERS / name
    if not helper.exists():
        pytest.skip(f"SQUID WITHOUT {name} HERE: nothing is proven with it")
    return helper


def _scheme_lines(scheme: str, folder: Path) -> list[str]:
    """squid's lines for one scheme, with as many helpers from the start as there ever are."""
    users = folder / "users"
    if scheme == "basic":
        made = subprocess.run(
            ["openssl", "passwd", "-apr1", "-stdin"], input=PASSWORD.encode(), capture_output=True, check=True
        )
        users.write_bytes(USER.encode() + b":" + made.stdout)
        call = f"{_helper('basic_ncsa_auth')} {users}"
    elif scheme == "digest":
        known = hashlib.md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        users.write_text(f"{USER}:{REALM}:{known}\n")
        call = f"{_helper('digest_file_auth')} -c {users}"
    elif scheme == "ntlm":
        call = str(_helper("ntlm_fake_auth"))
    else:
        call = f"{_helper('negotiate_kerberos_auth')} -k {folder / 'proxy.keytab'} -s GSS_C_NO_NAME"
    lines = [
        f"auth_param {scheme} program {call}",
        f"auth_param {scheme} children 3 startup=3 idle=1",
        "acl known proxy_auth REQUIRED",
        "http_access allow known",
    ]
    return lines if scheme in ("ntlm", "negotiate") else [f"auth_param {scheme} realm {REALM}", *lines]


@contextlib.contextmanager
def squid(
    scheme: str = "", *, ports: int = 0, folder: Path | None = None, **environment: str
) -> Iterator[Proxied]:
    """squid with one sign-in scheme, or open to all; with `ports` tunnels lead to that port only."""
    command = program("squid")
    port = free_port()
    with folder_for("proxy") if folder is None else contextlib.nullcontext(folder) as place:
        (place / "hosts").write_text(f"127.0.0.1 {NAME}\n")
        lines = [
            f"http_port 127.0.0.1:{port}",
            "pid_filename none",
            "visible_hostname proxy.corp.test",
            "cache deny all",
            "cache_mem 4 MB",
            "memory_pools off",
            "max_filedescriptors 1024",
            "pinger_enable off",
            "netdb_filename none",
            "logfile_rotate 0",
            "shutdown_lifetime 0 seconds",
            "dns_nameservers 127.0.0.1",
            f"hosts_file {place / 'hosts'}",
            f"access_log stdio:{place / 'access.log'}",
            f"cache_log {place / 'cache.log'}",
            f"coredump_dir {place}",
        ]
        lines += (
            [f"acl open port {ports}", "acl tunnel method CONNECT", "http_access deny tunnel !open"]
            if ports
            else []
        )
        lines += _scheme_lines(scheme, place) if scheme else ["http_access allow all"]
        (place / "squid.conf").write_text("\n".join([*lines, "http_access deny all"]) + "\n")
        started = [command, "-N", "-n", f"weft{port}", "-f", str(place / "squid.conf")]
        with running(started, port, place, **environment) as process:
            user = USER if scheme else None
            yield Proxied(
                f"http://127.0.0.1:{port}", NAME, place, user, PASSWORD, process, place / "access.log"
            )


@contextlib.contextmanager
def tinyproxy() -> Iterator[Proxied]:
    """tinyproxy, which takes letters and digits as a password and says 401 to a wrong one."""
    command = program("tinyproxy")
    port = free_port()
    with folder_for("nobody") as place:
        lines = [
            f"Port {port}",
            "Listen 127.0.0.1",
            "Timeout 60",
            f'LogFile "{place / "log.txt"}"',
            "LogLevel Info",
            "MaxClients 50",
            "BasicAuth joao s3cret-1",
        ]
        (place / "tinyproxy.conf").write_text("\n".join(lines) + "\n")
        with running([command, "-d", "-c", str(place / "tinyproxy.conf")], port, place) as process:
            yield Proxied(
                f"http://127.0.0.1:{port}",
                own_name()[0],
                place,
                "joao",
                "s3cret-1",
                process,
                place / "log.txt",
            )


@contextlib.contextmanager
def dante(user: str = "", password: str = "") -> Iterator[Proxied]:
    """dante, a SOCKS 5 server; with a user it knows those of the system only, see the tests."""
    command = program("danted")
    port = free_port()
    with folder_for("nobody") as place:
        method = "username" if user else "none"
        lines = [
            f"logoutput: {place / 'log.txt'}",
            f"internal: 127.0.0.1 port = {port}",
            "external: lo",
            f"socksmethod: {method}",
            "clientmethod: none",
            "user.privileged: root" if os.geteuid() == 0 else "",
            "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
            "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 log: connect error }",
        ]
        (place / "danted.conf").write_text("\n".join(lines) + "\n")
        started = [command, "-N", "1", "-f", str(place / "danted.conf"), "-p", str(place / "pid")]
        with running(started, port, place) as process:
            yield Proxied(
                f"socks5://127.0.0.1:{port}",
                own_name()[0],
                place,
                user or None,
                password,
                process,
                place / "log.txt",
            )
