"""The one popup for errors: what happened, where, what to do next; a traceback only behind a button."""

from __future__ import annotations

import logging
import traceback

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _
from ui import theme
from ui.bridge.why import Why, asking_proxy, heard
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Picture, Text

log = logging.getLogger(__name__)


class ErrorBox(QDialog):
    """Shows one error. A WeftError speaks for itself; anything else is ours to mend and can be copied."""

    def __init__(self, error: BaseException, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Weft Studio"))
        self.setMinimumWidth(480)
        self.setProperty("band", "base")
        self._trace = "".join(traceback.format_exception(error))
        known = isinstance(error, WeftError)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Picture("x-circle-fill", "red", 20))
        head.addWidget(Text(title_of(error), step=fonts.TITLE, weight=600, wrap=True), 1)
        column.addLayout(head)
        for text, tone, mono in details_of(error):
            line = Text(text, tone, mono=mono, wrap=True)
            line.setContentsMargins(32, 0, 0, 0)
            column.addWidget(line)
        if not known:
            column.addWidget(self._trace_box())
        foot = QHBoxLayout()
        foot.addStretch(1)
        if not known:
            foot.addWidget(button(_("Copy the report"), self._copy))
        self.why = Why(self.accept)
        self.why.look(error)
        foot.addWidget(self.why)
        close = button(_("Close"), self.accept, primary=True)
        close.setDefault(True)
        foot.addWidget(close)
        column.addLayout(foot)

    def _trace_box(self) -> QWidget:
        box = QPlainTextEdit(self._trace)
        box.setAccessibleName(_("Report"))
        box.setProperty("field", True)
        box.setReadOnly(True)
        box.setFont(theme.mono())
        box.setFixedHeight(160)
        return box

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._trace)


def title_of(error: BaseException) -> str:
    """One sentence: what happened."""
    if isinstance(error, WeftError):
        return error.message
    return _("Something went wrong in the studio itself. Your work is kept.")


def details_of(error: BaseException) -> list[tuple[str, str, bool]]:
    """Further lines (text, colour role, monospace): the place, the next step."""
    if not isinstance(error, WeftError):
        return [
            (
                _("Please send the report to the makers: it tells where, not what your data holds."),
                "text2",
                False,
            )
        ]
    lines = []
    if error.place:
        lines.append((error.place, "text2", True))
    if error.next_step:
        lines.append((error.next_step, "text2", False))
    return lines


class ErrorPresenter:
    """Shows errors one at a time over a window; the same error is not shown twice while it is open."""

    def __init__(self) -> None:
        self.parent: QWidget | None = None
        self._open: dict[str, ErrorBox] = {}

    def show(self, error: BaseException) -> None:
        """Show an error without stopping the loop."""
        if not isinstance(error, WeftError):
            log.error("unexpected error", exc_info=error)
        heard(error)
        if asking_proxy(error):
            # Somebody is asked who signs in: a box that only says so would stand in front of the question.
            return
        said = f"{type(error).__name__} {error}"
        if said in self._open:
            self._open[said].raise_()
            return
        box = ErrorBox(error, self.parent)
        self._open[said] = box
        box.finished.connect(lambda _code: self._forget(said))
        box.open()

    def close(self) -> None:
        """Close what is still shown."""
        for box in tuple(self._open.values()):
            box.reject()

    def _forget(self, said: str) -> None:
        box = self._open.pop(said, None)
        if box is not None:
            box.deleteLater()
