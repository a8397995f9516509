"""Pull, push and the first copy of a project, told as they go."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from studio.base.errors import NotReachable, WeftError
from studio.base.progress import Progress, Step
from studio.repository import pull, push
from studio.repository.client import Repository
from studio.repository.desks.counter import Answer, Counter, Message, Tell, stoppable
from studio.repository.state import state_of

# Figures change at most four times a second.
_BETWEEN = 0.25
_AUTHORS = 50


class TransferDesk:
    """Answers that move files."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.answers: dict[str, Answer] = {
            "first_copy": self._first_copy,
            "pull": self._pull,
            "push": self._push,
        }

    async def _first_copy(
        self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress, *_more: Any
    ) -> Any:
        """Copy a project of the account's repository into a folder."""
        repository = await self._counter.current()
        _follow(progress, tell)
        folder, project = Path(str(message["folder"])), str(message["project"])
        done = await stoppable(pull.copy(repository, project, folder, progress=progress), stop)
        return {"number": done.revision.number if done.revision is not None else 0}

    async def _pull(
        self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress, *_more: Any
    ) -> Any:
        folder = Path(str(message["folder"]))
        repository, link = await self._counter.of_folder(folder)
        base = state_of(folder).number
        _follow(progress, tell)
        done = await stoppable(pull.pull(folder, repository, progress=progress), stop)
        return {
            "number": done.revision.number if done.revision is not None else 0,
            "taken": len(done.taken) + len(done.moved),
            "joined": len(done.joined),
            "undecided": done.undecided,
            "authors": await stoppable(_authors(repository, link.project, base), stop),
            "problems": [problem.message for problem in done.problems],
        }

    async def _push(
        self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress, *_more: Any
    ) -> Any:
        folder = Path(str(message["folder"]))
        repository, _link = await self._counter.of_folder(folder)
        _follow(progress, tell)
        try:
            done = await stoppable(
                push.push(folder, repository, str(message["message"]), progress=progress), stop
            )
        except push.PullFirst as error:
            error.code = "revision_conflict"  # type: ignore[attr-defined]
            raise
        return {
            "number": done.revision.number if done.revision is not None else 0,
            "made": done.made,
            "warnings": [f"{problem.place}: {problem.message}" for problem in done.warnings],
        }


async def _authors(repository: Repository, project: str, base: int) -> list[str]:
    """Who made the versions after `base`; nothing where that cannot be asked: the pull is done."""
    try:
        page = await repository.revisions(project, None, _AUTHORS)
    except (NotReachable, WeftError):
        return []
    return list(dict.fromkeys(one.author_name for one in page.items if one.number > base))


def _follow(progress: Progress, tell: Tell) -> None:
    told = 0.0

    def listener(step: Step) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _BETWEEN or step.done == step.total:
            told = now
            tell("step", done=step.done, total=step.total, text=step.text)

    progress.listener = listener
