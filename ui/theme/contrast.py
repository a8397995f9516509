"""Contrast ratios by the WCAG 2.1 formula, and opaque mixing of two colours."""

from __future__ import annotations


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of `#RRGGBB`."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def luminance(color: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel / 255) for channel in channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """The contrast of two colours: 1 (none) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(front: str, back: str, share: float) -> str:
    """`share` (0 to 1) of `front` over `back`, opaque."""
    pairs = zip(channels(front), channels(back), strict=True)
    return "#" + "".join(f"{round(f * share + b * (1 - share)):02X}" for f, b in pairs)


def _linear(channel: float) -> float:
    # WCAG 2.1 prints the threshold as 0.03928.
    return channel / 12.92 if channel <= 0.03928 else float(((channel + 0.055) / 1.055) ** 2.4)
