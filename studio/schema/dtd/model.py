"""The parts of a DTD's declarations: content models, attributes, entities, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spot:
    """A place in a file, from line 1; what stands in an entity counts where the entity is used."""

    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Particle:
    """An element's name in a content model, with its `?`, `*`, `+` or nothing."""

    name: str
    mark: str = ""


@dataclass(frozen=True)
class Group:
    """A sequence (`,`) or choice (`|`) of particles and groups."""

    joint: str
    items: tuple[Particle | Group, ...]
    mark: str = ""


@dataclass(frozen=True)
class Attribute:
    """A declared attribute: `kind` is CDATA, ID … or NOTATION, `use` is #REQUIRED, #IMPLIED, #FIXED or nothing."""

    name: str
    kind: str = "CDATA"
    values: tuple[str, ...] = ()
    use: str = ""
    default: str | None = None
    spot: Spot = Spot()


@dataclass(frozen=True)
class Entity:
    """A parameter entity: its replacement text, or where that lies."""

    value: str | None
    public: str | None = None
    system: str | None = None
    base: Path | None = None
    spot: Spot = Spot()
