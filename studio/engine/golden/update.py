"""What tests found becomes what they expect: all files together, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.golden.model import Expected, GoldenTest, Kind, Outcome, State
from studio.engine.golden.running import Bench, ending, ending_of
from studio.project.commit import commit, inside
from studio.project.lock import Lock


def update(bench: Bench, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Write what is found by those that differ as what is expected; the outcomes, with those as updated.

    Raises BadInput where a file cannot be written, or the project is open elsewhere; nothing is changed then.
    """
    after, changes = changes_of(bench, outcomes)
    if changes:
        _write(bench.folder, changes)
    return after


def changes_of(bench: Bench, outcomes: Sequence[Outcome]) -> tuple[list[Outcome], dict[str, bytes | None]]:
    """The outcomes as they are after an update, and the files that it writes; raises BadInput where two tests disagree."""
    changes: dict[str, bytes | None] = {}
    after = []
    for outcome in outcomes:
        if outcome.state is not State.DIFFERS:
            after.append(outcome)
            continue
        for file, data in _files(bench, bench.test(outcome.ref), outcome).items():
            if changes.setdefault(file, data) != data:
                raise BadInput(
                    _("Two tests expect this one file, and what they make differs."),
                    file=file,
                    next_step=_("Give each test an expected file of its own."),
                )
        after.append(replace(outcome, state=State.UPDATED))
    return after, changes


def _write(folder: Path, changes: dict[str, bytes | None]) -> None:
    lock = Lock.take(folder)
    try:
        commit(folder, changes)
    finally:
        lock.release()


def _files(bench: Bench, test: GoldenTest, outcome: Outcome) -> dict[str, bytes | None]:
    """The files that change: the expected document, and the test itself where something stands in it."""
    changes: dict[str, bytes | None] = {}
    data: dict[str, Any] = dict(test.data)
    kinds = {
        difference.kind for difference in outcome.differences if "::" not in difference.path.partition("/")[0]
    }
    changes |= _further(bench, test, outcome, data)
    if kinds - {Kind.FAILURE, Kind.SCHEMA}:
        if test.expected_text is not None:
            data["expected_text"] = outcome.document.decode("utf-8", "replace")
        else:
            expected = test.expected or f"tests/{test.ref}{ending(bench.plan(test.transformation)[1])}"
            inside(bench.folder, expected)
            data["expected"] = expected
            changes[expected] = outcome.document
    if Kind.FAILURE in {difference.kind for difference in outcome.differences}:
        data["failures"] = [_failure(each) for each in outcome.failures]
        if not data["failures"]:
            del data["failures"]
    if data != dict(test.data):
        changes[test.file] = test_text(data).encode("utf-8")
    return changes


def _further(
    bench: Bench, test: GoldenTest, outcome: Outcome, data: dict[str, Any]
) -> dict[str, bytes | None]:
    """The documents of further targets that differ; files that get names of their own are named in the test's `data`."""
    changes: dict[str, bytes | None] = {}
    differing = [each.path for each in outcome.differences if each.kind is not Kind.FAILURE]
    for output in bench.plan(test.transformation)[1].outputs:
        if any(path.startswith(f"{output.name}::") for path in differing):
            file = (
                test.outputs.get(output.name) or f"tests/{test.ref}.{output.name}{ending_of(output.document)}"
            )
            inside(bench.folder, file)
            data["outputs"] = {**data.get("outputs", {}), output.name: file}
            changes[file] = outcome.outputs[output.name]
    return changes


def _failure(failure: Expected) -> dict[str, str]:
    return {"record": str(failure.record), "path": failure.path or "", "reason": failure.reason}


def test_text(data: dict[str, Any]) -> str:
    """The text of a test's file."""
    order = (
        "weft",
        "name",
        "description",
        "input",
        "input_text",
        "inputs",
        "expected",
        "expected_text",
        "outputs",
    )
    known = {key: data[key] for key in order if key in data}
    return yaml_write.write(known | data, blocks=("failures", "tolerances", "variables", "ignore"))
