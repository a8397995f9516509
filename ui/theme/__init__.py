"""Colours, metrics, fonts and icons by role: `theme.color("accent")`, `theme.icon("play")`, `theme.metrics.ROW`."""

from ui.theme import current, metrics
from ui.theme.current import (
    MODES,
    color,
    is_dark,
    is_high_contrast,
    loop_color,
    loop_faded,
    loop_ink,
    mixed,
    shadow,
    signals,
)
from ui.theme.fonts import font, mono, row_height, tabular
from ui.theme.icons import draw, draw_colored, icon, pixmap
from ui.theme.loops import loop_letter, loop_rails
from ui.theme.style import apply

__all__ = [
    "MODES",
    "apply",
    "color",
    "current",
    "draw",
    "draw_colored",
    "font",
    "icon",
    "is_dark",
    "is_high_contrast",
    "loop_color",
    "loop_faded",
    "loop_ink",
    "loop_letter",
    "loop_rails",
    "metrics",
    "mixed",
    "mono",
    "pixmap",
    "row_height",
    "shadow",
    "signals",
    "tabular",
]
