"""A trial: the first rows, then the same move with the rest; nothing is doubled and the files add up at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.pace import Pace
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.load import load, resume
from studio.moves.model import Action, Api, Counts, MoveState
from studio.moves.undoing import undo
from tests.moves.conftest import Practice, assert_adds_up, move, request
from tests.moves.test_failure_modes import keys, whole

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


@pytest.mark.parametrize(
    ("api", "first"), [(Api.BULK, 7), (Api.BULK, 20), (Api.COLLECTIONS, 1), (Api.COLLECTIONS, 49)]
)
async def test_the_first_rows_then_the_rest(
    practice: Practice, accounts: Accounts, api: Api, first: int
) -> None:
    source = accounts(50)
    trial = await move(practice, source, Action.INSERT, api=api, first=first)
    assert trial.state is MoveState.TRIAL
    assert trial.exit_code == 0
    assert trial.counts == Counts(first, not_sent=50 - first)
    assert_adds_up(trial, source)
    assert await practice.keys() == keys(first)
    assert store.record(trial.run).state is MoveState.TRIAL
    assert store.latest() == trial.run
    rest = await resume(trial.run, practice.org)
    assert rest.run == trial.run
    assert rest.state is MoveState.DONE
    await whole(practice, rest, source, 50)


async def test_a_trial_of_all_rows_is_the_move(practice: Practice, accounts: Accounts) -> None:
    source = accounts(20)
    summary = await move(practice, source, Action.INSERT, first=20)
    assert summary.state is MoveState.DONE
    await whole(practice, summary, source, 20)


async def test_a_row_of_the_trial_that_fails_shows_in_its_exit_code(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts([("A-1", "One", "x"), ("A-2", "", "y"), ("A-3", "Three", "z")])
    trial = await move(practice, source, Action.INSERT, first=2, api=Api.COLLECTIONS)
    assert trial.counts == Counts(1, 1, not_sent=1)
    assert trial.exit_code == 1
    undone = await undo.undo(trial.run, practice.org)
    assert undone.counts == Counts(1)
    with pytest.raises(BadInput, match="was undone"):
        await resume(trial.run, practice.org)


async def test_a_trial_cut_off_ends_as_a_trial(practice: Practice, accounts: Accounts) -> None:
    """What was asked for was the first rows: resumed, it stops after them; resumed again, it goes on."""
    source = accounts(50)
    practice.fault("unavailable=0,on=GET */successfulResults")
    practice.org.pace = Pace(first=0.01, most=0.02, patience=0.1)
    with pytest.raises(Interrupted):
        await load(request(source, Action.INSERT, first=30), practice.org)
    practice.server.org.faults.clear("unavailable")
    org = await practice.signed_in()
    trial = await resume("M-0001", org)
    assert (trial.state, trial.counts) == (MoveState.TRIAL, Counts(30, not_sent=20))
    await whole(practice, await resume("M-0001", org), source, 50)
