"""The certificates that were shown, the root first, each with what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.network.examination import Chain, Shown
from ui.theme import fonts, metrics
from ui.widgets.labels import Elided, Picture, Text


class ChainPart(QFrame):
    """Hidden where no certificate was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 12)
        self._column.setSpacing(4)
        self._inside: QWidget | None = None
        self.hide()

    def show_chain(self, chain: Chain | None) -> None:
        """Show another chain."""
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
            self._inside = None
        self.setVisible(chain is not None)
        if chain is None:
            return
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        title = _("Certificate shown for {host}").format(host=chain.host)
        head.addWidget(Elided(title, weight=600), 1)
        head.addWidget(Text(chain.version, "text2", step=fonts.SECONDARY))
        column.addLayout(head)
        column.addSpacing(4)
        for depth, one in enumerate(chain.certificates):
            column.addWidget(_line(depth, one))
        print_ = next((one.fingerprint for one in chain.certificates if one.fingerprint), "")
        root = chain.certificates[0] if chain.certificates else None
        if root is not None and root.fingerprint:
            print_ = root.fingerprint
        if print_:
            row = QHBoxLayout()
            row.setSpacing(8)
            of = _("SHA-256 of the root") if root is not None and root.fingerprint else _("SHA-256")
            row.addWidget(Text(of, "text2", step=fonts.SECONDARY))
            shown = Elided(in_pairs(print_), "text2", mono=True, where=Qt.TextElideMode.ElideMiddle)
            row.addWidget(shown, 1)
            column.addSpacing(2)
            column.addLayout(row)
        told = any(one.doubtful for one in chain.certificates)
        for sentence in ("" if told else chain.reason, chain.about):
            if sentence:
                column.addSpacing(4)
                column.addWidget(Text(sentence, "text2", step=fonts.SECONDARY, wrap=True))
        self._column.addWidget(self._inside)


def in_pairs(digits: str) -> str:
    """A fingerprint as it is read aloud and compared: `9C:41:7E`."""
    if ":" in digits:
        return digits
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _line(depth: int, one: Shown) -> QFrame:
    frame = QFrame()
    frame.setFixedHeight(metrics.ROW)
    frame.setAccessibleName(" ".join(each for each in (one.name, _role(one), one.remark) if each))
    row = QHBoxLayout(frame)
    row.setContentsMargins(depth * metrics.INDENT, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(
        Picture("shield-warning" if one.doubtful else "shield-check", "red" if one.doubtful else "text2")
    )
    tone = "red_text" if one.doubtful else "text"
    name = Elided(one.name, tone, weight=600 if one.doubtful else 400)
    name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    row.addWidget(name)
    row.addWidget(Text(_role(one), "text2", step=fonts.SECONDARY))
    row.addWidget(Elided(one.remark, tone if one.doubtful else "text2", step=fonts.SECONDARY, right=True), 1)
    return frame


def _role(one: Shown) -> str:
    role = {"root": _("root"), "issuing": _("issuing"), "server": ""}.get(one.role, "")
    until = _("until {date}").format(date=one.until) if one.until else ""
    return ", ".join(each for each in (role, until) if each)
