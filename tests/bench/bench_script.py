"""Ten typical rules: as a map embeds them, as scripts over globals, by hand in Python, by the judge, by the npm package.

All of them run the same script, which the package can run, too; two further rules use functions that it lacks. The
package is found in the folder that WEFT_SCRIPT_PEER names, or installed by npm into a cache. Everything is parsed
before the clock starts; each figure is the best of many short rounds, interleaved, so that others at work on the
machine count little.
"""

from __future__ import annotations

import functools
import gc
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from studio.schema.model import Base
from studio.script.compile import Constants, PathCode, compile_script, generate
from studio.script.evaluate import evaluate
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.tree import Path, Value
from studio.script.values import exact_arithmetic, typed
from tests.bench.script_rules import GLOBALS, LANGUAGE_ONLY, RULES, Row, Rule
from tests.script.peer import Peer, PeerAbsent, peer_folder, running

ROUNDS, SITTINGS = 120, 6
_PACKAGE = "npm package"
_WARM, _TURNS = 4_000, 200  # evaluations of the package before the clock starts, and in one round


def run() -> Iterator[dict[str, object]]:
    """Nanoseconds an evaluation; ratios are the peer's time by ours."""
    try:
        with running(peer_folder(install=True)) as peer:
            yield from _rules(peer)
    except PeerAbsent as absent:
        yield _row("npm package", f"absent: {absent}", 0.0, "")
        yield from _rules(None)


def _rules(peer: Peer | None) -> Iterator[dict[str, object]]:
    rows = [row for rule in RULES for row in _rule(rule, peer)]
    rows += [row for rule in LANGUAGE_ONLY for row in _rule(rule, None)]
    yield from rows
    for metric in dict.fromkeys(row["metric"] for row in rows if row["peer"] == _PACKAGE):
        found = [row for row in rows if row["metric"] == metric and row["peer"] == _PACKAGE]
        ratios = [float(str(row["ratio"])) for row in found]
        yield _row("median of the ten", str(metric), statistics.median(ratios), "×")


