"""Everything about how a map is looked at comes back: after a restart, in a tab opened again, after a kill; so does undo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.project import kept_views
from studio.project.create import create
from tests.ui.arranging import DUE, SIZE, arrange, seen
from tests.ui.canvas_hands import INVOICE, SOURCE, TARGET, Map, map_of, open_map
from tests.ui.driver import running, window_test

ROOT = Path(__file__).resolve().parent.parent.parent
OTHER = "transformations/customers-to-accounts"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


@window_test
async def test_every_map_comes_back_as_it_was_looked_at(orders: Path) -> None:
    async with running(orders, size=SIZE) as drive:
        before = await arrange(drive)
        drive.window.open_object(OTHER)
        await drive.rest()
        map = Map(drive)
        await map.key(TARGET, "Ctrl+-")
        other = seen(drive)
        drive.key("Ctrl+T", map.tree(TARGET))
        assert drive.all("Rules")
        await drive.until(lambda: not drive.window.places.waiting)
    async with running(orders, size=SIZE) as drive:
        # The tab in front shows its table, as it was left.
        assert drive.all("Rules")
        drive.key("Ctrl+T", drive.window)
        await drive.rest()
        assert seen(drive) == other
        drive.key("Ctrl+PgUp", drive.window)
        await drive.until(lambda: map_of(drive) is drive.window.area.current.map.transformation)
        await drive.rest()
        assert seen(drive) == before


@window_test
async def test_a_tab_closed_and_opened_again_is_as_it_was(orders: Path) -> None:
    async with running(orders, size=SIZE) as drive:
        before = await arrange(drive)
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        assert not drive.all(SOURCE)
        await open_map(drive)
        await drive.rest()
        assert seen(drive) == before
        drive.key("Ctrl+W", drive.window)
        await drive.until(lambda: not drive.window.places.waiting)
    async with running(orders, size=SIZE) as drive:
        await open_map(drive)
        await drive.rest()
        assert seen(drive) == before


@window_test
async def test_a_killed_window_comes_back_with_its_views_and_its_undo(orders: Path) -> None:
    command = [sys.executable, "-m", "tests.ui.arranging", str(orders)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        child.kill()
    assert said == "ready\n"
    async with running(orders, size=SIZE) as drive:
        shown = seen(drive)
        assert shown[TARGET]["height"] > 24
        assert shown[TARGET]["current"] == (f"{INVOICE}/@number",)
        assert map_of(drive).mapping.get(DUE) is None
        # One step was undone before the kill: it can be done again, and the one before it undone.
        number = map_of(drive).mapping.get(f"{INVOICE}/@number")
        drive.key("Ctrl+Shift+Z", drive.window)
        assert number is not None
        assert map_of(drive).mapping.get(number.path) is None
        drive.key("Ctrl+Z", drive.window)
        drive.key("Ctrl+Z", drive.window)
        assert map_of(drive).mapping.get(DUE) is not None
        assert drive.shows("hide unmapped".capitalize())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"views": 3}', '{"views": {"a": 3}}', "[" * 5000, "\x00"])
def test_kept_views_that_make_no_sense_are_none(tmp_path: Path, text: str) -> None:
    kept_views.save(tmp_path, {"a": {"b": 1}})
    file = next((tmp_path / "weft-home" / "config" / "views").glob("*.json"))
    file.write_text(text, encoding="utf-8")
    assert kept_views.load(tmp_path) == {}


def test_kept_views_have_a_limit_and_the_oldest_go(tmp_path: Path) -> None:
    large = {"x": "y" * (kept_views.LARGEST // 3)}
    kept_views.save(tmp_path, dict.fromkeys("abcd", large))
    assert list(kept_views.load(tmp_path)) == ["c", "d"]
    for number in range(kept_views.MOST + 5):
        kept_views.save(tmp_path / str(number), {"a": {"n": number}})
    files = list((tmp_path / "weft-home" / "config" / "views").glob("*.json"))
    assert len(files) == kept_views.MOST
    assert kept_views.load(tmp_path / str(kept_views.MOST + 4)) == {"a": {"n": kept_views.MOST + 4}}
