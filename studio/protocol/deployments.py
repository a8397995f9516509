"""What runs where: revisions deployed to environments, promotions between them, and what differs per environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import MaxLen

from studio.protocol import limits
from studio.protocol.fields import (
    BASE64,
    STRICT,
    Hash,
    Identity,
    Message,
    Path,
    Time,
    Variable,
    VariableValue,
)
from studio.protocol.projects import Compared, Entry

Scope = Literal["whole", "object", "variables"]

# What "variables only" means: the project's own variables and what differs per environment.
VARIABLE_FILE = "project.yaml"
VARIABLE_FOLDER = "environments/"


def holds_variables(path: str) -> bool:
    """Whether a deployment of variables only takes this path along."""
    return path == VARIABLE_FILE or path.startswith(VARIABLE_FOLDER)


@dataclass(frozen=True)
class NewDeployment:
    """Put a revision into an environment: whole, one object (`path`), or its variables only.

    `seen` is the tree that was there when the difference was shown (None: nothing): something else there by now → 412.
    """

    __pydantic_config__: ClassVar = STRICT

    environment: Identity
    revision: Identity
    scope: Scope
    seen: Hash | None
    path: Path | None = None
    message: Message = ""


@dataclass(frozen=True)
class NewPromotion:
    """Put what is deployed in one environment into another; both must still be as they were shown."""

    __pydantic_config__: ClassVar = STRICT

    source: Identity
    target: Identity
    source_tree: Hash
    target_tree: Hash | None
    message: Message = ""


@dataclass(frozen=True)
class Deployment:
    """One deployment that was made; `tree` is what the environment holds since."""

    id: str
    environment: str
    revision: str
    number: int
    scope: Scope
    path: str | None
    promoted_from: str | None
    tree: str
    author: str
    author_name: str
    message: str
    time: Time
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class DeploymentPage:
    """Deployments, newest first."""

    items: tuple[Deployment, ...]
    after: str | None = None


@dataclass(frozen=True)
class Deployed:
    """What an environment holds of a project now; `last` is None where nothing was deployed yet."""

    environment: str
    last: Deployment | None
    tree: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Planned:
    """What a deployment or promotion would change, and the names of the variables set differently on both sides."""

    source_tree: str
    target_tree: str | None
    difference: Compared
    variables: tuple[str, ...]


Values = Annotated[dict[Variable, VariableValue], MaxLen(limits.VARIABLES)]


@dataclass(frozen=True)
class NewVariables:
    """All values set in the repository for one project in one environment; they win over the files'."""

    __pydantic_config__: ClassVar = STRICT

    values: Values


@dataclass(frozen=True)
class Variables:
    """The values set; `version` counts their changes from 0."""

    values: dict[str, str]
    version: int


Base64 = Annotated[str, MaxLen(4 * (limits.SEALED_BYTES // 3) + 4), BASE64]


@dataclass(frozen=True)
class NewSealingKey:
    """The organization's public key (X25519, 32 bytes, base64); its private half never comes to the server."""

    __pydantic_config__: ClassVar = STRICT

    public: Annotated[str, MaxLen(44), BASE64]


@dataclass(frozen=True)
class SealingKey:
    """The key credentials are sealed to; `id` is the SHA-256 of its 32 bytes, to be compared by people."""

    id: str
    public: str
    created: Time


@dataclass(frozen=True)
class NewCredential:
    """A secret sealed by the client: `sealed` is of `studio.protocol.sealed`, base64; `key` says to which key."""

    __pydantic_config__: ClassVar = STRICT

    key: Hash
    sealed: Base64


@dataclass(frozen=True)
class Credential:
    """A sealed secret as kept; `stale` when the organization has a newer key by now."""

    name: str
    key: str
    stale: bool
    time: Time
    sealed: str = ""


@dataclass(frozen=True)
class Credentials:
    """The names of a project's sealed secrets in one environment."""

    items: tuple[Credential, ...]
