"""Variables and sealed secrets of a project in an environment, and the key secrets are sealed to."""

from __future__ import annotations

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.errors import not_found
from cloud.projects import settings
from cloud.projects.answers import Expected, json_answer
from cloud.projects.deploying import need_visible
from cloud.projects.parameters import CredentialName, Here, ProjectId
from studio.protocol import limits
from studio.protocol.deployments import (
    Credential,
    Credentials,
    NewCredential,
    NewSealingKey,
    NewVariables,
    SealingKey,
    Variables,
)

organization = Routes("/organizations/{org}", "secrets")
routes = Routes("/organizations/{org}/projects/{project}/environments/{environment}", "secrets")
READ, WRITE = Need.in_environment(Right.READ), Need.in_environment(Right.WRITE)


@organization.get("/sealing-key", need=Need.member(), response_model=SealingKey)
def get_sealing_key(ctx: Ctx) -> Response:
    """The public key secrets are sealed to; 404 as long as there is none."""
    with ctx.tenant() as tenant:
        key = settings.newest_key(tenant)
    if key is None:
        raise not_found()
    return json_answer(key, tag=key.id)


@organization.put("/sealing-key", need=Need.admin(), audit="sealing_key.set", response_model=SealingKey)
def put_sealing_key(ctx: Ctx, body: NewSealingKey) -> Response:
    """Set the public key; whoever made it keeps the private half, the server never sees it."""
    with ctx.tenant(write=True) as tenant:
        return json_answer(settings.set_key(ctx, tenant, body.public))


@routes.get("/variables", need=READ, response_model=Variables)
def get_variables(ctx: Ctx, project: ProjectId, here: Here) -> Response:
    """The values set in the repository; the ETag is what a change must be based on."""
    with ctx.tenant() as tenant:
        need_visible(ctx, tenant, project, here)
        found = settings.values_of(ctx, tenant, project, here)
    return json_answer(found, tag=str(found.version))


@routes.put(
    "/variables", need=WRITE, audit="variables.set", body=limits.REQUEST_BYTES * 2, response_model=Variables
)
def put_variables(
    ctx: Ctx, project: ProjectId, here: Here, expected: Expected, body: NewVariables
) -> Response:
    """Replace all values; If-Match names the version they are based on, `"0"` at first."""
    with ctx.tenant(write=True) as tenant:
        need_visible(ctx, tenant, project, here)
        found = settings.set_values(ctx, tenant, project, here, expected, dict(body.values))
    return json_answer(found, tag=str(found.version))


@routes.get("/credentials", need=READ, response_model=Credentials)
def list_credentials(ctx: Ctx, project: ProjectId, here: Here) -> Response:
    """Which secrets there are; `stale` ones are to be sealed again."""
    with ctx.tenant() as tenant:
        need_visible(ctx, tenant, project, here)
        return json_answer(Credentials(tuple(settings.credential_names(tenant, project, here))))


@routes.get(
    "/credentials/{name}",
    need=Need.in_environment(Right.EXECUTE),
    audit="credential.read",
    response_model=Credential,
)
def get_credential(ctx: Ctx, project: ProjectId, here: Here, name: CredentialName) -> Response:
    """A sealed secret, for whoever runs operations there and holds the private key."""
    with ctx.tenant() as tenant:
        need_visible(ctx, tenant, project, here)
        found = settings.credential(ctx, tenant, project, here, name)
    ctx.audit(f"project/{project}/credential/{name}")
    return json_answer(found)


@routes.put("/credentials/{name}", need=WRITE, audit="credential.set", response_model=Credential)
def put_credential(
    ctx: Ctx, project: ProjectId, here: Here, name: CredentialName, body: NewCredential
) -> Response:
    """Keep a secret the client sealed; the server cannot open it."""
    with ctx.tenant(write=True) as tenant:
        need_visible(ctx, tenant, project, here)
        return json_answer(settings.set_credential(ctx, tenant, project, here, name, body))


@routes.delete("/credentials/{name}", need=WRITE, audit="credential.remove")
def delete_credential(ctx: Ctx, project: ProjectId, here: Here, name: CredentialName) -> None:
    """Remove a secret."""
    with ctx.tenant(write=True) as tenant:
        settings.remove_credential(ctx, tenant, project, here, name)
