"""Commands in processes that can be killed: `python -m tests.cloud.killed_command` reads lines `WRITE WORD WORD …`.

For each it forks a child that runs the command and kills itself at its so-manieth write (0: never): each fsync, each
rename, each commit of a database has a moment before and one after it. It prints how the child ended.
"""

from __future__ import annotations

import json
import os
import sys

from sqlalchemy import Engine, event

from cloud.__main__ import commands
from tests.cloud.serving import Killer


def run(at: int, words: list[str]) -> None:
    """In the child: the command with its moments to die."""
    if at:
        killer = Killer(at)
        for name in ("fsync", "replace", "fchmod"):
            setattr(os, name, killer.around(getattr(os, name)))
        event.listen(Engine, "commit", lambda _connection: killer.step())
        event.listen(Engine, "begin", lambda _connection: killer.step())
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    commands(words, standalone_mode=False)


def main() -> None:
    """Fork a child for each line; answers -9 for one that was killed, else its exit code."""
    for line in sys.stdin:
        at, words = json.loads(line)
        child = os.fork()
        if not child:
            try:
                run(at, words)
            except BaseException:
                os._exit(2)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
