"""The pages of a map: which one is shown, and the menu that chooses among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from studio.base.i18n import _
from ui.canvas.link_index import Side

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# What the menu offers besides the pages themselves.
PAGE_IDS = ("map.page_new", "map.page_add", "map.page_off", "map.page_rename", "map.page_delete")


class MapPages(QObject):
    """Shows one page of a map, or the whole of it (""); `shown` tells that another one is."""

    shown = Signal()

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.name = ""
        editor.map.changed.connect(self.follow)

    @property
    def names(self) -> tuple[str, ...]:
        """The pages there are."""
        return tuple(self._editor.map.transformation.pages)

    def show(self, name: str) -> None:
        """Show a page; one that is not there is the whole map."""
        self.name = name if name in self.names else ""
        self.follow()
        if self.name:
            self._editor.canvas.show_sources()
        self._editor.desk.commands.refresh_soon()
        self.shown.emit()

    def step(self, by: int) -> None:
        """The next or the previous page; the whole map stands before the first."""
        names = ("", *self.names)
        self.show(names[(names.index(self.name) + by) % len(names)])

    def follow(self) -> None:
        """The map or the canvas changed: show what the page holds now."""
        canvas = self._editor.canvas
        tops = self._editor.map.transformation.pages.get(self.name)
        if tops is None:
            self.name = ""
        canvas.narrowing.show_page(frozenset(tops) if tops is not None else None)
        canvas.heads[Side.TARGET].show_page(_("page {name}").format(name=self.name) if self.name else "")
        canvas.links_head.show_page(shown=bool(self.name))

    def open_menu(self) -> None:
        """Offer the pages below the button in the head of the links."""
        menu = QMenu(self._editor)
        menu.setAccessibleName(_("Pages"))
        menu.setToolTipsVisible(True)
        for name in ("", *self.names):
            action = menu.addAction((name or _("Whole map")).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == self.name)
            action.triggered.connect(lambda _on=False, name=name: self.show(name))
        menu.addSeparator()
        commands = self._editor.desk.commands
        commands.refresh()
        for id in PAGE_IDS:
            if id in commands:
                menu.addAction(commands.action(id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._editor.canvas.links_head.pages_corner())
