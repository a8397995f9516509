"""A child that misbehaves on request: for the supervisor's tests."""

from __future__ import annotations

import os
import signal
import time

from studio.agent.wire import Wire


def main() -> None:
    wire = Wire()
    for message in wire.messages():
        match message["do"]:
            case "hello":
                print("this must not reach the wire")
                wire.send({"id": message["id"], "result": {"process": os.getpid()}})
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(60)
            case "noise":
                wire._out.write(b"\x00not json\n")
                wire._out.flush()
            case "echo":
                wire.send({"id": message["id"], "result": {"text": message["text"]}})


if __name__ == "__main__":
    main()
