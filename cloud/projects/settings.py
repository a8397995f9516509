"""What is set in the repository for a project in one environment: variables, and secrets the server cannot open."""

from __future__ import annotations

import base64
import binascii

from sqlalchemy import ColumnElement, select

from cloud.access.context import Context
from cloud.errors import Refused, conflict, not_found, precondition_failed
from cloud.projects.texts import from_bytes, to_bytes
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.tables_projects import credentials, sealing_keys, variables
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.protocol import limits, sealed
from studio.protocol.deployments import Credential, NewCredential, SealingKey, Variables

_VALUES = "variables.content"
_SECRET = "credentials.content"


def values_of(ctx: Context, tenant: Tenant, project: str, environment: str) -> Variables:
    """The variables set; version 0 where none ever were."""
    here = (variables.c.project_id == project) & (variables.c.environment_id == environment)
    row = tenant.one(select(variables).where(here))
    if row is None:
        return Variables({}, 0)
    values = from_bytes(ctx.open(_VALUES, f"{project}/{environment}", bytes(row.content)))
    return Variables(values, row.version)


def set_values(
    ctx: Context, tenant: Tenant, project: str, environment: str, expected: str, values: dict[str, str]
) -> Variables:
    """Replace all values. Raises Refused (412) when they are not those of the version expected."""
    now = values_of(ctx, tenant, project, environment)
    content = ctx.seal(_VALUES, f"{project}/{environment}", to_bytes(values))
    here = (variables.c.project_id == project) & (variables.c.environment_id == environment)
    told = {"content": content, "version": now.version + 1, "changed_at": tenant.now()}
    won = str(now.version) == expected
    if won and now.version:
        won = bool(tenant.update(variables, here & (variables.c.version == now.version), **told))
    elif won:
        won = tenant.insert_new(variables, project_id=project, environment_id=environment, **told)
    if not won:
        raise precondition_failed(str(now.version))
    changed = {name for name in now.values.keys() | values.keys() if now.values.get(name) != values.get(name)}
    # Names only: a value may be a secret somebody put there.
    after = {"environment": environment, "changed": sorted(changed)}
    ctx.audit(f"project/{project}/variables", after=after)
    return Variables(values, now.version + 1)


def newest_key(tenant: Tenant) -> SealingKey | None:
    """The public key secrets are sealed to now."""
    row = tenant.one(select(sealing_keys).order_by(sealing_keys.c.created_at.desc()).limit(1))
    return None if row is None else SealingKey(row.id, row.public, time_text(row.created_at))


def set_key(ctx: Context, tenant: Tenant, public: str) -> SealingKey:
    """A new public key; secrets sealed to the one before are told as stale. Raises Refused (409, 422)."""
    try:
        sealed.public_key(public)
    except BadInput as error:
        raise Refused(422, "not_a_key", error.message) from error
    name = sealed.key_id(public)
    now = newest_key(tenant)
    if now is not None and now.id == name:
        return now
    added = tenant.insert_new(
        sealing_keys, id=name, public=public, created_at=tenant.now(), created_by=ctx.user_id
    )
    if not added:
        raise conflict(_("This key was used before, and replaced."), "key_replaced")
    ctx.audit(f"sealing-key/{name}", before={"key": now.id if now else None}, after={"key": name})
    made = newest_key(tenant)
    assert made is not None
    return made


def set_credential(
    ctx: Context, tenant: Tenant, project: str, environment: str, name: str, body: NewCredential
) -> Credential:
    """Keep a sealed secret. Raises Refused: 409 for another key than the newest, 422 for what cannot be sealed."""
    key = newest_key(tenant)
    if key is None or key.id != body.key:
        raise conflict(
            _("The secret is sealed to a key the organization does not use now."),
            "another_key",
            next_step=_("Fetch the organization's key and seal the secret again."),
            key=key.id if key else None,
        )
    try:
        data = base64.b64decode(body.sealed, validate=True)
    except binascii.Error as error:
        raise _not_sealed() from error
    if not sealed.SHORTEST <= len(data) <= limits.SEALED_BYTES:
        raise _not_sealed()
    here = _place(project, environment, name)
    content = ctx.seal(_SECRET, f"{project}/{environment}/{name}", data)
    told = {"key_id": key.id, "content": content, "changed_at": tenant.now()}
    names = {"project_id": project, "environment_id": environment, "name": name}
    if not tenant.insert_new(credentials, **names, **told):
        tenant.update(credentials, here, **told)
    ctx.audit(f"project/{project}/credential/{name}", after={"environment": environment, "key": key.id})
    return credential(ctx, tenant, project, environment, name)


def credential(ctx: Context, tenant: Tenant, project: str, environment: str, name: str) -> Credential:
    """A sealed secret as it was brought. Raises Refused (404)."""
    row = tenant.one(select(credentials).where(_place(project, environment, name)))
    if row is None:
        raise not_found()
    key = newest_key(tenant)
    data = ctx.open(_SECRET, f"{project}/{environment}/{name}", bytes(row.content))
    stale = key is None or key.id != row.key_id
    return Credential(name, row.key_id, stale, time_text(row.changed_at), base64.b64encode(data).decode())


def credential_names(tenant: Tenant, project: str, environment: str) -> list[Credential]:
    """Which secrets there are, without them."""
    here = (credentials.c.project_id == project) & (credentials.c.environment_id == environment)
    key = newest_key(tenant)
    return [
        Credential(row.name, row.key_id, key is None or key.id != row.key_id, time_text(row.changed_at))
        for row in tenant.rows(select(credentials).where(here).order_by(credentials.c.name))
    ]


def remove_credential(ctx: Context, tenant: Tenant, project: str, environment: str, name: str) -> None:
    """Remove a secret. Raises Refused (404)."""
    if not tenant.delete(credentials, _place(project, environment, name)):
        raise not_found()
    ctx.audit(f"project/{project}/credential/{name}", before={"environment": environment})


def _place(project: str, environment: str, name: str) -> ColumnElement[bool]:
    return (
        (credentials.c.project_id == project)
        & (credentials.c.environment_id == environment)
        & (credentials.c.name == name)
    )


def _not_sealed() -> Refused:
    return Refused(
        422,
        "not_sealed",
        _("This is not a sealed secret."),
        next_step=_("Seal it to the organization's key; the server takes nothing open."),
    )
