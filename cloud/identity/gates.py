"""What an organization's policies ask of every request to it: where it comes from, and how its user signed in."""

from __future__ import annotations

from sqlalchemy import select

from cloud.access.context import Context
from cloud.addresses import plain
from cloud.errors import forbidden
from cloud.identity import allow_list
from cloud.log import event
from cloud.store.tables import policies
from cloud.store.tables_identity import single_sign_on
from studio.base.i18n import _

NETWORK = "network"


def gate(context: Context) -> None:
    """Raises Refused where an organization's policies forbid the request."""
    if context.org is None or context.user is None:
        return
    network = select(policies.c.content).where(policies.c.subject == NETWORK).scalar_subquery()
    enforced = select(single_sign_on.c.kind).where(single_sign_on.c.enforced).limit(1).scalar_subquery()
    with context.tenant() as tenant:
        row = tenant.one(select(network.label("network"), enforced.label("enforced")))
    assert row is not None
    ranges = (row.network or {}).get("ranges", [])
    if not allow_list.allows(allow_list.networks(ranges), plain(context.address)):
        event("address_refused", user=context.user_id, org=context.org, address=context.address)
        raise forbidden(
            _("Your organization is not reached from this address."),
            "address_not_allowed",
            _("Work from your organization's network, or ask an administrator to add the address."),
        )
    if row.enforced and context.signed_in is not None and not context.signed_in.via.startswith("sso"):
        raise forbidden(
            _("Your organization lets its people in by its own sign-in only."),
            "single_sign_on_needed",
            f"{context.server.config.address}/sign-in/sso/{context.org}",
        )
