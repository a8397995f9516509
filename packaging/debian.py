"""What dev.py needs of Debian and its relatives: lists of packages, and installing them without starting a service.

Standard library only: it runs before there is an environment.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# What Qt's platform plugins and a screen-less window need on Debian and its relatives.
WINDOW_PACKAGES = [
    "fontconfig",
    "fonts-dejavu-core",
    "fonts-inter",
    "fonts-jetbrains-mono",
    "libbrotli1",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libglib2.0-0",
    "libgssapi-krb5-2",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-render0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-util1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
]
# What the tests use besides: a display of their own, and Node.js for the foreign Salesforce clients.
TEST_PACKAGES = ["xvfb", "binutils"]
NODE_PACKAGES = ["nodejs", "npm"]
# What the repository server is tried with: a database server of the tests' own, and a browser for its console.
DATABASE_PACKAGES = ["postgresql"]
BROWSER_PACKAGES = ["chromium"]
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.d/weft-tests.conf")
# What the way out of the building is tried with: proxies of every kind, and a Kerberos realm. The tests start their own.
# For each package a program of it, and the service it would start whenever the computer is started.
PROXY_PACKAGES = {
    "squid": ("squid", "squid"),
    "dante-server": ("danted", "danted"),
    "tinyproxy": ("tinyproxy", "tinyproxy"),
    "krb5-kdc": ("krb5kdc", "krb5-kdc"),
    "krb5-admin-server": ("kadmin.local", "krb5-admin-server"),
    "krb5-user": ("kinit", ""),
}
# The Python side of Kerberos is built from source, which takes minutes: in the full run only.
KERBEROS_SOURCE_PACKAGES = ["libkrb5-dev", "gcc", "libc6-dev", "python3-dev"]
# Asked by Debian's packages before they start a service; 101 is no.
POLICY = Path("/usr/sbin/policy-rc.d")
# Where programs for the administrator are, which is not on everybody's PATH.
PROGRAM_FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


class SetupError(Exception):
    """Set-up cannot go on; the text says what the user can do."""


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def debian() -> bool:
    """Debian or one of its relatives."""
    return (
        sys.platform == "linux"
        and shutil.which("apt-get") is not None
        and shutil.which("dpkg-query") is not None
    )


def debian_root() -> bool:
    """Debian, and we may install packages."""
    return debian() and hasattr(os, "geteuid") and os.geteuid() == 0


def missing_packages(names: list[str]) -> list[str]:
    """Those Debian packages that are not installed."""
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def apt_install(names: list[str]) -> None:
    """Install Debian packages as root; a service among them is not started."""
    say(f"Installing system packages: {' '.join(names)} …")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _quietly("apt-get", "update", "-qq", env=env)
    with starting_nothing():
        code = _quietly("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names, env=env)
    if code != 0:
        raise SetupError(
            f"These system packages could not be installed: {' '.join(names)}. Install them and try again."
        )


def _quietly(*command: str, env: dict[str, str] | None = None) -> int:
    return subprocess.call(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def starting_nothing() -> Iterator[None]:
    """Meanwhile no package starts its service. A policy the machine has already stays as it is."""
    try:
        with POLICY.open("x") as file:
            file.write(
                "#!/bin/sh\n# Programs for tests are being installed: nothing is to be started.\nexit 101\n"
            )
    except FileExistsError:
        yield
        return
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def system_packages(names: list[str], *, needed_for: str) -> None:
    """See to it that system libraries are there: install them where we may, say so where we may not."""
    if sys.platform != "linux":
        return  # Qt's wheels carry all they need on Windows and macOS
    if not debian():
        say(f"Not Debian: if {needed_for} fails, install your system's packages for: {' '.join(names)}")
        return
    missing = missing_packages(names)
    if not missing:
        return
    if debian_root():
        apt_install(missing)
    else:
        say(f"Missing for {needed_for}: run as root: apt-get install {' '.join(missing)}")


def postgresql_here() -> bool:
    """The programs of PostgreSQL are somewhere the tests look: on the PATH, or where Debian keeps them."""
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def install_postgresql() -> None:
    """PostgreSQL's programs for the tests, which start a server of their own; none is set up for the machine.

    Debian's package would make and start one. A file it reads first says no, and goes again afterwards.
    """
    CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    CREATE_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        apt_install(DATABASE_PACKAGES)
    finally:
        CREATE_CLUSTER.unlink()


def test_programs(*, full: bool) -> None:
    """What the tests of the server and of the network use besides, installed or named.

    Tests that miss one of them are left out and say so.
    """
    for install in (database_programs, browser, proxies, kerberos_source if full else None):
        if install is None:
            continue
        try:
            install()
        except SetupError as error:
            say(f"{error} The tests that need them are left out.")


def database_programs() -> None:
    """PostgreSQL for the server's tests."""
    if not postgresql_here():
        if debian_root() and missing_packages(["postgresql-common"]):
            install_postgresql()
        elif debian_root():
            system_packages(DATABASE_PACKAGES, needed_for="the server's tests on PostgreSQL")
        else:
            say("The server's tests on PostgreSQL are left out: install PostgreSQL 15 or newer for them.")


def browser() -> None:
    """A browser for the tests of the server's console."""
    if shutil.which("chromium") is None and shutil.which("google-chrome") is None:
        system_packages(BROWSER_PACKAGES, needed_for="the tests of the server's console")


def program(name: str) -> str | None:
    """Where a program is, those for the administrator too."""
    return shutil.which(name, path=PROGRAM_FOLDERS)


def proxies() -> None:
    """The proxies and the Kerberos realm of the network's tests; one that cannot be had leaves the others."""
    missing = [package for package, (name, _service) in PROXY_PACKAGES.items() if program(name) is None]
    if not missing:
        return
    if not debian_root():
        system_packages(missing, needed_for="the tests of proxies")
        return
    try:
        apt_install(missing)
    except SetupError:
        for package in missing:
            try:
                apt_install([package])
            except SetupError as error:
                say(f"{error} The tests of proxies that need it are left out.")
    for package in missing:
        if PROXY_PACKAGES[package][1]:
            _quietly("update-rc.d", PROXY_PACKAGES[package][1], "disable")


def kerberos_source() -> None:
    """What Kerberos tickets in Python are built from."""
    system_packages(KERBEROS_SOURCE_PACKAGES, needed_for="the test of a Kerberos proxy")
