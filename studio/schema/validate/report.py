"""Problems and errors as plain data and back, for the line between the program and the process that checks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from studio.base.errors import BadInput, NotHere, Problem, Severity, TooLarge, WeftError

_ERRORS: dict[str, type[WeftError]] = {"BadInput": BadInput, "TooLarge": TooLarge, "NotHere": NotHere}


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem as JSON data, without what it does not say."""
    return {key: value for key, value in asdict(problem).items() if value not in (None, "")}


def problem_from(data: dict[str, Any]) -> Problem:
    """The problem `problem_data` gave."""
    return Problem(**{**data, "severity": Severity(data["severity"])})


def error_data(error: WeftError) -> dict[str, Any]:
    """An error as JSON data."""
    return {"kind": type(error).__name__, **error.said()}


def error_from(data: dict[str, Any]) -> WeftError:
    """The error `error_data` gave."""
    given = dict(data)
    kind = _ERRORS.get(given.pop("kind"), BadInput)
    return kind(given.pop("message"), **given)


def as_problem(error: WeftError) -> Problem:
    """An error of one file among several, as a problem."""
    return Problem(
        Severity.ERROR,
        error.message,
        error.file,
        error.line,
        error.column,
        path=error.path,
        mend=error.next_step,
    )
