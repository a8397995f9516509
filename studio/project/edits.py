"""Project → Project: put, remove, rename. A rename rewrites every reference to the object as one edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.replace import rewritten as rewritten_texts
from studio.project.layout import check_ref
from studio.project.model import KINDS, PROJECT, Activity, Operation, Project
from studio.project.texts import with_value

# Which kind of object an activity of each kind names.
ACTIVITY_REFS = {
    "transform": "transformations",
    "script": "scripts",
    "call": "operations",
    "run": "operations",
}
# A follow-up of an operation is a notification or an operation.
FOLLOWERS = ("notifications", "operations")
# How scripts name objects of the project.
# Files that are data themselves, whatever folder they lie in.
_DATA = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xml")
TAG = re.compile(r"<TAG>\s*(\w+)/(.*?)\s*</TAG>", re.IGNORECASE)


def own_samples(schema: str) -> tuple[str, ...]:
    """The samples a map has from its source alone: a source that is data itself is its own sample."""
    return (schema,) if PurePosixPath(schema).suffix.lower() in _DATA else ()


def sample_of(transformation: Transformation) -> str:
    """The sample a map is tried with: the first of its list, else its source's own; "" where there is none."""
    return next(iter((*transformation.samples, *own_samples(transformation.source.schema))), "")


def with_sample(transformation: Transformation, sample: str) -> Transformation:
    """The map with this sample first; the others stay in their order."""
    others = [file for file in transformation.samples if file != sample]
    return replace(transformation, samples=(sample, *others))


def put(project: Project, id: str, value: Any) -> Project:
    """The project with the object put or replaced; raises BadInput where a new one cannot have this name."""
    if id != PROJECT and project.get(id) is None:
        _check_new(project, id)
    return with_value(project, id, value)


def remove(project: Project, id: str) -> Project:
    """The project without the object; references to it stay and become problems. Raises BadInput where none is."""
    if id == PROJECT or project.get(id) is None:
        raise _missing(id)
    return with_value(project, id, None)


def rename(project: Project, id: str, ref: str) -> Project:
    """The project with the object under another reference of its kind, and all references following.

    Raises BadInput where there is no such object, or none may or can be called so.
    """
    kind, _slash, old = id.partition("/")
    value = project.get(id)
    if id == PROJECT or value is None:
        raise _missing(id)
    if ref == old:
        return project
    without = with_value(project, id, None)
    _check_new(without, f"{kind}/{ref}")
    project = rewritten(with_value(without, f"{kind}/{ref}", value), kind, old, ref)
    short = old.removesuffix(".js")
    if kind == "scripts" and short != old and short not in project.scripts:
        project = rewritten(project, kind, short, ref)
    return project


def rename_file(project: Project, old: str, new: str) -> Project:
    """The project whose transformations name the schema or sample `new` where they named `old`."""
    for ref, transformation in project.transformations.items():
        changed = _with_file(transformation, old, new)
        if changed != transformation:
            project = with_value(project, f"transformations/{ref}", changed)
    return replace(
        project,
        schemas=tuple(new if file == old else file for file in project.schemas),
        tables=tuple(new if file == old else file for file in project.tables),
        samples=tuple(new if file == old else file for file in project.samples),
    )


def rewritten(project: Project, kind: str, old: str, new: str) -> Project:
    """The project with every reference to `kind`/`old` pointing to `new`."""
    for ref, operation in project.operations.items():
        changed = _operation(operation, kind, old, new)
        if changed != operation:
            project = with_value(project, f"operations/{ref}", changed)
    for ref, script in project.scripts.items():
        text = script_with(script, kind, old, new)
        if text != script:
            project = with_value(project, f"scripts/{ref}", text)
    for ref, transformation in project.transformations.items():
        moved = _transformation(transformation, lambda text: script_with(text, kind, old, new))
        if moved != transformation:
            project = with_value(project, f"transformations/{ref}", moved)
    for id, data in project.others.items():
        plain = _plain(data, kind, old, new)
        if plain != data:
            project = with_value(project, id, plain)
    if kind == "transformations":
        project = _move_tests(project, old, new)
    return project


