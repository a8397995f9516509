"""A run that holds documents to their schemas: records of the input that do not fit fail, an output that does not is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.base.errors import BadInput, Problem, Severity, WeftError
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine.address import Address
from studio.engine.formats.units import Broken
from studio.engine.plan import Plan
from studio.engine.run import Stats, transform
from studio.mapping.model import SchemaUse, Transformation
from studio.schema.path import format_steps, parse_path, quote

if TYPE_CHECKING:
    from studio.schema.validate import document as document_check
else:
    document_check = Lazily("studio.schema.validate.document")

# Beyond this nearly every record fails, and the schema or the document is the wrong one.
_MOST = 100_000
# Of a trial so many are told, and of these formats only.
_FEW = 1000
_HELD = ("xml", "json", "lines", "delimited")


def transform_checked(
    plan: Plan,
    transformation: Transformation,
    folder: Path,
    input: Path | BinaryIO | Address,
    output: Path | BinaryIO | Address,
    *,
    told: Callable[[Problem], object] = lambda _problem: None,
    **options: Any,
) -> Stats:
    """`transform` with the checks the transformation asks for; `folder` is that of its project.

    A record of the input that does not fit its schema fails like one whose rule fails. `told` is called with every
    problem of the output; the file stands then, for its reader to look at. Raises BadInput where the input does not
    fit outside its records, or one of the two is no file.
    """
    wanted = transformation.validate
    refused = _refused(plan, transformation.source, folder, input) if "input" in wanted else {}
    stats = transform(plan, input, output, refused=refused, **options)
    if "output" in wanted:
        for problem in _problems(transformation.target, folder, _file(output), _written(plan)):
            told(problem)
    return stats


def unfit_output(plan: Plan, transformation: Transformation, folder: Path, document: Path) -> list[Problem]:
    """What a document just written has against its schema, the first of it; none where it cannot be held to it."""
    if plan.target.format not in _HELD:
        return []
    try:
        return _problems(transformation.target, folder, document, _written(plan), _FEW)
    except WeftError:
        return []


def _refused(plan: Plan, use: SchemaUse, folder: Path, input: Path | BinaryIO | Address) -> dict[int, Broken]:
    """The records of the input that do not fit, by their number, with the first reason of each."""
    refused: dict[int, Broken] = {}
    for problem in _problems(use, folder, _file(input), _record(plan)):
        if problem.record is None:
            raise BadInput(
                _("The document does not fit its schema: {reason}").format(reason=problem.message),
                file=problem.file,
                line=problem.line,
                path=problem.path,
                next_step=problem.mend,
            )
        reason = problem.message if problem.path is None else f"{problem.path}: {problem.message}"
        refused.setdefault(problem.record, Broken(reason, problem.line or 0))
    return refused


def _problems(
    use: SchemaUse, folder: Path, document: Path, record: str | None, limit: int = _MOST
) -> list[Problem]:
    found = document_check.validate(
        folder / use.schema,
        document,
        kind=use.kind or None,
        root=use.root or None,
        record=record,
        within=folder,
        limit=limit,
    )
    return [problem for problem in found if problem.severity is Severity.ERROR]


def _record(plan: Plan) -> str | None:
    """The path of what the run reads at once, so that numbers mean the same to both."""
    if not plan.tops:
        return None
    steps = [quote(key.rpartition("}")[2]) for key in plan.tops[0].unit.chain]
    return "/".join(steps) or None


def _written(plan: Plan) -> str | None:
    """The path of the records in the output."""
    steps = parse_path(plan.tops[0].target.path) if plan.tops else ()
    return format_steps(tuple(replace(step, index=None) for step in steps)).lstrip("/") or None


def _file(document: Path | BinaryIO | Address) -> Path:
    if isinstance(document, Path):
        return document
    raise BadInput(
        _("The transformation checks documents against their schemas, which needs files."),
        next_step=_("Name a file instead of - for the input and the output."),
    )
