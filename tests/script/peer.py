"""The npm package jitterbit-script in a process of its own: found or installed, started once, asked line by line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import platformdirs

PACKAGE = "jitterbit-script"
VERSION = "1.0.14"
FOLDER = "WEFT_SCRIPT_PEER"
"""Environment variable with the folder whose node_modules holds the package."""
_DRIVER = Path(__file__).with_suffix(".cjs")


class PeerAbsent(Exception):
    """Node.js or the package is not here; the text says what is missing."""


def found(folder: Path) -> bool:
    """Whether the package is in the folder, in its version."""
    description = folder / "node_modules" / PACKAGE / "package.json"
    return description.exists() and json.loads(description.read_text("utf-8"))["version"] == VERSION


def peer_folder(*, install: bool) -> Path:
    """The folder with the package: the named one, or a cache that npm fills when `install`. Raises PeerAbsent."""
    if shutil.which("node") is None:
        raise PeerAbsent("Node.js is not installed")
    named = os.environ.get(FOLDER)
    folder = Path(named) if named else _cache() / "script-peer"
    if found(folder):
        return folder
    npm = shutil.which("npm")
    if named or not install or npm is None:
        raise PeerAbsent(f"the npm package {PACKAGE} {VERSION} is not in the folder that {FOLDER} names")
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix", str(folder)]
    done = subprocess.run([npm, "install", *quiet, f"{PACKAGE}@{VERSION}"], capture_output=True, text=True)
    if done.returncode or not found(folder):
        raise PeerAbsent(f"npm could not install {PACKAGE} {VERSION}: {done.stderr.strip()[-200:]}")
    return folder


def _cache() -> Path:
    home = os.environ.get("WEFT_HOME")
    if home:
        return Path(home) / ".dev"
    return Path(platformdirs.user_cache_dir("weft-studio-tests", appauthor=False))


class Peer:
    """A running process of the package."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question (see peer.cjs)."""
        self._send(question)
        return self._answer()

    def _send(self, question: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the package's process ended with code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def begin(self, programs: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Give it programs, each with the names of the globals to tell; it runs them while others work."""
        self._send({"run": [[text, list(names)] for text, names in programs]})

    def results(self) -> list[dict[str, Any]]:
        """Value or error, and the named globals, of each program it was given last."""
        results: list[dict[str, Any]] = self._answer()["results"]
        return results


@contextlib.contextmanager
def running(folder: Path, *, mended: bool = False) -> Iterator[Peer]:
    """A process of the package, ended afterwards; `mended` puts right its named faults."""
    process = subprocess.Popen(
        ["node", "--stack-size=4000", str(_DRIVER), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=os.environ | {"TZ": "UTC"},
    )
    try:
        peer = Peer(process)
        if mended:
            peer.ask({"mend": True})
        yield peer
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
