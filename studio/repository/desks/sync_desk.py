"""How a folder stands beside its repository, and the deployments that wait for the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.protocol.deployments import NewDeployment, Scope
from studio.repository import queue
from studio.repository.client import new_key
from studio.repository.desks import places_kept
from studio.repository.desks.counter import Answer, Counter, Message, Tell, stoppable
from studio.repository.link import require_link
from studio.repository.state import state_of
from studio.repository.status import Status, local_status, status


class SyncDesk:
    """Answers about the files of a folder."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.answers: dict[str, Answer] = {
            "local_status": self._local_status,
            "status": self._status,
            "enqueue": self._enqueue,
            "unqueue": self._unqueue,
        }

    async def _local_status(
        self, message: Message, _tell: Tell, _stop: asyncio.Event, progress: Progress, *_more: Any
    ) -> Any:
        folder = Path(str(message["folder"]))
        return _standing(folder, await asyncio.to_thread(local_status, folder, progress))

    async def _status(
        self, message: Message, _tell: Tell, stop: asyncio.Event, progress: Progress, *_more: Any
    ) -> Any:
        """How the folder stands beside the repository; deployments that waited for it are sent now."""
        folder = Path(str(message["folder"]))
        repository, _link = await self._counter.of_folder(folder)
        made = []
        if any(not one.refused for one in queue.queued(folder)):
            sent = await stoppable(queue.send(folder, repository), stop)
            names = {one["id"]: one["name"] for one in places_kept.kept(folder)}
            made = [
                {"environment": names.get(one.environment, one.environment), "number": one.number}
                for one in sent.made
            ]
        found = await stoppable(status(folder, repository, progress), stop)
        return {**_standing(folder, found), "made": made}

    async def _enqueue(self, message: Message, *_more: Any) -> Any:
        """Keep a deployment until the server is there; it is decided on what was last seen of the environment."""
        folder, target = Path(str(message["folder"])), str(message["target"])
        require_link(folder)
        state = state_of(folder)
        seen = next((one for one in places_kept.kept(folder) if one["id"] == target), None)
        if state.revision is None or seen is None or "tree" not in seen:
            raise BadInput(
                _(
                    "What this environment holds was never looked at from here, so nothing can be asked for it offline."
                ),
                next_step=_("Deploy once the server is there."),
            )
        wish = NewDeployment(
            target,
            state.revision,
            cast("Scope", str(message["scope"])),
            seen["tree"],
            str(message.get("path") or "") or None,
            str(message.get("message") or ""),
        )
        made = queue.enqueue(folder, wish, new_key())
        return {"waits": True, "number": made.number, "environment": seen["name"]}

    async def _unqueue(self, message: Message, *_more: Any) -> Any:
        queue.remove(Path(str(message["folder"])), int(message["number"]))


def _standing(folder: Path, found: Status) -> dict[str, Any]:
    link = found.link
    names = {one["id"]: one["name"] for one in places_kept.kept(folder)}
    return {
        "project": link.project if link is not None else "",
        "server": link.server if link is not None else "",
        "base": found.base,
        "head": found.head,
        "objects": [
            {"path": one.path, "object": one.object or "", "where": str(one.where), "here": one.here, "there": one.there}
            for one in found.objects
        ],
        "undecided": found.undecided,
        "queued": [
            {
                "number": one.number,
                "environment": names.get(one.deployment.environment, one.deployment.environment),
                "revision": _number(folder, one.deployment.revision),
                "trouble": one.refused,
            }
            for one in queue.queued(folder)
        ],
    }  # fmt: skip


def _number(folder: Path, revision: str) -> int:
    """The number of a version by its id, as far as it is known here; 0 where it is not."""
    state = state_of(folder)
    return state.number if state.revision == revision else 0
