"""The Inspector's page of a map: the node, its rule and operands with values, its loop in words and counts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.mapping import address, loops
from studio.mapping.context import Contexts, relative
from studio.mapping.evidence import Evidence, LoopCount
from studio.mapping.lines import Line, LineKind
from studio.mapping.model import Rule
from studio.schema.model import Place
from ui import theme
from ui.bridge.numbers import count
from ui.bridge.script_text import ScriptHighlighter
from ui.canvas.link_index import Side, Tone
from ui.canvas.row_painter import link_color, paint_letter
from ui.canvas.scene import Scene
from ui.editors.mapping.mends import Mends
from ui.editors.mapping.script_bar import Part
from ui.editors.node_facts import node_head, section, sections
from ui.theme import fonts, metrics
from ui.widgets.buttons import ElidedLink, link
from ui.widgets.code import CodeEdit
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, KeyCap, Picture, Text

_MOST_LINKS = 12
_MOST_LINES = 14
# Other nodes a loop could visit, offered beside it.
_MOST_OTHERS = 4


class MapInspector(QWidget):
    """What is selected in a map. `edit_wanted` asks to write a part of the rule, `loop_wanted` to
    loop a target over another source node, `node_wanted` to show a node."""

    edit_wanted = Signal(object)
    loop_wanted = Signal(str, str)
    node_wanted = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.mends: Mends | None = None
        self._below: list[QWidget] = []
        self._page: QWidget | None = None
        # What the page shows: as long as that is the same, only values may be others.
        self._told: object = None
        self._values: list[tuple[Side, str, Elided]] = []

    def add_below(self, part: QWidget) -> None:
        """Keep a section under what is shown of the node: suggestions, coverage."""
        self._below.append(part)

    def show_node(self, scene: Scene, side: Side, path: str) -> None:
        """Show a node of either tree; of the one shown already only what has changed."""
        place = (scene.trees.source if side is Side.SOURCE else scene.trees.target).find(path)
        told = side, path, place, self._facts_of(scene, side, path)
        if told == self._told:
            for of, at, shown in self._values:
                shown.setText(_text(scene.evidence, of, at))
            return
        self._values = []
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(node_head(path, place))
        if side is Side.TARGET:
            self._show_target(column, scene, path)
        else:
            self._show_source(column, scene, path)
        if place is not None:
            column.addWidget(_Schema(place, lambda other: self.node_wanted.emit(side, other)))
        self._replace(page)
        self._told = told

    @staticmethod
    def _facts_of(scene: Scene, side: Side, path: str) -> object:
        """All that the page of a node depends on, values in rows of their own left out."""
        if side is Side.SOURCE:
            return scene.by_source.get(path, ()), _text(scene.evidence, side, path)
        contexts = Contexts(scene.mapping, scene.trees.source)
        explained = loops.explain(scene.mapping, scene.trees, path, _loop_count(scene.evidence, path))
        return (
            scene.mapping.get(path), scene.failed.get(path), scene.problems.get(path), scene.by_target.get(path, ()),
            scene.notes.never.get(path, ()) if scene.notes.never else (), contexts.of(path),
            explained, _loop_count(scene.evidence, path), scene.target_loops.get(path), _others(scene, path) if explained is not None else (),
        )  # fmt: skip

    def show_nothing(self) -> None:
        """Nothing is selected."""
        self._replace(QWidget())

    def _replace(self, page: QWidget) -> None:
        self._told = None
        if self._page is not None:
            self._column.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
        while self._column.count():
            self._column.takeAt(0)
        self._page = page
        self._column.addWidget(page)
        for part in self._below:
            self._column.addWidget(part)
        self._column.addStretch(1)

    # A target node

    def _show_target(self, column: QVBoxLayout, scene: Scene, path: str) -> None:
        rule = scene.mapping.get(path)
        problem = scene.failed.get(path) or (scene.problems[path].message if path in scene.problems else "")
        if problem:
            mend = scene.problems[path].mend if path in scene.problems else ""
            column.addWidget(
                section(_problem(problem, mend), *(self.mends.widgets(scene, path) if self.mends else ()))
            )
        never = scene.notes.never.get(path, ()) if scene.notes.never else ()
        if never:
            said = [Text(each, wrap=True) for each in never]
            column.addWidget(section(SectionHead(_("Over all records")), *said))
        if rule is not None and rule.script is not None:
            column.addWidget(section(*self._rule(scene, rule)))
        if rule is not None and rule.when is not None and not rule.loops:
            column.addWidget(section(*self._condition(scene, rule)))
        explained = loops.explain(scene.mapping, scene.trees, path, _loop_count(scene.evidence, path))
        loop = scene.target_loops.get(path)
        if explained is not None and loop is not None:
            column.addWidget(section(*self._loop(explained, loop.index, scene, path)))
        if rule is not None and rule.note:
            column.addWidget(section(SectionHead(_("Note")), Text(rule.note, "text2", wrap=True)))

    def _rule(self, scene: Scene, rule: Rule) -> list[QWidget]:
        found: list[QWidget] = [
            SectionHead(_("Rule"), link(_("edit"), lambda: self.edit_wanted.emit(Part.SCRIPT)), KeyCap("F4"))
        ]
        found.append(_code(_("Script"), rule.script or ""))
        lines = scene.by_target.get(rule.path, ())
        found += [self._operand(scene, line) for line in lines if line.kind is LineKind.VALUE]
        row, shown = _value_row("→", address.name(rule.path), _text(scene.evidence, Side.TARGET, rule.path))
        self._values.append((Side.TARGET, rule.path, shown))
        found.append(row)
        return found

    def _condition(self, scene: Scene, rule: Rule) -> list[QWidget]:
        edit = link(_("edit"), lambda: self.edit_wanted.emit(Part.WHEN))
        found: list[QWidget] = [SectionHead(_("Condition"), edit, KeyCap("C"))]
        found.append(_code(_("Condition"), rule.when or ""))
        lines = scene.by_target.get(rule.path, ())
        found += [self._operand(scene, line) for line in lines if line.kind is LineKind.CONDITION]
        return found

    def _operand(self, scene: Scene, line: Line) -> QWidget:
        row = _row()
        swatch = _Swatch(line)
        context = Contexts(scene.mapping, scene.trees.source).of(line.target)
        name = self._node_link(Side.SOURCE, line.source, relative(line.source, context))
        shown = _text(scene.evidence, Side.SOURCE, line.source)
        value = Elided(shown, "text2", step=fonts.SECONDARY, mono=True, right=True)
        self._values.append((Side.SOURCE, line.source, value))
        _fill(row, swatch, name)
        layout = row.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addWidget(value, 1)
        return row

    def _loop(self, explained: loops.Explanation, index: int, scene: Scene, path: str) -> list[QWidget]:
        head = SectionHead(_("Loop"), link(_("edit"), lambda: self.edit_wanted.emit(Part.LOOP)), KeyCap("L"))
        layout = head.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(1, _Letter(index))
        found: list[QWidget] = [head, _sentence(explained)]
        if explained.condition:
            where = _("where {condition}").format(condition=explained.condition)
            found.append(Text(where, "text2", mono=True, step=fonts.SECONDARY, wrap=True))
        counted = _loop_count(scene.evidence, path)
        if counted is not None and counted.candidates:
            found.append(_Share(counted, index, explained.counts))
            row = _row()
            _fill(row, Text(f"{count(counted.candidates)} → {count(counted.written)}", weight=600))
            left = counted.candidates - counted.written
            if left:
                text = ngettext("{n} left out", "{n} left out", left).format(n=count(left))
                _fill(row, Text(text, "text2"), stretch=True)
            found.append(row)
        if explained.warning:
            found.append(Text(explained.warning, "orange_text", wrap=True))
        found += [self._instead(path, other) for other in _others(scene, path)]
        return found

    def _instead(self, path: str, source: str) -> QWidget:
        text = _("loop on {source} instead").format(source=address.name(source))
        made = link(text, lambda: self.loop_wanted.emit(path, source))
        made.setToolTip(source)
        row = _row()
        _fill(row, made, stretch=True)
        return row

    def _node_link(self, side: Side, path: str, text: str = "") -> QWidget:
        made = ElidedLink(text or _short(path), lambda: self.node_wanted.emit(side, path))
        made.setToolTip(path)
        made.setFont(fonts.mono())
        return made

    # A source node

    def _show_source(self, column: QVBoxLayout, scene: Scene, path: str) -> None:
        value = _text(scene.evidence, Side.SOURCE, path)
        if value:
            column.addWidget(section(SectionHead(_("Value in this record")), _code(_("Value"), value)))
        lines = scene.by_source.get(path, ())
        if not lines:
            column.addWidget(section(Text(_("No rule reads this node itself."), "text2", wrap=True)))
            return
        head = SectionHead(ngettext("Read by {n} rule", "Read by {n} rules", len(lines)).format(n=len(lines)))
        rows: list[QWidget] = [head]
        for line in lines[:_MOST_LINKS]:
            row = _row()
            target = self._node_link(Side.TARGET, line.target)
            _fill(row, _Swatch(line), target, stretch=True)
            rows.append(row)
        column.addWidget(section(*rows))


class _Schema(QWidget):
    """All that the schema says about a node, unfolded when asked for: a rule is what one looks for first."""

    def __init__(self, place: Place, want: Callable[[str], None]) -> None:
        super().__init__()
        self._place, self._want = place, want
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._ask = section(link(_("What the schema says"), self._fill))
        self._column.addWidget(self._ask)

    def _fill(self) -> None:
        self._ask.hide()
        for part in sections(self._place, self._want):
            self._column.addWidget(part)


def _others(scene: Scene, path: str) -> tuple[str, ...]:
    return loops.alternatives(scene.mapping, scene.trees, path)[:_MOST_OTHERS]


def _sentence(explained: loops.Explanation) -> QWidget:
    """The sentence with the nodes' names in bold."""
    shown = html.escape(explained.sentence)
    names = {re.escape(html.escape(name)) for name in (explained.target, explained.source) if name}
    if names:
        shown = re.sub(rf"(?<![\w@])({'|'.join(names)})(?!\w)", r"<b>\1</b>", shown)
    label = Text(wrap=True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setText(shown)
    label.setAccessibleName(explained.whole)
    return label


def _problem(message: str, mend: str) -> QWidget:
    row = _row()
    _fill(row, Picture("x-circle-fill", "red"))
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(Text(message, "red_text", wrap=True))
    if mend:
        column.addWidget(Text(mend, "text2", wrap=True))
    layout = row.layout()
    assert isinstance(layout, QHBoxLayout)
    layout.addLayout(column, 1)
    return row


def _row() -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return made


def _fill(row: QWidget, *widgets: QWidget, stretch: bool = False) -> None:
    layout = row.layout()
    assert isinstance(layout, QHBoxLayout)
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)


