"""A file of the project as text, to look at: schemas, samples, tables, and objects without an editor of their own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _, ngettext
from studio.base.system_errors import reason_of
from studio.project.layout import file_of
from studio.project.model import FILES
from studio.schema.edi.view import message_delimiters, shown_text
from studio.workspace import Changes, Workspace
from ui.bridge import numbers
from ui.bridge.project_tree import object_icon
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.widgets.code import CodeEdit

# More than this of a file is not shown: it is there to look at, not to search through.
SHOWN_BYTES = 1 << 20


class FileView(Editor):
    """Read-only text; follows changes of the file made outside. Whoever shows its text elsewhere wants its facts only."""

    def __init__(
        self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk, *, facts_only: bool = False
    ) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._facts_only = facts_only
        self._text = CodeEdit(_("Text of {file}").format(file=self.title()))
        self._text.setReadOnly(True)
        self._card = Card(object_icon(workspace.project, ref))
        self._shown: tuple[int, int] = (0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._text)
        self._unlisten = workspace.changed.connect(self._change)
        self._load()

    def inspector(self) -> QWidget:
        """Facts about the file."""
        return self._card

    def summary(self) -> str:
        """How many lines are shown."""
        total = self._text.blockCount()
        told = ngettext("{lines} line, to look at", "{lines} lines, to look at", total)
        return told.format(lines=numbers.count(total))

    def go_to(self, path: str) -> None:
        """A line number, where the path is one."""
        if path.isdigit():
            self._text.go_to_line(int(path))

    def layout_state(self) -> dict[str, int]:
        """Where the text is scrolled to."""
        return {"line": self._text.firstVisibleBlock().blockNumber() + 1}

    def restore_layout(self, state: object) -> None:
        """Scroll back."""
        line = state.get("line") if isinstance(state, dict) else None
        if isinstance(line, int):
            self._text.verticalScrollBar().setValue(line - 1)

    def let_go(self) -> None:
        """Stop following."""
        self._unlisten()

    @property
    def file(self) -> Path:
        """The file shown."""
        kind = self.ref.partition("/")[0]
        return self.workspace.folder / (self.ref if kind in FILES else file_of(self.ref))

    def _change(self, _changes: Changes, _initiator: str) -> None:
        self._load()

    def _load(self) -> None:
        try:
            found = self.file.stat()
            if (found.st_mtime_ns, found.st_size) == self._shown:
                return
            self._shown = (found.st_mtime_ns, found.st_size)
            with self.file.open("rb") as stream:
                data = stream.read(SHOWN_BYTES)
        except OSError as error:
            self._text.setPlainText("")
            self._text.setPlaceholderText(
                _("The file could not be read: {reason}.").format(reason=reason_of(error))
            )
            return
        text = data.decode("utf-8", "replace")
        self._text.setPlainText(shown_text(text))
        size = numbers.count(found.st_size)
        facts = [
            (_("File"), str(self.file.relative_to(self.workspace.folder))),
            (_("Size"), _("{bytes} bytes").format(bytes=size)),
            (_("Changed"), numbers.when(found.st_mtime)),
        ]
        about = [_("Shown with one segment per line.")] if message_delimiters(text) else []
        if found.st_size > SHOWN_BYTES and not self._facts_only:
            about.append(_("Only the first megabyte is shown."))
        self._card.show_facts(self.title(), "", " ".join(about), _("File"), facts)
        self.summarised.emit()
