"""What the Inspector shows of a schema's node: everything its schema says, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.base.i18n import _, language, ngettext
from studio.mapping import address
from studio.schema.instead import variants
from studio.schema.model import Kind, Node, Place, ValueType
from studio.schema.path import said_path
from studio.schema.tongues import said
from ui import theme
from ui.bridge.numbers import count
from ui.canvas.looks import node_icon
from ui.canvas.rows import replaceable
from ui.editors.facts_words import (
    base_words,
    facets,
    kind_words,
    label_of,
    occurs_words,
    shown_facts,
    value_labels,
    wildcard_words,
)
from ui.theme import fonts, metrics
from ui.widgets.buttons import link
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, Line, Picture, Text
from ui.widgets.trees import Rows

# A list of more values than this gets a filter; it is never higher than so many rows.
_FEW = 10
_LONGEST = 1200
# A longer value has a line of its own.
_ONE_LINE = 30


class NodeFacts(QWidget):
    """Everything about one node. `wanted` asks to show another: what may stand here instead."""

    wanted = Signal(str)

    def __init__(self, path: str, place: Place) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(node_head(path, place, whole=True))
        for part in sections(place, self.wanted.emit):
            column.addWidget(part)
        column.addStretch(1)


def sections(place: Place, want: Callable[[str], None]) -> Iterator[QWidget]:
    """The parts below a node's head: what is missing, its facts, its values, what may stand instead."""
    node = place.node
    if node.unresolved:
        yield section(*_missing(node))
    if node.kind is Kind.ANY and not node.unresolved:
        said = [Text(sentence, wrap=True) for sentence in wildcard_words(node.facts)]
        yield section(SectionHead(_("What may stand here")), *said)
    yield section(SectionHead(_("Facts")), *(fact(label, value) for label, value in _facts(place)))
    value = node.value
    if value is not None:
        limits = [fact(label, text) for label, text in facets(value)]
        if value.pattern is not None:
            limits.append(_pattern(value.pattern))
        if limits:
            yield section(SectionHead(_("Limits")), *limits)
        if value.enumeration:
            yield section(*_values(value, value_labels(node.facts)))
    more = [fact(label, text) for label, text in shown_facts(node.facts)]
    if more and node.kind is not Kind.ANY:
        yield section(SectionHead(_("In this format")), *more)
    if replaceable(place):
        yield section(Instead(place, want))


def _facts(place: Place) -> Iterator[tuple[str, str]]:
    node, value = place.node, place.node.value
    yield _("Kind"), kind_words(node)
    if value is not None:
        yield _("Type"), value.name
        yield _("Read as"), base_words(value.base)
    if node.type.name and (value is None or node.type.name != value.name):
        yield _("Declared as"), node.type.name
    if node.kind not in (Kind.OPERATION, Kind.MESSAGE):
        yield _("Occurs"), occurs_words(node.occurs)
    for label, text in ((_("Default"), node.default), (_("Fixed value"), node.fixed)):
        if text is not None:
            yield label, text if text else _("empty text")
    if node.namespace:
        yield _("Namespace"), node.namespace
    for label, there in (
        (_("May be null"), node.nillable),
        (_("Text between the nodes"), node.type.mixed),
        (_("Abstract type"), node.type.abstract),
        (_("Repeats a node above"), place.recursive),
    ):
        if there:
            yield label, _("yes")
    if not node.type.leaf and (inside := sum(1 for _one in place.flat_children())):
        yield _("Nodes directly inside"), count(inside)
    if node.line is not None:
        yield _("Line"), count(node.line)


def _missing(node: Node) -> list[QWidget]:
    head = QWidget()
    row = _row(head)
    row.addWidget(Picture("warning-fill", "orange"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(node.unresolved or "", "orange_text", wrap=True), 1)
    mend = _(
        "Put the missing file beside the schema, under the name it is imported by: the tree is read again by itself. "
        "Maps keep their rules meanwhile."
    )
    return [head, Text(mend, "text2", wrap=True)]


def _pattern(pattern: str) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(Text(_("Pattern"), "text2"))
    shown = Text(pattern[:_LONGEST], mono=True, wrap=True)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    column.addWidget(shown)
    return made


def _values(value: ValueType, labels: Mapping[str, str]) -> list[QWidget]:
    total = len(value.enumeration)
    head = SectionHead(_("Values"), Text(count(total), "text2"))

    def cell(text: str) -> Cell:
        label = labels.get(text, "")
        return Cell(text, mono=True, note=label, hint=f"{text}\n{label}".strip())

    found = _List(_("Values"), value.enumeration, cell)
    if total <= _FEW:
        return [head, found]
    field = FilterField(_("Filter the values"), _("Filter"))
    field.textChanged.connect(found.keep)
    field.left.connect(found.setFocus)
    return [head, field, found]


class Instead(QWidget):
    """What may stand instead of a node, listed when first asked for; `want` is told which one was chosen."""

    def __init__(self, place: Place, want: Callable[[str], None]) -> None:
        super().__init__()
        self._place, self._want = place, want
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(SectionHead(_("May be replaced")))
        self._ask = link(_("Show what may stand here"), self._fill)
        self._column.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignLeft)

    def _fill(self) -> None:
        self._ask.hide()
        node = self._place.node
        names: dict[str, Node] = {}
        for other in variants(node):
            name = other.name if other.name != node.name else other.type.name
            names.setdefault(name, other)
        told = ngettext("{n} choice", "{n} choices", len(names)).format(n=count(len(names)))
        self._column.addWidget(Text(told, "text2"))
        listed = _List(_("What may stand here"), tuple(names), lambda name: _instead(name, names[name], node))
        if len(names) > _FEW:
            field = FilterField(_("Filter the choices"), _("Filter"))
            field.textChanged.connect(listed.keep)
            field.left.connect(listed.setFocus)
            self._column.addWidget(field)
        listed.opened.connect(lambda row: self._open(listed.shown[row]))
        self._column.addWidget(listed)

    def _open(self, name: str) -> None:
        picked = self._place.picked(name)
        if picked is not None:
            self._want(picked.path)


