"""Pages: an organization's policies on passwords and sessions, on the network it is reached from, and on its audit."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.audit import endpoints as audit
from cloud.console.frame import HOME, done, frame_of, show
from cloud.identity import routes_policies as api
from cloud.pages.api import ask
from cloud.pages.forms import Form, Pages
from studio.base.i18n import _

pages = Pages(f"{HOME}/organizations/{{org}}/policies", "console: policies")
NUMBERS = (
    "least",
    "history",
    "expires_days",
    "lock_after",
    "lock_minutes",
    "session_idle_minutes",
    "session_hours",
)
RECORDED = ("values", "reads", "sign_ins", "refused")


@pages.get("", need=Need.admin())
async def passwords(ctx: Ctx, form: Form, org: str) -> Response:
    """Passwords, second factor and sessions."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.read_password_rules, org=org)).data
    return await show(ctx, "policy_passwords.html", title=_("Policies"), frame=frame, rules=found, form=form)


@pages.post("", does=api.set_password_rules, again=passwords)
async def set_passwords(ctx: Ctx, form: Form, org: str) -> Response:
    """Set them."""
    body: dict[str, Any] = {name: form.whole(name) for name in NUMBERS}
    body["second_factor"] = "yes" in form.all("second_factor")
    await ask(ctx, api.set_password_rules, org=org, body=body)
    return done(f"{HOME}/organizations/{org}/policies", "policy_saved")


@pages.get("/network", shows=api.read_allow_list)
async def network(ctx: Ctx, form: Form, org: str) -> Response:
    """The addresses the organization may be reached from."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, api.read_allow_list, org=org)).data
    return await show(
        ctx,
        "policy_network.html",
        title=_("Policies"),
        frame=frame,
        ranges="\n".join(found["ranges"]),
        address=ctx.address,
        form=form,
    )


@pages.post("/network", does=api.set_allow_list, again=network)
async def set_network(ctx: Ctx, form: Form, org: str) -> Response:
    """Set them; the API refuses a list that shuts out whoever saves it."""
    await ask(ctx, api.set_allow_list, org=org, body={"ranges": list(form.lines("ranges"))})
    return done(f"{HOME}/organizations/{org}/policies/network", "policy_saved")


@pages.get("/audit", shows=audit.policy)
async def recorded(ctx: Ctx, form: Form, org: str) -> Response:
    """How much the audit records."""
    frame = await frame_of(ctx, org)
    found = (await ask(ctx, audit.policy, org=org)).data
    return await show(ctx, "policy_audit.html", title=_("Policies"), frame=frame, policy=found, form=form)


@pages.post("/audit", does=audit.change_policy, again=recorded)
async def set_recorded(ctx: Ctx, form: Form, org: str) -> Response:
    """Set it."""
    ticked = form.all("recorded")
    await ask(ctx, audit.change_policy, org=org, body={name: name in ticked for name in RECORDED})
    return done(f"{HOME}/organizations/{org}/policies/audit", "policy_saved")
