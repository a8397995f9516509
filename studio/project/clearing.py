"""Data of others taken out of a project: its sample documents, golden tests if asked for, and its history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.records import dataclass
from studio.mapping.model import SchemaUse, Transformation
from studio.project.commit import KEPT, commit
from studio.project.folder import load, scan
from studio.project.journal import DATABASE
from studio.project.layout import file_of
from studio.project.lock import LOCAL
from studio.project.model import Project
from studio.project.outside import FILE as OUTSIDE
from studio.project.texts import object_text, objects_differing

SAMPLES = "samples/"
TESTS = "tests/"


@dataclass(frozen=True)
class Findings:
    """Files that go, and those that stay although they are samples: each with who needs it."""

    files: tuple[str, ...]
    needed: Mapping[str, str]


def findings(folder: Path, *, tests: bool = False) -> Findings:
    """What clearing the samples would remove; `tests`: golden tests and their documents too."""
    project = load(folder).project
    needed = dict(_needed(project, tests=tests))
    kinds = (SAMPLES, TESTS) if tests else (SAMPLES,)
    found = sorted(file for file in scan(folder) if file.startswith(kinds))
    return Findings(
        tuple(file for file in found if file not in needed),
        {file: needed[file] for file in found if file in needed},
    )


def clear_samples(folder: Path, *, tests: bool = False) -> tuple[str, ...]:
    """Take samples out of a project whose lock the caller holds: off the maps that show them and off the disk, at once.

    Returns the files removed. Raises BadInput, with everything as it was, where something cannot be written.
    """
    going = findings(folder, tests=tests).files
    project = load(folder).project
    after = _without(project, frozenset(going))
    changes: dict[str, bytes | None] = dict.fromkeys(going)
    for id in objects_differing(project, after):
        text = object_text(after, id)
        changes[file_of(id)] = None if text is None else text.encode("utf-8")
    commit(folder, changes)
    return going


def has_history(folder: Path) -> bool:
    """Steps, or versions put aside, are kept beside the project."""
    return bool(_kept(folder / LOCAL))


def clear_history(folder: Path) -> None:
    """Forget the steps of a project nobody has open, and versions put aside.

    Unsaved work lives in the same file: the caller has made sure that there is none.
    """
    for path in _kept(folder / LOCAL):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        atomic.sync_folder(path.parent)


def _kept(local: Path) -> list[Path]:
    return [*sorted(local.glob(f"{DATABASE}*")), *local.glob(KEPT), *local.glob(OUTSIDE)]


def _needed(project: Project, *, tests: bool) -> Iterator[tuple[str, str]]:
    """Files below samples/ that something cannot do without, and what that is."""
    for ref, transformation in project.transformations.items():
        for use in _uses(transformation):
            yield use.schema, file_of(f"transformations/{ref}")
    if not tests:
        for id, value in project.of_kind("tests").items():
            for text in _texts(value):
                yield text, file_of(f"tests/{id}")


def _uses(transformation: Transformation) -> Iterator[SchemaUse]:
    yield from (transformation.source, *transformation.sources.values())
    yield from (transformation.target, *transformation.targets.values())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _without(project: Project, going: frozenset[str]) -> Project:
    maps = {ref: _shown_without(value, going) for ref, value in project.transformations.items()}
    others = {id: value for id, value in project.others.items() if file_of(id) not in going}
    return replace(project, transformations=maps, others=others)


def _shown_without(transformation: Transformation, going: frozenset[str]) -> Transformation:
    kept = tuple(sample for sample in transformation.samples if sample not in going)
    sources = {name: _use_without(use, going) for name, use in transformation.sources.items()}
    if kept == transformation.samples and sources == transformation.sources:
        return transformation
    return replace(transformation, samples=kept, sources=sources)


def _use_without(use: SchemaUse, going: frozenset[str]) -> SchemaUse:
    return replace(use, sample="") if use.sample in going else use
