"""The tabs in the middle of the window: one editor per object, made by its kind's factory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.editors.base import Editor
from ui.theme import fonts, metrics
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Text
from ui.widgets.tabs import TabBar, TabFace

Factory = Callable[[str], Editor]


class EditorArea(QWidget):
    """Editors by object id.

    `turned` tells that another editor, or none, is in front, `rearranged` that something else is to be kept of one,
    `unread_turned` that the texts that cannot be read are others.
    """

    turned = Signal()
    inspected = Signal()
    rearranged = Signal()
    unread_turned = Signal()

    def __init__(
        self,
        factories: Mapping[str, Factory],
        fallback: Factory,
        icon_of: Callable[[str], str],
        first: Sequence[QPushButton] = (),
    ) -> None:
        """`first` are the buttons that begin an empty project."""
        super().__init__()
        self._factories = factories
        self._fallback = fallback
        self._icon_of = icon_of
        self._editors: list[Editor] = []
        # Whether an object has changed, as it was told last: a tab that is opened later knows it too.
        self._changed: Callable[[str], bool] = lambda _id: False
        # How objects were looked at whose editors are closed: they come back with the next one.
        self._views: dict[str, Mapping[str, Any]] = {}
        self.bar = TabBar(_("Open objects"), editors=True)
        self._summary = Text("", "text2", step=fonts.SECONDARY)
        self._pages = QStackedWidget()
        self._first = tuple(first)
        self._empty = EmptyState("arrows-left-right", "", "", *self._first)
        self._pages.addWidget(self._empty)
        self.offer_first(empty=False)
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.TABS)
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, metrics.PAD_PANEL, 0)
        row.setSpacing(metrics.PAD_PANEL)
        row.addWidget(self.bar, 1)
        row.addWidget(self._summary)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        self._column = column
        column.addWidget(self._pages, 1)
        self.bar.currentChanged.connect(self._turn)
        self.bar.closed.connect(self.close_at)
        self.bar.tabMoved.connect(self._move)

    def put_over(self, bar: QWidget) -> None:
        """Place something between the tabs and the editors."""
        self._column.insertWidget(1, bar)

    def offer_first(self, *, empty: bool) -> None:
        """What stands here while no tab is open: how to open something, in an empty project how to begin."""
        for made in self._first:
            made.setVisible(empty)
        if empty:
            self._empty.title.setText(_("The project is empty"))
            self._empty.text.setText(
                _("A map leads from one schema or sample to another: add both ends, then the map.")
            )
        else:
            self._empty.title.setText(_("No object is open"))
            self._empty.text.setText(_("Open one from the project tree, or press Ctrl+P."))

    @property
    def current(self) -> Editor | None:
        """The editor in front."""
        index = self.bar.currentIndex()
        return self._editors[index] if 0 <= index < len(self._editors) else None

    def __iter__(self) -> Iterator[Editor]:
        return iter(tuple(self._editors))

    def open(self, id: str, path: str = "") -> Editor:
        """Bring an object's editor to the front, making it if needed, and go to a path inside it."""
        found = self._find(id)
        editor = found or self._make(id)
        self.bar.setCurrentIndex(self._editors.index(editor))
        if found is None and id in self._views:
            editor.restore_layout(self._views.pop(id))
        if path:
            editor.go_to(path)
        return editor

    def refs(self) -> Sequence[str]:
        """The ids of the open objects, in the order of the tabs."""
        return [editor.ref for editor in self._editors]

    def close_at(self, index: int) -> None:
        """Close one tab; what was being typed is taken over first."""
        self._editors[index].commit()
        self._close(index)

    def _close(self, index: int) -> None:
        editor = self._editors[index]
        self._views.pop(editor.ref, None)
        self._views[editor.ref] = editor.layout_state()
        editor.let_go()
        self._editors.pop(index)
        self._pages.removeWidget(editor)
        self.bar.removeTab(index)
        editor.deleteLater()
        if not self._editors:
            self._turn(-1)

    def commit(self) -> None:
        """Take over what is being written anywhere."""
        for editor in tuple(self._editors):
            editor.commit()

    def close_all(self) -> None:
        """Close every tab."""
        while self._editors:
            self.close_at(len(self._editors) - 1)

    def close_missing(self, exists: Callable[[str], bool]) -> None:
        """Close the editors of objects that have gone."""
        for index in range(len(self._editors) - 1, -1, -1):
            if not exists(self._editors[index].ref):
                # Nothing is taken over: it would bring back what has gone.
                self._close(index)

    def refresh(self, changed: Callable[[str], bool]) -> None:
        """Bring titles and changed marks up to date."""
        self._changed = changed
        for index, editor in enumerate(self._editors):
            self.bar.change(index, editor.title(), changed=changed(editor.ref))
        self._summarise()

    def unread(self) -> frozenset[str]:
        """The open objects whose text stands there with a mistake: what is written is not in the project."""
        return frozenset(editor.ref for editor in self._editors if editor.unread())

    def layout_state(self) -> dict[str, Any]:
        """The open tabs and the one in front."""
        return {"tabs": [editor.ref for editor in self._editors], "current": self.bar.currentIndex()}

    def views(self) -> dict[str, Mapping[str, Any]]:
        """What the editor of each object wants to find again, closed ones first."""
        shown = {editor.ref: editor.layout_state() for editor in self._editors}
        return {ref: view for ref, view in self._views.items() if ref not in shown} | shown

    def restore_layout(
        self, state: Mapping[str, Any], views: Mapping[str, Mapping[str, Any]], exists: Callable[[str], bool]
    ) -> None:
        """Open the tabs of last time, as far as their objects still exist; `views` is what `views()` gave then."""
        self._views = dict(views)
        tabs = state.get("tabs")
        for tab in tabs if isinstance(tabs, list) else ():
            # Once each tab was kept together with its view.
            ref, view = tab if isinstance(tab, list) and len(tab) == 2 else (tab, None)
            if isinstance(ref, str) and exists(ref):
                if isinstance(view, Mapping):
                    self._views.setdefault(ref, view)
                self.open(ref)
        current = state.get("current", 0)
        if isinstance(current, int) and 0 <= current < len(self._editors):
            self.bar.setCurrentIndex(current)

    def _find(self, id: str) -> Editor | None:
        return next((editor for editor in self._editors if editor.ref == id), None)

    def _make(self, id: str) -> Editor:
        factory = self._factories.get(id.partition("/")[0], self._fallback)
        editor = factory(id)
        editor.summarised.connect(self._summarise)
        editor.inspected.connect(self._inspect)
        editor.renamed.connect(lambda: self._rename(editor))
        editor.rearranged.connect(self.rearranged)
        editor.unread_turned.connect(self.unread_turned)
        self._editors.append(editor)
        self._pages.addWidget(editor)
        self.bar.add(editor.title(), TabFace(self._icon_of(id), changed=self._changed(id)))
        return editor

    def _turn(self, _index: int) -> None:
        editor = self.current
        if editor is not None:
            self._pages.setCurrentWidget(editor)
        else:
            self._pages.setCurrentIndex(0)
        self._summarise()
        self.turned.emit()

    def _move(self, source: int, target: int) -> None:
        self._editors.insert(target, self._editors.pop(source))

    def _rename(self, editor: Editor) -> None:
        # An editor that is being closed may still hear of the change that closed it.
        if editor in self._editors:
            self.bar.change(self._editors.index(editor), editor.title())

    def _summarise(self) -> None:
        self._summary.setText(self.current.summary() if self.current is not None else "")

    def _inspect(self) -> None:
        if self.sender() is self.current:
            self.inspected.emit()
