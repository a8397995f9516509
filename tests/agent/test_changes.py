"""Only what has changed goes between the window and its agent: added up, that is what a fresh question gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.agent.changes import MapReceiver, MapSender, UnknownBase
from studio.agent.embedded import EmbeddedAgent
from studio.agent.journal import Journal
from studio.agent.splices import spliced, splices_of
from studio.agent.wire import decode, encode
from studio.agent.worker import Worker
from studio.base.paths import resource
from studio.mapping.evidence import Evidence
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation
from studio.project.folder import load

SAMPLE = "samples/orders.xml"
REF = "orders-to-invoices"


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_pieces_make_the_newer_sequence_of_the_older_one(old: list[int], new: list[int]) -> None:
    assert spliced(old, splices_of(old, new)) == new


def test_what_is_the_same_is_not_among_the_pieces() -> None:
    old = [object() for _n in range(1_000)]
    new = [*old]
    new[10], new[11], new[500] = object(), object(), object()
    assert splices_of(old, new) == [(10, 12, new[10:12]), (500, 501, new[500:501])]
    assert splices_of(old, [*old[:300], *old[310:]]) == [(300, 310, [])]
    with pytest.raises(ValueError, match="not of this sequence"):
        spliced(old[:5], [(3, 9, [])])


class _Window:
    """A window and its agent without the pipe between them; every message goes through its bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sender = MapSender()
        self._process = 0
        # What it has parsed may stay: it is what it was told that is looked at here.
        self._worker = Worker()

    def restart(self) -> None:
        """The agent's process is another one, which knows nothing."""
        self.forget()
        self._process += 1

    def forget(self) -> None:
        """The agent has lost what it knew, and nobody told the window."""
        self._worker._maps = MapReceiver()

    def evidence(self, made: Transformation, record: int) -> tuple[Evidence, int]:
        """The values, and how long the question was."""
        while True:
            values = {"folder": str(self._folder), "sample": SAMPLE, "record": record}
            question = {"id": 1, "do": "preview", "language": "en", **values}
            line = encode({**question, "map": self._sender.question(made, self._process)})
            answer = decode(encode(self._worker.answer(decode(line))))["result"]
            if not answer.get("again"):
                return self._sender.evidence(answer), len(line)
            self._sender.forget()


def _plain(evidence: Evidence) -> tuple[Any, ...]:
    same = replace(evidence, milliseconds=0.0)
    # The order tells which value stands for a folded node.
    return same, list(same.source), list(same.target), dict(same.loops)


_SCRIPTS = ("[placed]", "1 / 0", "'typed'", "[customer/name] + ' é\ud800'", "$total++", "null", "")
_EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("script"), st.integers(0, 200), st.sampled_from(_SCRIPTS)),
        st.tuples(st.just("when"), st.integers(0, 200), st.sampled_from(["true", "false", "[@status] == 'open'"])),
        st.tuples(st.just("remove"), st.integers(0, 200), st.integers(1, 8)),
        st.tuples(st.just("record"), st.integers(1, 830), st.just(0)),
        st.tuples(st.just("back"), st.integers(1, 6), st.just(0)),
        st.tuples(st.sampled_from(["name", "restart", "forget"]), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


def _edited(made: Transformation, kind: str, at: int, what: Any) -> Transformation:
    rules = list(made.mapping.rules)
    at = at % len(rules) if rules else 0
    if kind == "name":
        return replace(made, name=made.name + "!")
    if kind == "remove":
        del rules[at : at + what]
    elif kind == "script" and rules and not rules[at].loops:
        rules[at] = replace(rules[at], script=what or None)
    elif kind == "when" and rules:
        rules[at] = replace(rules[at], when=what)
    return replace(made, mapping=Map(tuple(rules), made.mapping.parked))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(
        shutil.copytree(resource("samples") / "orders", tmp_path_factory.mktemp("changes") / "orders")
    )


def test_the_sum_of_all_changes_is_a_fresh_preview(folder: Path, share: Callable[[int], int]) -> None:
    first = load(folder).project.transformations[REF]
    window, fresh = _Window(folder), _Window(folder)

    @settings(max_examples=share(1_000), deadline=None, derandomize=True)
    @given(_EDITS)
    def through(edits: list[tuple[str, int, Any]]) -> None:
        made, record = first, 1
        states = [first]
        for kind, at, what in edits:
            if kind == "restart":
                window.restart()
            elif kind == "forget":
                window.forget()
            elif kind == "record":
                record = at
            elif kind == "back":
                made = states[-min(at, len(states))]
            else:
                made = _edited(made, kind, at, what)
            states.append(made)
            found, _length = window.evidence(made, record)
            assert _plain(found) == _plain(fresh.evidence(made, record)[0])
            fresh.restart()

    through()


def test_an_edit_sends_what_was_edited(folder: Path) -> None:
    window, made = _Window(folder), load(folder).project.transformations[REF]
    _found, whole = window.evidence(made, 3)
    found, length = window.evidence(_edited(made, "script", 5, "'typed'"), 3)
    assert length < 700 < whole / 5
    assert found.target["invoices/invoice"].count == 1


def test_another_end_that_knows_nothing_says_so(folder: Path) -> None:
    made = load(folder).project.transformations[REF]
    sender = MapSender()
    asked = [decode(encode(sender.question(made, 1))) for _n in range(2)]
    other = MapReceiver()
    with pytest.raises(UnknownBase):
        other.map(asked[1])
    assert other.map(asked[0]) == other.map(asked[1]) == made


async def test_values_stay_right_when_the_agent_dies_and_when_a_schema_changes(
    folder: Path, tmp_path: Path
) -> None:
    made = load(folder).project.transformations[REF]
    agent = EmbeddedAgent(Journal(tmp_path / "runs.sqlite"))
    try:
        await agent.preview(folder, made, SAMPLE, 3)
        edited = _with(made, "invoices/invoice/dueDate", "[placed]")
        await agent._worker.close()
        after = await agent.preview(folder, edited, SAMPLE, 3)
        assert after is not None
        assert after.target["invoices/invoice/dueDate"].text == "2026-03-08"
        assert after.source["orders/order/@id"].text == "10250"
        schema = folder / made.target.schema
        text = schema.read_text("utf-8")
        assert text.count('"dueDate"') == 1
        schema.write_text(text.replace('"dueDate"', '"payableBy"'), "utf-8")
        after = await agent.preview(folder, edited, SAMPLE, 3)
        assert after is not None
        assert "invoices/invoice/dueDate" not in after.target
        schema.write_text(text, "utf-8")
        after = await agent.preview(folder, edited, SAMPLE, 3)
        assert after is not None
        assert after.target["invoices/invoice/dueDate"].text == "2026-03-08"
    finally:
        await agent.close()


def _with(made: Transformation, path: str, script: str) -> Transformation:
    rules: Mapping[str, Rule] = {**made.mapping.by_path, path: Rule(path, script=script)}
    return replace(made, mapping=Map(tuple(rules.values()), made.mapping.parked))
