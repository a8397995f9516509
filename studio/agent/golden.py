"""Golden tests of a map as the window has it: run by the warm process, with the rule behind each difference."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.base.progress import Progress
from studio.engine.golden.model import Outcome, State
from studio.engine.golden.places import pattern, shown
from studio.engine.golden.report import document
from studio.engine.golden.running import Bench, run_test
from studio.engine.golden.update import changes_of
from studio.engine.plan import Plan
from studio.mapping.model import Transformation
from studio.project.commit import commit, inside
from studio.project.folder import read_bytes

# So many differences of a test are passed on.
_MOST = 200
# So much of a document is shown, in bytes, of those not larger than the second.
_SHOWN = 400_000
_LARGEST = 64 << 20


def run_golden(
    folder: Path,
    ref: str,
    transformation: Transformation,
    tests: Mapping[str, str],
    *,
    take: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The tests of an unsaved transformation, by reference to the text of each.

    The answer is that of `weft test --json`; each difference also has its `rule`. With `take` what is found becomes what
    is expected: documents are written (whoever asks holds the project's lock), changed tests are among the `texts`.
    """
    bench = Bench(folder, {ref: transformation}, tests)
    outcomes = [run_test(bench, test, progress=progress) for test in sorted(tests)]
    texts: dict[str, str] = {}
    if take:
        outcomes, changes = changes_of(bench, outcomes)
        own = {f"tests/{test}.yaml": test for test in tests}
        texts = {own[file]: data.decode() for file, data in changes.items() if file in own and data}
        commit(folder, {file: data for file, data in changes.items() if file not in own})
    answer = document(outcomes, bench.coverage)
    broken = all(outcome.state is State.BROKEN for outcome in outcomes)
    for test, outcome in zip(answer["tests"], outcomes, strict=True):
        test["expected_text"], test["made_text"] = _texts(bench, outcome)
    _add_rules(answer, None if broken else bench.plan(ref)[1], outcomes)
    return {**answer, "texts": texts}


def _texts(bench: Bench, outcome: Outcome) -> tuple[str, str]:
    """The beginnings of the expected document and of what the map made, where both are there and text."""
    if outcome.state is State.BROKEN:
        return "", ""
    test = bench.test(outcome.ref)
    expected = (test.expected_text or "").encode()
    file = inside(bench.folder, test.expected) if test.expected else None
    if file is not None and file.is_file():
        expected = read_bytes(file, test.expected, _LARGEST)
    return tuple(data[:_SHOWN].decode("utf-8", "replace") for data in (expected, outcome.document))  # type: ignore[return-value]


def _add_rules(answer: dict[str, Any], plan: Plan | None, outcomes: list[Outcome]) -> None:
    roots = [plan.root, *(output.root for output in plan.outputs)] if plan is not None else []
    paths = [target.path for root in roots for target in root.walk() if target.path]
    for test, outcome in zip(answer["tests"], outcomes, strict=True):
        differences = test["differences"]
        test["more"] = outcome.more + max(0, len(differences) - _MOST)
        test["differences"] = differences[:_MOST]
        for difference in test["differences"]:
            difference["rule"] = rule_of(difference["path"], paths)


def rule_of(place: str, paths: list[str]) -> str:
    """The target path of the map behind a place of the document, or of the nearest node above it; "" for none."""
    if place in paths:
        return place
    document = pattern(place).document if place else ""
    paths = [path for path in paths if pattern(path).document == document]
    here = tuple((name, number or 1, True) for name, number in pattern(place).steps) if place else ()
    for length in range(len(here), 0, -1):
        for path in paths:
            if pattern(path).fits(here[:length]):
                return path
        bare = shown(here[:length])
        for path in paths:
            if "/".join(name for name, _number in pattern(path).steps) == bare.strip("/"):
                return path
    return ""
