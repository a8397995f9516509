"""JSON lines over a child's standard input and output: the one framing all of the agent's processes speak."""

from __future__ import annotations

import json
import select
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

MAXIMUM_LINE = 256 * 1024 * 1024


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as a line; data classes travel as objects, named tuples as arrays."""
    try:
        return msgspec.json.encode(message) + b"\n"
    except UnicodeEncodeError:
        # Half a character was typed or pasted: msgspec does not write it.
        text = json.dumps(msgspec.to_builtins(message), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The message of a line; raises ValueError for anything but a JSON object."""
    try:
        message = msgspec.json.decode(line)
    except ValueError:
        message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


class Wire:
    """The child's end. Standard output belongs to the messages; whatever prints goes to standard error."""

    def __init__(self) -> None:
        self._in: BinaryIO = sys.stdin.buffer
        self._out: BinaryIO = sys.stdout.buffer
        self._lock = threading.Lock()
        sys.stdout = sys.stderr

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message, whole."""
        line = encode(message)
        with self._lock:
            self._out.write(line)
            self._out.flush()

    def messages(
        self, idle: Callable[[Callable[[], bool]], object] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The messages asked of us, until the other side closes.

        After each, `idle` may do something useful; it is given what tells that the next one waits, and must end then.
        """
        for line in iter(self._in.readline, b""):
            if line.strip():
                yield decode(line)
            if idle is not None and not self.waited():
                idle(self.waited)

    def waited(self) -> bool:
        """A message waits, or the other side has closed; always where the system cannot tell it of a pipe (Windows)."""
        if sys.platform == "win32":
            return True
        return bool(select.select([self._in], (), (), 0)[0])
