"""Many rules at a time: ticked in a list before anything is done, found and replaced, carried to another map, reordered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeView

from studio.mapping import connect
from studio.mapping.context import Contexts
from studio.mapping.model import Mapping, Rule, Transformation
from studio.mapping.remembered import Remembered
from studio.project.create import create
from tests.mapping.orders import orders_and_invoices
from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, map_of, open_map, script_of
from tests.ui.driver import Drive, running, window_test
from ui.editors.mapping import bulk
from ui.editors.mapping.bulk import doubted
from ui.editors.mapping.proposals import Proposal
from ui.editors.mapping.suggestions import remembered

LIST = "What would be done"
COPY = "transformations/orders-copy"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


async def _listed(drive: Drive) -> QTreeView:
    await drive.until(lambda: drive.all(LIST, QTreeView) and drive.rows(drive.find(LIST, QTreeView)))
    return drive.find(LIST, QTreeView)


@window_test
async def test_automap_does_what_is_ticked_as_one_step(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        before = map_of(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.key(TARGET, "Ctrl+Shift+A")
        shown = await _listed(drive)
        rows = drive.rows(shown, 1)
        assert f"{INVOICE}/currency" in rows
        if not drive.shows(f"{len(rows)} of {len(rows)} ticked"):
            drive.key("Ctrl+A", shown)
        drive.key("Ctrl+A", shown)
        assert not drive.find("Automap 0 fields").isEnabled()
        at = 0
        for row in (rows.index(INVOICE), rows.index(f"{INVOICE}/currency")):
            for _step in range(row - at):
                drive.key("Down", shown)
            at = row
            drive.key("Space", shown)
        await drive.rest()
        assert drive.shows(f"2 of {len(rows)} ticked")
        # The trees follow the list.
        assert map.tree(TARGET).rows[map.tree(TARGET).selection.row].path == f"{INVOICE}/currency"
        drive.key("Return", shown)
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/currency") == "[currency]"
        assert script_of(drive, f"{INVOICE}/note") is None
        assert drive.window.session.workspace.history.undo_label == "Automap 1 field and 1 loop"
        drive.key("Ctrl+Z")
        drive.key("Ctrl+Z")
        await drive.rest()
        assert map_of(drive) == before


@window_test
async def test_looking_for_fields_that_fit_is_given_up_with_escape(
    orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little is done at a time that the search cannot end before it is given up.
    monkeypatch.setattr(bulk, "_SLICE", 0.0)
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.key(TARGET, "Ctrl+Shift+A")
        await drive.until(lambda: drive.shows("Looking for fields that fit…"))
        assert drive.find("Stop").isVisible()
        await map.key(TARGET, "Escape")
        await drive.rest()
        assert not drive.shows("Looking for fields that fit…")
        assert not drive.all(LIST, QTreeView)


@window_test
async def test_automap_of_the_finished_map_leaves_numbered_nodes_alone(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        party = f"{INVOICE}/party"
        assert script_of(drive, f"{party}[1]/name") is not None
        said = "Nothing that is not mapped yet fits well enough."
        await map.key(TARGET, "Ctrl+Shift+A")
        await drive.until(lambda: drive.all(LIST, QTreeView) or drive.shows(said))
        rows = drive.rows(drive.find(LIST, QTreeView), 1) if drive.all(LIST, QTreeView) else []
        assert not [row for row in rows if row.startswith(party)]


@window_test
async def test_loops_that_come_along_are_lines_of_the_list(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.key(TARGET, "Ctrl+Shift+A")
        shown = await _listed(drive)
        listed = {path for path, what in zip(drive.rows(shown, 1), drive.rows(shown, 2), strict=True)
                  if what.startswith("repeats per ")}  # fmt: skip
        assert listed
        drive.key("Return", shown)
        await drive.rest()
        assert listed == {rule.path for rule in map_of(drive).mapping.rules if rule.loops}


@window_test
async def test_escape_leaves_everything_as_it_was(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        before = map_of(drive)
        await map.key(TARGET, "Ctrl+Shift+A")
        drive.key("Escape", await _listed(drive))
        await drive.rest()
        assert not drive.all(LIST)
        assert map_of(drive) == before
        assert drive.focus() is map.tree(TARGET)


@window_test
async def test_find_and_replace_with_a_look_before(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        drive.key("Ctrl+H")
        await drive.rest()
        drive.write("Find in scripts", "PLACED")
        drive.write("Replace by", "@id")
        shown = await _listed(drive)
        await drive.until(lambda: drive.rows(shown, 2) == ["[@id]"])
        drive.key("Return", drive.find("Replace by"))
        assert drive.focus() is shown
        drive.key("Return", shown)
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/issueDate") == "[@id]"
        drive.key("Ctrl+Z")
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placed]"


@window_test
async def test_what_would_not_be_understood_is_not_ticked(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        drive.key("Ctrl+H")
        await drive.rest()
        drive.write("Find in scripts", "placed]")
        shown = await _listed(drive)
        await drive.until(lambda: drive.shows("0 of 1 ticked"))
        drive.click("Match case")
        drive.write("Find in scripts", "Placed]")
        await drive.until(lambda: not drive.rows(shown))
        # The first empties the field.
        drive.key("Escape", drive.find("Find in scripts"))
        drive.key("Escape", drive.find("Find in scripts"))
        await drive.rest()
        assert not drive.all(LIST)


@window_test
async def test_replacing_in_the_whole_project_takes_scripts_too(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        drive.key("Ctrl+Alt+H")
        await drive.rest()
        drive.write("Find in scripts", "digits")
        drive.write("Replace by", "figures")
        shown = await _listed(drive)
        await drive.until(lambda: drive.rows(shown, 1) == ["scripts/clean-phone"])
        drive.click("Replace in 1 text")
        await drive.rest()
        workspace = drive.window.session.workspace
        assert workspace.project.get("scripts/clean-phone").count("figures") == 3
        drive.key("Ctrl+Z")
        await drive.rest()
        assert "figures" not in workspace.project.get("scripts/clean-phone")


@window_test
async def test_rules_go_to_another_map_and_from_a_text(small: Path) -> None:
    text = (small / "transformations/orders-to-invoices.yaml").read_text("utf-8")
    head, _map, _rules = text.partition("map:")
    (small / f"{COPY}.yaml").write_text(head.replace("Orders to invoices", "Copy"), "utf-8")
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Ctrl+C")
        assert "loop: orders/order" in QGuiApplication.clipboard().text()
        drive.window.open_object(COPY)
        await drive.rest()
        other = Map(drive)
        await other.click(TARGET, INVOICE)
        await other.key(TARGET, "Ctrl+V")
        project = drive.window.session.workspace.project
        copied = project.get(COPY)
        assert isinstance(copied, Transformation)
        assert copied.mapping == map_of(drive).mapping
        QGuiApplication.clipboard().setText('a/b: "[@status]"\n')
        await other.click(TARGET, f"{INVOICE}/@number")
        await other.key(TARGET, "Ctrl+V")
        copied = drive.window.session.workspace.project.get(COPY)
        assert copied.mapping.by_path[f"{INVOICE}/@number"].script == "[@status]"
        QGuiApplication.clipboard().setText("no rules at all")


@window_test
async def test_instances_change_places_by_keyboard(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        first = script_of(drive, f"{INVOICE}/party[1]/@role")
        await map.click(TARGET, f"{INVOICE}/party[1]")
        await map.key(TARGET, "Alt+Shift+Down")
        assert script_of(drive, f"{INVOICE}/party[2]/@role") == first
        await map.key(TARGET, "Alt+Shift+Up")
        assert script_of(drive, f"{INVOICE}/party[1]/@role") == first
        before = map_of(drive)
        await map.drag_target(f"{INVOICE}/party[1]", f"{INVOICE}/party[2]")
        assert script_of(drive, f"{INVOICE}/party[2]/@role") == first
        drive.key("Ctrl+Z")
        await drive.rest()
        assert map_of(drive) == before


@window_test
async def test_same_named_children_are_listed_first(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.click(SOURCE, ORDER)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Ctrl+Shift+K")
        shown = await _listed(drive)
        assert f"{INVOICE}/currency" in drive.rows(shown, 1)
        drive.key("Return", shown)
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/currency") == "[currency]"


@window_test
async def test_a_loop_goes_over_another_node_by_a_click(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        before = map_of(drive)
        await map.click(TARGET, INVOICE)
        await drive.until(lambda: drive.all("loop on line instead"))
        drive.click("loop on line instead")
        await drive.rest()
        assert map_of(drive).mapping.by_path[INVOICE].loop == f"{ORDER}/lines/line"
        # What is read below is what it was.
        assert script_of(drive, f"{INVOICE}/@number") == "[../../@id]"
        drive.key("Ctrl+Z")
        await drive.rest()
        assert map_of(drive) == before


@window_test
async def test_what_was_mapped_before_is_forgotten(small: Path) -> None:
    # It is read once a process: here from this test's own home.
    remembered.cache_clear()
    async with running(small) as drive:
        map = await open_map(drive)
        drive.choose("Tools", "Forget what was mapped before…")
        await drive.until(lambda: drive.shows("Nothing was learnt from maps so far."))
        # A map teaches when its tab is closed.
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Ctrl+W")
        await drive.until(lambda: drive.shows("No object is open"))
        drive.choose("Tools", "Forget what was mapped before…")
        await drive.until(lambda: drive.shows("Forget what was mapped before?"))
        drive.click("Cancel")
        await drive.rest()
        assert len(remembered()) > 0
        drive.choose("Tools", "Forget what was mapped before…")
        await drive.until(lambda: drive.shows("Forget what was mapped before?"))
        drive.click("Forget")
        await drive.until(lambda: drive.shows("What was mapped before is forgotten."))
        assert len(remembered()) == 0
        file = remembered().file
        assert file is not None
        assert len(Remembered(file)) == 0
    remembered.cache_clear()


def test_pairs_that_could_not_run_or_are_hardly_alike_are_not_ticked() -> None:
    trees = orders_and_invoices()
    contexts = Contexts(Mapping((Rule(INVOICE, loop=ORDER),)), trees.source)

    def row(source: str, target: str, score: float = 0.9) -> Proposal:
        pair = connect.Pair(f"{ORDER}/{source}", f"{INVOICE}/{target}")
        return doubted(Proposal(pair.target, pair.source, "", score), pair, trees, contexts)

    wrong = row("lines/line/price", "total")
    assert (wrong.chosen, wrong.problem) == (False, "price gives several values and total takes one.")
    assert row("currency", "currency") == Proposal(f"{INVOICE}/currency", f"{ORDER}/currency", "", 0.9)
    assert not row("currency", "currency", 0.65).chosen
