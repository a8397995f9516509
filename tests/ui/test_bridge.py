"""Where the core meets Qt: the project's tree, the figures of runs, numbers in words, errors in words, a crash's report."""

from __future__ import annotations

import faulthandler
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from studio.agent.journal import Journal
from studio.agent.run import Counts, RunEvent, RunRequest, RunState
from studio.base import i18n
from studio.base.errors import BadInput, Severity
from studio.project.folder import load
from studio.project.model import Operation, Project
from tests.ui.driver import running, window_test
from ui.bridge import numbers, runs
from ui.bridge.crash import CrashFile, catch_all
from ui.bridge.errors import ErrorPresenter
from ui.bridge.project_tree import ID, ProjectModel, groups, marks_of, object_ids
from ui.widgets.cells import CELL, DOT


def model_of(project: Project) -> ProjectModel:
    model = ProjectModel(lambda _id: ())
    model.setParent(QApplication.instance())
    model.show_project(project)
    return model


def under(model: ProjectModel, kind: str) -> list[str]:
    row = next(r for r in range(model.rowCount()) if model.index(r, 0).data(ID) == kind)
    parent = model.index(row, 0)
    return [str(model.index(r, 0, parent).data(ID)) for r in range(model.rowCount(parent))]


# The tree


def test_the_tree_is_a_sound_model_through_edits(qapp: QApplication, small: Path) -> None:
    project = load(small).project
    model = model_of(project)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert under(model, "operations") == ["operations/nothing-yet", "operations/send-invoices"]
    more = replace(project, operations={**project.operations, "a": Operation("A first one")})
    model.show_project(more)
    assert under(model, "operations")[0] == "operations/a"
    model.show_project(replace(project, operations={}))
    assert under(model, "operations") == []
    model.set_filter("invoice")
    assert [model.index(r, 0).data() for r in range(model.rowCount())] == ["Transformations", "Schemas"]
    model.set_filter("")
    model.show_project(None)
    assert model.rowCount() == 0
    tester.deleteLater()


def test_kinds_that_stay_the_same_tell_only_that_their_data_changed(qapp: QApplication, small: Path) -> None:
    project = load(small).project
    model = model_of(project)
    under(model, "operations")
    moved: list[QModelIndex] = []
    model.rowsAboutToBeRemoved.connect(lambda parent, _first, _last: moved.append(parent))
    model.modelAboutToBeReset.connect(lambda: moved.append(QModelIndex()))
    renamed = replace(project.operations["send-invoices"], name="Send them")
    model.show_project(replace(project, operations={**project.operations, "send-invoices": renamed}))
    assert moved == []
    index = model.find("operations/send-invoices")
    assert index.data() == "Send them"


def test_every_object_of_a_project_is_in_the_tree(small: Path) -> None:
    project = load(small).project
    listed = {id for group in groups() for id in object_ids(project, group.kind)}
    assert {id for id in project.objects() if "/" in id} <= listed
    assert {"schemas/orders.xsd", "samples/orders.xml", "variables/currency"} <= listed


@pytest.mark.parametrize(
    ("severity", "changed", "checked", "marks"),
    [
        (None, False, True, (("check", "text2"),)),
        (None, False, False, ()),
        (None, True, True, ((DOT, "accent"),)),
        (Severity.ERROR, True, True, (("x-circle-fill", "red"), (DOT, "accent"))),
        (Severity.WARNING, False, True, (("warning-fill", "orange"),)),
        (Severity.NOTE, False, True, (("check", "text2"),)),
    ],
)
def test_marks(
    severity: Severity | None, changed: bool, checked: bool, marks: tuple[tuple[str, str], ...]
) -> None:
    assert marks_of(severity, changed=changed, checked=checked) == marks


def test_a_cell_says_itself(qapp: QApplication, small: Path) -> None:
    model = model_of(load(small).project)
    index = model.index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Operations 2"
    assert index.data(CELL).icon == "flow-arrow"


# Runs


@pytest.fixture
def book(qapp: QApplication, tmp_path: Path) -> runs.RunBook:
    return runs.RunBook(Journal(tmp_path / "runs.sqlite"), qapp)


def progress(run: str, done: int, total: int | None) -> RunEvent:
    return RunEvent(run, "progress", counts=Counts(read=done, written=done), total=total)


def test_a_bar_never_goes_back(book: runs.RunBook) -> None:
    book.begin(RunRequest("folder", "send", id="one"))
    shares = []
    for done, total in ((10, 100), (60, 100), (60, 200), (190, 200)):
        book.take(progress("one", done, total))
        shares.append(book.runs()[0].share)
    assert shares == [0.1, 0.6, 0.6, 0.95]