def _value_row(sign: str, name: str, value: str) -> tuple[QWidget, Elided]:
    row = _row()
    mark = Text(sign, "text2")
    mark.setFixedWidth(16)
    shown = Elided(value, "text", weight=600, mono=True, right=True)
    _fill(row, mark, Elided(name, "text", mono=True, step=fonts.SECONDARY))
    layout = row.layout()
    assert isinstance(layout, QHBoxLayout)
    layout.addWidget(shown, 1)
    return row, shown


def _code(name: str, text: str) -> QWidget:
    frame = QFrame()
    frame.setProperty("band", "code")
    column = QVBoxLayout(frame)
    column.setContentsMargins(8, 6, 8, 6)
    shown = _Script(name, text)
    column.addWidget(shown)
    return frame


class _Script(CodeEdit):
    """A script to be read: as high as its text, up to a dozen lines."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.setReadOnly(True)
        self.setLineWrapMode(CodeEdit.LineWrapMode.WidgetWidth)
        self.setProperty("bare", True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._highlighter = ScriptHighlighter(self.document())
        self.setPlainText(text)
        # A new width wraps the lines anew only after the widget has it.
        queued = Qt.ConnectionType.QueuedConnection
        self.document().documentLayout().documentSizeChanged.connect(self._fit_height, queued)

    def gutter_width(self) -> int:
        """No line numbers here."""
        return 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as the wrapped text."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        lines = min(_MOST_LINES, max(1, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 10)


class _Swatch(QWidget):
    """A piece of a link, in its colour and dashes."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self.setFixedSize(16, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        color = link_color(self._line.loop, self._line.kind, Tone.NORMAL)
        painter = QPainter(self)
        if self._line.kind is LineKind.CONDITION:
            painter.fillRect(0, 7, 6, 2, color)
            painter.fillRect(10, 7, 6, 2, color)
        else:
            painter.fillRect(0, 7, 16, 2, color)


