"""The strict check of a schema: every rule of XML Schema, with file and line, by a library in a process of its own."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from studio.base.errors import Problem, Severity
from studio.schema.validate.child import Checker
from studio.schema.validate.files import schema_files
from studio.schema.validate.version import version_of


def strict_check(
    *paths: Path | str,
    version: str = "",
    within: Path | None = None,
    limit: int = 200,
    checker: Checker | None = None,
) -> Iterator[Problem]:
    """What a schema, of one file or several, has against the rules of XML Schema; nothing when it is in order.

    `version` is `1.0` or `1.1`; without one the constructs used decide. `within` is the folder no reference may leave.
    `checker` is a process to use again. Raises TooLarge when the check takes too long or too much memory.
    """
    request = {
        "do": "strict",
        "schema": str(paths[0]),
        "further": [str(path) for path in paths[1:]],
        "version": version,
        "within": str(within) if within is not None else None,
        "limit": limit,
    }
    if checker is not None:
        yield from checker.ask(request)
        return
    with Checker() as own:
        yield from own.ask(request)


def check_schema(schema: str, further: list[str], version: str, within: str | None) -> Iterator[Problem]:
    """`strict_check`, in this process."""
    paths = [Path(path) for path in (schema, *further)]
    files = schema_files(paths, within=Path(within) if within else None)
    yield from (problem for problem in files.problems if problem.severity is Severity.ERROR)
    known = [path for path in paths if path.resolve() in files.known]
    if known:
        # Loaded in the process that checks only: the library takes half a second.
        library = importlib.import_module("studio.schema.validate.library")
        yield from library.Built(files, known, version or version_of(files.closure)).problems()
