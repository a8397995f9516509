"""The published cases of the language, run by the judge and by the compiler."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.host import Host, PlainHost
from studio.script.parse import parse
from studio.script.tree import Script, Value
from studio.script.values import date_text

# Where the cases record the package's behaviour and the vendor's is known to differ: what we give, and why.
EXCEPTIONS: dict[str, tuple[object, str]] = {
    "A-datetime-GeneralDate(string) - (M)M/(D)D/YY": (
        "01/13/2024 12:00:00 AM",
        "midnight is 12 AM, not 00 AM",
    ),
    "A-datetime-LongTime(string) - (M)M/(D)D/YY": ("12:00:00 AM", "midnight is 12 AM, not 00 AM"),
    "A-datetime-MediumTime(string) - (M)M/(D)D/YY": ("12:00 AM", "midnight is 12 AM, not 00 AM"),
    "A-logical-Equal(array, array) - mismatch": (True, "Equal converts entries as == does"),
    'A-string-CountSubString("aaaaaaa", "aa")': (6, "overlapping occurrences count"),
    "A-string-Mid()": ("xdxdxd@", "the third argument is a length, not an end"),
    "A-string-RegExMatch()": (3, "the variables and the count are the groups, without the whole match"),
    'A-string-RPad("rest gets truncated", 9)': ("rest gets", "text too long is cut on the right"),
    'A-string-RPadChar("rest gets truncated", "@", 9)': ("rest gets", "text too long is cut on the right"),
    "A-string-string && string": (True, "the text t is true"),
    "A-string-string || bool": (True, "the text T is true"),
}
# Variables of the excepted cases, where they differ too.
VARIABLES = {"A-string-RegExMatch()": {"$dummy": "[", "$value": "abc", "$value2": "]"}}

Run = Callable[[Script, Host], Value]
ENGINES: dict[str, Run] = {
    "judge": evaluate,
    "compiled": lambda script, host: compile_script(script)(host),
}


def encoded(value: Value) -> Any:
    """A value as the cases write it."""
    if isinstance(value, datetime):
        return {"$date": date_text(value)}
    if isinstance(value, bytes):
        return {"$binary": value.hex()}
    if isinstance(value, list):
        return [encoded(entry) for entry in value]
    if isinstance(value, dict):
        return {"$dict": sorted([key, encoded(entry)] for key, entry in value.items())}
    return value


def agrees(given: Any, expected: Any, approx: bool) -> bool:
    """The value is what the case expects; numbers by value, dictionaries without order."""
    if isinstance(given, bool) or isinstance(expected, bool):
        return given is expected
    if isinstance(given, int | float | Decimal) and isinstance(expected, int | float):
        return math.isclose(given, expected, rel_tol=1e-9) if approx else given == expected
    if isinstance(given, list) and isinstance(expected, list):
        return len(given) == len(expected) and all(
            agrees(one, other, approx) for one, other in zip(given, expected, strict=True)
        )
    if isinstance(given, dict) and isinstance(expected, dict) and "$dict" in given:
        return agrees(given["$dict"], sorted(expected["$dict"]), approx)
    return bool(given == expected)


def failure(run: Run, case: dict[str, Any]) -> str | None:
    """What is wrong with one case, None when nothing is."""
    identity = case["id"]
    expected, variables = case.get("expect"), case.get("vars", {})
    if identity in EXCEPTIONS:
        expected = EXCEPTIONS[identity][0]
        variables = VARIABLES.get(identity, {})
    host = PlainHost()
    try:
        value = encoded(run(parse(case["script"]), host))
    except WeftError as error:
        if not case.get("error"):
            return f"{identity}: {error}"
    else:
        if case.get("error"):
            return f"{identity}: gave {value!r} instead of an error"
        if not agrees(value, expected, bool(case.get("approx"))):
            return f"{identity}: gave {value!r}, not {expected!r}"
    for name, wanted in variables.items():
        given = encoded(host.variables.get(name.removeprefix("$")))
        if not agrees(given, wanted, bool(case.get("approx"))):
            return f"{identity}: {name} is {given!r}, not {wanted!r}"
    return None


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    text = (shared / "conformance" / "script" / "cases.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_every_published_case(engine: str, cases: list[dict[str, Any]]) -> None:
    run = ENGINES[engine]
    failures = [text for case in cases if (text := failure(run, case))]
    assert failures == []
    assert len(cases) == 1750


def test_exceptions_name_existing_cases_whose_record_differs(cases: list[dict[str, Any]]) -> None:
    recorded = {case["id"]: case.get("expect") for case in cases if case["id"] in EXCEPTIONS}
    assert recorded.keys() == EXCEPTIONS.keys()
    assert all(recorded[name] != expected for name, (expected, _reason) in EXCEPTIONS.items())


def test_the_compiler_does_not_leave_published_cases_to_the_judge(
    cases: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> Value:
        raise AssertionError("the judge was asked")

    monkeypatch.setattr("studio.script.compile.evaluate", refuse)
    for case in cases:
        if not case.get("error"):
            compile_script(parse(case["script"]))(PlainHost())
