"""No edit is ever lost: random people, a real server, everything that can go wrong; and a judge that is not blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from studio.repository import pull as pulling
from studio.repository import undecided as undeciding
from studio.repository.merging import Merged
from studio.workspace import Workspace
from tests.conftest import FULL
from tests.repository.fuzz.__main__ import play, run
from tests.repository.fuzz.server import Listening
from tests.repository.fuzz.world import Step

STEPS = 400
# 100,000 steps in pieces that can be run one by one, and the beginning of one of them always.
PIECES = range(250)
QUICK = (7, 120)


@pytest.mark.parametrize("seed", PIECES if FULL else QUICK[:1])
def test_no_edit_is_ever_lost(seed: int) -> None:
    counts: Counter[str] = Counter()
    made, wrong = run(seed, STEPS if FULL else QUICK[1], 5, counts)
    assert wrong == [], (
        f"python -m tests.repository.fuzz --seed {seed} --steps {STEPS}: after {len(made)} steps"
    )
    assert counts["revisions"] > 5


def test_no_edit_is_lost_over_real_connections() -> None:
    counts: Counter[str] = Counter()
    assert run(3, 2_000 if FULL else 30, 3, counts, Listening)[1] == []
    assert counts["revisions"] > 2


def _theirs_only(*_args: Any) -> Merged:
    """A merge that takes theirs wherever both changed something."""
    base, _mine, theirs, *_more = _args
    found = Merged()
    for path in sorted(base.keys() | theirs.keys()):
        if theirs.get(path) != base.get(path):
            found.changes[path] = theirs.get(path)
    return found


def _forgets(real: Callable[..., Any]) -> Callable[..., Any]:
    """A pull that does not write down what is undecided."""
    return lambda folder, _found, *more: real(folder, Merged(), *more)


def _without_journal(self: Workspace, label: str, project: Any, touched: frozenset[str]) -> None:
    """Edits that are nowhere but in memory."""
    self._history = self._history.add(label, project, touched)


SABOTAGE: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a merge that knows theirs only": lambda patch: patch.setattr(pulling, "merge_files", _theirs_only),
    "conflicts are not written down": lambda patch: patch.setattr(
        pulling, "gathered", _forgets(pulling.gathered)
    ),
    "unsaved work is not kept": lambda patch: patch.setattr(Workspace, "_step", _without_journal),
}


@pytest.mark.parametrize("what", SABOTAGE)
def test_the_judge_sees_what_is_lost(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it blind, its silence would prove nothing."""
    SABOTAGE[what](monkeypatch)
    assert any(run(seed, 60, 2, Counter())[1] for seed in range(4))


def test_the_judge_sees_what_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that does not look whether a file it replaces was saved meanwhile."""
    meanwhile = [
        [
            Step(1, 0, "files", seed),
            Step(2, 0, "push", seed),
            Step(3, 1, "pull", seed, "between", 1, 1, None, 1),
        ]
        for seed in range(5)
    ]
    assert [wrong for made in meanwhile if (wrong := play(made, 2, Counter())[1])] == []
    monkeypatch.setattr(undeciding, "need_unchanged", lambda *_args: None)
    assert any(play(made, 2, Counter())[1] for made in meanwhile)
