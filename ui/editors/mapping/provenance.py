"""Where a value comes from, and what a source node went into, in the record shown: a section of the Inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.evidence import Around, Came, Provenance, ValueMade
from ui.bridge import numbers
from ui.canvas.link_index import Side
from ui.theme import fonts, metrics
from ui.widgets.buttons import ElidedLink, icon_button
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, Line, Text

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# So many values, and so many nodes of each, are shown.
_VALUES = 12
_NODES = 12


class ProvenanceSection(QWidget):
    """Shown when a value is asked about, until another node is selected. `node_wanted` asks to show a node."""

    node_wanted = Signal(object, str)

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__()
        self._editor = editor
        self.setAccessibleName(_("Provenance"))
        self._shown: tuple[str, str] = ("", "")
        self._page: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(Line())
        self.hide()

    def ask(self) -> None:
        """Ask about the value of the node selected last."""
        editor = self._editor
        side = editor.last_side
        path = editor.canvas.path(side)
        if path:
            editor.commit()
            editor.desk.spawn(self._ask(side, path))

    async def _ask(self, side: Side, path: str) -> None:
        editor = self._editor
        found = await editor.agent.provenance(
            editor.workspace.folder, editor.map.transformation, editor.preview.sample, editor.preview.record,
            side="target" if side is Side.TARGET else "source", path=path,
            turns={loop: turn.number for loop, turn in editor.turns.all.items()},
        )  # fmt: skip
        if found is not None and editor.canvas.path(side) == path:
            self._shown = found.side, path
            self._show(found)

    def follow(self) -> None:
        """Other values are shown: what is told of the node stays true of them."""
        if not self.isHidden() and self._shown[1]:
            side = Side.TARGET if self._shown[0] == "target" else Side.SOURCE
            self._editor.desk.spawn(self._ask(side, self._shown[1]))

    def keep_for(self, side: Side, path: str) -> None:
        """Another node may have been selected: what is shown of the one before goes."""
        if self._shown != ("target" if side is Side.TARGET else "source", path):
            self.dismiss()

    def dismiss(self) -> None:
        """Show nothing."""
        self._shown = "", ""
        self.hide()

    def _show(self, found: Provenance) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL)
        column.setSpacing(6)
        close = icon_button("x", _("Close the provenance"), self.dismiss)
        name = address.name(found.path)
        title = _("Where {name} comes from") if found.side == "target" else _("What {name} went into")
        column.addWidget(SectionHead(title.format(name=name), close))
        record = numbers.count(found.record)
        if not found.values:
            said = _("No rule gave it a value in record {n}.")
            if found.side == "source":
                said = _("No value of record {n} was made from it.")
            column.addWidget(Text(said.format(n=record), "text2", wrap=True))
        for value in found.values[:_VALUES]:
            for row in self._value(value, own=found.side == "target"):
                column.addWidget(row)
        more = found.more + max(0, len(found.values) - _VALUES)
        if more:
            column.addWidget(
                Text(ngettext("and {n} more", "and {n} more", more).format(n=numbers.count(more)), "text2")
            )
        if self._page is not None:
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        self._page = page
        self._column.addWidget(page)
        self.show()

    def _value(self, value: ValueMade, *, own: bool) -> list[QWidget]:
        text = value.problem or (value.text if value.text is not None else _("not in this record"))
        rows: list[QWidget] = [Elided(text, "red_text" if value.problem else "text", weight=600, mono=True)]
        if not own:
            rows[0] = self._row("→", Side.TARGET, value.path, address.name(value.path), text)
        rows += [self._turn(turn) for turn in value.turns[-3:]] if own else []
        # A node that is read at several places of a script is one row.
        nodes = list({came.path: came for came in reversed(value.sources)}.values())[::-1]
        rows += [self._node(came) for came in nodes[:_NODES]]
        left = len(nodes) - _NODES
        if left > 0:
            rows.append(
                Text(ngettext("and {n} more", "and {n} more", left).format(n=numbers.count(left)), "text2")
            )
        return rows

    def _turn(self, turn: Around) -> QWidget:
        said = _("{name}, turn {n}").format(name=address.name(turn.path), n=numbers.count(turn.number))
        node = turn.entry if turn.entry is not None else ", ".join(turn.nodes[:3])
        return self._row("↻", Side.TARGET, turn.path, said, node)

    def _node(self, came: Came) -> QWidget:
        place = _("line {n}").format(n=came.line) if came.line and came.line > 1 else ""
        where = _("condition") if came.script else ""
        note = " · ".join(part for part in (came.read, place, where) if part)
        text = came.text if came.text is not None else _("null")
        plain = "/".join(step.partition("[")[0] for step in came.path.split("/"))
        row = self._row("←", Side.SOURCE, plain, "/".join(came.path.split("/")[-2:]), text)
        row.setToolTip(f"{came.path}\n{note}")
        return row

    def _row(self, sign: str, side: Side, path: str, name: str, value: str) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        mark = Text(sign, "text2")
        mark.setFixedWidth(14)
        shown = ElidedLink(name, lambda: self.node_wanted.emit(side, path))
        shown.setToolTip(path)
        shown.setFont(fonts.mono(fonts.SECONDARY))
        row.addWidget(mark)
        row.addWidget(shown)
        row.addWidget(Elided(value, "text2", step=fonts.SECONDARY, mono=True, right=True), 1)
        return made
