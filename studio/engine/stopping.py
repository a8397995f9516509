"""What is told of a record, or a run, that fails."""

from __future__ import annotations

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.live import RuleFailed
from studio.engine.plan import Top
from studio.script.errors import ScriptError


class RecordStopped(BadInput):
    """A record that failed has ended the run: `node` is its number at the place that outermost loop `top` reads, 0 for none."""

    top = 0
    node = 0


def stopped(name: str, failure: RuleFailed, record: int | None, top: int = 0, node: int = 0) -> BadInput:
    """The error that ends the run of a file: a failing record under `strict`, or a failing rule outside the records."""
    message = failure.reason
    if record is not None:
        message = _("Record {number} failed: {reason}").format(number=record, reason=failure.reason)
    if not message.rstrip().endswith((".", "!", "?", "…")):
        message += "."
    found = (BadInput if record is None else RecordStopped)(
        message,
        file=name,
        line=failure.line if record is None else None,
        path=failure.path,
        next_step=_(
            "Mend the record or the rule, or have failing records set aside instead of ending the run."
        ),
    )
    if isinstance(found, RecordStopped):
        found.top, found.node = top, node
    return found


def failed(error: ScriptError, top: Top) -> RuleFailed:
    """The failure of a condition or a key of an outermost loop."""
    return RuleFailed(top.target.path, error.message, error.line, error.column)
