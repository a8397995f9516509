"""Project and what it holds: frozen; an edit makes a new one (see edits.py).

An object's id is its kind's folder and its reference: `transformations/orders-to-invoices`; the project's own is
`project`. A reference is the path below the kind's folder, without extension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from studio.base.errors import Problem
from studio.base.records import dataclass
from studio.mapping.model import Transformation

PROJECT = "project"
# Kinds with a model of their own; the rest is kept as read.
MODELLED = ("transformations", "operations", "connections", "scripts")
OTHERS = ("environments", "schedules", "notifications", "endpoints", "tests")
KINDS = (*MODELLED, *OTHERS)
# Folders whose files are kept as given.
FILES = ("schemas", "tables", "samples")


@dataclass(frozen=True)
class Activity:
    """A step of an operation.

    `kind` is `read`, `transform`, `write`, `script`, `call` …; `ref` the object a step names (`transform: REF`,
    `script: REF`), else empty; `settings` the options of one that has them (`connection`, `query`, `object` …), as
    read; `extra` further keys beside the kind.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    ref: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def connection(self) -> str:
        """The connection it reads or writes, empty where it has none."""
        value = self.settings.get("connection", "")
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Operation:
    """A chain of activities; `on_success` and `on_failure` name notifications or operations that follow."""

    name: str
    activities: tuple[Activity, ...] = ()
    on_success: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Connection:
    """How to reach a system of `kind` (`files`, `salesforce`, …).

    `settings` are the kind's own members (`login`, `folder` …), as read; `secrets` maps a field to the name under
    which the key store holds its value, never the value.
    """

    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True)
class Project:
    """Everything that is saved. Mappings are by reference; `schemas`, `tables`, `samples` are relative file paths.

    `scripts` holds the text of each script; `others` the objects kept as read, by id (`schedules/nightly`).
    """

    id: str
    name: str
    description: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    transformations: Mapping[str, Transformation] = field(default_factory=dict)
    operations: Mapping[str, Operation] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    schemas: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def objects(self) -> Iterator[str]:
        """The ids of all objects that have a file, the project's own first."""
        yield PROJECT
        for kind in MODELLED:
            for ref in self.of_kind(kind):
                yield f"{kind}/{ref}"
        yield from self.others

    def of_kind(self, kind: str) -> Mapping[str, Any]:
        """The objects of one kind by reference."""
        if kind in MODELLED:
            found: Mapping[str, Any] = getattr(self, kind)
            return found
        lead = f"{kind}/"
        return {id[len(lead) :]: value for id, value in self.others.items() if id.startswith(lead)}

    def script_ref(self, name: str) -> str | None:
        """The reference of the script called so: as written, else that of the JavaScript, whose ending may be left out."""
        return next((ref for ref in (name, f"{name}.js") if ref in self.scripts), None)

    def get(self, id: str) -> Any:
        """The object with this id (the project itself for `project`), None where there is none."""
        if id == PROJECT:
            return self
        kind, _slash, ref = id.partition("/")
        return getattr(self, kind).get(ref) if kind in MODELLED else self.others.get(id)


@dataclass(frozen=True)
class Loaded:
    """A project as read from its folder, and what is wrong with its files.

    `broken` are the files (relative) that could not be read: they are not in the project and saving never touches
    them. `commented` are those whose comments saving would lose.
    """

    project: Project
    problems: tuple[Problem, ...] = ()
    broken: frozenset[str] = frozenset()
    commented: frozenset[str] = frozenset()