def test_rate_and_time_left_are_averaged_over_ten_seconds(
    book: runs.RunBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(runs.time, "monotonic", lambda: clock[0])
    book.begin(RunRequest("folder", "send", id="one"))
    for second in range(40):
        clock[0] = 100.0 + second
        # Slow at first, then 100 a second: what was before the last ten seconds does not count.
        done = second if second < 20 else 20 + (second - 20) * 100
        book.take(progress("one", done, 4000))
    figures = book.runs()[0]
    assert figures.rate == pytest.approx(100)
    assert figures.left == pytest.approx((4000 - 1920) / 100)


def test_a_run_ends_with_its_counts_and_log(book: runs.RunBook) -> None:
    ended: list[object] = []
    book.ended.connect(ended.append)
    book.begin(RunRequest("folder", "send", id="one"))
    assert book.going("send") == ["one"]
    book.take(RunEvent("one", "activity", "read erp", activity=1, activities=2))
    book.take(RunEvent("one", "log", "careful", level="warning"))
    book.take(RunEvent("one", "ended", "Done.", counts=Counts(3, 2, 0, 1), state=RunState.SUCCEEDED))
    figures = book.runs()[0]
    assert (figures.state, figures.counts) == (RunState.SUCCEEDED, Counts(3, 2, 0, 1))
    assert [line.text for line in book.log("one")] == ["Step 1 of 2: read erp", "careful", "Done."]
    assert book.going() == []
    assert len(ended) == 1


def test_events_of_runs_of_others_are_not_ours(book: runs.RunBook) -> None:
    book.take(progress("stranger", 1, 2))
    assert book.runs() == []


def test_past_runs_come_from_the_journal(book: runs.RunBook, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "runs.sqlite")
    request = RunRequest("folder", "send", id="past")
    journal.begin(request, 1)
    journal.add(RunEvent("past", "log", "it went well"))
    journal.add(RunEvent("past", "ended", "Done.", counts=Counts(5, 5), state=RunState.SUCCEEDED))
    journal.close()
    book.show_folder("folder")
    assert [(run.id, run.counts.read) for run in book.runs()] == [("past", 5)]
    assert [line.text for line in book.log("past")] == ["it went well", "Done."]
    book.show_folder("another")
    assert book.runs() == []


# Numbers


@pytest.mark.parametrize(
    ("language", "count", "share", "short", "long"),
    [
        ("en", "48,212", "64 %", "0.4 s", "3 min 10 s"),
        ("pt_BR", "48.212", "64 %", "0,4 s", "3 min 10 s"),
    ],
)
def test_numbers_follow_the_language(language: str, count: str, share: str, short: str, long: str) -> None:
    i18n.use_language(language)
    assert numbers.count(48212) == count
    assert numbers.share(0.64) == share
    assert numbers.duration(0.4) == short
    assert numbers.duration(190) == long
    assert numbers.duration(7500) == "2 h 05 min"


def test_days_are_told_as_people_do() -> None:
    now = datetime(2026, 11, 22, 14, 0).timestamp()
    assert numbers.when(datetime(2026, 11, 22, 13, 40).timestamp(), now=now) == "today, 13:40"
    assert numbers.when(datetime(2026, 11, 21, 9, 12).timestamp(), now=now) == "yesterday, 09:12"
    assert numbers.when(datetime(2026, 10, 28, 9, 12).timestamp(), now=now) == "28 October"
    assert numbers.when(datetime(2025, 10, 28, 9, 12).timestamp(), now=now) == "28 October 2025"


# Errors and crashes


@window_test
async def test_an_error_names_place_and_next_step_once() -> None:
    async with running() as drive:
        error = BadInput("It is broken.", file="orders.xsd", line=12, next_step="Mend it.")
        drive.studio.errors.show(error)
        drive.studio.errors.show(BadInput("It is broken.", file="orders.xsd", line=12, next_step="Mend it."))
        await drive.rest()
        assert len(drive.all("Close")) == 1
        assert {"It is broken.", "orders.xsd:12", "Mend it."} <= set(drive.texts())
        assert not drive.all("Copy the report")
        drive.click("Close")


@window_test
async def test_what_nobody_caught_is_shown_and_the_window_lives() -> None:
    async with running() as drive:
        try:
            raise RuntimeError("deep inside")
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        await drive.rest()
        assert "deep inside" in drive.find("Report", QPlainTextEdit).toPlainText()
        drive.click("Copy the report")
        assert "deep inside" in QApplication.clipboard().text()
        drive.click("Close")
        await drive.rest()
        drive.key("Ctrl+Shift+P", drive.window)
        await drive.rest()
        assert drive.window.finder.isVisible()


def test_hooks_are_put_back() -> None:
    before = sys.excepthook
    release = catch_all(lambda _error: None)
    assert sys.excepthook is not before
    release()
    assert sys.excepthook is before


def test_a_crash_leaves_a_report_and_a_good_end_leaves_none(tmp_path: Path) -> None:
    path = tmp_path / "crash.txt"
    first = CrashFile(path)
    first.open()
    assert first.report == ""
    with path.open("a") as file:
        faulthandler.dump_traceback(file)
    second = CrashFile(path)
    second.open()
    assert "test_a_crash_leaves_a_report" in second.report
    second.close()
    first.close()
    assert not path.exists()


@window_test
async def test_the_report_of_a_crash_is_shown_at_the_next_start(small: Path, own_home: Path) -> None:
    file = own_home / "data" / "crash.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("Fatal Python error: Segmentation fault")
    async with running(small) as drive:
        await drive.until(lambda: drive.shows("The studio ended unexpectedly last time"))
        assert "Segmentation fault" in drive.find("Report", QPlainTextEdit).toPlainText()
        drive.click("Close")


def test_presenter_closes_what_is_open(qapp: QApplication) -> None:
    presenter = ErrorPresenter()
    presenter.show(BadInput("One."))
    presenter.close()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]


# Dropping


@window_test
async def test_a_folder_dropped_on_the_window_is_opened(small: Path) -> None:
    async with running() as drive:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(small / "schemas" / "orders.xsd"))])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(drive.window, QDragEnterEvent(QPoint(200, 200), copy, data, left, none))
        QApplication.sendEvent(drive.window, QDropEvent(QPoint(200, 200), copy, data, left, none))
        await drive.until(lambda: drive.window.windowTitle().endswith("Orders to ERP – Weft Studio"))
