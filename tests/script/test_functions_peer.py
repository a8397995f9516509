"""Single calls against the npm package: what differs is a known fault of the package or a choice named here."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import WeftError
from studio.script.evaluate import evaluate
from studio.script.functions import Function
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.tree import Value
from studio.script.values import EPOCH
from tests.script.calls import CALLED, PADDING, PRELUDE, call
from tests.script.peer import Peer, PeerAbsent, peer_folder, running

CHANGING = {
    "Now",
    "Now_",
    "GetHostByIP",
    "GUID",
    "Random",
    "RandomString",
    "Sleep",
    "GetServerName",
    "WriteToOperationLog",
}
"""Functions that give something else every time, or wait."""
Answer = dict[str, Any]
_FRACTION = re.compile(r"\d*\.\d")
_WORDS_FOR_NULL = (
    "Null counts as empty text, and a date function gives null for it; the package prints null or refuses."
)


def _numbers(we: Answer, they: Answer) -> tuple[float, float] | None:
    try:
        return float(we["value"]), float(they["value"])
    except (KeyError, TypeError, ValueError):
        return None


def _near(call: str, we: Answer, they: Answer) -> bool:
    pair = _numbers(we, they)
    return pair is not None and math.isclose(pair[0], pair[1], abs_tol=1.0, rel_tol=1e-9)


def _both_text(we: Answer, they: Answer) -> bool:
    return isinstance(we.get("value"), str) and isinstance(they.get("value"), str)


Excuse = Callable[[str, Answer, Answer], bool]
EXCEPTIONS: tuple[tuple[str, Excuse, str], ...] = (
    ("*", lambda call, we, they: "HexToBinary('')" in call and "error" in they,
     "The package knows no empty binary data."),
    ("HexToString", lambda call, we, they: call == "HexToString('')", "The package knows no empty hex text."),
    ("*", lambda call, we, they: "Null()" in call, _WORDS_FOR_NULL),
    ("*", lambda call, we, they: isinstance(they.get("value"), dict) and "$number" in they["value"],
     "A result that is no finite number is an error, as division by 0 is."),
    ("GeneralDate LongTime MediumTime", lambda call, we, they: _both_text(we, they)
     and re.sub(r"(^| )00:", r"\g<1>12:", they["value"]) == we["value"],
     "The package prints 00 where a clock of 12 hours has 12."),
    ("Date", lambda call, we, they: "is not a date" in str(we.get("error")) and "error" not in they,
     "The package finds dates in any text that holds a number."),
    (
        "RegExMatch",
        lambda call, we, they: "Invalid regular expression" in str(they.get("error")),
        "Perl reads some expressions that JavaScript refuses.",
    ),
    ("RegExMatch", lambda call, we, they: "cannot be used" in str(we.get("error")),
     "The package takes an expression it cannot read for one that does not match."),
    ("Split", lambda call, we, they: "TypeError" in str(they.get("error")), "The package breaks on two empty texts."),
    ("MapCache", lambda call, we, they: "value" in we, "The value is given as it was kept."),
    ("IsInteger", lambda call, we, they: we.get("value") is True and "'" in call, "Text may be a whole number."),
    ("Bool DebugBreak", lambda call, we, they: re.search(r"\('[tT]'", call) is not None, "The vendor takes t for true."),
    ("Round", lambda call, we, they: "between 0 and 50" in str(we.get("error")), "There are 50 places at most."),
    ("date", lambda call, we, they: "is not a date" in str(we.get("error")) and "error" not in they,
     "The package finds dates in any text that holds a number."),
    ("Round RoundToInt", _near, "Fixed decimals, as the vendor keeps them, and halves away from 0, a rule of the project format."),
    ("Round", lambda call, we, they: "-0" in call and "error" in they, "Places are taken as a whole number first."),
    ("Right Left", lambda call, we, they: _FRACTION.search(call) is not None, "A count is taken as a whole number."),
    ("Mid", lambda call, we, they: not re.search(r", 0, \d+\)\Z", call),
     "The package takes the third argument for an end; ours is a length."),
    ("Truncate", lambda call, we, they: we.get("value") == "" or _FRACTION.search(call) is not None
     or ", -" in call, "What is taken away twice is gone; the package then gives what is between."),
    ("TrimChars LTrimChars RTrimChars", lambda call, we, they: we.get("value") == "",
     "The package leaves text that is trimmed away wholly."),
    ("RPad RPadChar", lambda call, we, they: _both_text(we, they) and len(we["value"]) == len(they["value"]),
     "Text too long is cut on the right; the package keeps its end."),
    ("CountSubString", lambda call, we, they: bool(we.get("value", 0) > they.get("value", 0)), "Overlaps count."),
    ("RegExMatch", lambda call, we, they: they.get("value", 0) - we.get("value", 0) in (0, 1)
     and we.get("value", 0) > 0, "The whole match is no group of its own."),
    ("Equal", lambda call, we, they: they.get("value") is False, "Equal converts as == does."),
    ("SortArray", lambda call, we, they: we.get("value", 0) is None,
     "It gives null, and takes entries that the index misses for 0."),
    ("GetLastError", lambda call, we, they: we.get("value") == "", "No error is empty text."),
    ("Bool", lambda call, we, they: re.match(r"Bool\('(?:\\[tn]| |\+|I|\.(?!\d))", call) is not None,
     "The truth of text is that of the number that Int reads in it."),
    ("Right", lambda call, we, they: re.search(r"', '\.(?!\d)", call) is not None,
     "A text that begins with a point alone has no number."),
)  # fmt: skip
"""Function names (`*` all, `date` the family), when the difference is excused, and why."""


def encoded(value: Value) -> Any:
    """A value as the package's process writes it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return {"$date": (value - EPOCH).total_seconds()}
    if isinstance(value, bytes):
        return {"$binary": value.hex()}
    if isinstance(value, list):
        return [encoded(entry) for entry in value]
    if isinstance(value, dict):
        return {"$dict": [[key, encoded(entry)] for key, entry in value.items()]}
    return value


