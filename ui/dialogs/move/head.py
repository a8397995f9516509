"""The strip over a move: which org it goes to, and in magenta when people work there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.dialogs.move.choices import OpenOrg
from ui.theme import metrics
from ui.widgets.buttons import link
from ui.widgets.labels import Line, Picture, Text
from ui.widgets.production import Badge, ProductionStrip

_HEIGHT = 40


class OrgHead(QFrame):
    """Org, address, API version; a way to the practice org."""

    def __init__(self, to_practice: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("band", "window")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.strip = ProductionStrip()
        column.addWidget(self.strip)
        band = QWidget()
        band.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(band)
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 0)
        row.setSpacing(8)
        self.badge = Badge()
        self.mark = Picture("circle-fill", "text3")
        self.name = Text("", weight=600)
        self.host = Text("", "text2")
        self.version = Text("", "text2")
        self.practice = link(_("Try it in the practice org first"), to_practice)
        for widget in (self.badge, self.mark, self.name, self.host, self.version):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.practice)
        column.addWidget(band)
        column.addWidget(Line())
        self.show_org(None)

    def show_org(self, org: OpenOrg | None) -> None:
        """Show the org in use."""
        production = org is not None and org.production
        self.strip.setVisible(production)
        self.badge.setVisible(production)
        self.mark.setVisible(org is not None and bool(org.color))
        self.mark.show_icon("circle-fill", f"mark_{org.color}" if org is not None and org.color else "text3")
        self.name.setText(org.title if org else _("No org chosen yet"))
        self.name.set_tone("text" if org else "text3")
        place = _("on this computer") if org is not None and org.practice else org.host if org else ""
        self.host.setText(place)
        self.version.setText(_("API v{version}").format(version=org.version) if org else "")
        self.practice.setVisible(org is not None and not org.practice)
