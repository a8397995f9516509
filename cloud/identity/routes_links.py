"""Routes of one-time links: a forgotten password, and the page behind a link that sets one."""

from __future__ import annotations

from fastapi import BackgroundTasks

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.errors import not_found
from cloud.identity import accounts, links
from cloud.identity.mail import mailer
from cloud.server import Server
from studio.base import i18n
from studio.base.i18n import _
from studio.protocol.identity import Forgotten, LinkShown, NewPassword, ResetLink, Ticket

HOURS = 24
routes = Routes("", "links")


@routes.post("/sign-in/forgotten", need=Need.public(), audit=None, tries=True, status_code=202)
def forgotten(ctx: Ctx, body: Forgotten, later: BackgroundTasks) -> None:
    """Ask for a link by mail. The answer, and when it comes, is the same whether anybody has this address."""
    later.add_task(_send_link, ctx.server, body.email, ctx.language)


@routes.post("/set-password/look", need=Need.public(), audit=None, tries=True)
def look(ctx: Ctx, body: Ticket) -> LinkShown:
    """Whose password a link sets, and how long it has to be."""
    email, rules = links.look(ctx, body.ticket)
    return LinkShown(email, rules.least)


@routes.post("/set-password", need=Need.public(), audit="password.set", tries=True, status_code=204)
def set_password(ctx: Ctx, body: NewPassword) -> None:
    """Set the password; sessions and personal tokens end. Signing in comes after, with the second factor if there is one."""
    links.set_password(ctx, body.ticket, body.password)


@routes.post("/users/{user}/password-link", need=Need.server_admin(), audit="password.link", status_code=201)
def password_link(ctx: Ctx, user: str) -> ResetLink:
    """A link that sets somebody's password, to be handed over by whoever runs the server."""
    with ctx.common() as common:
        if accounts.by_id(common, user) is None:
            raise not_found()
    return ResetLink(links.new_link(ctx, user, HOURS), HOURS)


def _send_link(server: Server, email: str, language: str) -> None:
    """After the answer: nobody sees how long this takes."""
    by = mailer(server.config)
    with server.database.common() as common:
        row = accounts.by_email(common, email)
    if by is None or row is None or row.disabled_at is not None:
        return
    i18n.use_language_here(row.language or language)
    link = links.password_link(server, row.id, hours=links.FORGOTTEN_HOURS)
    text = _("Somebody, hopefully you, asked for a new password for your account in a Weft repository.")
    text += (
        "\n\n"
        + _("This link sets it, once, within an hour. If it was not you, do nothing:")
        + f"\n\n{link}\n"
    )
    by.send(row.email, _("A new password"), text)
