"""Records evaluated while nobody asks: the preview of them is what it is without, and little is left to do."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.compile import compile_plan
from studio.engine.interpret import Judge
from studio.engine.plan import Plan, Target
from studio.engine.preview import Previews
from studio.mapping.evidence import Evidence
from studio.mapping.model import Rule
from tests.engine import build
from tests.engine.differ import Maker
from tests.engine.edits import map_of
from tests.engine.test_preview_kept import FIELDS, OVER_GLOBALS, SUFFIX


def _seen(previews: Previews, plan: Plan, sample: Path, record: int) -> Evidence | str:
    try:
        return replace(previews.evidence(plan, sample, record), milliseconds=0)
    except BadInput as error:
        return str(error)


def _waiting(draw: random.Random) -> Callable[[], bool]:
    """Nobody, or somebody after some rules."""
    left = draw.choice((0, 1, 3, 10, 10_000))

    def waited() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return waited


def _map_over_globals(draw: random.Random, tmp_path: Path) -> tuple[Plan, Path]:
    sample = tmp_path / "s.xml"
    fields = ["".join(f"<f{n}>{n * k}</f{n}>" for n in range(20)) for k in (1, 3, 4)]
    sample.write_text("<r>" + "".join(f"<i>{each}</i>" for each in fields) + "</r>")
    source, target = build.xml({"r": {"i*": FIELDS}}), build.xml({"o": {"row*": {**FIELDS, "g?": FIELDS}}})
    rules = [Rule("o/row", loop="r/i")]
    rules += [
        Rule(f"o/row/{up}f{n}", script=draw.choice(OVER_GLOBALS)) for up in ("", "g/") for n in range(6)
    ]
    return compile_plan(map_of(rules), source, target), sample


def test_what_was_evaluated_ahead_is_what_would_have_been_evaluated(
    share: Callable[[int], int], tmp_path: Path
) -> None:
    compared = 0
    for seed in range(share(500)):
        draw, maker = random.Random(seed), Maker(seed)
        if seed % 2:
            rules, source, target = maker.parts()
            maker.space = source.roots[0].namespace
            plan = compile_plan(map_of([build.rule(*each) for each in rules.items()]), source, target)
            sample = tmp_path / f"{seed}.{SUFFIX[maker.source]}"
            sample.write_text(maker.document(), encoding="utf-8", errors="surrogatepass")
        else:
            plan, sample = _map_over_globals(draw, tmp_path)
        previews, record = Previews(), 1
        for _step in range(4):
            anew = _seen(Previews(), plan, sample, record)
            assert _seen(previews, plan, sample, record) == anew, seed
            compared += len(anew.target) if isinstance(anew, Evidence) else 0
            record = draw.randint(1, 3)
            previews.ahead(plan, sample, draw.choice((record, record, record + 1, 0)), {}, _waiting(draw))
    assert compared > 100


def test_a_record_evaluated_ahead_is_not_evaluated_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = tmp_path / "s.xml"
    record = "<i>" + "".join(f"<f{n}>{n}</f{n}>" for n in range(20)) + "</i>"
    sample.write_text(f"<r>{record * 3}</r>")
    source, target = build.xml({"r": {"i*": FIELDS}}), build.xml({"o": {"row*": FIELDS}})
    rules = [Rule("o/row", loop="r/i"), *(Rule(f"o/row/f{n}", script=f"[f{n}] + 'x'") for n in range(20))]
    rules[5] = replace(rules[5], script="Now()")
    plan, previews = compile_plan(map_of(rules), source, target), Previews()
    asked: list[str] = []
    texts = Judge._texts

    def noted(self: Judge, target: Target) -> list[str]:
        if target.script is not None:
            asked.append(target.path)
        return texts(self, target)

    previews.evidence(plan, sample, 1)
    monkeypatch.setattr(Judge, "_texts", noted)
    assert previews.ahead(plan, sample, 2, None, lambda: False)
    assert sorted(asked) == sorted(f"o/row/f{n}" for n in range(20) if n != 4)
    asked.clear()
    previews.evidence(plan, sample, 2)
    assert asked == ["o/row/f4"]
    asked.clear()
    assert not previews.ahead(plan, sample, 3, None, lambda: True)
    assert not asked
    assert previews.ahead(plan, sample, 4, None, lambda: False)  # there is no such record
    assert not asked