def script_with(text: str, kind: str, old: str, new: str) -> str:
    """A script's text with its `<TAG>Operations/old</TAG>` references rewritten."""

    def follow(match: re.Match[str]) -> str:
        same = match[1].lower() == kind and match[2] == old
        return match[0].replace(f"/{old}", f"/{new}", 1) if same else match[0]

    return TAG.sub(follow, text) if "<" in text else text


def _check_new(project: Project, id: str) -> None:
    kind, _slash, ref = id.partition("/")
    if kind not in KINDS:
        raise BadInput(
            _("There is no kind of object called {kind}.").format(kind=repr(kind)),
            next_step=_("Kinds are: {kinds}.").format(kinds=", ".join(KINDS)),
        )
    check_ref(ref)
    # Some systems know no difference of case in file names.
    if any(other.lower() == ref.lower() for other in project.of_kind(kind)):
        raise BadInput(
            _("There already is an object of this name."), path=id, next_step=_("Choose another name.")
        )


def _missing(id: str) -> BadInput:
    return BadInput(_("There is no such object in the project."), path=id, next_step=_("Check the name."))


def _operation(operation: Operation, kind: str, old: str, new: str) -> Operation:
    def follow(refs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if ref == old else ref for ref in refs) if kind in FOLLOWERS else refs

    return replace(
        operation,
        activities=tuple(_activity(activity, kind, old, new) for activity in operation.activities),
        on_success=follow(operation.on_success),
        on_failure=follow(operation.on_failure),
    )


def _activity(activity: Activity, kind: str, old: str, new: str) -> Activity:
    if activity.ref == old and ACTIVITY_REFS.get(activity.kind) == kind:
        activity = replace(activity, ref=new)
    settings = _plain(activity.settings, kind, old, new)
    return replace(activity, settings=settings) if settings != activity.settings else activity


def _plain(data: Any, kind: str, old: str, new: str) -> Any:
    """Data as read, where a member called as the kind (`operation:`, `operations:`) holds references."""
    if isinstance(data, list):
        return [_plain(item, kind, old, new) for item in data]
    if not isinstance(data, Mapping):
        return data
    result = {}
    for key, value in data.items():
        if key in (kind, kind.removesuffix("s")):
            result[key] = _reference(value, old, new)
        else:
            result[key] = _plain(value, kind, old, new)
    return result


def _reference(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, list):
        return [_reference(item, old, new) for item in value]
    if isinstance(value, Mapping):
        return {(new if key == old else key): item for key, item in value.items()}
    return value


def _move_tests(project: Project, old: str, new: str) -> Project:
    lead = f"tests/{old}/"
    for id, data in project.others.items():
        if id.startswith(lead):
            moved = f"tests/{new}/{id[len(lead) :]}"
            project = with_value(with_value(project, id, None), moved, data)
    return project


def _transformation(transformation: Transformation, script: Callable[[str], str]) -> Transformation:
    mapping = rewritten_texts(transformation.mapping, lambda text: script(text) if "<" in text else text)
    same = mapping is transformation.mapping
    return transformation if same else replace(transformation, mapping=mapping)


def _with_file(transformation: Transformation, old: str, new: str) -> Transformation:
    def follow(use: SchemaUse) -> SchemaUse:
        use = replace(use, schema=new) if use.schema == old else use
        return replace(use, sample=new) if use.sample == old else use

    return replace(
        transformation,
        source=follow(transformation.source),
        target=follow(transformation.target),
        sources={name: follow(use) for name, use in transformation.sources.items()},
        targets={name: follow(use) for name, use in transformation.targets.items()},
        samples=tuple(new if file == old else file for file in transformation.samples),
    )
