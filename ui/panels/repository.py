"""The Repository panel: what changed here and there since the last pull, in plain words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.bridge.repository import ObjectState, Repository
from ui.bridge.why import Why
from ui.commands import CommandTable
from ui.theme import metrics
from ui.widgets.bars import Bar
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Elided, Picture, Text
from ui.widgets.trees import Rows

# The buttons of the head, with the words on them.
_BUTTONS = ("repository.pull", "repository.push", "repository.deploy", "repository.history")
_HEAD = 36
_BAR = 160
_LESSON = 420


@dataclass(frozen=True)
class _Line:
    """An object that differs, or (`waiting`) a deployment that waits for the server."""

    state: ObjectState | None = None
    waiting: Mapping[str, Any] | None = None


class Lesson(QFrame):
    """What goes here and the button that puts it there, side by side: the panel is low."""

    def __init__(self, icon: str, title: str, text: str, buttons: Sequence[QPushButton] = ()) -> None:
        super().__init__()
        self.setProperty("band", "base")
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(16)
        row.addStretch(1)
        row.addWidget(Picture(icon, "text3", 24))
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addStretch(1)
        texts.addWidget(Text(title, weight=600, wrap=True))
        about = Text(text, "text2", wrap=True)
        about.setMinimumWidth(_LESSON)
        texts.addWidget(about)
        texts.addStretch(1)
        row.addLayout(texts)
        for made in buttons:
            row.addWidget(made)
        row.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Never the reason why a panel cannot be made small."""
        return QSize(80, 48)


