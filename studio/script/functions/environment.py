"""Where a script runs: agent, environment, organization, as the host knows them, and names of other computers."""

from __future__ import annotations

import ipaddress
import threading
import time
from typing import TYPE_CHECKING

from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.script.errors import RunError
from studio.script.functions.arguments import text
from studio.script.functions.registry import declare, function
from studio.script.host import Host
from studio.script.tree import Value

if TYPE_CHECKING:
    import queue
    import socket
else:
    queue = Lazily("queue")
    socket = Lazily("socket")

for _subject, _number_doc, _name_doc in (
    ("Agent", N_("The number of the running agent."), N_("The name of the running agent.")),
    ("AgentGroup", N_("The number of the agent's group."), N_("The name of the agent's group.")),
    ("AgentVersion", N_("The number of the agent's version."), N_("The agent's version, such as 1.2.0.")),
    ("Environment", N_("The number of the environment."), N_("The name of the environment.")),
    ("Organization", N_("The number of the organization."), N_("The name of the organization.")),
):

    def _number(host: Host, subject: str = _subject) -> Value:
        return host.environment[subject][0]

    def _name(host: Host, subject: str = _subject) -> Value:
        return host.environment[subject][1]

    declare(
        "environment", f"Get{_subject}ID(): number", _number_doc, f"Get{_subject}ID() >= 0", "true",
        run=_number, host=True, pure=False,
    )  # fmt: skip
    declare(
        "environment", f"Get{_subject}Name(): string", _name_doc, f"Length(Get{_subject}Name()) > 0", "true",
        run=_name, host=True, pure=False,
    )  # fmt: skip


PATIENCE = 5.0
"""Seconds that a question to the name servers may take."""
_LOOK = 0.05
_TICKS = 256


@function(
    "environment",
    "GetHostByIP(ipAddress: string): string",
    N_(
        "The name of the computer with an IP address, as the network's name servers know it; empty where they do not."
    ),
    "Length(GetHostByIP('127.0.0.1')) >= 0",
    "true",
    fails=N_("The text is not an IP address, or the name servers do not answer in time."),
    host=True,
    pure=False,
)
def _host_by_address(host: Host, value: Value) -> str:
    try:
        address = str(ipaddress.ip_address(text(value).strip()))
    except ValueError:
        raise RunError(_("{text} is not an IP address.").format(text=text(value)[:80] or "''")) from None
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(address, answers), name="name-server", daemon=True).start()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return answers.get(timeout=_LOOK)
        except queue.Empty:
            for _tick in range(_TICKS):
                host.tick()
    raise RunError(_("The name servers do not answer."), next_step=_("Check the network."))


def _ask(address: str, answers: queue.SimpleQueue[str]) -> None:
    try:
        answers.put(socket.gethostbyaddr(address)[0])
    except OSError:
        answers.put("")
