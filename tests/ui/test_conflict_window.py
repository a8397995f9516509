"""The window of conflicts: versions side by side with what each gives, decided by mouse and keys, none of them lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from studio.mapping.versions import rule_of, with_rule
from studio.project.texts import with_value
from tests.ui.driver import Drive, running, window_test
from ui.actions.deciding import open_window
from ui.dialogs.conflicts.marked_text import MarkedText
from ui.dialogs.conflicts.matters import Choice, Kind, Matter, Said, Subject
from ui.widgets.trees import Rows

MAP = "transformations/orders-to-invoices"
FILE = f"{MAP}.yaml"
LOOP = "invoices/invoice"
DATE = "invoices/invoice/issueDate"
NUMBER = "invoices/invoice/@number"
MINE = {
    DATE: 'FormatDate(DateAdd("dd", 30, [placed]), "yyyy-mm-dd")',
    LOOP: {"loop": "orders/order", "when": "[@status] != 'cancelled'"},
}
THEIRS = (
    ('issueDate: "[placed]"', "issueDate: FormatDate(DateAdd('dd', 1, [placed]), 'yyyy-mm-dd')"),
    ("""when: "[@status] == 'open'"}""", """when: "[@status] == 'open'", sort: ["[placed]"]}"""),
)


async def conflicting(drive: Drive, folder: Path) -> QWidget:
    """Two rules of the map are others here and in the file; the window of conflicts is open."""
    await drive.until(lambda: drive.window.session.workspace is not None)
    workspace = drive.window.session.workspace
    changed: Any = workspace.project.get(MAP)
    for path, value in MINE.items():
        changed = with_rule(changed, path, rule_of(path, value))
    workspace.edit("terms of the customer", with_value(workspace.project, MAP, changed))
    text = (folder / FILE).read_text()
    for old, new in THEIRS:
        assert old in text
        text = text.replace(old, new)
    (folder / FILE).write_text(text)
    workspace.check_outside()
    drive.window.open_object(MAP)
    await drive.until(lambda: drive.all("Compare"))
    press(drive, "Compare")
    await drive.until(lambda: drive.all(f"Keep mine: {LOOP}") and drive.all(f"Keep mine: {DATE}"))
    return drive.find("Conflicts")


def press(drive: Drive, name: str) -> None:
    drive.click(drive.find(name, QAbstractButton))


def rules(drive: Drive) -> dict[str, Any]:
    return dict(drive.window.session.workspace.project.get(MAP).mapping.by_path)


@window_test
async def test_versions_stand_side_by_side_with_what_each_gives(small: Path) -> None:
    async with running(small, agent=True) as drive:
        window = await conflicting(drive, small)
        assert drive.shows("2 rules were changed on both sides", window)
        assert drive.shows("Both versions are kept until you decide.", window)
        assert drive.find(f"Before: {DATE}", MarkedText).text == "[placed]"
        mine = drive.find(f"Mine of {DATE}", MarkedText)
        assert mine.marked == ['FormatDate(DateAdd("dd", 30,', '), "yyyy-mm-dd")']
        # What was added to the loop is marked, what was there is not; what was done is told in words.
        assert drive.find(f"Mine of {LOOP}", MarkedText).marked == ["!= 'cancelled'"]
        assert drive.find(f"Theirs of {LOOP}", MarkedText).marked == ["sort [placed]"]
        assert drive.shows("mine changes the condition, theirs adds an order", window)
        await drive.until(lambda: drive.shows("→ 2026-03-31", window))
        await drive.until(lambda: drive.shows("→ 2026-03-01", window))
        await drive.until(lambda: drive.shows("→ 2026-03-02", window))
        await drive.until(lambda: drive.shows("→ 2 × invoice", window))
        await drive.until(lambda: drive.shows("→ 2 × invoice, sorted", window))
        await drive.until(lambda: drive.shows("→ 3 × invoice", window))
        await drive.until(lambda: drive.shows("differs in 3 of 3 records", window))
        # Another record of the sample.
        drive.click(f"Keep mine: {DATE}")
        record = drive.find("Record", QLineEdit, window)
        drive.click(record)
        drive.key("Ctrl+A", record)
        drive.type("3", record)
        drive.key("Return", record)
        await drive.until(lambda: drive.shows("→ 2026-04-07", window))
        press(drive, "Decide later")
        await drive.until(lambda: not drive.all("Conflicts"))


@window_test
async def test_each_is_decided_in_its_own_way_and_can_be_decided_otherwise(small: Path) -> None:
    async with running(small) as drive:
        window = await conflicting(drive, small)
        before = rules(drive)
        finish = drive.find("Finish", QAbstractButton)
        press(drive, f"Join both: {LOOP}")
        assert drive.shows("1 of 2 decided", window)
        assert not finish.isEnabled()
        press(drive, "Keep all mine")
        assert finish.isEnabled()
        press(drive, f"Join both: {LOOP}")
        press(drive, f"Take theirs: {DATE}")
        assert rules(drive) == before
        press(drive, "Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        made = rules(drive)
        assert made[DATE].script == "FormatDate(DateAdd('dd', 1, [placed]), 'yyyy-mm-dd')"
        assert (made[LOOP].when, [sort.by for sort in made[LOOP].sort]) == (
            "[@status] != 'cancelled'",
            ["[placed]"],
        )
        assert not drive.window.session.workspace.conflicts
        drive.choose("Edit", "Undo “Conflicts decided”")
        drive.choose("Edit", "Undo “Their versions”")
        assert rules(drive) == before


@window_test
async def test_a_version_of_ones_own_is_tried_while_it_is_written(small: Path) -> None:
    async with running(small, agent=True) as drive:
        window = await conflicting(drive, small)
        press(drive, f"Keep mine: {DATE}")
        drive.write("Your own version", 'FormatDate([placed], "yyyy-01-01")')
        await drive.until(lambda: drive.shows("2026-01-01", window))
        await drive.until(lambda: drive.shows("unlike both in all 3 records", window))
        press(drive, "Start from theirs")
        await drive.until(lambda: drive.shows("as mine in 0 records, as theirs in 3", window))
        drive.write("Your own version", "Nonsense([placed]")
        await drive.until(lambda: not drive.shows("as theirs in", window))
        drive.write("Your own version", 'FormatDate([placed], "yyyy-01-01")')
        press(drive, "Use this one")
        press(drive, f"Take theirs: {LOOP}")
        assert drive.shows("2 of 2 decided", window)
        press(drive, "Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        assert rules(drive)[DATE].script == 'FormatDate([placed], "yyyy-01-01")'


@window_test
async def test_what_was_decided_is_there_again_after_later_and_all_of_it_as_a_table(small: Path) -> None:
    async with running(small) as drive:
        await conflicting(drive, small)
        press(drive, f"Take theirs: {DATE}")
        press(drive, "Decide later")
        await drive.until(lambda: not drive.all("Conflicts"))
        press(drive, "Compare")
        await drive.until(lambda: drive.all(f"Keep mine: {LOOP}") and drive.all(f"Keep mine: {DATE}"))
        window = drive.find("Conflicts")
        assert drive.shows("1 of 2 decided", window)
        # A click brings a window to the front, where there is somebody who manages windows.
        window.activateWindow()
        await drive.rest()
        # By keys alone, in the table.
        drive.click("As a table")
        table = drive.find("Conflicts", Rows)
        assert drive.rows(table, 1) == [LOOP, DATE]
        assert drive.rows(table, 5) == ["undecided", "theirs"]
        drive.key("Home", table)
        drive.key("Tab", table)
        assert drive.focus().accessibleName() == "Keep mine"
        drive.key("Space")
        assert drive.rows(table, 5) == ["mine", "theirs"]
        drive.click("Side by side")
        drive.click("Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        assert rules(drive)[LOOP].when == "[@status] != 'cancelled'"


@window_test
async def test_esc_decides_nothing_and_enter_in_a_field_does_not_finish(small: Path) -> None:
    async with running(small) as drive:
        await conflicting(drive, small)
        press(drive, "Keep all mine")
        field = drive.find("Record", QLineEdit) if drive.all("Record", QLineEdit) else drive.find("Conflicts")
        drive.key("Return", field)
        assert drive.window.session.workspace.conflicts
        drive.key("Escape", drive.find("Conflicts"))
        await drive.until(lambda: not drive.all("Conflicts"))
        assert len(drive.window.session.workspace.conflicts) == 2


@window_test
@pytest.mark.parametrize("many", [1, 30])
@pytest.mark.parametrize("screen", [(1600, 1000), (1366, 768), (1024, 700), (683, 384)])
async def test_the_window_lies_whole_on_the_screen_and_shows_its_foot(
    small: Path, monkeypatch: pytest.MonkeyPatch, screen: tuple[int, int], many: int
) -> None:
    room = QRect(0, 0, *screen)
    monkeypatch.setattr(QScreen, "availableSize", lambda _screen: room.size())
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: room)
    async with running(small) as drive:
        await drive.until(lambda: drive.window.session.workspace is not None)
        workspace = drive.window.session.workspace
        kept = {"script": "[a]", "note": "Without agreed terms accounting sets the date."}
        matters = tuple(
            Matter(n, MAP, FILE, ("map", f"invoices/invoice/n{n}"), kept, {**kept, "script": "[b]"}, "[c]")
            for n in range(many)
        )

        async def finish(_choices: Mapping[int, Choice]) -> None:
            pass

        said = tuple(Said("Bruno Lima", 1.0, "Euro", n) for n in range(3))
        subject = Subject("Fit", workspace.folder, lambda: workspace.project, matters, finish, mine_said=said)
        window = open_window(drive.window, subject, "fit")
        await drive.until(lambda: drive.all(f"Take theirs: invoices/invoice/n{many - 1}"))
        await drive.rest()
        assert room.contains(window.frameGeometry())
        # A frame's title needs its place above.
        assert window.height() <= screen[1] - 40
        for name in ("Decide later", "Keep all mine", "Take all theirs", "Finish"):
            each = drive.find(name, QAbstractButton, window)
            assert window.rect().contains(QRect(each.mapTo(window, QPoint()), each.size()))
        if many == 1:
            # Only what the texts need, above the least a window of it has.
            assert window.height() <= 660
        theirs = drive.find("Theirs of invoices/invoice/n0", MarkedText)
        assert theirs.gone == ["note Without agreed terms accounting sets the date."]
        assert "removes note Without agreed terms" in theirs.accessibleDescription()
        assert drive.find("Mine of invoices/invoice/n0", MarkedText).gone == []
        assert drive.shows("mine changes the script, theirs changes the script, removes the note", window)
        press(drive, "Take all theirs")
        press(drive, "Finish")
        await drive.until(lambda: not drive.all("Conflicts"))


@window_test
async def test_hundreds_of_conflicts_keep_the_window_moving(small: Path) -> None:
    many = 60
    async with running(small) as drive:
        await drive.until(lambda: drive.window.session.workspace is not None)
        matters = tuple(
            Matter(n, MAP, FILE, ("map", f"invoices/invoice/n{n}"), f"[a{n}]", f"[b{n}]", f"[c{n}]")
            for n in range(many)
        ) + tuple(
            Matter(many + n, f"scripts/s{n}", f"scripts/s{n}.jb", (), "a\n" * 300, "b", "c")
            for n in range(20)
        )
        decided: dict[int, Choice] = {}

        async def finish(choices: Mapping[int, Choice]) -> None:
            decided.update(choices)

        workspace = drive.window.session.workspace
        subject = Subject("Many", workspace.folder, lambda: workspace.project, matters, finish)
        open_window(drive.window, subject, "many")
        await drive.until(lambda: drive.all("Show the next 20 of 20"))
        window = drive.find("Conflicts")
        press(drive, "Show the next 20 of 20")
        await drive.until(lambda: drive.all("Keep mine: invoices/invoice/n59"))
        drive.click("As a table")
        table = drive.find("Conflicts", Rows)
        assert len(drive.rows(table)) == many + 20
        press(drive, "Take all theirs")
        assert drive.shows("80 of 80 decided", window)
        press(drive, "Keep all mine")
        drive.key("End", table)
        press(drive, "Take theirs")
        drive.click("Side by side")
        press(drive, "Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        kinds = [choice.kind for choice in decided.values()]
        assert (len(kinds), kinds.count(Kind.THEIRS)) == (80, 1)
