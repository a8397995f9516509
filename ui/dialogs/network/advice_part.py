"""What to ask the network team for, to be copied or mailed, and what one can do without them."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.network.examination import Examination, Remedy
from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, Line, Picture

_ICONS = {"trust": "file-plus", "password": "key", "preferences": "sliders-horizontal"}
_SAID = 2000


class RequestPart(QFrame):
    """Hidden where nothing is to be asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "window")
        self._text = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, metrics.PAD_DIALOG)
        column.setSpacing(8)
        self.copy = button(_("Copy"), self._copy, icon="copy", small=True)
        self.mail = button(_("Mail"), self._mail, icon="envelope-simple", small=True)
        column.addWidget(SectionHead(_("Ask your network team"), self.copy, self.mail))
        box = QFrame()
        box.setObjectName("request")
        self._box = box
        inside = QHBoxLayout(box)
        inside.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        self.label = QLabel()
        self.label.setFont(fonts.font())
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside.addWidget(self.label)
        column.addWidget(box)
        self._said = QTimer(self, singleShot=True, interval=_SAID)
        self._said.timeout.connect(lambda: self.copy.setText(_("Copy")))
        theme.signals.changed.connect(self._style)
        self._style()
        self.hide()

    def _style(self) -> None:
        base, border, accent = (theme.color(role).name() for role in ("base", "border", "accent"))
        self._box.setStyleSheet(
            f"QFrame#request {{ background: {base}; border: 1px solid {border};"
            f" border-left: 3px solid {accent}; border-radius: {metrics.RADIUS}px; }}"
        )

    def show_request(self, found: Examination | None) -> None:
        """Show the sentence, the words of it that matter in bold."""
        self._text = found.request if found is not None else ""
        self.setVisible(bool(self._text))
        names = sorted(found.names, key=len, reverse=True) if found is not None else []
        self.label.setText(bold(self._text, names))
        self.label.setAccessibleName(self._text)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copy.setText(_("Copied"))
        self._said.start()

    def _mail(self) -> None:
        subject = _("Access through the proxy")
        QDesktopServices.openUrl(QUrl(f"mailto:?subject={quote(subject)}&body={quote(self._text)}"))


def bold(text: str, names: list[str]) -> str:
    """A text as HTML, names in it in bold; a name inside another one is part of that."""
    marked: list[tuple[int, int]] = []
    for name in names:
        at = text.find(name)
        while name and at >= 0:
            end = at + len(name)
            if all(end <= start or at >= stop for start, stop in marked):
                marked.append((at, end))
            at = text.find(name, end)
    made, here = [], 0
    for start, stop in sorted(marked):
        made += [html.escape(text[here:start]), "<b>", html.escape(text[start:stop]), "</b>"]
        here = stop
    return "".join([*made, html.escape(text[here:])])


class RemediesPart(QFrame):
    """`do` is told which remedy was chosen: trust, password or preferences."""

    def __init__(self, do: Callable[[str], object]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._do = do
        self._inside: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(Line())
        self.hide()

    def show_remedies(self, found: Examination | None) -> None:
        """Show what can be done; hidden where nothing can."""
        remedies = found.remedies if found is not None else ()
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
            self._inside = None
        self.setVisible(bool(remedies))
        if not remedies:
            return
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        column.setSpacing(0)
        column.addWidget(SectionHead(_("What you can do yourself")))
        column.addSpacing(4)
        for remedy in remedies:
            column.addWidget(self._line(remedy))
        self._column.addWidget(self._inside)

    def _line(self, remedy: Remedy) -> QWidget:
        frame = QWidget()
        frame.setFixedHeight(metrics.ROW)
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Picture(_ICONS.get(remedy.do, "info")))
        made = link(remedy.text, partial(self._do, remedy.do))
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(made)
        row.addWidget(Elided(remedy.remark, "text2", step=fonts.SECONDARY), 1)
        return frame
