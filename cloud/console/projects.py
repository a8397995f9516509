"""Pages: projects, their history, the difference between two revisions, and restoring one."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud.access import stages
from cloud.access.context import Context, Ctx
from cloud.console.frame import HOME, Frame, done, frame_of, show
from cloud.console.lines import difference_of
from cloud.pages.api import ask
from cloud.pages.forms import Fields, Form, Pages
from cloud.projects import project_routes, pull_routes, push_routes
from studio.base.i18n import _

PROJECT = f"{HOME}/organizations/{{org}}/projects/{{project}}"
pages = Pages(f"{HOME}/organizations/{{org}}/projects", "console: projects")
# Contents shown line by line are at most so large; others are only said to be different.
SHOWN_BYTES = 200_000


async def environments_of(ctx: Context, org: str) -> list[dict[str, Any]]:
    """The environments the one who looks may see, in the order of promotion."""
    found: list[dict[str, Any]] = (await ask(ctx, stages.names, org=org)).data
    return found


async def project_of(ctx: Context, org: str, project: str) -> tuple[Frame, dict[str, Any], str]:
    """The organization, the project, and the version of it. Raises Refused."""
    frame = await frame_of(ctx, org)
    found = await ask(ctx, project_routes.get_project, org=org, project=project)
    return frame, found.data, found.version


@pages.get("", shows=project_routes.list_projects)
async def projects(ctx: Ctx, org: str, after: str = "", archived: str = "") -> Response:
    """The projects one may read."""
    frame = await frame_of(ctx, org)
    query = {"after": after or None, "archived": "true" if archived else None, "limit": 100}
    found = (await ask(ctx, project_routes.list_projects, org=org, query=query)).data
    known = {each["id"]: each for each in await environments_of(ctx, org)}
    return await show(
        ctx,
        "projects.html",
        title=_("Projects"),
        frame=frame,
        page=found,
        environments=known,
        archived=bool(archived),
        writable=[each for each in known.values() if frame.may("write", each["id"])],
    )


@pages.get("/new", shows=project_routes.list_projects)
async def new(ctx: Ctx, form: Form, org: str) -> Response:
    """The form of a new project."""
    frame = await frame_of(ctx, org)
    homes = [each for each in await environments_of(ctx, org) if frame.may("write", each["id"])]
    return await show(ctx, "project_new.html", title=_("New project"), frame=frame, homes=homes, form=form)


@pages.post("/new", does=project_routes.create_project, again=new)
async def create(ctx: Ctx, form: Form, org: str) -> Response:
    """Make it."""
    body = {name: form[name] for name in ("name", "environment", "description")}
    made = (await ask(ctx, project_routes.create_project, org=org, body=body)).data
    return done(f"{HOME}/organizations/{org}/projects/{made['id']}", "project_made")


@pages.get("/{project}", shows=pull_routes.list_revisions)
async def project(ctx: Ctx, org: str, project: str, after: str = "") -> Response:
    """A project's history."""
    frame, found, _version = await project_of(ctx, org, project)
    query = {"after": after or None, "limit": 50}
    history = (await ask(ctx, pull_routes.list_revisions, org=org, project=project, query=query)).data
    return await show(ctx, "project.html", title=found["name"], frame=frame, project=found, page=history)


@pages.get("/{project}/settings", shows=project_routes.change_project)
async def settings(ctx: Ctx, form: Form, org: str, project: str) -> Response:
    """A project's name, description, and whether it is in the archive."""
    frame, found, version = await project_of(ctx, org, project)
    return await show(
        ctx,
        "project_settings.html",
        title=found["name"],
        frame=frame,
        project=found,
        version=form.version(version),
        form=form,
    )


@pages.post("/{project}/settings", does=project_routes.change_project, again=settings)
async def change(ctx: Ctx, form: Form, org: str, project: str) -> Response:
    """Change them."""
    body = {
        "name": form["name"],
        "description": form["description"],
        "archived": "yes" in form.all("archived"),
    }
    version = form["version"]
    await ask(ctx, project_routes.change_project, org=org, project=project, body=body, match=version)
    return done(f"{HOME}/organizations/{org}/projects/{project}/settings", "project_changed")


