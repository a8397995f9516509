"""A golden test, what may differ in it, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from studio.base.errors import Problem
from studio.engine.golden.places import Pattern


@dataclass(frozen=True)
class Tolerance:
    """What may differ at the nodes of a path.

    Numbers may be `absolute` apart, or `relative` to the expected one (0.01 is one in a hundred); dates and times
    `seconds`. `blanks` lets white space differ; `any_order` lets the instances stand in another order.
    """

    pattern: Pattern
    absolute: Decimal | None = None
    relative: Decimal | None = None
    seconds: Decimal | None = None
    blanks: bool = False
    any_order: bool = False


@dataclass(frozen=True)
class Expected:
    """A record that is to fail: its number, its rule's target path, a part of the reason; what is left out is not asked."""

    record: int | None = None
    path: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class GoldenTest:
    """A test file: `ref` is its place below the folder `tests`, `transformation` the map it tries.

    `input` and `expected` are files of the project; each may stand in the test itself instead, as a text. `inputs` are
    further sources by name, `outputs` the files with what is expected of further targets. `variables` go over the project's, `now` is the time (UTC) that scripts are told. `data`
    is the file as it stands, to be written again.
    """

    ref: str
    transformation: str
    name: str
    input: str = ""
    input_text: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    expected: str = ""
    expected_text: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    failures: tuple[Expected, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The test's own file, relative to the project."""
        return f"tests/{self.ref}.yaml"


class Kind(StrEnum):
    """How two documents differ at a place: a value, something that is missing or too many, an order, a failure."""

    VALUE = "value"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    ORDER = "order"
    FAILURE = "failure"
    SCHEMA = "schema"


@dataclass(frozen=True)
class Difference:
    """One difference: where in the target document (of a further one behind its name), in which of its records (from 1), what was expected and found."""

    kind: Kind
    path: str
    record: int | None = None
    expected: str | None = None
    found: str | None = None


class State(StrEnum):
    """How a test ended. An `updated` one differed, and what it found is now what is expected."""

    PASSED = "passed"
    DIFFERS = "differs"
    BROKEN = "broken"
    UPDATED = "updated"


@dataclass(frozen=True)
class Outcome:
    """What came of a test. `problem` says why a broken one could not be run; `document` is what the map made, `outputs` are its further targets."""

    ref: str
    transformation: str
    name: str
    state: State
    differences: tuple[Difference, ...] = ()
    problem: Problem | None = None
    records: int = 0
    seconds: float = 0.0
    more: int = 0
    document: bytes = b""
    outputs: Mapping[str, bytes] = field(default_factory=dict)
    failures: tuple[Expected, ...] = ()
