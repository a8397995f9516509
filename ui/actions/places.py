"""Where everything stands: sizes, panels, tabs, open kinds, kept in the preferences and put back on start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QSplitter

from studio.base.errors import WeftError
from studio.project import kept_views
from studio.project.create import samples
from ui.actions.frame import Frame
from ui.dialogs.new_project import sample_about, sample_title
from ui.panels.project import OPEN_AT_FIRST, ProjectPanel
from ui.panels.start import SampleFace, StartPage, recent_of
from ui.theme import metrics

DEFAULT_SIZE = QSize(1600, 1000)
BOTTOM = 124
# A window narrower than this begins without the Inspector: the trees of a map need the room more.
NARROW = 1360
# One narrower than this takes a little from both side panels.
ROOMY = 1540
SHOWN_RECENT = 8
# The layout is kept so long after the last change of it, in milliseconds.
KEEP_AFTER = 1000


class Placed(Frame, Protocol):
    """The main window as its layout sees it."""

    across: QSplitter
    upright: QSplitter
    project_panel: ProjectPanel
    start: StartPage


class WindowLayout:
    """Keeps and restores; what cannot be used of an old layout is ignored."""

    def __init__(self, window: Placed) -> None:
        self._window = window
        self._views: Mapping[str, Mapping[str, Any]] = {}
        # The project whose tabs are here: those of another must not be taken for its own.
        self._restored: Path | None = None
        # How high the panel at the bottom was before room was made for it, and after.
        self._lent: tuple[int, int] | None = None
        self._soon = QTimer(window.widget(), singleShot=True, interval=KEEP_AFTER)
        self._soon.timeout.connect(self.keep)
        for changed in (window.area.turned, window.area.rearranged, window.across.splitterMoved,
                        window.upright.splitterMoved):  # fmt: skip
            changed.connect(self.keep_soon)

    def keep_soon(self) -> None:
        """Something else is to be kept: once nothing has changed for a moment."""
        self._soon.start()

    @property
    def waiting(self) -> bool:
        """Something is still to be kept."""
        return self._soon.isActive()

    def let_go(self) -> None:
        """Another window takes over."""
        self._soon.stop()

    def restore(self) -> None:
        """The window's size and which panels are shown, as they were or as they are at first."""
        kept = self._kept
        widget = self._window.widget()
        size = kept.get("size")
        wanted = QSize(*size) if _numbers(size, 2) else DEFAULT_SIZE
        screen = widget.screen()
        # The offscreen platform's screen is a mere 800 × 800: it limits nobody.
        room = screen.availableSize()
        widget.resize(wanted.boundedTo(room) if room.width() > 1000 else wanted)
        for name in ("project", "inspector", "bottom"):
            roomy = name != "inspector" or widget.width() >= NARROW
            self._window.panel(name).setVisible(kept.get(name, roomy) is not False)
        if kept.get("maximized") is True:
            widget.showMaximized()

    def settle(self) -> None:
        """The panels' sizes, once the window has its own."""
        across, upright = self._kept.get("across"), self._kept.get("upright")
        window = self._window
        left, right = metrics.PROJECT_WIDTH, metrics.INSPECTOR_WIDTH
        if window.across.width() < ROOMY:
            left, right = left - 24, right - 40
        middle = window.across.width() - left - right - 2
        window.across.setSizes(across if _numbers(across, 3) else [left, middle, right])
        high = window.across.height() - BOTTOM - 1
        window.upright.setSizes(upright if _numbers(upright, 2) else [high, BOTTOM])

    def make_room(self, height: int) -> None:
        """Make the panel at the bottom at least this high; half of the height stays for the editors.

        0 gives back what was taken, unless somebody has moved the edge since.
        """
        upright = self._window.upright
        above, below = upright.sizes()
        wanted = min(height, (above + below) // 2)
        if below < wanted:
            upright.setSizes([above + below - wanted, wanted])
            self._lent = below, upright.sizes()[1]
        elif not height and self._lent is not None:
            (before, made), self._lent = self._lent, None
            if below == made:
                upright.setSizes([above + below - before, before])

    @property
    def _kept(self) -> Mapping[str, Any]:
        return _mapping(self._window.session.settings.layout, "window")

    def restore_project(self) -> None:
        """The tabs of the open project, or its first map where it was never open here."""
        workspace = self._window.session.workspace
        if workspace is None:
            return
        tabs = self._window.session.settings.open_tabs
        kept = _mapping(tabs, str(workspace.folder))
        expanded = kept.get("expanded")
        self._window.project_panel.expand(expanded if isinstance(expanded, list) else list(OPEN_AT_FIRST))
        self._restored = workspace.folder
        self._views = kept_views.load(workspace.folder)
        self._window.area.restore_layout(kept, self._views, self._exists)
        page = kept.get("page")
        self._window.bottom.show_page(page if page in (0, 1, 2) else 0)
        maps = workspace.project.transformations
        if str(workspace.folder) not in tabs and maps:
            self._window.open_object(f"transformations/{max(maps, key=lambda ref: len(maps[ref].mapping))}")

    def show_start(self) -> None:
        """Bring the start page up to date."""
        recent = self._window.session.settings.recent[:SHOWN_RECENT]
        self._window.start.show_recent([recent_of(folder) for folder in recent])
        self._window.start.show_samples(
            [SampleFace(name, sample_title(name), sample_about(name)) for name in samples()]
        )

    def keep(self) -> None:
        """Keep what is now; a disk that cannot be written costs only the layout."""
        window, session = self._window, self._window.session
        widget = window.widget()
        kept = {
            "size": [
                widget.normalGeometry().width() or widget.width(),
                widget.normalGeometry().height() or widget.height(),
            ],
            "maximized": widget.isMaximized(),
            **{name: not window.panel(name).isHidden() for name in ("project", "inspector", "bottom")},
        }
        settings = session.settings
        folder = session.workspace.folder if session.workspace is not None else None
        here = folder is not None and folder == self._restored
        if here:
            kept |= {"across": window.across.sizes(), "upright": window.upright.sizes()}
            tabs = window.area.layout_state()
            tabs |= {"expanded": window.project_panel.expanded(), "page": window.bottom.bar.currentIndex()}
            settings = replace(settings, open_tabs={**settings.open_tabs, str(folder): tabs})
        old = _mapping(settings.layout, "window")
        settings = replace(settings, layout={**settings.layout, "window": {**old, **kept}})
        try:
            session.prefer(settings)
            if here and folder is not None and (views := window.area.views()) != self._views:
                kept_views.save(folder, views)
                self._views = views
        except WeftError:
            return

    def _exists(self, id: str) -> bool:
        workspace = self._window.session.workspace
        if workspace is None:
            return False
        return workspace.project.get(id) is not None or (workspace.folder / id).is_file()


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _numbers(value: object, count: int) -> TypeGuard[list[int]]:
    return (
        isinstance(value, list) and len(value) == count and all(isinstance(n, int) and n >= 0 for n in value)
    )
