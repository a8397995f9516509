"""What organizations are told of their members' sign-ins, in their own audit: ended, begun only, and failed.

Written once the answer is on its way, so that how long an answer takes does not say whose address it was.
"""

from __future__ import annotations

from collections.abc import Iterable

from cloud.access.context import Context
from cloud.audit.entries import Entry, append
from cloud.audit.policy import policy_of
from cloud.identity import accounts
from cloud.server import Server

# In; the password was right and more is wanted (`missing`); not in (`why`).
DONE, BEGUN, FAILED = "sign_in.done", "sign_in.begun", "sign_in.failed"
# A provider's user is from now on this one of ours.
LINKED = "member.link"


def note(ctx: Context, user: str, action: str, *, only_org: str = "", **facts: object) -> None:
    """Leave an entry in every organization of a user (or in one) that records sign-ins.

    Who came in is its actor; of what is not proven to be the user's own doing the user is the target only.
    """
    server = ctx.server
    entry = entry_of(ctx, action, user, facts)

    def write() -> None:
        known = (each.id for each in accounts.memberships(server.database, user))
        _write(server, [only_org] if only_org else known, entry)

    ctx.later(write)


def note_stranger(ctx: Context, org: str, **facts: object) -> None:
    """Leave an entry about somebody who came by an organization's single sign-on, unknown to it, and was not let in."""
    entry = entry_of(ctx, FAILED, "", facts)
    ctx.later(lambda: _write(ctx.server, [org], entry))


def entry_of(ctx: Context, action: str, user: str, facts: dict[str, object]) -> Entry:
    """The entry about a user ("" for somebody unknown)."""
    who = user if action in (DONE, LINKED) else ""
    about = f"user/{user}" if user else ""
    return Entry(action, about, who, "", ctx.address, ctx.request_id, None, facts or None)


def _write(server: Server, orgs: Iterable[str], entry: Entry) -> None:
    for org in orgs:
        with server.database.tenant(org) as tenant:
            wanted = policy_of(tenant).sign_ins
        if wanted:
            with server.database.tenant(org, write=True) as tenant:
                append(tenant, server.envelope, entry)
