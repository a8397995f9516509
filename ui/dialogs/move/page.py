"""What every step's page has: a title, a sentence, the choices so far, and a way to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.workspace import Workspace
from ui.bridge.tasks import Tasks
from ui.dialogs.move.choices import Choices
from ui.dialogs.move.mover import Mover
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, text_width
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

# Room for some of a note, in pixels.
_NOTE = 64
# So many cells are measured at most.
_MEASURED = 240


@dataclass(frozen=True)
class Desk:
    """What a page works with: the mover, the loop's tasks, what takes changed choices, and the project that is open."""

    mover: Mover
    tasks: Tasks
    take: Callable[[Choices], None]
    workspace: Callable[[], Workspace | None] = lambda: None
    # What the button at the bottom right does, where it can be pressed: Enter in a list.
    go_on: Callable[[], object] = lambda: None


class Page(QFrame):
    """A step's page. `choices` are those last shown; `take` hands on changed ones."""

    def __init__(self, desk: Desk, title: str, about: str = "") -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.setAccessibleName(title)
        self.desk = desk
        self.choices = Choices()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(metrics.PAD_DIALOG, 16, metrics.PAD_DIALOG, 12)
        self.head.setSpacing(8)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        self.title = Text(title, step=fonts.TITLE_LARGE, weight=600, wrap=True)
        self.about = Text(about, "text2", wrap=True)
        texts.addWidget(self.title)
        texts.addWidget(self.about)
        self.head.addLayout(texts, 1)
        self.column.addLayout(self.head)

    def show_choices(self, choices: Choices) -> None:
        """Show what is chosen so far."""
        self.choices = choices

    def entered(self) -> None:
        """The page has come to the front."""

    def back(self) -> bool:
        """Go back inside the page; False where the page itself is left."""
        return False

    def first(self) -> QWidget | None:
        """The control that gets the focus."""
        return None

    def take(self, choices: Choices) -> None:
        """Hand on changed choices."""
        self.choices = choices
        self.desk.take(choices)


class Pages(QStackedWidget):
    """Asks for the room of the page in front only: a wide page does not widen the window for the others."""

    def minimumSizeHint(self) -> QSize:
        """What the page in front cannot do without."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


def widths(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], least: int = 110, most: int = 260
) -> list[int]:
    """How wide columns want to be for what their first rows show, within limits."""
    found = []
    # Measuring takes its time, and this is done while a person waits.
    rows = rows[: max(1, _MEASURED // max(1, len(heads)))]
    for at, head in enumerate(heads):
        widest = max((text_width(row[at]) + (_NOTE if row[at].note else 0) for row in rows), default=0)
        found.append(min(most, max(least, widest, text_width(Cell(head, weight=600)))))
    return found


def wide_rows(name: str) -> Rows:
    """A table with a head that scrolls sideways where its columns need more room."""
    made = Rows(name, head=True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    made.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return made


def inset(widget: QWidget, *, bottom: int = 0) -> QHBoxLayout:
    """A widget at the page's own left and right margin."""
    row = QHBoxLayout()
    row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, bottom)
    row.addWidget(widget, 1)
    return row
