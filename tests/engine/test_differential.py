"""Generated Python gives the same bytes, failures and counts as the judge, on random maps over random, also broken data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from studio.base.errors import BadInput
from studio.engine.plan import Plan
from tests.engine.build import run
from tests.engine.differ import Maker

KNOWN = ("The JSON is broken", "The XML is broken")


def outcome(made: Plan, data: str, engine: str) -> tuple[object, ...]:
    """The result of a run and the lines in its log, or the message it ends with."""
    lines: list[str] = []
    try:
        return *run(made, data.encode("utf-8", "surrogatepass"), engine, log=lines.append), lines
    except BadInput as error:
        return error.message, error.path


def test_back_ends_agree(share: Callable[[int], int]) -> None:
    ended: Counter[str] = Counter()
    for seed in range(share(25_000)):
        maker = Maker(seed)
        made = maker.made()
        data = maker.document()
        assert made.errors == (), (seed, made.errors)
        judged = outcome(made, data, "interpret")
        generated = outcome(made, data, "rows")
        if str(generated[0]).startswith("The engine rows cannot run this map"):
            ended["declined"] += 1
            continue
        assert generated == judged, f"seed {seed}: {maker.source} to {maker.target}"
        ended["loops" if any(target.loop for target in made.root.children[0].walk()) else "flat"] += 1
        if len(judged) == 4:
            ended["failures"] += bool(judged[1])
            ended["raised"] += any("no " in failure[2] or "odd " in failure[2] for failure in judged[1])  # type: ignore[attr-defined]
            ended["logged"] += bool(judged[3])
            ended["records"] += judged[2][1]  # type: ignore[index]
    cases = share(25_000)
    # What is compared must be worth comparing.
    assert ended["declined"] < cases * 0.3
    assert ended["failures"] > cases * 0.1
    assert ended["records"] > cases * 0.7
    assert ended["raised"] > cases * 0.01
    assert ended["logged"] > cases * 0.01
