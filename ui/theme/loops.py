"""The eight loop colours: a letter, a family, and white or ink for the letter on it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.mapping.letters import loop_letter

__all__ = ["INK", "LOOPS", "WHITE", "LoopColor", "loop_letter", "loop_rails"]

INK = "#16181B"
WHITE = "#FFFFFF"


@dataclass(frozen=True)
class LoopColor:
    """One family in both themes; `ink_light` and `ink_dark` tell whether the letter on it is ink or white."""

    family: str
    light: str
    dark: str
    ink_light: bool
    ink_dark: bool


LOOPS: tuple[LoopColor, ...] = (
    LoopColor("teal", "#0B666B", "#4EC6B5", False, True),
    LoopColor("violet", "#652A8E", "#C784FD", False, True),
    LoopColor("olive", "#96902A", "#948C1C", True, True),
    LoopColor("pink", "#D26B9A", "#BC4B89", True, False),
    LoopColor("sky", "#4692D0", "#459CC2", True, True),
    LoopColor("plum", "#A64BA0", "#F0ACF1", False, True),
    LoopColor("indigo", "#6963EC", "#6266EA", False, False),
    LoopColor("slate", "#333E4D", "#D2D8DE", False, True),
)


def loop_rails(index: int) -> int:
    """How many rails the loop is drawn with: one for A to H, two for I to P, and so on."""
    return index // len(LOOPS) + 1
