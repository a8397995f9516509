"""python -m studio.network.pac_child: asks one proxy script for one host and ends; it sees nothing of this computer.

One line on standard input asks. It is answered by `ready`, from when the parent counts the seconds; then every line out
is a name to look up or the end, every line in its addresses.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any

from _quickjs import Context, JSException, StackOverflow

from studio.base.child import end_with_parent, take_rights_away
from studio.network.pac_functions import Surroundings, functions
from studio.network.pac_lines import MARK, marked

_LONGEST = 4096
_PLACE = re.compile(r"<input>:(\d+)")


def main() -> None:
    """Answer one question."""
    end_with_parent()
    asked = json.loads(sys.stdin.buffer.readline())
    time.localtime()  # the zone's file is read now, as nothing can be opened soon
    take_rights_away(asked["space"], asked["seconds"])
    tell({"do": "ready"})
    try:
        tell(answer(asked))
    except MemoryError:
        tell({"do": "memory"})
    os._exit(0)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the script says, in how many seconds, and by which of its lines where that was asked, too."""
    known: dict[str, list[str]] = {}

    def resolve(name: str) -> list[str]:
        if name not in known:
            tell({"do": "resolve", "name": name})
            line = sys.stdin.buffer.readline()
            if not line:
                os._exit(1)
            known[name] = json.loads(line)
        return known[name]

    around = Surroundings(resolve, asked["mine"])
    start = time.monotonic()
    try:
        text, _line = call(asked["script"], around, asked)
        seconds = time.monotonic() - start
        line = 0
        if asked["explain"] and (with_marks := marked(asked["script"])) is not None:
            line = explained(with_marks, around, asked, text)
    except StackOverflow:
        return {"do": "failed", "message": "InternalError: stack overflow", "line": 0}
    except JSException as error:
        return failed(str(error))
    if text is not None and len(text) > _LONGEST:
        return {"do": "failed", "message": "its answer is too long", "line": 0}
    return {"do": "answer", "text": text, "seconds": seconds, "line": line}


def call(script: str, around: Surroundings, asked: dict[str, Any]) -> tuple[Any, Any]:
    """What FindProxyForURL gives, None where that is no text, and the mark it has left."""
    context = Context()
    context.set_memory_limit(asked["memory"])
    context.set_max_stack_size(asked["stack"])
    for name, function in functions(around).items():
        context.add_callable(name, function)
    context.eval(script)
    names = ("FindProxyForURL", "FindProxyForURLEx")
    name = next((n for n in names if context.eval(f"typeof {n} === 'function'")), names[0])
    found = context.eval(name)(asked["url"], asked["host"])
    text = found if isinstance(found, str) else None if found is None else f"({type(found).__name__})"
    return text, context.eval(MARK) if context.eval(f"typeof {MARK} === 'number'") else 0


def explained(script: str, around: Surroundings, asked: dict[str, Any], text: Any) -> int:
    """The line the marks name, where the marked script says the same as the script itself; else 0."""
    try:
        said, line = call(script, around, asked)
    except (JSException, StackOverflow):
        return 0
    return line if said == text and isinstance(line, int) else 0


def failed(said: str) -> dict[str, Any]:
    """What the engine says of a script: its first line, and the line of the script where that is known."""
    message = said.strip().splitlines()[0] if said.strip() else ""
    if message in ("", "null") or "out of memory" in message:
        return {"do": "memory"}
    place = _PLACE.search(said)
    return {"do": "failed", "message": message[:300], "line": int(place[1]) if place else 0}


def tell(message: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.buffer.write(json.dumps(message).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
