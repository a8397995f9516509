"""Documents of any kind against their schema: which check is made is told by the kind of the schema."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from studio.base.errors import BadInput, NotHere, Problem
from studio.base.i18n import _
from studio.schema.recognise import recognise
from studio.schema.source import check_file
from studio.schema.validate.child import Checker

# Kind of schema to module and function, loaded when needed.
_CHECKS = {
    "xsd": ("xml_document", "check_xml"),
    "json-schema": ("json_document", "check_json"),
    "wsdl": ("service_document", "check_message"),
    "dtd": ("dtd_document", "check_by_dtd"),
    "delimited": ("rows_document", "check_rows"),
    "salesforce": ("rows_document", "check_rows"),
    "weft": ("rows_document", "check_rows"),
}


def validate(
    schema: Path | str,
    instance: Path | str,
    *,
    kind: str | None = None,
    root: str | None = None,
    record: str | None = None,
    within: Path | None = None,
    limit: int | None = 1000,
    seconds: float = 600.0,
    megabytes: int = 1024,
    checker: Checker | None = None,
) -> Iterator[Problem]:
    """What a document has against a schema, as it is found: record (from 1), line, path and a sentence each.

    `kind` says what the schema is, where its content does not. `root` is one of its roots. `record` is the path of the
    node whose instances are counted; without it the first repeating one. `within` is the folder no reference may
    leave. The check runs in a process of its own, at most `limit` problems, `seconds` and `megabytes`; `checker` is
    one to use again. Raises BadInput for a schema that cannot be used, TooLarge beyond the limits.
    """
    for file in (schema, instance):
        check_file(Path(file))
    request = {
        "do": "document",
        "schema": str(schema),
        "instance": str(instance),
        "kind": kind,
        "root": root,
        "record": record,
        "within": str(within) if within is not None else None,
        "limit": limit,
    }
    if checker is not None:
        yield from checker.ask(request)
        return
    with Checker(seconds=seconds, megabytes=megabytes) as own:
        yield from own.ask(request)


def check_document(
    schema: str, instance: str, kind: str | None, root: str | None, record: str | None, within: str | None
) -> Iterator[Problem]:
    """`validate`, in this process."""
    path = Path(schema)
    chosen = kind or recognise(path)
    if chosen not in _CHECKS:
        raise _no_check(chosen, path)
    module, name = _CHECKS[chosen]
    check = getattr(importlib.import_module(f"studio.schema.validate.{module}"), name)
    yield from check(path, Path(instance), root=root, record=record, within=Path(within) if within else None)


def _no_check(kind: str, path: Path) -> BadInput | NotHere:
    if kind in ("xml", "json"):
        return BadInput(
            _("This is a sample, not a schema: it shows what may occur, not what must."),
            file=path,
            next_step=_("Export a schema from it, complete it, and give that."),
        )
    return NotHere(
        _("Documents are not checked against schemas of kind {kind} by this version.").format(kind=kind),
        file=path,
        next_step=_("The kinds are: {kinds}.").format(kinds=", ".join(_CHECKS)),
    )