class _Share(QWidget):
    """How many candidates of a loop were written, in the loop's colour."""

    def __init__(self, counted: LoopCount, loop: int, said: str) -> None:
        super().__init__()
        self._counted = counted
        self._loop = loop
        self.setAccessibleName(_("Share of candidates written"))
        self.setAccessibleDescription(said)
        self.setFixedHeight(metrics.BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("selected_off"))
        share = min(1.0, self._counted.written / self._counted.candidates)
        painter.fillRect(0, 0, round(self.width() * share), self.height(), theme.loop_color(self._loop))


class _Letter(QWidget):
    """A loop's letter on its colour."""

    def __init__(self, loop: int) -> None:
        super().__init__()
        self._loop = loop
        self.setAccessibleName(theme.loop_letter(loop))
        self.setFixedSize(metrics.CHIP, metrics.CHIP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_letter(QPainter(self), self.rect(), self._loop, fonts.font(fonts.SMALL, 700))


def _text(evidence: Evidence | None, side: Side, path: str) -> str:
    if evidence is None:
        return ""
    seen = (evidence.source if side is Side.SOURCE else evidence.target).get(path)
    return seen.text if seen is not None else ""


def _loop_count(evidence: Evidence | None, path: str) -> LoopCount | None:
    return evidence.loops.get(path) if evidence is not None else None


def _short(path: str) -> str:
    steps = address.split(path)
    return "/".join(steps[-2:]) if len(steps) > 2 else path
