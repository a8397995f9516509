"""What is told of a record, or a run, that fails."""

from __future__ import annotations

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.interpret import RuleFailed
from studio.engine.plan import Top
from studio.script.errors import ScriptError


def stopped(name: str, failure: RuleFailed, record: int | None) -> BadInput:
    """The error that ends the run of a file: a failing record under `strict`, or a failing rule outside the records."""
    message = failure.reason
    if record is not None:
        message = _("Record {number} failed: {reason}").format(number=record, reason=failure.reason)
    if not message.rstrip().endswith((".", "!", "?", "…")):
        message += "."
    return BadInput(
        message,
        file=name,
        line=failure.line if record is None else None,
        path=failure.path,
        next_step=_("Mend the record or the rule; without --strict, failing records are set aside."),
    )


def failed(error: ScriptError, top: Top) -> RuleFailed:
    """The failure of a condition or a key of an outermost loop."""
    return RuleFailed(top.target.path, error.message, error.line, error.column)