def _instead(name: str, other: Node, node: Node) -> Cell:
    how = _("member of its group") if other.name != node.name else _("derived type")
    return Cell(name, icon=node_icon(other), note=how, hint=said(other.documentation, language()))


class _List(Rows):
    """A list of texts, as high as a few of them."""

    def __init__(self, name: str, texts: Iterable[str], cell: Callable[[str], Cell]) -> None:
        super().__init__(name, panel=True, inset=0)
        self._all = tuple(texts)
        self._model: CellTable[str] = CellTable([name], lambda text: (cell(text),), self)
        self.setModel(self._model)
        self._model.set_rows(self._all)
        self.lay_out(0)
        self.setFixedHeight(min(len(self._all), _FEW) * theme.row_height() + 2)

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts in the list now."""
        return tuple(self._model.rows)

    def keep(self, text: str) -> None:
        """Show only what holds `text`."""
        wanted = text.strip().casefold()
        self._model.set_rows([each for each in self._all if wanted in each.casefold()])


def node_head(path: str, place: Place | None, *, whole: bool = False) -> QWidget:
    """A node's name, type, address and documentation; without a place, a parked one.

    Not `whole`: the limits of its values in one line instead of sections of their own.
    """
    title = QWidget()
    row = _row(title)
    if place is not None:
        node = place.node
        name = ("@" if node.attribute else "") + (node.name or _("document"))
        kind = node.value.name if node.value is not None else _("node")
        picture, about = Picture(node_icon(node), "text2"), f"{kind} · {node.occurs}"
    else:
        name, picture, about = address.name(path), Picture("archive", "text3"), _("parked")
    row.addWidget(picture)
    row.addWidget(Elided(name, step=fonts.TITLE, weight=600), 1)
    row.addWidget(Text(about, "text2"))
    parts: list[QWidget] = [
        title, Elided(said_path(path), "text2", step=fonts.SECONDARY, mono=True, where=Qt.TextElideMode.ElideMiddle)
    ]  # fmt: skip
    if place is not None and label_of(place.node):
        parts.insert(1, Text(label_of(place.node), wrap=True))
    if place is None:
        parts.append(Text(_("The schema no longer has this node; its rule is kept."), "text2", wrap=True))
        return section(*parts, line=False)
    words = documentation(place)
    if words and words not in (place.node.name, place.node.facts.get("label")):
        most = _LONGEST if whole else 600
        parts.append(Text(words if len(words) <= most else words[:most] + " …", "text2", wrap=True))
    if place.node.value is not None and not whole:
        limits = _in_short(place.node.value)
        if limits:
            parts.append(Text(limits, "text3", step=fonts.SECONDARY, wrap=True))
    return section(*parts, line=False)


def documentation(place: Place) -> str:
    """What the schema says about a node or its type, in the reader's language."""
    return " ".join(said(place.node.documentation or place.node.type.documentation, language()).split())


def _in_short(value: ValueType) -> str:
    parts = [f"{label}: {text}" for label, text in facets(value)]
    if value.enumeration:
        shown = ", ".join(value.enumeration[:8]) + (" …" if len(value.enumeration) > 8 else "")
        parts.append(_("one of {values}").format(values=shown))
    return " · ".join(parts)


def fact(label: str, value: str) -> QWidget:
    """A label and its value in one row; a long value takes its own line."""
    holder = QWidget()
    if len(value) > _ONE_LINE or "\n" in value:
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Text(label, "text2"))
        words = value if len(value) <= _LONGEST else value[:_LONGEST] + " …"
        # A long word, such as an address, may be broken anywhere.
        shown = Text("\u200b".join(words) if " " not in words else words, mono=True, wrap=True)
        shown.setAccessibleName(words)
        column.addWidget(shown)
        return holder
    row = _row(holder)
    row.setSpacing(12)
    row.addWidget(Text(label, "text2"))
    row.addWidget(Elided(value, mono=True, right=True, where=Qt.TextElideMode.ElideMiddle), 1)
    return holder


def section(*widgets: QWidget, line: bool = True) -> QWidget:
    """Widgets below each other with the margins of the Inspector, under a line unless told."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL)
    column.setSpacing(8)
    column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
    for widget in widgets:
        column.addWidget(widget)
    if not line:
        return made
    outer = QWidget()
    stack = QVBoxLayout(outer)
    stack.setContentsMargins(0, 0, 0, 0)
    stack.setSpacing(0)
    stack.addWidget(Line())
    stack.addWidget(made)
    return outer


def _row(holder: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return row
