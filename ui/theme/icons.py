"""Icons: Phosphor from qtawesome's files, drawn in a role's colour at the moment of painting."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache

from ui.theme import current

ICON = 16


def icon(name: str, role: str = "text2") -> QIcon:
    """The icon called `name` (Phosphor, without prefix) in a role's colour; it follows a change of theme.

    KeyError for an icon the family does not have.
    """
    glyph(name)
    return QIcon(_Engine(name, role))


def pixmap(name: str, role: str = "text2", size: int = ICON, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` logical pixels, cached."""
    return _pixmap(name, current.color(role), size, ratio)


def draw(painter: QPainter, name: str, x: int, y: int, role: str = "text2", size: int = ICON) -> None:
    """Paint an icon with its upper left corner at (x, y): for delegates and the canvas."""
    draw_colored(painter, name, x, y, current.color(role), size)


def draw_colored(painter: QPainter, name: str, x: int, y: int, color: QColor, size: int = ICON) -> None:
    """`draw` in a colour that is no role: loop colours."""
    painter.drawPixmap(QPoint(x, y), _pixmap(name, color, size, painter.device().devicePixelRatioF()))


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Every icon of the family: name to character."""
    file = next(_folder().glob("phosphor-charmap*.json"))
    return {name: chr(int(code, 16)) for name, code in json.loads(file.read_text("utf-8")).items()}


def glyph(name: str) -> str:
    """The character of an icon; KeyError for an icon the family does not have."""
    return names()[name]


@lru_cache(maxsize=1)
def _folder() -> Path:
    # Only the package's files are wanted: importing it costs a fifth of a second of the start.
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("qtawesome")
    return Path(spec.submodule_search_locations[0]) / "fonts"


@lru_cache(maxsize=1)
def _family() -> str:
    file = next(_folder().glob("phosphor-*.ttf"))
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(file)))[0]


def _pixmap(name: str, color: QColor, size: int, ratio: float) -> QPixmap:
    key = f"weft-icon {name} {color.rgba()} {size} {ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _paint(painter, name, QRectF(0, 0, size, size), color)
    painter.end()
    QPixmapCache.insert(key, made)
    return made


def _paint(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    face = QFont(_family())
    face.setPixelSize(max(1, round(min(rect.width(), rect.height()))))
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), glyph(name))


class _Engine(QIconEngine):
    """Looks the colour up when painted, so that an icon made once is right in every theme."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Paint at the device's own resolution."""
        ratio = painter.device().devicePixelRatioF()
        size = min(rect.width(), rect.height())
        left = rect.x() + (rect.width() - size) // 2
        top = rect.y() + (rect.height() - size) // 2
        painter.drawPixmap(QPoint(left, top), _pixmap(self._name, self._color(mode), size, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """A picture of `size` pixels."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        """A picture of `size` logical pixels (since Qt 6.8) for a screen of that scale."""
        return _pixmap(self._name, self._color(mode), max(1, min(size.width(), size.height())), scale)

    def clone(self) -> QIconEngine:
        """Another engine for the same icon."""
        return _Engine(self._name, self._role)

    def _color(self, mode: QIcon.Mode) -> QColor:
        return current.color("disabled" if mode is QIcon.Mode.Disabled else self._role)
