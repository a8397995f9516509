"""XML documents checked by the xmlschema library: XSD 1.1, and schemas that libxml2 does not take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.path import Step
from studio.schema.source import MEGABYTE
from studio.schema.validate.files import Files
from studio.schema.validate.library import Built
from studio.schema.validate.library_words import misfit_in_plain_words
from studio.schema.validate.size import check_size
from studio.schema.xml_source import Element, line_of, parse_schema, refuse_entities

# The library works on the whole document; what is larger would take minutes and gigabytes.
_LARGEST = 48 * MEGABYTE


def check_by_library(
    files: Files, schema: Path, instance: Path, record: tuple[Step, ...], version: str
) -> Iterator[Problem]:
    """What a document has against a schema, in the order of the document."""
    check_size(instance, _LARGEST)
    document = parse_schema(instance)
    refuse_entities(document, instance)
    built = Built(files, [schema], version)
    library = built.build()
    if library is None:
        first = next(built.problems(), None)
        raise BadInput(
            first.message if first else _("The schema cannot be used to check documents."),
            file=first.file if first else schema,
            line=first.line if first else None,
            next_step=_("Correct the schema first."),
        )
    names = tuple(step.name for step in record)
    for error in library.iter_errors(document, validation="lax"):
        yield _problem(error, document, instance, names)


def _problem(error: Any, document: Element, instance: Path, record: tuple[str, ...]) -> Problem:
    element = error.elem if error.elem is not None else document
    reason = " ".join(str(error.reason or error.message).split())
    message, mend = misfit_in_plain_words(reason, _local(element))
    chain = [element, *element.iterancestors()][::-1]
    return Problem(
        Severity.ERROR,
        message,
        str(instance),
        line_of(element),
        path="/".join(str(_step(one)) for one in chain),
        mend=mend,
        record=_record(chain, record),
    )


def _step(element: Element) -> Step:
    number = 1 + sum(1 for _same in element.itersiblings(element.tag, preceding=True))
    return Step(_local(element), index=number if number > 1 else None)


def _record(chain: list[Element], record: tuple[str, ...]) -> int | None:
    """The number of the record an element stands in, counted over the whole document."""
    if not record or len(chain) < len(record) or tuple(map(_local, chain[: len(record)])) != record:
        return None
    wanted = chain[len(record) - 1]
    number = 0
    for element in chain[0].iter(wanted.tag):
        above = [element, *element.iterancestors()][::-1]
        number += tuple(map(_local, above)) == record
        if element is wanted:
            break
    return number


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
