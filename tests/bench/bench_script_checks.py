"""What a person waits for while writing scripts: completion over 10,000 fields, checking 5,000 rules and one of them again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from studio.schema.model import Base
from studio.script import check_types, facts, infer
from studio.script.check import check, check_text
from studio.script.complete import complete
from studio.script.editing import diagnose, hover, rename_at
from studio.script.field_index import FieldIndex
from studio.script.format import format_script
from studio.script.parse import parse
from studio.script.scope import Field, Scope
from tests.bench.script_rules import RULES

COUNT = 5_000
FIELDS = 10_000
_BASES = (Base.TEXT, Base.DECIMAL, Base.DATE, Base.INTEGER)
_TYPED = ("[", "[f", "fi", "[order/part", "If(fiel", "[field9Name99", "[nowhere")


def run() -> Iterator[dict[str, object]]:
    """Milliseconds of processor time; `cold` begins with empty caches."""
    yield from _completion()
    yield from _checking()
    yield from _editing()


def _row(case: str, metric: str, seconds: float, limit: float | None = None) -> dict[str, object]:
    return {
        "bench": "checks", "case": case, "metric": metric, "value": seconds * 1000, "unit": "ms",
        "peer": "the limit" if limit else None, "ratio": seconds / limit if limit else None,
    }  # fmt: skip


def _best(action: Callable[[], object], rounds: int = 9) -> float:
    """The least processor time of some rounds: others at work on the machine only make them longer."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def _completion() -> Iterator[dict[str, object]]:
    fields = tuple(
        Field(f"orders/order/group{n // 100}/part{n % 100 // 10}/field{n % 10}Name{n}", _BASES[n % 4])
        for n in range(FIELDS)
    )
    scope = Scope(fields=fields, variables=("total", "since"))
    yield _row(f"{FIELDS:,} fields", "taken in once", _best(lambda: FieldIndex(fields)))
    worst = max((_best(partial(complete, text, len(text), scope)), text) for text in _TYPED)
    yield _row(f"{FIELDS:,} fields, after {worst[1]}", "completion", worst[0], 0.020)


def rules() -> tuple[list[str], Scope]:
    """5,000 different rules like the ten typical ones, and what they may refer to."""
    known = {name: Field(name, base, rule.many) for rule in RULES for name, base in rule.fields}
    scope = Scope(
        field=lambda path: known.get(path.steps[0].name),
        fields=tuple(known.values()),
        variables=("countries",),
    )
    texts = [RULES[n % len(RULES)].text + (f" + '{n}'" if n % 3 else f"; // rule {n}") for n in range(COUNT)]
    return texts, scope


def _checking() -> Iterator[dict[str, object]]:
    texts, scope = rules()
    start = time.process_time()
    scripts = [parse(text) for text in texts]
    yield _row(f"{COUNT:,} rules", "parsing", time.process_time() - start)
    for kept in (facts.sure, infer._result, check_types._refusal, check_types._failure):
        kept.cache_clear()
    start = time.process_time()
    found = sum(len(check(script, scope)) for script in scripts)
    yield _row(f"{COUNT:,} rules, {found} problems", "checking, cold", time.process_time() - start)
    yield _row(
        "one of them, edited", "parsing and checking", _best(lambda: check_text(texts[7] + " + 1", scope))
    )


def _editing() -> Iterator[dict[str, object]]:
    """What an editor asks for after a key, on a script of 400 lines."""
    lines = [
        f"total{n} = If($amount > {n}, ToUpper(Left('{n}', 2)), 'none'); // line {n}" for n in range(400)
    ]
    text = "\n".join(lines)
    numbered = iter(range(1_000_000))
    case = f"{len(lines)} lines"
    yield _row(case, "problems", _best(lambda: diagnose(f"{text}\n// {next(numbered)}")))
    yield _row(case, "hover", _best(lambda: hover(text, text.index("ToUpper"))))
    yield _row(case, "rename", _best(lambda: rename_at(text, 2, "sum")))
    yield _row(case, "layout", _best(lambda: format_script(f"{text}\n// {next(numbered)}")))
