"""Comparing a program's outcome here with the npm package's: what differs, and which differences are known and why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.host import Host, PlainHost
from studio.script.parse import parse
from studio.script.tree import Value
from studio.script.values import epoch_seconds
from tests.script.peer import Peer
from tests.script.programs import GLOBALS, Programs

BATCH = 500
MAX_DEPTH = 20
_LONG = re.compile(r"[0-9]+\.?[0-9]*(?:e\+[0-9]+)?")
_SMALL = re.compile(r"[1-9](?:\.[0-9]+)?e-[0-9]+")
KNOWN = (("with binary data", "in two arrays the package takes a dictionary for binary data"),)
"""What the package says in an error, where no program does what it complains of; and the reason."""


@dataclass(frozen=True)
class Difference:
    """A program whose outcomes differ; `ours` and `theirs` are what differs."""

    program: str
    ours: str
    theirs: str


def encoded(value: Value, depth: int = 0) -> Any:
    """A value as the package's process writes it; what is nested beyond its sense is left out."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, datetime):
        return {"$date": epoch_seconds(value)}
    if isinstance(value, bytes):
        return {"$binary": value.hex()}
    if isinstance(value, list):
        return [encoded(entry, depth + 1) for entry in value]
    if isinstance(value, dict):
        return {"$dict": [[key, encoded(entry, depth + 1)] for key, entry in value.items()]}
    return value


def agree(ours: Any, theirs: Any) -> bool:
    """The same value; numbers to nine digits, dictionaries whatever their order."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float | Decimal) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() != theirs.keys():
            return False
        key = next(iter(ours))
        if key == "$dict":
            return agree(sorted(ours[key], key=_first), sorted(theirs[key], key=_first))
        return agree(ours[key], theirs[key])
    if isinstance(ours, str) and isinstance(theirs, str):
        theirs = _SMALL.sub(lambda number: format(Decimal(number[0]), "f"), theirs)
        return ours == theirs or _LONG.sub(_shortened, ours) == _LONG.sub(_shortened, theirs)
    return bool(ours == theirs)


def _shortened(number: re.Match[str]) -> str:
    """A number of a text to twelve digits, if it has so many that engines differ in the last."""
    return number[0] if len(number[0]) < 15 else f"{float(number[0]):.11e}"


def _first(entry: Any) -> str:
    return str(entry[0])


def outcome(program: str, run: Callable[[str, Host], Value]) -> dict[str, Any]:
    """Value or error, and the globals, of a program here."""
    host = PlainHost()
    try:
        result: dict[str, Any] = {"value": encoded(run(program, host))}
    except WeftError as error:
        result = {"error": error.message}
    result["vars"] = {name: encoded(host.variables.get(name)) for name in GLOBALS}
    return result


def compiled(program: str, host: Host) -> Value:
    """The program, compiled and run."""
    return compile_script(parse(program))(host)


def judged(program: str, host: Host) -> Value:
    """The program as the plain evaluator runs it."""
    return evaluate(parse(program), host)


def difference(program: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Difference | None:
    """What differs, if anything."""
    if "error" not in ours and any(words in theirs.get("error", "") for words, _reason in KNOWN):
        return None
    if ("error" in ours) != ("error" in theirs):
        return Difference(program, _said(ours), _said(theirs))
    if "error" not in ours and not agree(ours["value"], theirs["value"]):
        return Difference(program, _said(ours), _said(theirs))
    for name in GLOBALS:
        if not agree(ours["vars"][name], theirs["vars"][name]):
            return Difference(
                program, f"${name} = {ours['vars'][name]!r}", f"${name} = {theirs['vars'][name]!r}"
            )
    return None


def _said(result: dict[str, Any]) -> str:
    return f"error {result['error']}" if "error" in result else repr(result["value"])


def differences(peer: Peer, seed: int, count: int) -> Iterator[Difference]:
    """The programs of a seed that do something else in the package; every fourth is compiled, the others are judged."""
    programs = Programs(seed)
    for start in range(0, count, BATCH):
        batch = [programs.next() for _number in range(min(BATCH, count - start))]
        peer.begin([(text, GLOBALS) for text in batch])
        ours = [outcome(text, judged if number % 4 else compiled) for number, text in enumerate(batch)]
        for program, here, there in zip(batch, ours, peer.results(), strict=True):
            found = difference(program, here, there)
            if found is not None:
                yield found
