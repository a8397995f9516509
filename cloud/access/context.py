"""What a handler knows of the request it answers, and its way to the tables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import select
from starlette.requests import Request

from cloud.access.rights import Need, Right
from cloud.audit.entries import Entry, append
from cloud.audit.policy import masked, policy_of
from cloud.errors import forbidden, not_found
from cloud.server import Server, SignedIn
from cloud.store.database import Common, Tenant, Transaction
from cloud.store.metadata import SERVER
from cloud.store.tables import environments, member_roles, role_rights, roles


@dataclass(frozen=True)
class User:
    """Who is signed in."""

    id: str
    email: str
    name: str
    language: str
    server_admin: bool


class Context:
    """One request: `user`, `org` (id) and `environment` (id) as far as the route has them.

    Writing through `tenant(write=True)` or `common(write=True)` leaves the route's entry in the audit inside the same
    transaction; `audit` says more about it.
    """

    def __init__(self, server: Server, request: Request, need: Need, action: str | None) -> None:
        self.server = server
        self.request = request
        self.need = need
        self.action = action
        self.request_id: str = request.state.request_id
        self.address: str = request.state.address
        self.language: str = request.state.language
        self.signed_in: SignedIn | None = None
        self.user: User | None = None
        self.org: str | None = None
        self.environment: str | None = None
        self.admin = False
        self.audited = False
        self._rights: dict[str, frozenset[Right]] | None = None
        self._entry: Entry | None = None
        self._required = False

    @property
    def user_id(self) -> str:
        """Who is signed in; only where the route's need says somebody is."""
        assert self.user is not None
        return self.user.id

    @contextlib.contextmanager
    def tenant(self, *, write: bool = False) -> Iterator[Tenant]:
        """One transaction of the organization in the path."""
        assert self.org is not None, "this route has no organization"
        with self.server.database.tenant(self.org, user=self._who(), write=write) as opened:
            yield opened
            if write:
                self._written(opened)

    @contextlib.contextmanager
    def common(self, *, write: bool = False) -> Iterator[Common]:
        """One transaction of the server's own affairs: global tables, and the user's own rows of some others."""
        with self.server.database.common(user=self._who(), write=write) as opened:
            yield opened
            if write:
                self._written(opened)

    def seal(self, purpose: str, record: str, data: bytes) -> bytes:
        """Seal with the organization's key (the server's where the route has none)."""
        return self.server.envelope.seal(self.org or SERVER, purpose, record, data)

    def open(self, purpose: str, record: str, sealed: bytes) -> bytes:
        """Open what `seal` sealed. Raises Tampered and KeyGone."""
        return self.server.envelope.open(self.org or SERVER, purpose, record, sealed)

    def rights(self, environment: str) -> frozenset[Right]:
        """What the user may do in an environment (its id)."""
        return self.all_rights().get(environment, frozenset())

    def all_rights(self) -> dict[str, frozenset[Right]]:
        """What the user may do, by environment id; environments without any right are left out."""
        if self._rights is None:
            with self.tenant() as tenant:
                self.load_rights(tenant)
        assert self._rights is not None
        return self._rights

    def load_rights(self, tenant: Tenant) -> None:
        """Read the user's roles: once a request."""
        held = member_roles.join(
            roles, (roles.c.org_id == member_roles.c.org_id) & (roles.c.id == member_roles.c.role_id)
        ).outerjoin(
            role_rights, (role_rights.c.org_id == roles.c.org_id) & (role_rights.c.role_id == roles.c.id)
        )
        query = (
            select(roles.c.admin, role_rights.c.environment_id, role_rights.c.right)
            .select_from(held)
            .where(member_roles.c.user_id == self.user_id)
        )
        found: dict[str, set[Right]] = {}
        for row in tenant.rows(query):
            self.admin = self.admin or row.admin
            if row.right is not None:
                found.setdefault(row.environment_id, set()).add(Right(row.right))
        self._rights = {name: frozenset(held) for name, held in found.items()}

    def require(self, right: Right, environment: str) -> None:
        """Refuse unless the user has this right in the environment (its id).

        Where the user has no right at all there is nothing to see: the answer is that of a missing environment.
        """
        self._required = True
        held = self.rights(environment)
        if right in held:
            return
        raise forbidden() if held or self.admin else not_found()

    def environment_id(self, tenant: Tenant, name: str) -> str:
        """The id of an environment named by id or slug. Raises Refused (404)."""
        query = select(environments.c.id).where((environments.c.id == name) | (environments.c.slug == name))
        found: str | None = tenant.value(query)
        if found is None:
            raise not_found()
        return found

    def audit(self, target: str = "", before: Any = None, after: Any = None, *, action: str = "") -> None:
        """What the entry of this request says: what was changed (`project/<id>`), and how, secrets already left out.

        It is written when the transaction ends; `action` replaces the one the route was declared with.
        """
        assert self._entry is None, "a request leaves one entry"
        self._entry = self._new_entry(action or self.action or "", target, before, after)

    def leave_entry(self, transaction: Transaction) -> None:
        """Write the request's entry now, unless it has been written."""
        if self.action is None or self.audited:
            return
        self.audited = True
        entry = self._entry or self._new_entry(self.action, "", None, None)
        policy = policy_of(transaction)
        if self.request.method in ("GET", "HEAD") and not policy.reads:
            return
        if not policy.values:
            entry = replace(entry, before=None, after=None)
        append(transaction, self.server.envelope, entry)

    def note_refusal(self, code: str) -> None:
        """Leave an entry about something a member tried and may not, if the organization wants that."""
        if self.org is None:
            return
        with self.server.database.tenant(self.org, user=self._who()) as tenant:
            if not policy_of(tenant).refused:
                return
        action = self.action or f"{self.request.method} {self.route}"
        entry = self._new_entry("refused", action, None, {"code": code})
        with self.server.database.tenant(self.org, user=self._who(), write=True) as tenant:
            append(tenant, self.server.envelope, entry)

    def later(self, call: Callable[[], None]) -> None:
        """Call it once the answer is on its way; what it raises is logged, and the answer stays."""
        self.request.state.later.append(call)

    @property
    def route(self) -> str:
        """The pattern of the path."""
        return str(getattr(self.request.scope.get("route"), "path", ""))

    def _new_entry(self, action: str, target: str, before: Any, after: Any) -> Entry:
        via = self.signed_in.via if self.signed_in else ""
        who = self.user.id if self.user else ""
        values = (masked(before), masked(after))
        return Entry(action, target, who, via, self.address, self.request_id, *values)

    def _written(self, transaction: Transaction) -> None:
        if self.need.by_handler and not self._required:
            raise AssertionError(f"{self.request.url.path} writes without having asked for its right")
        self.leave_entry(transaction)

    def _who(self) -> str | None:
        return self.user.id if self.user else None


async def _context_of(request: Request) -> Context:
    context: Context = request.state.context
    return context


# What a handler writes for its first parameter: `def create(ctx: Ctx, body: NewProject) -> Project`.
Ctx = Annotated[Context, Depends(_context_of)]
