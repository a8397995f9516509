"""Dialogs that are awaited instead of stopping the loop: files, folders, questions."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Text


async def finished(dialog: QDialog) -> bool:
    """Show a dialog over its window and wait until it is closed; tells whether it was accepted."""
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def close(code: int) -> None:
        if not done.done():
            done.set_result(code)

    dialog.finished.connect(close)
    # The print dialog has another `open` of its own.
    QDialog.open(dialog)
    try:
        return await done == int(QDialog.DialogCode.Accepted)
    finally:
        dialog.close()
        dialog.deleteLater()


async def ask_folder(parent: QWidget, title: str, start: str = "") -> Path | None:
    """A folder that exists, or None."""
    dialog = QFileDialog(parent, title, start)
    dialog.setAccessibleName(title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return await _chosen(dialog)


async def ask_file(parent: QWidget, title: str, filters: str, start: str = "") -> Path | None:
    """A file that exists, or None; `filters` as Qt writes them."""
    dialog = QFileDialog(parent, title, start, filters)
    dialog.setAccessibleName(title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def ask_files(parent: QWidget, title: str, filters: str, start: str = "") -> list[Path]:
    """Files that exist; none where nothing was chosen."""
    dialog = QFileDialog(parent, title, start, filters)
    dialog.setAccessibleName(title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    chosen: list[str] = []
    dialog.filesSelected.connect(chosen.extend)
    return [Path(file) for file in chosen] if await finished(dialog) else []


async def ask_new_file(
    parent: QWidget, title: str, filters: str, suffix: str, start: str = ""
) -> Path | None:
    """A file to write, or None."""
    dialog = QFileDialog(parent, title, start, filters)
    dialog.setAccessibleName(title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    return await _chosen(dialog)


async def _chosen(dialog: QFileDialog) -> Path | None:
    chosen: list[str] = []
    dialog.fileSelected.connect(chosen.append)
    accepted = await finished(dialog)
    return Path(chosen[0]) if accepted and chosen else None


class Question(QDialog):
    """A question with its buttons; `answer` is the place of the one pressed, -1 for none."""

    def __init__(self, parent: QWidget, title: str, text: str, *buttons: str, primary: int = 0) -> None:
        super().__init__(parent)
        self.answer = -1
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumWidth(420)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(12)
        column.addWidget(Text(title, step=fonts.TITLE, weight=600, wrap=True))
        column.addWidget(Text(text, "text2", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for place, label in enumerate(buttons):
            made = button(label, partial(self._take, place), primary=place == primary)
            made.setDefault(place == primary)
            row.addWidget(made)
        column.addLayout(row)

    def _take(self, place: int) -> None:
        self.answer = place
        self.accept()


async def ask(parent: QWidget, title: str, text: str, *buttons: str, primary: int = 0) -> int:
    """Which button was pressed; -1 where the question was closed."""
    question = Question(parent, title, text, *buttons, primary=primary)
    await finished(question)
    return question.answer


async def confirm_close(parent: QWidget, objects: int) -> int:
    """Before closing a project with unsaved work: 0 save, 1 keep it for next time, 2 discard it, else stay."""
    return await ask(
        parent,
        _("Save before closing?"),
        ngettext(
            "{n} object has unsaved changes. Kept, they are here again when you open the project; discarded, "
            "the history can still bring them back.",
            "{n} objects have unsaved changes. Kept, they are here again when you open the project; discarded, "
            "the history can still bring them back.",
            objects,
        ).format(n=objects),
        _("Save"),
        _("Keep for next time"),
        _("Discard"),
        _("Stay"),
    )
