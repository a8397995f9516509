"""The time a move still takes: it goes down steadily, whatever single reports say."""

from __future__ import annotations

from itertools import pairwise

from ui.dialogs.move.pace import Pace, rounded


def test_time_left_goes_down_though_reports_jump() -> None:
    pace = Pace()
    rows, answered = 100_000, 0
    shown = []
    # On average 1,000 rows a second, in jumps: nothing for three seconds, then 4,000 at once.
    for quarter in range(240):
        now = quarter / 4
        if quarter and quarter % 16 == 0:
            answered += 4000
        shown.append(pace.add(now, answered, rows).left)
    said = [one for one in shown[100:] if one is not None]
    assert len(said) == 140
    rises = sum(after > before for before, after in pairwise(said))
    assert rises <= 6
    assert 25 <= said[-1] <= 65


def test_nothing_is_said_before_anybody_knows() -> None:
    pace = Pace()
    assert pace.add(0.0, 0, 100).left is None
    assert pace.add(1.0, 10, 100).left is None
    assert pace.add(2.5, 25, 100).left == 10
    assert (rounded(0.2), rounded(7), rounded(61), rounded(601)) == (5, 10, 70, 660)