@pages.get("/{project}/revisions/{revision}", shows=pull_routes.get_revision)
async def revision(ctx: Ctx, org: str, project: str, revision: str) -> Response:
    """One revision: what it holds, and what it changed."""
    frame, found, _version = await project_of(ctx, org, project)
    one = (await ask(ctx, pull_routes.get_revision, org=org, project=project, revision=revision)).data
    holds = (await ask(ctx, pull_routes.get_manifest, org=org, project=project, revision=revision)).data
    changed = await compared(ctx, org, project, one["parent"], revision)
    environments = await environments_of(ctx, org)
    return await show(
        ctx,
        "revision.html",
        title=_("Revision {n}").format(n=one["number"]),
        frame=frame,
        project=found,
        revision=one,
        entries=holds,
        compared=changed,
        targets=[each for each in environments if frame.may("write", each["id"])],
    )


async def compared(ctx: Context, org: str, project: str, before: str | None, after: str) -> dict[str, Any]:
    """What is different between two revisions."""
    query = {"before": before, "after": after}
    found: dict[str, Any] = (
        await ask(ctx, pull_routes.get_difference, org=org, project=project, query=query)
    ).data
    return found


@pages.get("/{project}/compare", shows=pull_routes.get_difference)
async def compare(ctx: Ctx, org: str, project: str, before: str = "", after: str = "") -> Response:
    """Two revisions to choose, and what is different between them."""
    frame, found, _version = await project_of(ctx, org, project)
    history = (
        await ask(ctx, pull_routes.list_revisions, org=org, project=project, query={"limit": 200})
    ).data["items"]
    numbered = {each["id"]: each["number"] for each in history}
    changed = await compared(ctx, org, project, before or None, after) if after else None
    return await show(
        ctx,
        "compare.html",
        title=_("Compare revisions"),
        frame=frame,
        project=found,
        history=history,
        numbered=numbered,
        before=before,
        after=after,
        compared=changed,
    )


@pages.get("/{project}/compare/object", shows=pull_routes.get_difference)
async def compare_object(
    ctx: Ctx, org: str, project: str, path: str, after: str, before: str = ""
) -> Response:
    """One object in two revisions, line by line."""
    frame, found, _version = await project_of(ctx, org, project)
    sides = [await _text(ctx, org, project, side, path) if side else "" for side in (before, after)]
    lines = None
    if None not in sides:
        lines = await run_in_threadpool(difference_of, str(sides[0]), str(sides[1]))
    return await show(
        ctx,
        "compare_object.html",
        title=path,
        frame=frame,
        project=found,
        before=before,
        after=after,
        lines=lines,
    )


async def _text(ctx: Context, org: str, project: str, revision: str, path: str) -> str | None:
    """An object's text; "" where the revision has none, None where it is large or no text."""
    holds = (await ask(ctx, pull_routes.get_manifest, org=org, project=project, revision=revision)).data
    entry = next((each for each in holds if each["path"] == path), None)
    if entry is None:
        return ""
    if entry["size"] > SHOWN_BYTES:
        return None
    content = (await ask(ctx, pull_routes.get_object, org=org, project=project, digest=entry["hash"])).data
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        return None


@pages.get("/{project}/revisions/{revision}/restore", shows=push_routes.restore)
async def restore(ctx: Ctx, form: Form, org: str, project: str, revision: str) -> Response:
    """What restoring a revision would change."""
    frame, found, _version = await project_of(ctx, org, project)
    one = (await ask(ctx, pull_routes.get_revision, org=org, project=project, revision=revision)).data
    head = found["head"]["id"] if found["head"] else None
    return await show(
        ctx,
        "restore.html",
        title=_("Restore revision {n}").format(n=one["number"]),
        frame=frame,
        project=found,
        revision=one,
        head=head,
        key=secrets.token_hex(16),
        compared=await compared(ctx, org, project, head, revision),
        form=form,
    )


@pages.post("/{project}/revisions/{revision}/restore", does=push_routes.restore, again=restore)
async def restored(ctx: Ctx, form: Form, org: str, project: str, revision: str) -> Response:
    """Make a new revision equal to the old one, if the head still is the one that was shown."""
    body = {"revision": revision, "message": message(form)}
    await ask(
        ctx,
        push_routes.restore,
        org=org,
        project=project,
        body=body,
        match=f'"{form["head"]}"',
        key=form["key"],
    )
    return done(f"{HOME}/organizations/{org}/projects/{project}", "restored")


def message(form: Fields) -> str:
    """What was written beside a change, with line ends as the API takes them."""
    return form["message"].replace("\r\n", "\n")
