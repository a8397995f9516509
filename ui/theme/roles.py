"""Every colour of the window by role, light and dark; nothing else names a hex value."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "window": "#F1F2F4",
    "base": "#FFFFFF",
    "canvas": "#FAFBFC",
    "header": "#F7F8F9",
    "hover": "#EEF0F3",
    "selected": "#DBE7FA",
    "selected_off": "#E4E7EB",
    "separator": "#DCDFE3",
    "border": "#C0C5CC",
    "border_strong": "#838B96",
    "text": "#1B1E23",
    "text2": "#4A525D",
    "text3": "#5D6570",
    "disabled": "#9AA1AB",
    "accent": "#2A5FC4",
    "accent_fill": "#2A5FC4",
    "on_accent": "#FFFFFF",
    "accent_tint": "#EAF1FD",
    "orange_text": "#8F4700",
    "orange": "#C96E00",
    "orange_tint": "#FFF1DE",
    "red_text": "#B3202E",
    "red": "#CF2C3B",
    "red_tint": "#FCEAEB",
    "green_text": "#1B6B39",
    "green": "#2B8A4D",
    "green_tint": "#E5F4EA",
    "production": "#8A1C66",
    "on_production": "#FFFFFF",
    "production_text": "#8A1C66",
    "theirs_text": "#6A3D94",
    "theirs_tint": "#F2EAF9",
    "mark_teal": "#0B666B",
    "mark_sky": "#3A84C2",
    "mark_olive": "#878123",
    "mark_indigo": "#6963EC",
    "mark_slate": "#333E4D",
}

DARK: Mapping[str, str] = {
    "window": "#1B1D20",
    "base": "#222528",
    "canvas": "#1F2225",
    "header": "#272A2E",
    "hover": "#2C3034",
    "selected": "#263C60",
    "selected_off": "#363B41",
    "separator": "#33373C",
    "border": "#4A5057",
    "border_strong": "#7D8691",
    "text": "#E6E8EB",
    "text2": "#B4BAC2",
    "text3": "#A6ADB6",
    "disabled": "#666D76",
    "accent": "#82B0F6",
    "accent_fill": "#3D70CE",
    "on_accent": "#FFFFFF",
    "accent_tint": "#263450",
    "orange_text": "#F2B265",
    "orange": "#EFA03C",
    "orange_tint": "#3D3022",
    "red_text": "#F8919A",
    "red": "#F0707C",
    "red_tint": "#432A2E",
    "green_text": "#79CF9B",
    "green": "#5FC288",
    "green_tint": "#23382C",
    "production": "#A83F7F",
    "on_production": "#FFFFFF",
    "production_text": "#E58BC3",
    "theirs_text": "#CFA8F2",
    "theirs_tint": "#362C44",
    "mark_teal": "#4EC6B5",
    "mark_sky": "#59ABDC",
    "mark_olive": "#B5AD35",
    "mark_indigo": "#8E90F5",
    "mark_slate": "#D2D8DE",
}

# The shadow of floating lists: red, green, blue, alpha (0 to 255).
SHADOW_LIGHT = (20, 24, 30, 56)
SHADOW_DARK = (0, 0, 0, 140)

# What high contrast makes of the quiet roles: no dim text, no faint lines.
_STRONGER = {
    "text2": "text",
    "text3": "text",
    "disabled": "text3",
    "separator": "border_strong",
    "border": "text2",
    "border_strong": "text",
}


def high_contrast(roles: Mapping[str, str]) -> Mapping[str, str]:
    """The same theme without its quiet steps: secondary text becomes text, faint lines become strong."""
    return {role: roles[_STRONGER.get(role, role)] for role in roles}
