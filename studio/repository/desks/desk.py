"""Everything the window asks about the repository, gathered from the desks that answer."""

from __future__ import annotations

from contextlib import AsyncExitStack

from studio.repository.desks.account_desk import AccountDesk
from studio.repository.desks.counter import Answer, Counter
from studio.repository.desks.deploy_desk import DeployDesk
from studio.repository.desks.sync_desk import SyncDesk
from studio.repository.desks.transfer_desk import TransferDesk
from studio.repository.desks.version_desk import VersionDesk


class Desk:
    """One window's talk with the repository."""

    def __init__(self, stack: AsyncExitStack) -> None:
        counter = Counter(stack)
        self.answers: dict[str, Answer] = {
            **AccountDesk(counter).answers,
            **SyncDesk(counter).answers,
            **TransferDesk(counter).answers,
            **VersionDesk(counter).answers,
            **DeployDesk(counter).answers,
        }
