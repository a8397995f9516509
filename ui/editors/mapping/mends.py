"""What would put a rule right with one click: the loops it misses, the new places of nodes that have gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping import address, missing_loops
from studio.mapping.losses import Lost
from ui.canvas.scene import Scene
from ui.widgets.buttons import ElidedLink, link
from ui.widgets.labels import KeyCap, Text

# Places offered for one node that has gone.
_MOST = 2
# A second place is offered only where it is nearly as likely.
_CLEAR = 0.2


class Mends:
    """`loops` adds the loops of the rule at a path, `follow` says where a lost node is now; `lost` knows those of a rule."""

    def __init__(
        self,
        loops: Callable[[str], object],
        follow: Callable[[Lost, str], object],
        lost: Callable[[str], tuple[Lost, ...]],
    ) -> None:
        self._loops = loops
        self._follow = follow
        self._lost = lost

    def widgets(self, scene: Scene, path: str) -> list[QWidget]:
        """What can be done about the rule at a target path."""
        return [*self._missing(scene, path), *self._gone(path)]

    def _missing(self, scene: Scene, path: str) -> Iterator[QWidget]:
        wanted = missing_loops.missing(scene.mapping, scene.trees, path)
        if not wanted:
            return
        made = link(_("Add the missing loop"), lambda: self._loops(path))
        made.setToolTip("\n".join(f"{target} ⟳ {source}" for target, source in wanted))
        yield _line(made, KeyCap("Ctrl+Alt+L"))
        for target, source in wanted:
            names = {"target": address.name(target), "source": address.name(source)}
            yield Text(_("One {target} per {source}").format(**names), "text2", wrap=True)

    def _gone(self, path: str) -> Iterator[QWidget]:
        for lost in self._lost(path):
            best = lost.candidates[0].score if lost.candidates else 0.0
            for candidate in lost.candidates[:_MOST]:
                if candidate.score < best - _CLEAR:
                    continue
                text = _("{name} is {path} now").format(name=address.name(lost.path), path=candidate.path)
                made = ElidedLink(text, partial(self._follow, lost, candidate.path))
                made.setToolTip(f"{text}\n{candidate.reason}")
                yield _line(made)


def _line(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return made
