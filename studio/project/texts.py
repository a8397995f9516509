"""A project as the texts of its objects: what is saved, journalled, compared, merged and packed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.base.yaml_read import decode, read
from studio.project import objects
from studio.project.layout import file_of
from studio.project.model import MODELLED, PROJECT, Project


def object_text(project: Project, id: str) -> str | None:
    """The text of an object's file, None where the project has no such object."""
    value = project.get(id)
    return None if value is None else value_text(id, value)


def value_text(id: str, value: Any) -> str:
    """The text of the file of an object given as it stands in the project."""
    kind = id.partition("/")[0]
    if kind == "scripts":
        # Half a character has no UTF-8 form and would make the file unwritable.
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if kind == "transformations":
        return objects.write_transformation(value)
    if kind == "operations":
        return objects.write_operation(value)
    if kind == "connections":
        return objects.write_connection(value)
    if kind == PROJECT:
        return objects.write_project(value)
    return objects.write_other(value)


def parsed(id: str, data: bytes, default_name: str | None = None) -> Any:
    """The object in a file's content; raises BadInput naming the file and line."""
    kind, _slash, ref = id.partition("/")
    name = default_name or ref.rpartition("/")[2]
    file = file_of(id)
    if kind == "scripts":
        return decode(data, file=file)
    node = read(data, file=file)
    if kind == "transformations":
        return objects.read_transformation(node, name)
    if kind == "operations":
        return objects.read_operation(node, name)
    if kind == "connections":
        return objects.read_connection(node, name)
    if kind == PROJECT:
        return objects.read_project(node, name)
    return objects.read_other(node, kind)


def with_value(project: Project, id: str, value: Any) -> Project:
    """The project with an object put, replaced or (None) removed; for `project` its name, variables and so on."""
    if id == PROJECT:
        return replace(
            project,
            id=value.id,
            name=value.name,
            description=value.description,
            variables=value.variables,
            extra=value.extra,
        )
    kind, _slash, ref = id.partition("/")
    if kind in MODELLED:
        changed: dict[str, Any] = {kind: _with(getattr(project, kind), ref, value)}
        return replace(project, **changed)
    return replace(project, others=_with(project.others, id, value))


def with_text(project: Project, id: str, text: str | None) -> Project:
    """The same, of an object's text; raises BadInput where it cannot be read."""
    return with_value(project, id, None if text is None else parsed(id, text.encode("utf-8")))


def objects_differing(one: Project | None, other: Project) -> frozenset[str]:
    """The ids of the objects that only one of the two has, or that differ."""
    if one is None:
        return frozenset(other.objects())
    if one is other:
        return frozenset()
    found = {PROJECT} if _own(one) != _own(other) else set()
    for kind in MODELLED:
        found |= {f"{kind}/{ref}" for ref in _differing(getattr(one, kind), getattr(other, kind))}
    return frozenset(found | _differing(one.others, other.others))


def _own(project: Project) -> tuple[Any, ...]:
    # Variables are ordered: moving one changes the file.
    return project.id, project.name, project.description, list(project.variables.items()), project.extra


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    if one is other:
        return set()
    found = one.keys() ^ other.keys()
    for key in one.keys() & other.keys():
        if one[key] is not other[key] and one[key] != other[key]:
            found.add(key)
    return set(found)


def _with(mapping: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """In the order of the keys, which is the order in which a folder is read."""
    changed = {**mapping, key: value}
    if value is None:
        del changed[key]
    return dict(sorted(changed.items())) if key not in mapping and value is not None else changed
