"""Failing on purpose: named faults, each with a value, the calls it applies to and how often it strikes.

Written `NAME[=VALUE][,on=METHOD PATH][,at=N][,times=N]`, for example
`drop-answer=1000,on=GET */successfulResults,times=1`: the path may hold `*`, `at` waits for the N-th matching call,
`times` bounds how often it strikes (once when `at` is given, else without end).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _


@dataclass(frozen=True)
class Kind:
    """What a fault does; `per_call` ones strike single calls, the others change how the org behaves."""

    does: str
    value: float
    per_call: bool = True


# Texts in the language the program starts with: they are shown on the command line only.
KINDS: dict[str, Kind] = {
    "drop-request": Kind(_("closes the connection after VALUE bytes of the request's body"), 0),
    "drop-answer": Kind(_("closes the connection after VALUE bytes of the answer's body"), 0),
    "lost-answer": Kind(_("does what was asked, then closes the connection without an answer"), 0),
    "unauthorized": Kind(_("answers 401 INVALID_SESSION_ID"), 0),
    "unavailable": Kind(_("answers 503 with Retry-After: VALUE seconds"), 1),
    "slow": Kind(_("sends the answer at VALUE bytes a second"), 1000),
    "delay": Kind(_("waits VALUE seconds before the answer"), 1),
    "truncated": Kind(
        _("leaves out what follows the first VALUE bytes of the answer, whose length fits"), 100
    ),
    "gzip": Kind(_("compresses the answer whether asked or not"), 0),
    "chunked": Kind(_("sends the answer in chunks of VALUE bytes, without a length"), 1000),
    "fail-after": Kind(
        "fails an ingest job after VALUE internal batches; the rest stays unprocessed", 1, False
    ),
    "lock-rows": Kind(_("refuses every VALUE-th row of a job with UNABLE_TO_LOCK_ROW"), 10, False),
    "processing": Kind(_("keeps each job in progress for VALUE seconds"), 1, False),
    "queued": Kind(_("keeps each job in UploadComplete for VALUE seconds"), 1, False),
    "quota": Kind(_("allows VALUE API calls a day"), 10, False),
    "row-quota": Kind(_("allows VALUE rows of ingest jobs a day; the rest stays unprocessed"), 10000, False),
    "batch-rows": Kind(_("makes internal batches of VALUE rows"), 10000, False),
    "page-rows": Kind(_("puts at most VALUE rows on a page of query results"), 1000, False),
    "input-order": Kind(_("gives results in the order of the input"), 1, False),
    "vendor-numbers": Kind(
        "spells numbers in results anew, large ones as 9.1226E8, as the vendor does", 1, False
    ),
    "any-line-end": Kind(_("takes any line end, whatever was declared"), 1, False),
    "keep-refresh-token": Kind(_("does not replace refresh tokens when they are used"), 1, False),
    "no-soap-login": Kind(_("refuses every SOAP login"), 1, False),
    "no-hard-delete": Kind(
        _("refuses hard deletes, as an org does where no one was given the right"), 1, False
    ),
    "block-apps": Kind(_("answers sign-ins with OAUTH_APP_BLOCKED"), 1, False),
    "old-page-link": Kind(_("spells the link to further result pages nextRecordUrl"), 1, False),
}


@dataclass(frozen=True)
class Fault:
    """One fault in force. `value` None means the kind's own; `times` None means without end."""

    name: str
    value: float | None = None
    on: str = ""
    at: int = 1
    times: int | None = None

    @property
    def amount(self) -> float:
        """The value in force."""
        return KINDS[self.name].value if self.value is None else self.value

    def applies(self, method: str, path: str) -> bool:
        """Whether a call is one this fault waits for."""
        if not self.on:
            return True
        verb, _space, pattern = self.on.rpartition(" ")
        return (not verb or verb.upper() == method) and fnmatch.fnmatchcase(path.lower(), pattern.lower())


def parse(text: str) -> Fault:
    """A fault as the command line writes it. Raises BadInput naming what does not read."""
    first, *rest = text.split(",")
    name, equals, value = first.partition("=")
    values: dict[str, Any] = {"name": name.strip()}
    if equals:
        values["value"] = value
    for part in rest:
        key, _equals, given = part.partition("=")
        values[key.strip()] = given.strip()
    return from_data(values)


def from_data(values: dict[str, Any]) -> Fault:
    """A fault from its parts, as the control endpoint sends them."""
    name = str(values.get("name", ""))
    if name not in KINDS:
        raise BadInput(
            _("The practice org has no fault {name}.").format(name=name or "?"),
            next_step=_("It has: {names}.").format(names=", ".join(KINDS)),
        )
    unknown = set(values) - {"name", "value", "on", "at", "times"}
    try:
        if unknown:
            raise ValueError(min(unknown))
        value, times = values.get("value"), values.get("times")
        fault = Fault(
            name,
            None if value is None else float(value),
            str(values.get("on", "")),
            int(values.get("at", 1)),
            None if times is None else int(times),
        )
    except (TypeError, ValueError) as error:
        raise BadInput(
            _("The fault {name} does not read: {reason}.").format(name=name, reason=error),
            next_step=_("Write it as NAME=VALUE,on=METHOD PATH,at=N,times=N."),
        ) from error
    return replace(fault, times=1) if "at" in values and fault.times is None else fault


@dataclass
class _Armed:
    fault: Fault
    calls: int = 0
    struck: int = 0

    def strikes(self, method: str, path: str) -> bool:
        if not self.fault.applies(method, path):
            return False
        self.calls += 1
        if self.calls < self.fault.at:
            return False
        if self.fault.times is not None and self.struck >= self.fault.times:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults in force, each with its counts."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [_Armed(fault) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._armed.append(_Armed(fault))

    def clear(self, name: str | None = None) -> None:
        """Lift all faults, or those of one name."""
        self._armed = [armed for armed in self._armed if name is not None and armed.fault.name != name]

    def striking(self, method: str, path: str) -> dict[str, float]:
        """The faults that strike this call, with their values; each is counted."""
        return {
            armed.fault.name: armed.fault.amount
            for armed in tuple(self._armed)
            if KINDS[armed.fault.name].per_call and armed.strikes(method, path)
        }

    def value(self, name: str) -> float | None:
        """The value of a fault that changes how the org behaves; None when it is not in force."""
        return next((armed.fault.amount for armed in self._armed if armed.fault.name == name), None)

    def __contains__(self, name: str) -> bool:
        return self.value(name) is not None

    def as_data(self) -> list[dict[str, Any]]:
        """What is in force, with how often each has struck."""
        return [asdict(armed.fault) | {"struck": armed.struck} for armed in self._armed]
