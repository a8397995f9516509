"""A dialog of the repository that stays open beside the work, with a process of its own that ends with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from ui.bridge.asking import Asked
from ui.bridge.repository import clerk
from ui.bridge.session import Session
from ui.bridge.tasks import Tasks

Dialog = TypeVar("Dialog", bound=QDialog)


def open_beside(session: Session, parent: QWidget, make: Callable[[Asked, Tasks], Dialog]) -> Dialog:
    """Show what `make` makes; its process and its tasks end with it, or with the studio."""
    asked, tasks = clerk(), Tasks(session.errors.show, parent)
    dialog = make(asked, tasks)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    ended = False

    async def end() -> None:
        nonlocal ended
        if ended:
            return
        ended = True
        dialog.close()
        asked.stop()
        await tasks.close()
        await asked.close()
        session.ends.remove(end)
        dialog.deleteLater()

    session.ends.append(end)
    dialog.finished.connect(lambda _code: session.tasks.spawn(end(), quiet=True))
    dialog.show()
    return dialog
