"""The script pad: a scratch place for scripts, kept beside the project, that nothing else depends on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import Severity
from studio.base.i18n import _
from studio.project import text_drafts
from studio.script.editing import diagnose
from studio.script.scope import Scope
from studio.workspace import Workspace
from ui.editors.base import Desk
from ui.editors.mapping.script_edit import Mistake
from ui.editors.script_help import ScriptHelper, ScriptText
from ui.editors.writing.names_panel import NamesPanel
from ui.editors.writing.problem_label import ProblemText
from ui.editors.writing.try_panel import HEIGHT, TryPanel
from ui.editors.writing.work import ScriptWork, Surroundings

_NAME = "script pad"
_SOURCE = "script pad source"
_SIZE = QSize(980, 680)
_PAUSE = 400
_TONES = {Severity.ERROR: "red", Severity.WARNING: "orange"}


class ScriptPad(QDialog):
    """Not modal; one of a project. What is written comes back the next time."""

    def __init__(
        self,
        parent: QWidget,
        workspace: Workspace,
        agent: EmbeddedAgent,
        desk: Desk,
        reference: Callable[[str], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Script pad"))
        self.setAccessibleName(self.windowTitle())
        self.setProperty("band", "base")
        self.resize(_SIZE.boundedTo(parent.size()))
        self._workspace = workspace
        self.code = ScriptText(_("Script of the pad"), javascript=False)
        self.code.setPlaceholderText(
            _("Write a script and press Ctrl+Enter: it changes nothing in the project.")
        )
        self.code.helper = ScriptHelper(lambda: workspace.project, _NAME)
        self.code.setPlainText(text_drafts.kept(workspace.folder, _NAME) or "")
        self.trial = TryPanel(self.code, workspace, agent, desk)
        self.trial.stay()
        self.trial.choose_source(text_drafts.kept(workspace.folder, _SOURCE) or "")
        self.trial.setFixedHeight(HEIGHT)
        self.places = NamesPanel()
        self._wrong = ProblemText()
        around = Surroundings(workspace, desk, lambda: ("", "", "script"), self.keep, reference)
        self.work = ScriptWork(self.code, around, self.places)
        self.work.told.connect(self._wrong.setText)
        self._wrong.clicked.connect(lambda: self.work.step(1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.code, 1)
        column.addWidget(self._wrong)
        column.addWidget(self.places)
        column.addWidget(self.trial)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self.keep)
        self.code.textChanged.connect(self._pause.start)
        self.code.committed.connect(self.trial.run)
        self.code.reference_wanted.connect(reference)
        # The command of the window needs a script in front there.
        QShortcut(QKeySequence("Ctrl+F6"), self, self.trial.run)
        self._check()
        self.code.setFocus()

    def keep(self) -> None:
        """Keep what is written beside the project, and say what is wrong with it."""
        self._pause.stop()
        text_drafts.keep(self._workspace.folder, _NAME, self.code.toPlainText())
        if text_drafts.kept(self._workspace.folder, _SOURCE) or self.trial.source:
            text_drafts.keep(self._workspace.folder, _SOURCE, self.trial.source)
        self._check()

    def _check(self) -> None:
        text = self.code.toPlainText()
        found = [each for each in diagnose(text, Scope()) if each[0].severity in _TONES]
        self.code.show_mistakes(
            Mistake(start, end, problem.message, _TONES[problem.severity]) for problem, start, end in found
        )
        self._wrong.setText(found[0][0].message if found else "")
        self._wrong.setVisible(bool(found))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes nothing here: it belongs to what is written."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep it; a trial going on is stopped."""
        self.keep()
        self.trial.stop()
        self.code.drop_help()
        super().closeEvent(event)
