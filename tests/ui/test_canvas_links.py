"""The links between visible rows: culling, tones, counts, what a row looks like."""

from __future__ import annotations

import pytest

from studio.base.errors import Problem, Severity
from studio.mapping.lines import LineKind
from tests.ui.mock_scene import INVOICE, ORDER, scene
from ui.canvas.link_index import LinkIndex, Side, Tone, chain, row_lines
from ui.canvas.looks import source_look, target_look
from ui.canvas.row_look import Look
from ui.canvas.rows import Rows
from ui.canvas.scene import Scene, worst_by_path
from ui.canvas.shape import RowKind

SCENE, SHAPE = scene()


def _rows() -> tuple[Rows, Rows]:
    source, target = Rows(SCENE.trees.source), Rows(SCENE.trees.target, SHAPE)
    for rows, paths in (
        (source, ("orders", ORDER, f"{ORDER}/lines", f"{ORDER}/lines/line")), (target, ("Invoices", INVOICE, f"{INVOICE}/line")),
    ):  # fmt: skip
        for path in paths:
            rows.set_expanded([rows[rows.at(path)]], True)
        rows.set_expanded([row for row in rows if row.kind is RowKind.CHOICE], True)
    return source, target


SOURCE, TARGET = _rows()
INDEX = LinkIndex(SCENE, SOURCE, TARGET)


def _look(side: Side, path: str, scene: Scene = SCENE) -> Look:
    rows = SOURCE if side is Side.SOURCE else TARGET
    row = rows.at(path)
    expanded = rows[row].expandable and rows.is_expanded(rows[row])
    make = source_look if side is Side.SOURCE else target_look
    return make(rows[row], scene, expanded=expanded, pill=INDEX.pills[side].get(row, 0))


def test_only_links_with_an_end_in_sight_are_drawn() -> None:
    every = INDEX.visible(range(len(SOURCE)), range(len(TARGET)))
    assert len(every) == len(INDEX.bundles)
    row = TARGET.at(f"{INVOICE}/dueDate")
    some = INDEX.visible(range(0), range(row, row + 1))
    assert {line.target for bundle in some for line in bundle.lines} == {f"{INVOICE}/dueDate"}
    assert INDEX.visible(range(0), range(0)) == []


def test_counts_of_what_ends_inside() -> None:
    assert _look(Side.SOURCE, f"{ORDER}/customer").pill == 7
    assert _look(Side.TARGET, f"{INVOICE}/buyer").pill == 6
    assert _look(Side.TARGET, f"{INVOICE}/seller").pill == 5
    assert _look(Side.SOURCE, ORDER).pill == 0


def test_focus_fades_the_others_and_hover_does_not() -> None:
    index = LinkIndex(SCENE, SOURCE, TARGET)
    assert {index.tone(bundle) for bundle in index.bundles} == {Tone.NORMAL}
    index.hover = frozenset(SCENE.by_target[f"{INVOICE}/currency"])
    assert {index.tone(bundle) for bundle in index.bundles} == {Tone.NORMAL, Tone.LIT}
    index.focus = frozenset(SCENE.by_target[f"{INVOICE}/dueDate"])
    assert {index.tone(bundle) for bundle in index.bundles} == {Tone.FADED, Tone.LIT}
    assert index.lit_rows(Side.SOURCE) == {
        SOURCE.at(f"{ORDER}/placed"), SOURCE.at(f"{ORDER}/customer"), SOURCE.at(f"{ORDER}/currency"),
    }  # fmt: skip
    end = index.end(Side.SOURCE, SOURCE.at(f"{ORDER}/placed"))
    assert end is not None
    assert (end.tone, end.strong, end.loop) == (Tone.LIT, True, 0)
    assert index.end(Side.SOURCE, SOURCE.at(f"{ORDER}/requiredBy")) is None


def test_marks_of_computed_values_and_conditions() -> None:
    assert INDEX.marks(TARGET.at(f"{INVOICE}/dueDate")) == (True, False)
    assert INDEX.marks(TARGET.at(f"{INVOICE}/@number")) == (False, False)
    assert INDEX.marks(TARGET.at(INVOICE)) == (False, True)
    assert INDEX.marks(TARGET.at(f"{INVOICE}/line/allowance")) == (False, True)


