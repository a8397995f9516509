"""What fields held whose text an operator could not work with, told behind the reason of a failure."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.i18n import _
from studio.engine.plan import Read
from studio.schema.model import Base
from studio.script.errors import Operand, ScriptError

_LONGEST = 60


def tell_operands(error: ScriptError, reads: Mapping[int, Read]) -> None:
    """Put behind an error's message what its operands were, where they are paths to text; `reads` are known by path."""
    for operand in error.operands or ():
        if isinstance(operand.value, str):
            read = reads.get(id(operand.path))
            error.message += " " + _said(operand, operand.value, read.base if read is not None else Base.TEXT)
    error.operands = ()


def _said(operand: Operand, value: str, base: Base) -> str:
    single = operand.entry is None
    said = _("{field} is “{text}”.") if single else _("Entry {n} of {field} is “{text}”.")
    if base is Base.INTEGER:
        said = (
            _("{field} is “{text}”, which is no integer.")
            if single
            else _("Entry {n} of {field} is “{text}”, which is no integer.")
        )
    elif base in (Base.DECIMAL, Base.FLOAT):
        said = (
            _("{field} is “{text}”, which is no number.")
            if single
            else _("Entry {n} of {field} is “{text}”, which is no number.")
        )
    text = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return said.format(n=operand.entry, field=operand.written, text=text)
