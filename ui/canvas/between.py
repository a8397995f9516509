"""The pane between the trees: the links, or something that is written with both trees beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.canvas.split import Split

# What of the width the trees keep beside something between them.
_TREE = 0.27


class Between(QWidget):
    """Holds links and their head; `guest` stands in their place while there is one."""

    def __init__(self, head: QFrame, links: QWidget) -> None:
        super().__init__()
        self.guest: QWidget | None = None
        self._own = (head, links)
        self._sizes: list[int] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(links, 1)
        self._column = column

    def put(self, guest: QWidget | None, split: Split) -> None:
        """Show something in the place of the links, or (None) the links again."""
        if self.guest is not None and guest is None:
            self._column.removeWidget(self.guest)
        for widget in self._own:
            widget.setVisible(guest is None)
        if guest is not None and self.guest is None:
            self._sizes = split.sizes()
            # A line at both sides, as the links have painted them.
            self._column.setContentsMargins(1, 0, 1, 0)
            self._column.addWidget(guest, 1)
        self.guest = guest
        if guest is None:
            self._column.setContentsMargins(0, 0, 0, 0)
            split.setSizes(self._sizes)
        else:
            self.share(split)

    def share(self, split: Split) -> None:
        """Give the guest what the trees can spare."""
        width = split.width()
        tree = int(width * _TREE)
        split.setSizes([tree, width - 2 * tree, tree])

    def sizes(self, split: Split) -> list[int]:
        """The widths of the three panes without a guest."""
        return split.sizes() if self.guest is None else self._sizes
