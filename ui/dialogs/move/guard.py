"""The question before a move that may harm an org people work in: which org, what, how many, the first rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.connectors.salesforce.session import OrgIdentity
from studio.moves.access import guard
from studio.moves.access.guard import Danger, Level
from studio.moves.model import Action
from ui.bridge import numbers
from ui.dialogs.ask import finished
from ui.dialogs.move.choices import Choices, OpenOrg
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.foot import Foot
from ui.widgets.labels import Text
from ui.widgets.production import Badge, ProductionStrip
from ui.widgets.trees import Rows

_WIDTH = 640


def danger_of(choices: Choices) -> Danger | None:
    """What has to be confirmed about the move chosen, None where nothing."""
    org, source, checked = choices.org, choices.source, choices.checked
    if org is None or source is None or checked is None:
        return None
    sort = org.sort or ("production" if org.production else "")
    rows = checked["rows"] - choices.held
    level = guard.level(choices.action, sort, rows)
    if level is Level.NONE:
        return None
    identity = OrgIdentity(org.id, org.title, "", sort == "sandbox", org.url)
    sample = source.rows[: guard.SAMPLE]
    return Danger(level, choices.action, choices.target_label, rows, identity, source.header, sample)


class GuardDialog(QDialog):
    """Goes on only by the button; deletes want the org's name typed first."""

    def __init__(self, parent: QWidget, danger: Danger, sort: str, go: str) -> None:
        super().__init__(parent)
        title = _("Is this the right org?")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumWidth(_WIDTH)
        self._danger = danger
        self._name = danger.org.name
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if sort == "production":
            column.addWidget(ProductionStrip())
        body = QVBoxLayout()
        body.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
        body.setSpacing(12)
        body.addWidget(Text(title, step=fonts.TITLE, weight=600))
        body.addLayout(self._org(sort))
        n = numbers.count(danger.rows)
        body.addWidget(Text(danger.sentence.replace(str(danger.rows), n, 1), weight=600, wrap=True))
        if danger.sample:
            body.addWidget(Text(_("The first rows:"), "text2"))
            body.addWidget(self._rows())
        self.field = QLineEdit()
        self.field.setAccessibleName(_("Name of the org"))
        self.field.setPlaceholderText(self._name)
        self.field.textChanged.connect(self._look)
        label = Text(_("Type the name of the org, {name}, to go on:").format(name=self._name), wrap=True)
        label.setBuddy(self.field)
        if danger.level is Level.TYPE:
            body.addWidget(label)
            body.addWidget(self.field)
        column.addLayout(body)
        cancel = button(_("Cancel"), self.reject)
        self.go = button(go, self.accept, primary=danger.level is Level.TYPE)
        # Enter pressed without reading must not send.
        cancel.setDefault(danger.level is Level.ASK)
        self.go.setDefault(danger.level is Level.TYPE)
        column.addWidget(Foot((cancel, self.go)))
        (self.field if danger.level is Level.TYPE else cancel).setFocus()
        self._look("")

    def _org(self, sort: str) -> QHBoxLayout:
        org = self._danger.org
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Badge() if sort == "production" else Text(guard.sort_name(sort), "text2", weight=600))
        host = org.instance_url.partition("://")[2]
        for text in (Text(org.name, weight=600), Text(host, "text2"), Text(org.id, "text2", mono=True)):
            row.addWidget(text)
        row.addStretch(1)
        return row

    def _rows(self) -> Rows:
        def cells(row: Sequence[str]) -> Sequence[Cell]:
            found = [Cell(text, mono=True) for text in row[: len(header)]]
            return found + [Cell()] * (len(header) - len(found))

        header = self._danger.header[:6]
        model: CellTable[Sequence[str]] = CellTable(header, cells, self)
        model.set_rows(self._danger.sample)
        view = Rows(_("First rows"), head=True)
        view.setModel(model)
        view.fit(*((80, 160),) * len(header))
        view.setFixedHeight(26 * (len(self._danger.sample) + 1) + 4)
        return view

    def _look(self, typed: str) -> None:
        self.go.setEnabled(self._danger.level is Level.ASK or guard.names(self._danger.org, "", typed))


async def confirmed(parent: QWidget, choices: Choices, go: str) -> str | None:
    """The org's name once a move that needs it was confirmed, "" for one that needs no confirmation, None for a no."""
    danger = danger_of(choices)
    if danger is None or choices.org is None:
        return ""
    sort = choices.org.sort or "production"
    return danger.org.name if await finished(GuardDialog(parent, danger, sort, go)) else None


async def agreed(
    parent: QWidget, org: OpenOrg, action: Action, label: str, rows: int, go: str, *, undo: bool = False
) -> bool:
    """Whether rows may be sent that come from no file: failed ones once more, or an undo; one that deletes is a delete."""
    sort = org.sort or ("production" if org.production else "")
    undo = undo and action is not Action.DELETE
    level = guard.level(action, sort, rows, undo=undo)
    if level is Level.NONE:
        return True
    identity = OrgIdentity(org.id, org.title, "", sort == "sandbox", org.url)
    danger = Danger(level, action, label, rows, identity, undo=undo)
    return await finished(GuardDialog(parent, danger, sort, go))