def _rule(rule: Rule, peer: Peer | None) -> Iterator[dict[str, object]]:
    host = PlainHost(variables=_given(rule))
    GLOBALS.update(host.variables)
    ours = compiled(rule)
    loop, by_hand = _loops(rule)
    script = parse(over_globals(rule))
    whole, judge = compile_script(script), functools.partial(evaluate, script)
    hosts = [PlainHost(variables=globals_of(rule, row)) for row in rule.rows]
    asked = {"time": over_globals(rule), "rows": [_prelude(rule, row) for row in rule.rows]}
    asked |= {"warm": _WARM, "turns": _TURNS, "rounds": ROUNDS // SITTINGS}
    found: list[list[float]] = []
    with exact_arithmetic():
        _agree(rule, ours, host)
    # All in turn, several times: the machine is not equally busy all the time.
    for _sitting in range(SITTINGS):
        with exact_arithmetic():
            costs = _best(lambda: loop(ours, host, rule.rows), lambda: by_hand(rule.hand, rule.rows))
        costs += _best(lambda: _over_globals(whole, hosts), lambda: _over_globals(judge, hosts))
        found.append([*costs, float(peer.ask(asked)["ns"])] if peer is not None else costs)
    fields, hand, variables, judged, *theirs = (min(column) for column in zip(*found, strict=True))
    yield _row(rule.name, "over fields", fields, "ns", "by hand", hand / fields)
    yield _row(rule.name, "over globals", variables, "ns", "judge", judged / variables)
    for cost in theirs:
        yield _row(rule.name, "over fields", fields, "ns", _PACKAGE, cost / fields)
        yield _row(rule.name, "over globals", variables, "ns", _PACKAGE, cost / variables)
        yield _row(rule.name, "by hand in Python", hand, "ns", _PACKAGE, cost / hand)


def compiled(rule: Rule) -> Callable[..., Value]:
    """The rule as a function of the host and the texts of its fields, as the engine embeds it."""
    constants = Constants()
    bases = dict(rule.fields)

    def path_code(path: Path) -> PathCode:
        name = path.steps[0].name
        return PathCode(name, bases[name], many=rule.many)

    generated = generate(parse(rule.text), path_code, constants)
    names = ", ".join(name for name, _base in rule.fields)
    lines = [f"def rule(H, {names}):", *("    " + line for line in generated.statements)]
    lines.append(f"    return {generated.expression}")
    space = dict(constants.names)
    exec("\n".join(lines), space)
    function: Callable[..., Value] = space["rule"]
    return function


def over_globals(rule: Rule) -> str:
    """The rule as a script that reads globals with the fields' names."""
    return re.sub(r"\[([a-z]\w*)\]", r"$\1", rule.text.replace("[[", "[ [")).replace("[ $", "[$")


def globals_of(rule: Rule, row: Row) -> dict[str, Value]:
    """The globals of a run, with the variables of one record."""
    return _given(rule) | _globals(rule, row)


def _given(rule: Rule) -> dict[str, Value]:
    host = PlainHost()
    if rule.given:
        evaluate(parse(rule.given), host)
    return dict(host.variables)


def _agree(rule: Rule, ours: Callable[..., Value], host: PlainHost) -> None:
    """All three give the same; a benchmark of something else would say nothing."""
    for row in rule.rows:
        mine, theirs = ours(host, *row), rule.hand(*row)
        if mine != theirs and not (mine == "0" and theirs == "0.00"):
            raise AssertionError(f"{rule.name} {row}: {mine!r} by script, {theirs!r} by hand")
    if ours(host, *rule.rows[0]) != rule.makes and str(rule.makes) not in ("0.00",):
        raise AssertionError(f"{rule.name}: {ours(host, *rule.rows[0])!r}, not {rule.makes!r}")


def _globals(rule: Rule, row: Row) -> dict[str, Value]:
    """The variables of one record: numbers as numbers, arrays of them as arrays."""

    def value(text: str | None, base: Base) -> Value:
        given = typed(text, base if base is Base.DECIMAL else Base.TEXT)
        return None if given is None else (float(text or 0) if base is Base.DECIMAL else given)

    fields = zip(rule.fields, row, strict=True)
    return {
        name: [value(text, base) for text in given] if isinstance(given, list) else value(given, base)
        for (name, base), given in fields
    }


def _prelude(rule: Rule, row: Row) -> str:
    """The same variables as a script for the package."""

    def shown(value: Value) -> str:
        if isinstance(value, list):
            return "{" + ", ".join(map(shown, value)) + "}"
        return "Null()" if value is None else (f'"{value}"' if isinstance(value, str) else repr(value))

    variables = [f"${name} = {shown(value)}" for name, value in _globals(rule, row).items()]
    return "; ".join([rule.given, *variables] if rule.given else variables)


def _loops(rule: Rule) -> tuple[Callable[..., float], Callable[..., float]]:
    """Loops over all records that call our function and the one by hand; they give nanoseconds a call."""
    names = ", ".join(name for name, _base in rule.fields)
    loops = []
    for head, given in (("call, host, rows", f"host, {names}"), ("call, rows", names)):
        lines = [
            f"def loop({head}):",
            "    started = clock()",
            f"    for {names}, in rows: call({given})",
            f"    for {names}, in rows: call({given})",
            "    return (clock() - started) / (2 * len(rows))",
        ]
        space: dict[str, Any] = {"clock": time.perf_counter_ns}
        exec("\n".join(lines), space)
        loops.append(space["loop"])
    return loops[0], loops[1]


def _over_globals(call: Callable[[PlainHost], Any], hosts: Sequence[PlainHost]) -> float:
    started = time.perf_counter_ns()
    for host in hosts:
        call(host)
    return (time.perf_counter_ns() - started) / len(hosts)


def _best(*measured: Callable[[], float]) -> list[float]:
    """The least of each over interleaved rounds."""
    gc.collect()
    gc.freeze()
    rounds = [[measure() for measure in measured] for _round in range(ROUNDS // SITTINGS)]
    return [min(column) for column in zip(*rounds, strict=True)]


def _row(
    case: str, metric: str, value: float, unit: str, peer: str | None = None, ratio: float | None = None
) -> dict[str, object]:
    return {
        "bench": "script",
        "case": case,
        "metric": metric,
        "value": value,
        "unit": unit,
        "peer": peer,
        "ratio": ratio,
    }
