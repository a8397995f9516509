"""The two typefaces: the system's own for the interface, one monospace for values and scripts."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics

from ui.theme.metrics import ROW

# Steps from the system size, which stands for 13 px at 100 %.
SECONDARY = -1
SMALL = -2
TITLE = 2
TITLE_LARGE = 5
COUNT = 7
RESULT = 3

_STANDARD = 13
# What a system without desktop settings answers when asked for its font: an alias, not a choice.
_ALIASES = {"", "sans", "sans serif", "sans-serif", "dejavu sans", "system"}
_INTERFACE = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans")
_MONOSPACE = (
    "JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono",
)  # fmt: skip


def font(step: int = 0, weight: int = 400, *, italic: bool = False) -> QFont:
    """The interface font at `step` pixels from the system size."""
    made = QFont(_interface_families())
    made.setPixelSize(base_pixels() + step)
    made.setWeight(QFont.Weight(weight))
    made.setItalic(italic)
    return made


def mono(step: int = SECONDARY, weight: int = 400) -> QFont:
    """The monospace for values, paths and scripts, without ligatures."""
    made = QFont(_mono_families())
    made.setPixelSize(base_pixels() + step)
    made.setWeight(QFont.Weight(weight))
    made.setStyleHint(QFont.StyleHint.Monospace)
    for feature in ("calt", "liga"):
        made.setFeature(QFont.Tag(feature), 0)
    return made


def tabular(step: int = 0, weight: int = 400) -> QFont:
    """The interface font with figures of one width, for counts that change."""
    made = font(step, weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=1)
def base_pixels() -> int:
    """The system's font size in pixels; 13 where the system has no wish."""
    chosen = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    return _STANDARD if _undecided(chosen) else QFontInfo(chosen).pixelSize()


def row_height() -> int:
    """The height of a row in trees, grids and lists: 24, or more with a larger system font."""
    return max(ROW, QFontMetrics(font()).height() + 8)


@lru_cache(maxsize=1)
def _interface_families() -> list[str]:
    chosen = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    installed = set(QFontDatabase.families())
    fallbacks = [name for name in _INTERFACE if name in installed]
    return [*fallbacks, chosen.family()] if _undecided(chosen) else [chosen.family(), *fallbacks]


@lru_cache(maxsize=1)
def _mono_families() -> list[str]:
    installed = set(QFontDatabase.families())
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return [*(name for name in _MONOSPACE if name in installed), fixed]


def _undecided(chosen: QFont) -> bool:
    return chosen.family().lower() in _ALIASES
