"""The preview after an edit: what is kept from the one before is what evaluating everything gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from studio.agent.unsaved import transformation_from_text, transformation_to_text
from studio.base.errors import BadInput
from studio.engine.compile import compile_plan
from studio.engine.interpret import Judge
from studio.engine.plan import Plan, Target
from studio.engine.preview import Previews
from studio.mapping.evidence import Evidence
from studio.mapping.model import Rule
from tests.engine import build
from tests.engine.differ import Maker
from tests.engine.edits import compiler_of, edited, map_of

SUFFIX = {"xml": "xml", "json": "json", "lines": "jsonl", "csv": "csv"}


def _seen(
    previews: Previews, plan: Plan, sample: Path, record: int, turns: Mapping[str, int] | None = None
) -> Evidence | str:
    """The evidence without its time, or what is wrong with the sample."""
    try:
        return replace(previews.evidence(plan, sample, record, turns=turns), milliseconds=0)
    except BadInput as error:
        return str(error)


def test_values_after_edits_are_those_of_a_preview_made_anew(
    share: Callable[[int], int], tmp_path: Path
) -> None:
    compared = 0
    for seed in range(share(500)):
        draw, maker = random.Random(seed), Maker(seed)
        rules, source, target = maker.parts()
        maker.space = source.roots[0].namespace
        all = [build.rule(path, given) for path, given in rules.items()]
        sample = tmp_path / f"{seed}.{SUFFIX[maker.source]}"
        sample.write_text(maker.document(), encoding="utf-8", errors="surrogatepass")
        compiler, previews, here = compiler_of(source, target), Previews(), all
        for _edit in range(8):
            record, transformation = draw.randint(1, 3), map_of(here)
            loops = [each.path for each in here if each.loops]
            turns = {path: draw.randint(1, 3) for path in loops} if draw.random() < 0.5 else None
            again = _seen(previews, compiler.plan(transformation), sample, record, turns)
            anew = _seen(Previews(), compile_plan(transformation, source, target), sample, record, turns)
            assert again == anew, (seed, _edit)
            compared += len(anew.target) if isinstance(anew, Evidence) else 0
            here = edited(draw, here, all)
    assert compared > 100


FIELDS = {f"f{n}?": "text" for n in range(20)}


@pytest.mark.parametrize(
    ("script", "others"),
    [
        ("'new'", set()),
        ("Now()", set()),
        ("$g = [f3]", set()),  # f7 reads the global, which is set to what it was
        ("$g = [f3]; $g = $g + 'x'", set()),
        ("$g = {[f3]}", {"o/row/f7"}),  # an array may have been changed by whoever holds it
    ],
)
def test_only_what_an_edit_can_change_is_evaluated(
    script: str, others: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = tmp_path / "s.xml"
    sample.write_text("<r><i>" + "".join(f"<f{n}>{n}</f{n}>" for n in range(20)) + "</i></r>")
    source, target = build.xml({"r": {"i*": FIELDS}}), build.xml({"o": {"row*": FIELDS}})
    rules = [Rule("o/row", loop="r/i"), *(Rule(f"o/row/f{n}", script=f"[f{n}]") for n in range(20))]
    rules[8] = replace(rules[8], script="$g + [f7]")
    compiler, previews = compiler_of(source, target), Previews()
    previews.evidence(compiler.plan(map_of(rules)), sample, 1)
    rules[4] = replace(rules[4], script=script)
    previews.evidence(compiler.plan(map_of(rules)), sample, 1)
    asked: set[str] = set()
    texts = Judge._texts

    def noted(self: Judge, target: Target) -> list[str]:
        if target.script is not None:
            asked.add(target.path)
        return texts(self, target)

    monkeypatch.setattr(Judge, "_texts", noted)
    rules[4] = replace(rules[4], script=script + " ")
    previews.evidence(compiler.plan(map_of(rules)), sample, 1)
    assert asked == {"o/row/f3", *others}


OVER_GLOBALS = (
    "$g = [f1]", "$g = [f2] + 'x'", "$g + [f3]", "$n = $n + 1", "$n++; $n", "RegExMatch([f4], '(.)(.*)', 'g', 'h')",
    "$h + $g", "Get('g')", "Set('h', [f5])", "$d = Dict(); $d['k'] = [f6]; 1", "$d['k'] = $g", "$d['k']", "$a[2] = [f7]",
    "Length($a)", "Eval(RaiseError('no'), 'caught')", "GetLastError()", "RaiseError($g)", "[f8]", "If($n > 2, $g, $h)",
    "$jitterbit.operation.last_error", "Set('a', $g, 1)", "IsNull($none)", "Now() > ToDate('2020-01-01')",
)  # fmt: skip


def test_globals_are_given_again_as_the_rules_in_their_order_would(
    share: Callable[[int], int], tmp_path: Path
) -> None:
    sample = tmp_path / "s.xml"
    fields = ["".join(f"<f{n}>{n * k}</f{n}>" for n in range(20)) for k in (1, 3)]
    sample.write_text("<r>" + "".join(f"<i>{each}</i>" for each in fields) + "</r>")
    groups: dict[str, object] = {f"g{n}?": FIELDS for n in range(3)}
    source, target = build.xml({"r": {"i*": FIELDS}}), build.xml({"o": {"row*": {**FIELDS, **groups}}})
    paths = [f"f{n}" for n in range(4)] + [f"g{m}/f{n}" for m in range(3) for n in range(5)]
    ran = 0
    for seed in range(share(300)):
        draw = random.Random(seed)
        scripts = draw.sample(OVER_GLOBALS, draw.randint(1, len(OVER_GLOBALS)))
        rules = [Rule("o/row", loop="r/i", when=draw.choice((None, "$n = 1; true")))]
        rules += [Rule(f"o/row/{path}", script=draw.choice(scripts)) for path in paths]
        compiler, previews = compiler_of(source, target), Previews()
        for _edit in range(10):
            record = draw.choice((1, 1, 2))
            plan = compiler.plan(map_of(rules))
            again = replace(previews.evidence(plan, sample, record), milliseconds=0)
            assert again == replace(Previews().evidence(plan, sample, record), milliseconds=0), (seed, _edit)
            ran += plan.in_order
            place = draw.randrange(1, len(rules))
            rules[place] = replace(rules[place], script=draw.choice(OVER_GLOBALS))
    assert ran > 20


def test_a_map_on_its_way_to_the_agent_stays_the_same() -> None:
    rules = [
        Rule("a/b", loop="x", first=2, extra={"odd": ["1", {"k": "v"}]}),
        Rule("a/c", script="'\ud800é'"),
    ]
    for given in (map_of(rules), map_of(rules[:1])):
        assert transformation_from_text(transformation_to_text(given)) == given
