"""Deployments asked for while nobody could be reached: kept, shown, and sent in order once the repository answers.

Each is kept with what was there when its difference was shown: what is not so any more is told, never forced.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from studio.base import atomic
from studio.base.errors import BadInput, NotReachable, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol.deployments import Deployment, NewDeployment
from studio.repository.link import require_link
from studio.repository.local import made_place, read, written
from studio.repository.refusals import SignedOut
from studio.repository.turn import turn, turn_now

if TYPE_CHECKING:
    from studio.repository.client import Repository

FILE = "queue.json"


@dataclass(frozen=True)
class Queued:
    """A deployment waiting to be sent: `number` names it, `key` makes sending it twice harmless, `at` is when it was
    asked for (seconds since 1970), `refused` why the repository did not take it ("" as long as it was not asked)."""

    number: int
    deployment: NewDeployment
    key: str
    at: float
    refused: str = ""


@dataclass(frozen=True)
class Sent:
    """What became of the deployments of the queue: made, refused (they stay until removed), not tried yet."""

    made: tuple[Deployment, ...]
    refused: tuple[Queued, ...]
    waiting: tuple[Queued, ...]


def queued(folder: Path) -> tuple[Queued, ...]:
    """The deployments waiting, in order. Raises BadInput."""
    found = read(folder, FILE, list[dict[str, Any]]) or []
    try:
        return tuple(
            Queued(
                one["number"],
                msgspec.convert(one["deployment"], NewDeployment),
                one["key"],
                one["at"],
                one["refused"],
            )
            for one in found
        )
    except (KeyError, TypeError, msgspec.ValidationError):
        raise BadInput(
            _("The list of deployments that wait is damaged."),
            file=folder / FILE,
            next_step=_("Delete this file and ask for the deployments again."),
        ) from None


def enqueue(folder: Path, deployment: NewDeployment, key: str) -> Queued:
    """Keep a deployment to be sent later; returns once that is durable. Raises BadInput."""
    with turn_now(folder):
        waiting = queued(folder)
        made = Queued(max((one.number for one in waiting), default=0) + 1, deployment, key, time.time())
        _keep(folder, (*waiting, made))
    return made


def remove(folder: Path, number: int) -> None:
    """Take a deployment off the queue; one that is not there is as good."""
    with turn_now(folder):
        _keep(folder, tuple(one for one in queued(folder) if one.number != number))


async def send(folder: Path, repository: Repository) -> Sent:
    """Send what waits, in order. One that does not fit any more stays, told why; so do those after it for the same
    environment, whose differences were shown as if it had been made. Raises NotReachable when the line is cut, SignedOut:
    what was made until then is off the queue."""
    project = require_link(folder).project
    made: list[Deployment] = []
    async with turn(folder):
        refused: list[Queued] = []
        waiting = list(queued(folder))
        blocked: set[str] = set()
        for one in tuple(waiting):
            environment = one.deployment.environment
            if environment in blocked:
                continue
            try:
                made.append(await repository.deploy(project, one.deployment, one.key))
            except (NotReachable, SignedOut):
                raise
            except WeftError as error:
                blocked.add(environment)
                told = _refused(one, error)
                waiting[waiting.index(one)] = told
                refused.append(told)
            else:
                waiting.remove(one)
            _keep(folder, tuple(waiting))
    return Sent(tuple(made), tuple(refused), tuple(one for one in waiting if one not in refused))


def _refused(one: Queued, error: WeftError) -> Queued:
    return Queued(one.number, one.deployment, one.key, one.at, str(error))


def _keep(folder: Path, waiting: tuple[Queued, ...]) -> None:
    atomic.write_bytes(made_place(folder) / FILE, written([msgspec.to_builtins(one) for one in waiting]))
