"""What stands around the matters: whose the columns are, what was joined without asking, why it was changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.conflicts.matter_row import SHARES
from ui.dialogs.conflicts.matters import Alone, Matter, Said, Subject
from ui.theme import fonts, metrics
from ui.widgets.buttons import link
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Elided, Line, Picture, Text
from ui.widgets.trees import Rows, fit_rows

# So many messages, and so many of what was joined, are seen at once.
_MESSAGES = 4
_JOINED = 6


class Sides(QFrame):
    """The heads of the three columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "window")
        self.setFixedHeight(48)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._about: list[Elided] = []
        sides = ((_("Before"), "text"), (_("Mine"), "accent"), (_("Theirs"), "theirs_text"))
        for place, (share, (name, tone)) in enumerate(zip(SHARES, sides, strict=True)):
            if place:
                row.addWidget(Line(vertical=True))
            cell = QFrame()
            column = QVBoxLayout(cell)
            column.setContentsMargins(metrics.PAD_PANEL, 6, 8, 6)
            column.setSpacing(2)
            column.addWidget(Text(name, tone, weight=600))
            about = Elided("", "text2", step=fonts.SECONDARY)
            column.addWidget(about)
            self._about.append(about)
            policy = cell.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            cell.setSizePolicy(policy)
            row.addWidget(cell, share)

    def keep_free(self, width: int) -> None:
        """Leave so much room at the right, where the matters below have their scroll bar."""
        self._row.setContentsMargins(0, 0, width, 0)

    def show_sides(self, subject: Subject, matters: Sequence[Matter]) -> None:
        """Say who changed the matters, and when."""
        base = _("as it was")
        if subject.base_revision:
            base = _("revision {n}").format(n=subject.base_revision)
        here = [said.time for said in subject.mine_said if said.time]
        mine = _("you, {time}, not pushed").format(time=numbers.when(max(here))) if here else ""
        if subject.their_place:
            mine = mine and _("you, {time}").format(time=numbers.when(max(here)))
        theirs = subject.their_place
        last = max(matters, key=lambda matter: (matter.revision, matter.time), default=None)
        if last is not None and (last.author or last.revision):
            parts = [last.author, _("revision {n}").format(n=last.revision) if last.revision else ""]
            parts.append(numbers.when(last.time) if last.time else "")
            theirs = ", ".join(part for part in parts if part)
        for label, text in zip(self._about, (base, mine or _("you, not pushed"), theirs), strict=True):
            label.setText(text)


class JoinedPart(QFrame):
    """One line that says what was joined without asking, and a list of it."""

    def __init__(self, alone: Sequence[Alone], name_of: Callable[[str], str]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(8)
        row.addWidget(Picture("check"))
        said = ngettext(
            "{n} change made on one side only was joined",
            "{n} changes made on one side only were joined",
            len(alone),
        ).format(n=numbers.count(len(alone)))
        row.addWidget(Text(said))
        self.show_link = link(_("show"), self._turn)
        self.show_link.setAccessibleName(_("Show what was joined"))
        row.addWidget(self.show_link)
        row.addStretch(1)
        mine = sum(each.mine for each in alone)
        counts = _("{mine} mine, {theirs} theirs").format(
            mine=numbers.count(mine), theirs=numbers.count(len(alone) - mine)
        )
        row.addWidget(Text(counts, "text2", step=fonts.SECONDARY))
        column.addLayout(row)
        self.rows = Rows(_("What was joined"), head=True)

        def cells(each: Alone) -> Sequence[Cell]:
            side = _("mine") if each.mine else _("theirs")
            return (
                Cell(name_of(each.object), small=True),
                Cell(each.place, mono=True, ends=True, hint=each.place),
                Cell(side, "text" if each.mine else "theirs_text", small=True),
            )

        model: CellTable[Alone] = CellTable([_("Object"), _("Place"), _("Changed by")], cells, self)
        self.rows.setModel(model)
        self.rows.lay_out(200, 0, 120)
        model.set_rows(list(alone))
        fit_rows(self.rows, min(len(alone), _JOINED), head=True)
        self.rows.hide()
        column.addWidget(self.rows)
        self.setVisible(bool(alone))

    def _turn(self) -> None:
        self.rows.setVisible(not self.rows.isVisible())
        self.show_link.setText(_("hide") if self.rows.isVisible() else _("show"))


class WhyPart(QFrame):
    """The messages of the revisions, and the steps taken here, newest of theirs first."""

    def __init__(self, said: Sequence[Said]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_PANEL, 8, metrics.PAD_PANEL, 12)
        column.setSpacing(0)
        column.addWidget(Text(_("Why it was changed"), "text2", step=fonts.SECONDARY, weight=600))
        column.addSpacing(4)
        for each in said[:_MESSAGES]:
            column.addLayout(self._line(each))
        if len(said) > _MESSAGES:
            rest = ngettext("and {n} more", "and {n} more", len(said) - _MESSAGES)
            column.addWidget(
                Text(rest.format(n=numbers.count(len(said) - _MESSAGES)), "text3", step=fonts.SECONDARY)
            )
        self.has_lines = bool(said)
        self.setVisible(self.has_lines)

    def _line(self, each: Said) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        who = Elided(each.author or _("You"))
        who.setFixedWidth(112)
        who.setFixedHeight(metrics.ROW)
        row.addWidget(who)
        at = Text(numbers.when(each.time) if each.time else "", "text2", step=fonts.SECONDARY)
        at.setFixedWidth(112)
        row.addWidget(at)
        row.addWidget(Elided(_("“{text}”").format(text=each.text) if each.author else each.text, "text2"), 1)
        where = _("revision {n}").format(n=each.revision) if each.revision else _("not pushed")
        row.addWidget(Text(where, "text2", step=fonts.SECONDARY))
        return row
