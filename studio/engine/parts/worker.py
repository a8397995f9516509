"""A worker process: takes a job and partitions from its input, gives back what became of each; ends with its parent."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct
import sys
from typing import Any, BinaryIO

from studio.base.child import end_with_parent
from studio.engine.parts.part import Job, run_part

_LENGTH = struct.Struct(">Q")


def send(stream: BinaryIO, message: object) -> None:
    """Write one message. Raises OSError when the other side is gone."""
    data = pickle.dumps(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next message; None at the end. Messages come from our own processes only."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    data = stream.read(size)
    return pickle.loads(data) if len(data) == size else None


def main() -> None:
    """Map partitions until the input ends."""
    end_with_parent()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us stops us
    # What a library prints must not come between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked = sys.stdin.buffer
    job: Job = receive(asked)
    while (partition := receive(asked)) is not None:
        send(answers, run_part(job, partition))


if __name__ == "__main__":
    main()
