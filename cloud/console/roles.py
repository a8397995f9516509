"""Pages: roles, and their rights by environment as a matrix of check boxes."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access import roles as api
from cloud.access import stages
from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.console.confirm import remove_named
from cloud.console.frame import HOME, done, frame_of, show, show_one
from cloud.console.words import RIGHTS, right_name
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/roles", "console: roles")
Matrix = dict[str, list[str]]


async def _environments(ctx: Context, org: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask(ctx, stages.names, org=org)).data
    return found


def ticked(form: Fields, environments: list[dict[str, Any]]) -> Matrix:
    """The rights whose boxes are ticked, by environment id; each box is named `right` and says `environment:right`."""
    boxes = set(form.all("right"))
    given: Matrix = {
        each["id"]: [right for right in RIGHTS if f"{each['id']}:{right}" in boxes] for each in environments
    }
    return {where: rights for where, rights in given.items() if rights}


def _said(form: Fields, environments: list[dict[str, Any]]) -> dict[str, Any]:
    """The role the form describes."""
    return {"name": form["name"], "admin": "yes" in form.all("admin"), "rights": ticked(form, environments)}


def difference(
    before: dict[str, Any], after: dict[str, Any], environments: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """What a change of a role gives ("+") and takes ("-"), each as a sentence; "~" is what is otherwise different."""
    found = []
    if before["name"] != after["name"]:
        found.append(("~", _("Its name will be “{name}”.").format(name=after["name"])))
    if before["admin"] != after["admin"]:
        said = _("Administers the organization: members, roles, environments, policies")
        found.append(("+" if after["admin"] else "-", said))
    for environment in environments:
        id, name = environment["id"], environment["name"]
        for right in RIGHTS:
            had, has = right in before["rights"].get(id, []), right in after["rights"].get(id, [])
            if had != has:
                said = _("{right} in {environment}").format(right=right_name(right), environment=name)
                found.append(("+" if has else "-", said))
    return found


@pages.get("", shows=api.names)
async def roles(ctx: Ctx, org: str) -> Response:
    """All roles and what each may do where."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.names, org=org)).data
    known = await _environments(ctx, org)
    return await show(ctx, "roles.html", title=_("Roles"), frame=frame, roles=found, environments=known)


@pages.get("/new", need=Need.admin())
async def new(ctx: Ctx, form: Form, org: str) -> Response:
    """The form of a new role."""
    frame = await frame_of(ctx, org)
    blank = {"id": "", "name": "", "admin": False, "rights": {}, "members": 0}
    return await show(
        ctx,
        "role.html",
        title=_("New role"),
        frame=frame,
        role=blank,
        version="",
        environments=await _environments(ctx, org),
        form=form,
    )


@pages.post("/new", does=api.create, again=new)
async def create(ctx: Ctx, form: Form, org: str) -> Response:
    """Make it."""
    known = await _environments(ctx, org)
    body = _said(form, known)
    await ask(ctx, api.create, org=org, body=body)
    return done(f"{HOME}/organizations/{org}/roles", "role_made")


@pages.get("/{role}", shows=api.show)
async def role(ctx: Ctx, form: Form, org: str, role: str) -> Response:
    """One role: to be changed by administrators, to be read by everybody else."""
    frame = await frame_of(ctx, org)
    found = await ask(ctx, api.show, org=org, role=role)
    known = await _environments(ctx, org)
    return await show_one(ctx, form, "role.html", frame, "role", found, environments=known)


@pages.post("/{role}/review", need=Need.admin(), again=role)
async def review(ctx: Ctx, form: Form, org: str, role: str) -> Response:
    """What the change would give and take, before it is made."""
    frame = await frame_of(ctx, org)
    before = (await ask(ctx, api.show, org=org, role=role)).data
    known = await _environments(ctx, org)
    after = _said(form, known)
    changes = difference(before, after, known)
    if not changes:
        return done(f"{HOME}/organizations/{org}/roles/{role}", "role_same")
    return await show(
        ctx,
        "role_review.html",
        title=_("What will change"),
        frame=frame,
        role=before,
        form=form,
        changes=changes,
    )


@pages.post("/{role}", does=api.change, again=role)
async def change(ctx: Ctx, form: Form, org: str, role: str) -> Response:
    """Make the change, if the role still is what it was."""
    known = await _environments(ctx, org)
    body = _said(form, known)
    await ask(ctx, api.change, org=org, role=role, body=body, match=form["version"])
    return done(f"{HOME}/organizations/{org}/roles/{role}", "role_changed")


@pages.post("/{role}/remove", does=api.remove, again=role)
async def remove(ctx: Ctx, form: Form, org: str, role: str) -> Response:
    """Remove a role nobody has."""
    await remove_named(ctx, form, api.show, api.remove, org=org, role=role)
    return done(f"{HOME}/organizations/{org}/roles", "role_removed")
