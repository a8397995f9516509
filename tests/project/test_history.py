"""Undo and redo keep every state as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.project.history import History, Lazy


@given(st.lists(st.integers(0, 4), max_size=60), st.integers(1, 12))
def test_it_behaves_as_a_list_with_a_place_in_it(moves: list[int], limit: int) -> None:
    """Against the obvious model: a list of states and an index."""
    history = History.begin("start", 0)
    history = History(history.steps, limit=limit)
    states, at = [0], 0
    for number, move in enumerate(moves, 1):
        if move <= 1:
            history = history.add(f"step {number}", number, frozenset({str(number)}))
            states, at = [*states[: at + 1], number], at + 1
            if len(states) > limit:
                states, at = states[1:], at - 1
        elif move == 2:
            history, at = history.undo(), max(0, at - 1)
        elif move == 3:
            history, at = history.redo(), min(len(states) - 1, at + 1)
        else:
            history, at = history.go_to(number % 5), min(number % 5, len(states) - 1)
        assert [history.state_at(index) for index in range(len(history.steps))] == states
        assert history.index == at
        assert history.state == states[at]
        assert history.can_undo == (at > 0)
        assert history.can_redo == (at < len(states) - 1)


def test_names_of_what_is_undone_and_redone() -> None:
    history = History.begin("Opened", "a").add("Map total", "b", frozenset({"x"}))
    assert (history.undo_label, history.redo_label) == ("Map total", "")
    history = history.undo()
    assert (history.undo_label, history.redo_label) == ("", "Map total")


def test_what_changed_between_two_steps() -> None:
    history = History.begin("Opened", "a").add("1", "b", frozenset({"x"})).add("2", "c", frozenset({"y"}))
    assert history.changed_between(0, 2) == {"x", "y"}
    assert history.changed_between(2, 1) == {"y"}
    assert history.changed_between(1, 1) == frozenset()


def test_a_lazy_state_is_made_once() -> None:
    made = []
    lazy = Lazy(lambda: made.append(1) or "state")
    assert (lazy.get(), lazy.get(), made) == ("state", "state", [1])


def test_forgetting_keeps_the_current_step() -> None:
    history = History.begin("0", 0)
    for number in range(1, 6):
        history = history.add(str(number), number, frozenset())
    history = history.go_to(2).forget(4)
    assert (history.state, history.index, history.dropped) == (2, 0, 2)
    assert [step.label for step in history.steps] == ["2", "3", "4", "5"]
