"""An organization's own sign-in: what was agreed with its provider, and who comes in by it.

The provider is believed for its own organization only: the session sees no other, and an account outside of it is
neither found nor told about.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from cloud.errors import Refused, not_found
from cloud.identity import invitations
from cloud.identity.accounts import normal_email
from cloud.identity.fetched import Fetch
from cloud.identity.oidc import Client, Identity, Provider
from cloud.identity.saml import Agreement
from cloud.server import Server
from cloud.store.database import Tenant
from cloud.store.tables import members, organizations, users
from cloud.store.tables_identity import invitations as invited
from cloud.store.tables_identity import single_sign_on, single_sign_on_links
from studio.base.i18n import _
from studio.protocol.identity import SingleSignOn, SingleSignOnShown

SECRET = "single_sign_on.secret"
OIDC, SAML = "oidc", "saml"


@dataclass(frozen=True)
class Kept:
    """What is kept of the settings besides name and secret."""

    issuer: str
    client_id: str = ""
    sign_in: str = ""
    certificate: str = ""
    trust_email: bool = False


def row_of(tenant: Tenant, kind: str) -> Row[Any] | None:
    """The settings of one kind."""
    return tenant.one(select(single_sign_on).where(single_sign_on.c.kind == kind))


def shown(server: Server, org: str, row: Row[Any]) -> SingleSignOnShown:
    """The settings without the secret, with what the provider must be told."""
    kept = Kept(**row.content)
    where = server.config.address
    return SingleSignOnShown(
        kind=row.kind,
        name=row.name,
        **asdict(kept),
        has_secret=row.secret is not None,
        enforced=row.enforced,
        worked_at=row.worked_at,
        our_name=kept.client_id if row.kind == OIDC else our_name(server, org),
        answer_to=answer_to(server, org, row.kind),
        start=f"{where}/sign-in/sso/{org}",
    )


def our_name(server: Server, org: str) -> str:
    """How SAML providers know us: as another one for each organization, so that no assertion serves two."""
    return f"{server.config.address}/saml/{org}"


def answer_to(server: Server, org: str, kind: str) -> str:
    """Where a provider sends the browser back; an address for each organization, so that none answers for another."""
    return f"{server.config.address}/sign-in/{kind}/{org}/done"


def keep(server: Server, tenant: Tenant, kind: str, said: SingleSignOn) -> None:
    """Save the settings; when what was agreed changes, whether it works is not known any more, and it is not enforced."""
    before = row_of(tenant, kind)
    content = asdict(Kept(said.issuer, said.client_id, said.sign_in, said.certificate, said.trust_email))
    secret = bytes(before.secret) if before is not None and before.secret is not None else None
    if said.secret is not None:
        secret = server.envelope.seal(tenant.org, SECRET, kind, said.secret.encode()) if said.secret else None
    same = before is not None and before.content == content and said.secret is None
    worked_at = before.worked_at if before is not None and same else None
    values = {"name": said.name, "content": content, "secret": secret, "worked_at": worked_at}
    values |= {"enforced": said.enforced, "changed_at": tenant.now()}
    if before is None:
        tenant.insert(single_sign_on, kind=kind, **values)
    else:
        tenant.update(single_sign_on, single_sign_on.c.kind == kind, **values)


def organization_of(server: Server, name: str) -> str:
    """The id of an organization named by id or slug. Raises Refused (404)."""
    with server.database.common() as common:
        query = select(organizations.c.id).where(
            or_(organizations.c.id == name, organizations.c.slug == name),
            organizations.c.shredded_at.is_(None),
        )
        found = common.value(query)
    if found is None:
        raise not_found()
    return str(found)


def chosen(server: Server, org: str, kind: str = "") -> Row[Any]:
    """The settings to sign in with: of this kind, or the enforced one, or any. Raises Refused (404)."""
    with server.database.tenant(org) as tenant:
        rows = tenant.rows(
            select(single_sign_on).order_by(single_sign_on.c.enforced.desc(), single_sign_on.c.kind)
        )
    fitting = [row for row in rows if kind in ("", row.kind)]
    if not fitting:
        raise not_found()
    return fitting[0]


def provider(server: Server, org: str, row: Row[Any]) -> Provider:
    """The OpenID provider of the settings."""
    kept = Kept(**row.content)
    secret = "" if row.secret is None else server.envelope.open(org, SECRET, OIDC, bytes(row.secret)).decode()
    client = Client(kept.issuer, kept.client_id, secret, answer_to(server, org, OIDC), kept.trust_email)
    fetch: Fetch = server.parts["fetch"]
    return Provider(client, fetch, lambda: server.database.clock().timestamp())


def agreement(server: Server, org: str, row: Row[Any]) -> Agreement:
    """The SAML agreement of the settings."""
    kept = Kept(**row.content)
    return Agreement(
        kept.issuer, kept.sign_in, kept.certificate, our_name(server, org), answer_to(server, org, SAML)
    )


def enter(tenant: Tenant, row: Row[Any], who: Identity) -> tuple[str, bool]:
    """The user a provider vouches for: linked already, a member of this address, or one who was invited; and whether
    the link is new. Raises Refused."""
    issuer = Kept(**row.content).issuer
    links = single_sign_on_links.c
    same = (links.kind == row.kind) & (links.issuer == issuer) & (links.subject == who.subject)
    user = tenant.value(select(links.user_id).where(same))
    is_new = user is None
    if is_new:
        user = _by_email(tenant, who)
        now = tenant.now()
        tenant.insert(
            single_sign_on_links,
            kind=row.kind,
            issuer=issuer,
            subject=who.subject,
            user_id=user,
            linked_at=now,
        )
    _need_living(tenant, user)
    tenant.update(single_sign_on, single_sign_on.c.kind == row.kind, worked_at=tenant.now())
    return str(user), is_new


def _by_email(tenant: Tenant, who: Identity) -> str:
    """The member of a verified address, or a new account for one invited. An account that is no member yet accepts the
    invitation itself, signed in: this provider does not speak for it."""
    if not who.email:
        raise not_invited()
    email = normal_email(who.email)
    joined = members.join(users, users.c.id == members.c.user_id)
    found = tenant.value(select(members.c.user_id).select_from(joined).where(users.c.email == email))
    if found is not None:
        return str(found)
    row = invitations.living(tenant, invited.c.email == email)
    if row is None:
        raise not_invited()
    first, last = who.first_name or row.first_name, who.surname or row.surname
    user = invitations.new_user(tenant, email, first, last, phone=row.phone, company=row.company)
    invitations.accept(tenant, row, user)
    return user


def _need_living(tenant: Tenant, user: str) -> None:
    joined = members.join(users, users.c.id == members.c.user_id)
    there = select(members.c.user_id).select_from(joined)
    living = members.c.disabled_at.is_(None) & users.c.disabled_at.is_(None)
    if tenant.one(there.where(members.c.user_id == user, living)) is None:
        raise not_invited()


def not_invited() -> Refused:
    """Whoever the provider knows, the organization does not."""
    return Refused(
        403,
        "not_invited",
        _("Your organization's sign-in knows you; this repository does not."),
        next_step=_("Ask an administrator of your organization for an invitation to this address."),
    )


def lift(tenant: Tenant) -> int:
    """Enforce no single sign-on any more: for whoever runs the server, when nobody comes in. Returns how many there were."""
    return tenant.update(single_sign_on, single_sign_on.c.enforced, enforced=False, changed_at=tenant.now())
