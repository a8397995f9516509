"""What an examination of the way to one address found, as plain data: for the window, the command line and a report.

Nothing in it is secret: no password, no token, no path or query of the address.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from studio.base.records import dataclass

# Every step there is, in the order in which they happen; a direct connection has no scheme and no sign-in.
STEPS = ("setting", "script", "name", "connection", "scheme", "sign-in", "certificate", "answer")


class State(StrEnum):
    """How a step went; one that was not needed (no script, no sign-in) is left out of the list."""

    FINE = "fine"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Step:
    """One step: `name` of STEPS, its title and what happened for people; begun `start` seconds after the first one."""

    name: str
    title: str
    state: State
    text: str
    start: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Shown:
    """One certificate of the chain that was shown, or that signed the last one shown.

    `role` is `root`, `issuing` or `server`; `until` and `remark` are for people; `fingerprint` is SHA-256 in pairs of
    digits, empty where the certificate itself was not shown; `doubtful` where this one is why the chain is refused.
    """

    name: str
    role: str
    until: str
    remark: str
    fingerprint: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Chain:
    """The certificates shown for a host, root first; `reason` is why they are refused, empty where they are trusted.

    `private` where their root is none of the public ones; `resealed` where a gateway on the way has therefore opened
    and sealed the traffic anew; `about` says so in a sentence.
    """

    host: str
    version: str
    certificates: tuple[Shown, ...]
    reason: str = ""
    private: bool = False
    resealed: bool = False
    about: str = ""

    @property
    def issuer(self) -> str:
        """Whose certificate it is: the root's name."""
        return self.certificates[0].name if self.certificates else ""


@dataclass(frozen=True)
class Remedy:
    """Something the user can do without anybody: `do` is `trust`, `password` or `preferences`."""

    do: str
    text: str
    remark: str = ""
    command: str = ""


@dataclass(frozen=True)
class Examination:
    """All of it. `way_out` is `proxy.corp.example:8080` or `direct, bypass list`; `scheme` the sign-in with the proxy.

    `verdict` and `detail` are the headline and the line below it; `request` is what to ask the network team for, with
    `names` the words of it that matter; empty where nothing is to be asked.
    """

    address: str
    user: str
    when: datetime
    seconds: float
    steps: tuple[Step, ...]
    rule: str = ""
    way_out: str = ""
    scheme: str = ""
    chain: Chain | None = None
    verdict: str = ""
    detail: str = ""
    request: str = ""
    names: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def failed(self) -> Step | None:
        """The first step that failed; None where the system answered, though it may have been another way than planned."""
        if self.steps and self.steps[-1].state is State.FINE:
            return None
        return next((step for step in self.steps if step.state is State.FAILED), None)

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        chain = self.chain
        return {
            "address": self.address,
            "ok": self.failed is None,
            "user": self.user,
            "when": self.when.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "rule": self.rule,
            "way_out": self.way_out,
            "scheme": self.scheme,
            "verdict": self.verdict,
            "detail": self.detail,
            "steps": [
                {
                    "name": step.name,
                    "title": step.title,
                    "state": step.state.value,
                    "text": step.text,
                    "start": round(step.start, 4),
                    "seconds": round(step.seconds, 4),
                }
                for step in self.steps
            ],
            "certificate": None if chain is None else _chain(chain),
            "request": self.request,
            "remedies": [{"text": r.text, "remark": r.remark, "command": r.command} for r in self.remedies],
        }


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "host": chain.host,
        "tls": chain.version,
        "trusted": not chain.reason,
        "reason": chain.reason,
        "private": chain.private,
        "resealed": chain.resealed,
        "about": chain.about,
        "chain": [
            {
                "name": one.name,
                "role": one.role,
                "until": one.until,
                "remark": one.remark,
                "sha256": one.fingerprint,
            }
            for one in chain.certificates
        ],
    }
