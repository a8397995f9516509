"""The process that examines the way out for the window, and what it answers as the core's own data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.network.examination import Examination
from studio.network.settings import NetworkPreferences
from ui.bridge.asking import Asked


class WayOut(Asked):
    """Started with the first question; one is answered at a time. All raise WeftError."""

    def __init__(self) -> None:
        super().__init__("studio.agent.network_process", _died)

    async def examine(self, url: str, preferences: NetworkPreferences | None = None) -> Examination:
        """What the way to an address is like, by the preferences given or by those kept."""
        told = {} if preferences is None else {"preferences": msgspec.to_builtins(preferences)}
        return msgspec.convert(await self.ask("examine", url=url, **told), Examination)

    async def project(
        self,
        folder: Path,
        listed: Callable[[Sequence[str]], object],
        found: Callable[[str, Examination], object],
    ) -> None:
        """Examine all that the project in a folder talks to: `listed` is told the addresses, `found` each as it is known."""

        def heard(event: dict[str, Any]) -> None:
            if event["event"] == "addresses":
                listed([str(each) for each in event["addresses"]])
            elif event["event"] == "address":
                found(str(event["address"]), msgspec.convert(event["examination"], Examination))

        await self.ask("project", heard, folder=str(folder))

    async def preferences(self) -> tuple[NetworkPreferences, str]:
        """The preferences, and what is wrong with their file ("" nothing)."""
        answer = await self.ask("preferences")
        problem = BadInput(**answer["problem"]) if answer["problem"] else None
        return msgspec.convert(answer["preferences"], NetworkPreferences), str(problem or "")

    async def keep(self, preferences: NetworkPreferences, passphrases: Mapping[str, str]) -> None:
        """Keep the preferences, and the passphrases of client certificates' keys by host pattern."""
        told = msgspec.to_builtins(preferences)
        await self.ask("keep", preferences=told, passphrases=dict(passphrases))

    async def sign_in(self, proxy: str, user: str, password: str) -> None:
        """Keep who signs in with a proxy; no user: whoever is logged in to this computer."""
        await self.ask("sign_in", proxy=proxy, user=user, password=password)

    async def trust(self, file: Path) -> None:
        """Trust the certificates of a file beside the system's."""
        await self.ask("trust", file=str(file))

    async def rule(self, preferences: NetworkPreferences | None = None) -> str:
        """Which way leads out, in words."""
        told = {} if preferences is None else {"preferences": msgspec.to_builtins(preferences)}
        answer = await self.ask("system", **told)
        return " ".join(str(answer[each]) for each in ("rule", "problem") if answer[each])

    async def certificates(self, files: Sequence[str]) -> list[dict[str, str]]:
        """Of files of certificates: name, issuer and until when, or their problem."""
        found: list[dict[str, str]] = await self.ask("certificates", files=list(files))
        return found


def _died() -> WeftError:
    return WeftError(
        _("The process that examines the way out ended unexpectedly."), next_step=_("Ask once more.")
    )
