"""Organizations, members, roles and environments as client and server tell each other about them.

Rights by environment are a mapping: environment id → the rights a role gives there (see `RIGHTS`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from studio.protocol.fields import STRICT, Identity, Name, Pattern, Time

SLUG = Pattern(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
# What stands in addresses and commands: small letters, digits, hyphens.
Slug = Annotated[str, MaxLen(63), SLUG]
RightName = Literal["view_logs", "install_agents", "read", "execute", "write"]
RIGHTS: tuple[RightName, ...] = ("view_logs", "install_agents", "read", "execute", "write")
# So many roles, environments, and roles of one member an organization can have.
MOST = 200
Rights = Annotated[tuple[RightName, ...], MaxLen(len(RIGHTS))]
Matrix = Annotated[dict[Identity, Rights], MaxLen(MOST)]
Position = Annotated[int, Ge(0), Le(10_000)]


@dataclass(frozen=True)
class NewOrganization:
    """A tenant to be made; whoever makes it becomes its first administrator."""

    __pydantic_config__: ClassVar = STRICT

    name: Name
    slug: Slug


@dataclass(frozen=True)
class OrganizationChange:
    """What is to be different; what is None stays."""

    __pydantic_config__: ClassVar = STRICT

    name: Name | None = None
    slug: Slug | None = None


@dataclass(frozen=True)
class Organization:
    """A tenant, and what the one who asks may do in it."""

    id: str
    slug: str
    name: str
    created: Time
    admin: bool = False
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class OrganizationPage:
    """Organizations by id, which is the order they were made in."""

    items: tuple[Organization, ...]
    after: str | None = None


@dataclass(frozen=True)
class Member:
    """Somebody in an organization, with the ids of their roles there."""

    user: str
    name: str
    email: str
    joined: Time
    disabled: bool
    roles: tuple[str, ...]


@dataclass(frozen=True)
class MemberPage:
    """Members by id."""

    items: tuple[Member, ...]
    after: str | None = None


@dataclass(frozen=True)
class MemberChange:
    """What is to be different of a member; what is None stays. A disabled member keeps roles and cannot enter."""

    __pydantic_config__: ClassVar = STRICT

    roles: Annotated[tuple[Identity, ...], MaxLen(MOST)] | None = None
    disabled: bool | None = None


@dataclass(frozen=True)
class NewRole:
    """A role: `admin` manages members, roles, environments and policies, `rights` says what it may do where."""

    __pydantic_config__: ClassVar = STRICT

    name: Name
    admin: bool = False
    rights: Matrix = field(default_factory=dict)


@dataclass(frozen=True)
class Role:
    """A role as it is."""

    id: str
    name: str
    admin: bool
    rights: dict[str, tuple[str, ...]]
    members: int
    changed: Time


@dataclass(frozen=True)
class NewEnvironment:
    """A stage projects are deployed to; promotion goes from lower to higher positions."""

    __pydantic_config__: ClassVar = STRICT

    name: Name
    slug: Slug
    position: Position = 0


@dataclass(frozen=True)
class EnvironmentChange:
    """What is to be different; what is None stays."""

    __pydantic_config__: ClassVar = STRICT

    name: Name | None = None
    slug: Slug | None = None
    position: Position | None = None


@dataclass(frozen=True)
class Environment:
    """A stage, and what the one who asks may do there."""

    id: str
    slug: str
    name: str
    position: int
    changed: Time
    rights: tuple[str, ...] = ()
