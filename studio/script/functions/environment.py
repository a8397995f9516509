"""Where a script runs: agent, environment, organization, as the host knows them."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare
from studio.script.host import Host
from studio.script.tree import Value

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
