"""What every reader of workbooks shares: the library kept quiet, and what goes wrong in it said in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import python_calamine

from studio.base.errors import BadInput
from studio.base.i18n import _


@contextmanager
def reading(place: str | Path) -> Iterator[None]:
    """Call the library inside: its failures become BadInput naming `place`, and it writes nothing itself."""
    try:
        with silenced():
            yield
    except python_calamine.PasswordError:
        raise locked(place) from None
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise _broken(place, error) from None
    except BaseException as error:
        # The library is written in another language: where it gives up, that is no exception of Python's usual ones.
        if type(error).__name__ != "PanicException":
            raise
        raise _broken(place, error) from None


@contextmanager
def silenced() -> Iterator[None]:
    """What the library writes of its own failures, before they reach us as exceptions, is for nobody to read."""
    try:
        kept = os.dup(2)
    except OSError:
        # A program with a window has no error stream on some systems.
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _broken(place: str | Path, error: BaseException) -> BadInput:
    return BadInput(
        _("The workbook cannot be read: {reason}.").format(
            reason=" ".join(str(error).split())[:200].rstrip(".")
        ),
        file=place,
        next_step=_("Open it in a spreadsheet program and save it again, or export the sheet as CSV."),
    )


def locked(place: str | Path) -> BadInput:
    """The error for a workbook with a password."""
    return BadInput(
        _("The workbook is locked with a password."),
        file=place,
        next_step=_("Open it in your spreadsheet program and save it without a password."),
    )


def damaged(place: str | Path, reason: str, *, line: int | None = None) -> BadInput:
    """The error for a file that is no whole archive of whole parts."""
    return BadInput(
        _("The workbook is damaged: {reason}.").format(
            reason=reason.rstrip(".")[:200] or _("the text ends too early")
        ),
        file=place,
        line=line,
        next_step=_("Open it in a spreadsheet program and save it again, or export the sheet as CSV."),
    )


def binary(place: str | Path) -> BadInput:
    """The error for a workbook of Excel's binary form."""
    return BadInput(
        _("Binary workbooks (.xlsb) are not read."), file=place, next_step=_("Save the workbook as .xlsx.")
    )
