"""python -m studio.script.javascript.child: runs one script and ends; whoever started it answers for the world.

One line on standard input asks for the run. From then on every line out is a question or the end, every line in an
answer; the engine sees nothing else of this computer.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from _quickjs import Context, JSException, StackOverflow

from studio.base.child import end_with_parent, take_rights_away
from studio.script.javascript.prelude import PRELUDE

OUT_OF_MEMORY = '{"do":"memory"}'


def main() -> None:
    """Serve one script."""
    end_with_parent()
    asked = json.loads(sys.stdin.buffer.readline())
    take_rights_away(asked["space"], asked["seconds"])
    try:
        tell(run(asked))
    except MemoryError:
        tell(OUT_OF_MEMORY)
    sys.stdout.buffer.flush()
    # Tidying up a heap that a script has filled would only take time.
    os._exit(0)


def run(asked: dict[str, Any]) -> str:
    """The last message: what the script came to."""
    context = Context()
    context.set_memory_limit(asked["memory"])
    context.set_max_stack_size(asked["stack"])
    try:
        context.add_callable("native", exchange)
        begin = context.eval(PRELUDE)
        lists = (context.parse_json(json.dumps(asked[name])) for name in ("functions", "variables", "says"))
        context.set("begin", begin)
        for name, value in zip(("functions", "variables", "says"), lists, strict=True):
            context.set(name, value)
        work, end = _both(context)
        failed = work(asked["text"])
        while context.execute_pending_job():
            pass
        return str(end(failed))
    except (JSException, StackOverflow):
        # Only what no script can catch comes here: no memory, not even for an error.
        return OUT_OF_MEMORY


def _both(context: Context) -> tuple[Any, Any]:
    """The two functions of the prelude; the names used to hand things in are gone afterwards."""
    context.eval("globalThis.both = begin(native, functions, variables, says)")
    work, end = context.eval("both[0]"), context.eval("both[1]")
    names = ["native", "begin", "functions", "variables", "says", "both"]
    context.eval(";".join(f"delete globalThis.{name}" for name in names))
    return work, end


def exchange(message: str) -> str:
    """Ask the parent; without one there is nothing left to do."""
    tell(message)
    answer = sys.stdin.buffer.readline()
    if not answer:
        os._exit(1)
    return answer.decode("ascii")


def tell(message: str) -> None:
    """Write one line."""
    sys.stdout.buffer.write(message.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
