"""The log of one run, large, and the files it wrote to open them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.bridge.runs import LogLine
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.foot import Foot
from ui.widgets.labels import Text
from ui.widgets.log import append_log, log_view

SIZE = QSize(900, 560)
# A run that writes more files than this has a folder to look into.
MOST_FILES = 4


class RunLog(QDialog):
    """Not modal: the run may go on, and its files be looked at, beside it. `open_file` is asked to show a file."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        state: str,
        lines: Sequence[LogLine],
        folder: Path,
        open_file: Callable[[Path], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Log of {name}").format(name=title))
        self.setAccessibleName(self.windowTitle())
        self.setProperty("band", "base")
        self.resize(SIZE.boundedTo(parent.size()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QVBoxLayout()
        head.setContentsMargins(metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, 0)
        head.addWidget(Text(title, step=fonts.TITLE, weight=600))
        head.addWidget(Text(state, "text2", wrap=True))
        column.addLayout(head)
        self.log = log_view(_("Whole log of the run"))
        append_log(self.log, [(line.level, f"{line.text}  {line.detail}".rstrip()) for line in lines])
        column.addWidget(self.log, 1)
        files = list(dict.fromkeys(folder / line.file for line in lines if line.file))
        column.addWidget(self._foot(files, open_file))

    def _foot(self, files: Sequence[Path], open_file: Callable[[Path], object]) -> Foot:
        opening: list[QWidget] = []
        for file in files[:MOST_FILES]:
            made = button(_("Open {file}").format(file=file.name), partial(open_file, file), icon="file-text")
            made.setToolTip(str(file))
            made.setEnabled(file.is_file())
            opening.append(made)
        if len(files) > MOST_FILES:
            opening.append(
                button(_("Open the folder"), partial(open_file, files[0].parent), icon="folder-open")
            )
        close = button(_("Close"), self.close, primary=True)
        close.setDefault(True)
        return Foot((close,), opening)


def show_file(file: Path) -> bool:
    """Let the desktop open a file or folder with its own program; tells whether it knew one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))
