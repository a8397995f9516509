"""The words people read for the names programs use."""

from __future__ import annotations

from studio.base.i18n import N_, _
from studio.protocol.access import RIGHTS as RIGHTS

_RIGHTS = {
    "view_logs": N_("View logs"),
    "install_agents": N_("Install agents"),
    "read": N_("Read"),
    "execute": N_("Execute"),
    "write": N_("Write"),
}


def right_name(right: str) -> str:
    """What a right is called."""
    return _(_RIGHTS[right])
