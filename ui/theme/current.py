"""The theme in use: colours by role, switched at run time; `signals.changed` tells painters to repaint."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication

from ui.theme import contrast, roles
from ui.theme.loops import INK, LOOPS, WHITE, LoopColor
from ui.theme.metrics import FADED_SHARE

MODES = ("system", "light", "dark")


class ThemeSignals(QObject):
    """`changed` follows every switch between light, dark and high contrast."""

    changed = Signal()


signals = ThemeSignals()
_dark = False
_strong = False
_roles: Mapping[str, str] = roles.LIGHT


def is_dark() -> bool:
    """The dark theme is in use."""
    return _dark


def is_high_contrast() -> bool:
    """Dim texts and faint lines are replaced by strong ones."""
    return _strong


def use(*, dark: bool, strong: bool = False) -> None:
    """Make a theme the current one, without repainting anything (see `style.apply`)."""
    global _dark, _strong, _roles
    _dark, _strong = dark, strong
    chosen = roles.DARK if dark else roles.LIGHT
    _roles = roles.high_contrast(chosen) if strong else chosen
    _color.cache_clear()


def wants_dark(mode: str) -> bool:
    """Whether `mode` (`light`, `dark`, `system`) means dark now."""
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return mode == "dark"


def system_strong() -> bool:
    """The system asks for high contrast."""
    hints = QGuiApplication.styleHints()
    return hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast


def hex_of(role: str) -> str:
    """`#RRGGBB` of a role in the current theme; KeyError for a role that does not exist."""
    return _roles[role]


def color(role: str) -> QColor:
    """The colour of a role in the current theme; KeyError for a role that does not exist."""
    return _color(hex_of(role))


def mixed(front: str, back: str, share: float) -> QColor:
    """`share` of the role `front` over the role `back`, opaque."""
    return _color(contrast.mix(hex_of(front), hex_of(back), share))


def loop_color(index: int) -> QColor:
    """The colour of the loop that appears as number `index` (from 0), in the current theme."""
    return _color(_loop_hex(index))


def loop_faded(index: int) -> QColor:
    """The same, faded into the canvas: a link outside the focus."""
    return _color(contrast.mix(_loop_hex(index), hex_of("canvas"), FADED_SHARE))


def loop_ink(index: int) -> QColor:
    """White or ink: the colour of the letter on the loop's square."""
    loop = _loop(index)
    return _color(INK if (loop.ink_dark if _dark else loop.ink_light) else WHITE)


def shadow() -> QColor:
    """The shadow of floating lists."""
    return QColor(*(roles.SHADOW_DARK if _dark else roles.SHADOW_LIGHT))


@lru_cache(maxsize=256)
def _color(value: str) -> QColor:
    return QColor(value)


def _loop(index: int) -> LoopColor:
    return LOOPS[index % len(LOOPS)]


def _loop_hex(index: int) -> str:
    loop = _loop(index)
    return loop.dark if _dark else loop.light
