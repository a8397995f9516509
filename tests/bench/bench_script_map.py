"""A map of 5,000 rules, and its scripts by themselves: what it costs to open it, and after one edit of one rule.

The figures are processor time, as others may be at work. Rules are the ten typical ones over 5,000 times their fields.
"""

from __future__ import annotations

import gc
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.engine.compile import Compiler
from studio.engine.preview import Previews
from studio.mapping import check as map_check
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Schema
from studio.script.check import check
from studio.script.compile import compile_script
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.warming import Warming
from tests.bench.bench_script import globals_of, over_globals
from tests.bench.script_rules import LANGUAGE_ONLY, RULES
from tests.engine.build import xml

COUNT, GROUP, EDITS = 5_000, 50, 7
_HOT = 100


def run() -> Iterator[dict[str, object]]:
    """Milliseconds of processor time; a ratio is what is used of the time allowed."""
    yield from _scripts()
    yield from _map()


def _row(case: str, metric: str, seconds: float, limit: float | None = None) -> dict[str, object]:
    return {
        "bench": "map", "case": case, "metric": metric, "value": seconds * 1000, "unit": "ms",
        "peer": "the limit" if limit else None, "ratio": seconds / limit if limit else None,
    }  # fmt: skip


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    started = time.process_time()
    result = action()
    return time.process_time() - started, result


def _scripts() -> Iterator[dict[str, object]]:
    """5,000 scripts over globals: ready to run, run, and compiled for good."""
    case = f"{COUNT:,} scripts"
    texts = [f"{over_globals(RULES[n % len(RULES)])} + {n}" for n in range(COUNT)]

    def ready(text: str) -> Warming:
        script = parse(text)
        check(script)
        return Warming(script)

    seconds, warm = _timed(lambda: [ready(text) for text in texts])
    yield _row(case, "read, checked, ready to run", seconds, 2.0)
    hosts = [PlainHost(variables=globals_of(rule, rule.rows[1])) for rule in RULES]
    once, _ran = _timed(lambda: [each.run(hosts[n % len(RULES)]) for n, each in enumerate(warm)])
    yield _row(case, "and each run once", seconds + once, 2.0)
    numbers = iter(range(COUNT))
    edits = [_timed(lambda: ready(f"ToUpper($name) + {next(numbers)}"))[0] for _edit in range(EDITS)]
    yield _row(case, "one edited", statistics.median(edits), 0.020)
    hot = warm[:: COUNT // 100]
    again, _ran = _timed(lambda: [_often(each, hosts[n % len(RULES)]) for n, each in enumerate(hot)])
    yield _row("one script", f"its first {_HOT} evaluations", again / len(hot))
    settled, _ran = _timed(lambda: [_often(each, hosts[n % len(RULES)]) for n, each in enumerate(hot)])
    yield _row("one script", f"{_HOT} evaluations later on", settled / len(hot))
    whole, _ran = _timed(lambda: [compile_script(each.script) for each in warm])
    yield _row(case, "all compiled for good", whole)


def _often(script: Warming, host: PlainHost) -> None:
    for _turn in range(_HOT):
        script.run(host)


def _map() -> Iterator[dict[str, object]]:
    """The same as a map: checked, its plan, the preview of a record."""
    case = f"map of {COUNT:,} rules"
    source, target, transformation, document = made()
    trees = Trees(Tree(source.root("in")), Tree(target.root("out")))
    memory, previews = map_check.Memory(), Previews()

    def checked() -> int:
        return len(map_check.problems(transformation.mapping, trees, memory=memory))

    compiler = Compiler(source, target, trees.source, trees.target)

    def planned() -> Any:
        return compiler.plan(transformation)

    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.xml"
        sample.write_text(document, encoding="utf-8")
        seconds, problems = _timed(checked)
        yield _row(case, f"checked, cold ({problems} problems)", seconds)
        seconds, plan = _timed(planned)
        yield _row(case, "plan, cold", seconds, 2.0)
        seconds, _evidence = _timed(lambda: previews.evidence(plan, sample, 1, text=False))
        yield _row(case, "preview, cold", seconds)
        found: list[tuple[float, float, float]] = []
        for number in range(EDITS):
            transformation = edited(transformation, number)
            check_seconds, _problems = _timed(checked)
            plan_seconds, plan = _timed(planned)
            preview_seconds, _evidence = _timed(
                lambda plan=plan: previews.evidence(plan, sample, 1, text=False)
            )  # type: ignore[misc]
            found.append((check_seconds, plan_seconds, preview_seconds))
    limits = (("checked", None), ("plan", 0.020), ("preview of a record", 0.030))
    for (metric, limit), column in zip(limits, zip(*found, strict=True), strict=True):
        yield _row(case, f"one edited: {metric}", statistics.median(column), limit)


def edited(transformation: Transformation, number: int) -> Transformation:
    """The transformation with one rule changed."""
    rules = list(transformation.mapping.rules)
    rules[101] = replace(rules[101], script=f"'edit {number}'")
    return replace(transformation, mapping=Mapping(tuple(rules)))


def made(count: int = COUNT) -> tuple[Schema, Schema, Transformation, str]:
    """Two schemas, a map of so many rules between them, and a sample of three records."""
    kinds = [rule for rule in RULES if rule.given == ""] + list(LANGUAGE_ONLY)
    source: dict[str, Any] = {}
    target: dict[str, Any] = {}
    rules, groups = [Rule("out/rec", loop="in/rec")], []
    for group in range(count // GROUP):
        fields, values, written = {}, {}, []
        for number in range(group * GROUP, (group + 1) * GROUP):
            kind = kinds[number % len(kinds)]
            text = kind.text
            for (name, base), value in zip(kind.fields, kind.rows[1], strict=True):
                field = f"{name}{number}"
                fields[field + ("*" if kind.many else "?")] = base.value
                for each in value if isinstance(value, list) else [value]:
                    written.append(f"<{field}>{each}</{field}>" if each is not None else "")
                text = re.sub(rf"\[{name}\]", f"[g{group}/{field}]", text)
            text += f" + '{number}'" if number % 3 else f" // rule {number}"
            values[f"t{number}?"] = "text"
            rules.append(Rule(f"out/rec/h{group}/t{number}", script=text))
        source[f"g{group}"], target[f"h{group}"] = fields, values
        groups.append(f"<g{group}>{''.join(written)}</g{group}>")
    record = f"<rec>{''.join(groups)}</rec>"
    transformation = Transformation(
        "large", SchemaUse("in.xsd", "in"), SchemaUse("out.xsd", "out"), Mapping(tuple(rules))
    )
    return (
        xml({"in": {"rec*": source}}),
        xml({"out": {"rec*": target}}),
        transformation,
        f"<in>{record * 3}</in>",
    )