def test_a_row_lights_its_whole_rule() -> None:
    lines = row_lines(SCENE, Side.SOURCE, f"{ORDER}/placed", inside=False)
    assert {line.target for line in lines} == {f"{INVOICE}/issueDate", f"{INVOICE}/dueDate"}
    assert f"{ORDER}/customer/terms" in {line.source for line in chain(lines, SCENE)}
    assert len(row_lines(SCENE, Side.SOURCE, f"{ORDER}/customer", inside=True)) == 7


@pytest.mark.parametrize(
    ("path", "mark", "state"),
    [
        (f"{INVOICE}/paymentTerms", "warning-fill", "mandatory, no rule"),
        (f"{INVOICE}/typeCode", "quotes", "constant"),
        (f"{INVOICE}/seller", "quotes", "constants inside"),
        (f"{INVOICE}/line/taxRate", "x-circle-fill", "problem: “12,5” is not a decimal"),
        (INVOICE, "diamond-fill", "conditional"),
    ],
)
def test_states_have_a_mark_and_words(path: str, mark: str, state: str) -> None:
    look = _look(Side.TARGET, path)
    assert look.mark is not None
    assert (look.mark[0], look.state) == (mark, state)


def test_values_of_the_record_on_both_sides() -> None:
    assert _look(Side.SOURCE, f"{ORDER}/placed").value == "2026-03-08"
    assert _look(Side.SOURCE, ORDER).value == "3 of 830"
    assert _look(Side.SOURCE, f"{ORDER}/lines/line").value == "1 of 3"
    assert _look(Side.SOURCE, f"{ORDER}/payment").value == "2 of them"
    assert _look(Side.SOURCE, f"{ORDER}/customer").value == "Casa Aurora Ltda"
    assert _look(Side.SOURCE, f"{ORDER}/pickUp").value == "not in this record"
    assert _look(Side.TARGET, f"{INVOICE}/line/allowance").value == "not in this record"
    assert _look(Side.TARGET, f"{INVOICE}/paymentTerms").value == "needs a rule"
    assert _look(Side.TARGET, f"{INVOICE}/line").value == "3 × line"


def test_choices_say_which_alternative_is_there() -> None:
    source = next(row for row in SOURCE if row.kind is RowKind.CHOICE)
    look = source_look(source, SCENE, expanded=True, pill=0)
    assert (look.name, look.note, look.value) == ("choice", "1 of 2", "shipTo")
    target = next(row for row in TARGET if row.kind is RowKind.CHOICE)
    look = target_look(target, SCENE, expanded=True, pill=0)
    assert (look.picker, look.note) == ("delivery", "1 of 2")


def test_loops_have_a_letter_on_both_sides() -> None:
    assert (_look(Side.SOURCE, ORDER).letter, _look(Side.TARGET, INVOICE).letter) == (0, 0)
    assert (
        _look(Side.SOURCE, f"{ORDER}/lines/line").letter,
        _look(Side.TARGET, f"{INVOICE}/line").letter,
    ) == (1, 1)


def test_prefixes_where_they_say_something() -> None:
    assert _look(Side.SOURCE, "orders").prefix == "ord:"
    assert _look(Side.SOURCE, ORDER).prefix == "ord:"
    assert _look(Side.SOURCE, f"{ORDER}/customer").prefix == ""
    assert _look(Side.SOURCE, f"{ORDER}/payment").prefix == "fin:"


def test_a_parked_rule_is_drawn_to_its_row() -> None:
    row = TARGET.at(f"{INVOICE}/freightCharge")
    look = target_look(TARGET[row], SCENE, expanded=False, pill=0)
    assert (look.struck, look.value, look.state) == (True, "rule kept", "parked")
    assert [bundle.kind for bundle in INDEX.row(Side.TARGET, row)] == [LineKind.PARKED]


def test_the_gravest_problem_of_a_node_counts() -> None:
    warning, error = Problem(Severity.WARNING, "w", path="a"), Problem(Severity.ERROR, "e", path="a")
    assert worst_by_path([warning, error, warning])["a"] is error


def test_looks_without_a_sample() -> None:
    bare = Scene(SCENE.trees, SCENE.mapping, SCENE.drawing)
    assert _look(Side.SOURCE, f"{ORDER}/placed", bare).value == ""
    assert _look(Side.TARGET, f"{INVOICE}/dueDate", bare).value == ""