class RepositoryPanel(QWidget):
    """`opened` tells an object is wanted, `unqueued` that a deployment shall not wait any more."""

    opened = Signal(str, str)
    unqueued = Signal(int)

    def __init__(self, repository: Repository, table: CommandTable, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._repository = repository
        self._table = table
        self._name_of = name_of
        self._model: CellTable[_Line] = CellTable(
            [_("Object"), _("Here"), _("In the repository"), _("What now")], self._cells, self
        )
        self.list = Rows(_("Changes since the last pull"), head=True)
        self.list.setModel(self._model)
        self.list.fit((140, 300), (90, 130), (110, 150), (160, 0))
        self.list.opened.connect(self._open)
        self.list.followed.connect(self._follow)
        self._pages = QStackedWidget(self)
        self._empty: dict[str, Lesson] = {}
        for key, page in self._empty_pages().items():
            self._empty[key] = page
            self._pages.addWidget(page)
        self._pages.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._pages, 1)
        repository.changed.connect(self.refresh)
        table.changed.connect(self._enable)
        self.refresh()

    def _head(self) -> QFrame:
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(_HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(metrics.PAD_PANEL, 0, 8, 0)
        row.setSpacing(8)
        self._picture = Picture("cloud-check")
        self.said = Elided("")
        row.addWidget(self._picture)
        row.addWidget(self.said, 1)
        self.why = Why(small=True)
        row.addWidget(self.why)
        self.bar = Bar(_("How far it is"))
        self.bar.setFixedWidth(_BAR)
        row.addWidget(self.bar)
        self.stop = button(_("Stop"), self._repository.stop, icon="stop-fill", small=True)
        row.addWidget(self.stop)
        self._buttons: dict[str, QPushButton] = {}
        for id in _BUTTONS:
            made = button("", lambda id=id: self._table.run(id), icon=self._table.get(id).icon, small=True)  # type: ignore[misc]
            self._buttons[id] = made
            row.addWidget(made)
        self.headed = head
        return head

    def _empty_pages(self) -> dict[str, Lesson]:
        return {
            "nobody": Lesson(
                "cloud",
                _("This project is on this computer only"),
                _(
                    "Sign in to your organization's server to share it: everybody works on it at once, every version "
                    "is kept, and it can be deployed."
                ),
                self._commands("repository.sign_in"),
            ),
            "alone": Lesson(
                "cloud",
                _("This project is on this computer only"),
                _("Share it, and your colleagues can work on it too; what you save here stays here until you push it."),
                self._commands("repository.share"),
            ),
            "level": Lesson(
                "cloud-check",
                _("Everything here is in the repository"),
                _("What you change and save from now on is listed here, and goes there when you push."),
            ),
        }  # fmt: skip

    def _commands(self, id: str) -> Sequence[QPushButton]:
        if id not in self._table:
            return ()
        command = self._table.get(id)
        return (button(command.text, lambda: self._table.run(id), icon=command.icon, primary=True),)

    # What is shown.

    def refresh(self) -> None:
        """Show how things stand now."""
        repository, standing = self._repository, self._repository.standing
        self.headed.setVisible(standing is not None or bool(repository.doing))
        if standing is not None:
            states = sorted(standing.objects, key=lambda one: _ORDER.get(one.where, 9))
            waiting = [_Line(waiting=one) for one in standing.queued]
            self._model.set_rows([*waiting, *(_Line(state=state) for state in states)])
        else:
            self._model.set_rows([])
        self._pages.setCurrentWidget(self.list if self._model.rows else self._empty[self._page()])
        self._say()
        self._enable()

    def _page(self) -> str:
        if self._repository.standing is not None:
            return "level"
        return "alone" if self._repository.account is not None else "nobody"

    def _say(self) -> None:
        repository = self._repository
        working = bool(repository.doing)
        self.bar.setVisible(working and repository.total > 0)
        self.bar.show_parts([(repository.done, "accent")], repository.total or 1, repository.doing)
        self.stop.setVisible(working)
        for made in self._buttons.values():
            made.setVisible(not working)
        if working:
            text, icon, tone = repository.doing, "circle-half", "accent"
            if repository.total:
                far = _("{done} of {total}").format(
                    done=numbers.count(repository.done), total=numbers.count(repository.total)
                )
                text = f"{text} {far}"
        else:
            text, icon, tone = standing_text(repository)
        self.said.setText(text)
        self.said.setToolTip(repository.offline)
        standing = repository.standing
        wanted = standing.server if standing is not None else repository.offline
        self.why.look_at(wanted if repository.offline and not working else "")
        self._picture.show_icon(icon, tone)

    def _enable(self) -> None:
        for id, made in self._buttons.items():
            if id not in self._table:
                # The window lets go of its commands before it goes itself.
                return
            command = self._table.get(id)
            reason = command.when()
            made.setText(command.shown)
            made.setAccessibleName(command.shown)
            made.setEnabled(not reason)
            made.setToolTip(f"{command.tooltip}\n{reason}" if reason else command.tooltip)

    def _cells(self, line: _Line) -> Sequence[Cell]:
        if line.waiting is not None:
            return _waiting_cells(line.waiting)
        assert line.state is not None
        state = line.state
        icon, tone = mark_of(state)
        words = change_words()
        return (
            Cell(self._name_of(state.shown), icon=icon, icon_tone=tone, hint=state.path),
            Cell(words.get(state.here, ""), "text2"),
            Cell(words.get(state.there, ""), "text2"),
            Cell(_what_now(state), "text2", link=state.where == "conflict", small=True),
        )

    def _open(self, row: int) -> None:
        state = self._model.rows[row].state
        if state is not None:
            self.opened.emit(state.shown, "")

    def _follow(self, row: int, _column: int) -> None:
        line = self._model.rows[row]
        if line.waiting is not None:
            self.unqueued.emit(int(line.waiting["number"]))
        elif "repository.conflicts" in self._table:
            self._table.run("repository.conflicts")


_ORDER = {"conflict": 0, "both": 1, "there": 2, "here": 3}


def mark_of(state: ObjectState) -> tuple[str, str]:
    """The icon of what differs about an object, with its colour."""
    return {
        "conflict": ("git-merge", "theirs_text"),
        "both": ("arrows-down-up", "accent"),
        "there": ("cloud-arrow-down", "accent"),
    }.get(state.where, ("cloud-arrow-up", "accent"))


def mark_text(state: ObjectState) -> str:
    """The same in words."""
    return {
        "conflict": _("changed here and in the repository; to be decided"),
        "both": _("changed here and in the repository"),
        "there": _("changed in the repository since the last pull"),
    }.get(state.where, _("changed here since the last push"))


def change_words() -> Mapping[str, str]:
    """What happened to an object."""
    return {"added": _("new"), "changed": _("changed"), "removed": _("deleted")}


def _what_now(state: ObjectState) -> str:
    return {
        "conflict": _("Decide which version counts"),
        "both": _("Pull joins the two"),
        "there": _("Pull brings it here"),
    }.get(state.where, _("Push keeps it in the repository"))


def _waiting_cells(waiting: Mapping[str, Any]) -> Sequence[Cell]:
    told = str(waiting.get("trouble") or "")
    return (
        Cell(
            _("Deploy to {environment}").format(environment=waiting["environment"]),
            icon="warning-fill" if told else "clock",
            icon_tone="orange" if told else "text2",
            hint=told,
        ),
        Cell(_("version {n}").format(n=numbers.count(int(waiting["revision"]))), "text2"),
        Cell(told or _("waits for the server"), "orange_text" if told else "text2", hint=told),
        Cell(_("Do not deploy"), link=True, small=True),
    )


def standing_text(repository: Repository) -> tuple[str, str, str]:
    """One sentence about how the project stands, its icon and colour."""
    standing = repository.standing
    if standing is None:
        return "", "cloud", "text2"
    parts = []
    if standing.undecided:
        text = ngettext("{n} change to decide", "{n} changes to decide", standing.undecided)
        parts.append(text.format(n=numbers.count(standing.undecided)))
    parts += counts_text(standing.to_push, standing.to_pull)
    if not parts:
        parts.append(_("Everything here is in the repository"))
    if repository.account is None:
        parts.append(_("not signed in"))
    elif repository.offline:
        parts.append(repository.trouble)
    elif repository.asked_at:
        parts.append(_("asked {when}").format(when=numbers.when(repository.asked_at)))
    icon = "git-merge" if standing.undecided else "cloud-slash" if repository.offline else "cloud-check"
    return " · ".join(parts), icon, "theirs_text" if standing.undecided else "text2"


def counts_text(to_push: int, to_pull: int) -> list[str]:
    """`3 to push`, `1 to pull`."""
    parts = []
    if to_push:
        parts.append(ngettext("{n} to push", "{n} to push", to_push).format(n=numbers.count(to_push)))
    if to_pull:
        parts.append(ngettext("{n} to pull", "{n} to pull", to_pull).format(n=numbers.count(to_pull)))
    return parts
