"""The rights of a role in an environment, and what each route needs of whoever calls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a role may do in one environment; none of them contains another."""

    VIEW_LOGS = "view_logs"
    INSTALL_AGENTS = "install_agents"
    READ = "read"
    EXECUTE = "execute"
    WRITE = "write"


class Who(StrEnum):
    """Who may call a route at all."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    MEMBER = "member"
    ADMIN = "admin"
    ENVIRONMENT = "environment"
    SERVER_ADMIN = "server_admin"


@dataclass(frozen=True)
class Need:
    """What a route needs. Of an ENVIRONMENT route `right` is asked for in the environment the path leads to, or, with
    `by_handler`, in the one the handler names with `Context.require` before it writes."""

    who: Who
    right: Right | None = None
    by_handler: bool = False

    @classmethod
    def public(cls) -> Need:
        """Anybody, known or not."""
        return cls(Who.PUBLIC)

    @classmethod
    def signed_in(cls) -> Need:
        """Whoever is signed in."""
        return cls(Who.SIGNED_IN)

    @classmethod
    def member(cls) -> Need:
        """A member of the organization in the path."""
        return cls(Who.MEMBER)

    @classmethod
    def admin(cls) -> Need:
        """An administrator of the organization in the path."""
        return cls(Who.ADMIN)

    @classmethod
    def in_environment(cls, right: Right, *, by_handler: bool = False) -> Need:
        """A member with a right in the environment the path leads to (see `routes.leads_to`)."""
        return cls(Who.ENVIRONMENT, right, by_handler)

    @classmethod
    def server_admin(cls) -> Need:
        """Whoever runs the server."""
        return cls(Who.SERVER_ADMIN)

    @property
    def in_organization(self) -> bool:
        """The path names an organization."""
        return self.who in (Who.MEMBER, Who.ADMIN, Who.ENVIRONMENT)