def same(we: Any, they: Any) -> bool:
    """Equal values; numbers to twelve digits, dictionaries without order."""
    if isinstance(we, bool) or isinstance(they, bool):
        return we is they
    if isinstance(we, (int, float)) and isinstance(they, (int, float)):
        return math.isclose(we, they, rel_tol=1e-12)
    if isinstance(we, list) and isinstance(they, list):
        return len(we) == len(they) and all(same(one, other) for one, other in zip(we, they, strict=True))
    if isinstance(we, dict) and isinstance(they, dict) and "$dict" in we and "$dict" in they:
        return sorted(map(repr, we["$dict"])) == sorted(map(repr, they["$dict"]))
    return bool(we == they)


def ours(text: str) -> Answer:
    """What the judge gives."""
    try:
        return {"value": encoded(evaluate(parse(text), PlainHost()))}
    except WeftError as error:
        return {"error": error.message}


def difference(function: Function, text: str, they: Answer) -> str | None:
    """How a call differs without an excuse, None where it does not."""
    we = ours(PRELUDE + text)
    if "error" in we and "error" in they:
        return None
    if "value" in we and "value" in they and same(we["value"], they["value"]):
        return None
    for names, excuse, _reason in EXCEPTIONS:
        named = names in ("*", function.family) or function.name in names.split()
        if named and excuse(text, we, they):
            return None
    return f"{text}: we {we}, the package { ({key: they[key] for key in ('value', 'error') if key in they}) }"


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    try:
        folder = peer_folder(install=False)
    except PeerAbsent as reason:
        pytest.skip(f"compares with an npm package: {reason}")
    with running(folder, mended=True) as process:
        yield process


@pytest.fixture(scope="module")
def functions(shared: Path) -> list[Function]:
    """Functions that both sides have and that give the same for the same arguments."""
    text = (shared / "reference" / "script" / "functions.json").read_text("utf-8")
    theirs = {each["name"] for each in json.loads(text)["functions"] if each["implemented_in_peer"]}
    return [function for function in CALLED if function.name in theirs - CHANGING]


def test_single_calls_give_what_the_package_gives(
    peer: Peer, functions: list[Function], share: Callable[[int], int]
) -> None:
    chance = random.Random(20_261_122)
    found: list[str] = []
    calls = 0
    for function in functions:
        texts = list(dict.fromkeys(call(chance, function) for _turn in range(share(600))))
        calls += len(texts)
        peer.begin([(PRELUDE + text, []) for text in texts])
        answers = peer.results()
        pairs = zip(texts, answers, strict=True)
        found += [told for text, they in pairs if (told := difference(function, text, they)) is not None]
    assert found == []
    assert len(functions) > 75
    assert calls > 5 * len(functions)


def test_excuses_are_for_functions_there_are() -> None:
    names = {function.name for function in CALLED}
    for named, _excuse, reason in EXCEPTIONS:
        assert named in ("*", "date") or set(named.split()) <= names
        assert reason.endswith(".")
    assert set(PADDING) <= names
