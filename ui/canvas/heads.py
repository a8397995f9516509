"""The heads above trees and links: what is shown, a filter, and how many links are in focus."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.commands import CommandTable
from ui.theme import fonts, metrics
from ui.widgets.buttons import icon_button, link
from ui.widgets.fields import FilterField
from ui.widgets.labels import Elided, KeyCap, Text

# The pause in typing after which a filter is applied, in milliseconds.
_PAUSE = 120
_ESC_FROM = 240
# How wide a filter is, and where there is little room.
_FILTER, _SMALL_FILTER = 136, 76
_FILTER_FROM = 330


class TreeHead(QFrame):
    """Schema name, what it is, and the filter. `filtered` follows the text, a short pause after the last letter."""

    filtered = Signal(str)

    def __init__(self, filter_name: str, view_name: str = "") -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setFixedHeight(metrics.TREE_HEAD)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 0, 8, 0)
        row.setSpacing(8)
        self.title = Text("", weight=600)
        self.note = Elided("", "text2", step=fonts.SECONDARY)
        self.filter = FilterField(filter_name, _("Filter"))
        self.filter.setFixedWidth(_FILTER)
        row.addWidget(self.title)
        row.addWidget(self.note, 1)
        row.addWidget(self.filter)
        self._said = self._page = self._view = self._found = ""
        self.view_menu = QMenu(self)
        self.view_menu.setAccessibleName(view_name)
        self.view_menu.setToolTipsVisible(True)
        self._view_button = icon_button("eye", view_name, self._open_views, checkable=True)
        self._view_button.setFixedSize(metrics.FIELD, metrics.FIELD)
        self._view_button.setVisible(bool(view_name))
        row.addWidget(self._view_button)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: self.filtered.emit(self.filter.text()))
        self.filter.textChanged.connect(lambda _text: self._pause.start())

    def minimumSizeHint(self) -> QSize:
        """Room for the small filter."""
        hint = super().minimumSizeHint()
        return QSize(hint.width() - self.filter.width() + _SMALL_FILTER, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the filter leaves some to what the tree is."""
        super().resizeEvent(event)
        self.filter.setFixedWidth(_FILTER if self.width() >= _FILTER_FROM else _SMALL_FILTER)

    def fill_views(self, commands: CommandTable, ids: Iterable[str]) -> None:
        """Offer these commands in the menu of the views."""
        self.view_menu.aboutToShow.connect(commands.refresh)
        for id in ids:
            if id in commands:
                self.view_menu.addAction(commands.action(id))

    def show_title(self, title: str, note: str) -> None:
        """Name the tree."""
        self.title.setText(title)
        self._said = note
        self._show_note()

    def show_found(self, found: str) -> None:
        """Say what the filter found instead of what the tree is; "" says that again."""
        self._found = found
        self._show_note()

    def show_view(self, view: str) -> None:
        """Say which view the tree is in; "" for the one that shows everything."""
        self._view = view
        self._view_button.setChecked(bool(view))
        self._show_note()

    def show_page(self, page: str) -> None:
        """Say which page of the map the tree shows; "" for the whole of it."""
        self._page = page
        self._show_note()

    def _show_note(self) -> None:
        parts = (self._page, self._view, self._found)
        self.note.setText(" · ".join(part for part in parts if part) or self._said)

    def _open_views(self) -> None:
        # A click would turn the button; it is down while a view is on.
        self._view_button.setChecked(bool(self._view))
        self.view_menu.popup(self._view_button.mapToGlobal(self._view_button.rect().bottomLeft()))


class LinksHead(QFrame):
    """How many links there are, or are in focus; `all_wanted` asks to show all again, `pages_wanted` for the pages."""

    all_wanted = Signal()
    pages_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setFixedHeight(metrics.TREE_HEAD)
        self._focused = False
        self._count = Elided("", weight=600)
        self._esc = KeyCap("Esc")
        self._all = link("", self.all_wanted.emit)
        self._pages = icon_button("stack", _("Pages of the map"), self._ask_pages, checkable=True)
        self._pages.setFixedSize(metrics.FIELD, metrics.FIELD)
        self._paged = False
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 6, 0)
        row.setSpacing(4)
        row.addWidget(self._pages)
        row.addWidget(self._count, 1)
        row.addWidget(self._esc)
        row.addWidget(self._all)
        self.show_count(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the words matter more than the key."""
        super().resizeEvent(event)
        self._esc.setVisible(self._focused and self.width() >= _ESC_FROM)

    @property
    def text(self) -> str:
        """What the head says."""
        return self._count.text()

    @property
    def all_button(self) -> QPushButton:
        """The button that shows all links again."""
        return self._all

    def show_page(self, *, shown: bool) -> None:
        """The button is down while a page is shown."""
        self._paged = shown
        self._pages.setChecked(shown)

    def pages_corner(self) -> QPoint:
        """Where the menu of the pages opens, on the screen."""
        return self._pages.mapToGlobal(self._pages.rect().bottomLeft())

    def _ask_pages(self) -> None:
        self._pages.setChecked(self._paged)
        self.pages_wanted.emit()

    def show_count(self, total: int, focused: int | None = None, name: str = "") -> None:
        """`total` links; or `focused` of them, those of `name`."""
        if focused is None:
            self._count.setText(ngettext("{n} link", "{n} links", total).format(n=total))
        else:
            text = ngettext("{n} link of {name}", "{n} links of {name}", focused)
            short = ngettext("{n} link", "{n} links", focused).format(n=focused)
            self._count.setText(text.format(n=focused, name=name), short, str(focused))
        self._focused = focused is not None
        self._esc.setVisible(self._focused and self.width() >= _ESC_FROM)
        self._all.setVisible(focused is not None)
        self._all.setText(_("all {n}").format(n=total))
        self._all.setAccessibleName(_("Show all links"))


def beside(left: QWidget, right: QWidget) -> QWidget:
    """Two widgets side by side without a gap."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(left)
    row.addWidget(right)
    return made


def pane(head: QFrame, body: QWidget) -> QWidget:
    """A head over what it names."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(head)
    column.addWidget(body, 1)
    return made
