"""XML documents against XML Schema: by libxml2 where it takes the schema, by the xmlschema library elsewhere."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.path import Step
from studio.schema.validate.files import Files, schema_files
from studio.schema.validate.records import record_steps
from studio.schema.validate.version import version_of
from studio.schema.validate.xml_files import compiled
from studio.schema.validate.xml_stream import stream
from studio.schema.xsd.reader import read_xsd


def check_xml(
    schema: Path, instance: Path, *, root: str | None, record: str | None, within: Path | None
) -> Iterator[Problem]:
    """The problems of a document; what is missing of the schema comes first, as warnings."""
    files = schema_files([schema], within=within)
    _refuse(files, schema)
    yield from (replace(problem, severity=Severity.WARNING) for problem in _notable(files.problems))
    steps = record_steps(read_xsd(schema, within=within), root, record)
    version = version_of(files.closure)
    by_libxml2 = compiled(files, schema) if version == "1.0" else None
    if by_libxml2 is not None:
        yield from stream(by_libxml2, instance, steps)
    else:
        yield from _by_library(files, schema, instance, steps, version)


def _refuse(files: Files, schema: Path) -> None:
    if schema.resolve() in files.known:
        return
    for problem in files.problems:
        raise BadInput(
            problem.message,
            file=problem.file,
            line=problem.line,
            column=problem.column,
            next_step=problem.mend or _("Correct the schema first."),
        )


def _notable(problems: list[Problem]) -> Iterator[Problem]:
    return (problem for problem in problems if problem.severity is not Severity.NOTE)


def _by_library(
    files: Files, schema: Path, instance: Path, steps: tuple[Step, ...], version: str
) -> Iterator[Problem]:
    # The library takes half a second to load and is seldom needed.
    check = importlib.import_module("studio.schema.validate.xml_library").check_by_library
    yield from check(files, schema, instance, steps, version)
