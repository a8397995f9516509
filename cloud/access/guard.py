"""In front of every route: who asks, which organization, and whether that is enough."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from starlette.requests import Request

from cloud.access.context import Context, User
from cloud.access.rights import Need, Who
from cloud.errors import forbidden, not_found, not_signed_in
from cloud.server import Server
from cloud.store.database import Common, Tenant
from cloud.store.tables import members, organizations, users

# From what a path names to the environment it lives in: parameter → (transaction, value) → environment id or None.
Leads = Callable[[Tenant, str], str | None]
_leads: dict[str, Leads] = {}


def leads_to_environment(parameter: str) -> Callable[[Leads], Leads]:
    """Declare how a path parameter ("project") leads to the environment whose rights decide."""

    def keep(call: Leads) -> Leads:
        _leads[parameter] = call
        return call

    return keep


def admit(server: Server, request: Request, need: Need, action: str | None) -> Context:
    """The context of a request that may be answered. Raises Refused for every other."""
    context = Context(server, request, need, action)
    # Known to whoever answers a refusal, before anything is refused.
    request.state.context = context
    for authenticate in server.authenticators:
        context.signed_in = authenticate(server, request)
        if context.signed_in is not None:
            break
    if context.signed_in is None and need.who is not Who.PUBLIC:
        raise not_signed_in()
    if context.signed_in is not None:
        with server.database.common(user=context.signed_in.user) as common:
            _know(context, common, request.path_params.get("org") if need.in_organization else None)
    if need.who is Who.SERVER_ADMIN and not (context.user and context.user.server_admin):
        raise forbidden()
    if need.who in (Who.ADMIN, Who.ENVIRONMENT):
        _may(context, need)
    for gate in server.gates:
        gate(context)
    return context


def _know(context: Context, common: Common, org: str | None) -> None:
    """Read the user and, where the path names one, the organization and the user's membership."""
    signed_in = context.signed_in
    assert signed_in is not None
    row = common.one(select(users).where(users.c.id == signed_in.user))
    if row is None or row.disabled_at is not None:
        raise not_signed_in("account_disabled")
    name = f"{row.first_name} {row.surname}".strip()
    context.user = User(row.id, row.email, name, row.language, row.server_admin)
    if not context.need.in_organization:
        return
    query = (
        select(organizations.c.id)
        .select_from(organizations.join(members, members.c.org_id == organizations.c.id))
        .where(
            (organizations.c.id == org) | (organizations.c.slug == org),
            members.c.user_id == signed_in.user,
            members.c.disabled_at.is_(None),
            organizations.c.shredded_at.is_(None),
        )
    )
    found = common.value(query)
    if found is None or (signed_in.organizations is not None and found not in signed_in.organizations):
        raise not_found()
    context.org = found


def _may(context: Context, need: Need) -> None:
    """Refuse unless the roles of the user are enough."""
    with context.tenant() as tenant:
        context.load_rights(tenant)
        if need.who is Who.ENVIRONMENT and not need.by_handler:
            context.environment = _environment(context, tenant)
    if need.who is Who.ADMIN and not context.admin:
        raise forbidden()
    if context.environment is not None:
        assert need.right is not None
        context.require(need.right, context.environment)


def _environment(context: Context, tenant: Tenant) -> str:
    parameters = context.request.path_params
    if "environment" in parameters:
        return context.environment_id(tenant, parameters["environment"])
    for name, lead in _leads.items():
        if name in parameters:
            found = lead(tenant, parameters[name])
            if found is None:
                raise not_found()
            return found
    raise AssertionError(f"nothing in {context.request.url.path} leads to an environment")
