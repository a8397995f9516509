"""The theme keeps to the palette: every contrast, every icon, one row height."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ui import theme
from ui.theme import contrast, icons, loops, roles, style

# (front, back, light, dark): the ratios the design promises. Text wants 4.5, marks and lines 3.
TEXT = """
text base 16.71 12.55
text window 14.92 13.76
text selected 13.39 9.01
text hover 14.64 10.83
text2 base 7.91 7.88
text2 window 7.06 8.64
text2 header 7.44 7.37
text2 selected 6.33 5.66
text3 base 5.90 6.80
text3 window 5.26 7.46
text3 canvas 5.69 7.06
text3 hover 5.17 5.87
text3 selected 4.72 4.89
accent base 5.94 6.96
accent window 5.31 7.63
accent selected 4.76 5.00
accent accent_tint 5.24 5.62
on_accent accent_fill 5.94 4.76
orange_text base 6.84 8.31
orange_text orange_tint 6.15 6.89
red_text base 6.64 6.97
red_text red_tint 5.73 5.91
red_text selected 5.32 5.01
green_text base 6.54 8.22
green_text green_tint 5.75 6.70
on_production production 8.61 5.70
theirs_text theirs_tint 6.61 6.58
theirs_text base 7.75 7.73
text accent_tint 14.72 10.13
text theirs_tint 14.25 10.69
text red_tint 14.41 10.63
"""
MARKS = """
border_strong base 3.44 4.17
border_strong window 3.07 4.58
orange orange_tint 3.31 5.94
red red_tint 4.44 4.54
orange base 3.68 7.16
red base 5.15 5.36
green base 4.33 7.01
accent canvas 5.74 7.22
"""


def _rows(table: str) -> list[tuple[str, str, float, float]]:
    rows = (line.split() for line in table.strip().splitlines())
    return [(front, back, float(light), float(dark)) for front, back, light, dark in rows]


@pytest.mark.parametrize(("table", "least"), [(TEXT, 4.5), (MARKS, 3.0)], ids=["text", "marks"])
def test_contrast_is_what_the_palette_promises(table: str, least: float) -> None:
    for front, back, light, dark in _rows(table):
        for colors, promised in ((roles.LIGHT, light), (roles.DARK, dark)):
            ratio = contrast.ratio(colors[front], colors[back])
            assert ratio >= least, (front, back)
            assert ratio == pytest.approx(promised, abs=0.006), (front, back)


def test_high_contrast_is_never_weaker() -> None:
    for colors in (roles.LIGHT, roles.DARK):
        strong = roles.high_contrast(colors)
        for front, back, _light, _dark in _rows(TEXT) + _rows(MARKS):
            assert (
                contrast.ratio(strong[front], strong[back])
                >= contrast.ratio(colors[front], colors[back]) - 1e-9
            )
        assert contrast.ratio(strong["separator"], strong["base"]) >= 3


def test_loop_letters_and_lines_can_be_read() -> None:
    for loop in loops.LOOPS:
        for color, ink, canvas in (
            (loop.light, loop.ink_light, roles.LIGHT["canvas"]),
            (loop.dark, loop.ink_dark, roles.DARK["canvas"]),
        ):
            chosen, other = (loops.INK, loops.WHITE) if ink else (loops.WHITE, loops.INK)
            assert contrast.ratio(chosen, color) >= 4.5
            assert contrast.ratio(chosen, color) > contrast.ratio(other, color)
            assert contrast.ratio(color, canvas) >= 3


def test_loop_letters_go_on_after_the_alphabet() -> None:
    assert [loops.loop_letter(n) for n in (0, 7, 8, 25, 26, 27, 701, 702)] == [
        "A", "H", "I", "Z", "AA", "AB", "ZZ", "AAA",
    ]  # fmt: skip
    assert [loops.loop_rails(n) for n in (0, 7, 8, 16)] == [1, 1, 2, 3]


def test_both_themes_have_the_same_roles_and_the_sheet_uses_them(qapp: object) -> None:
    assert roles.LIGHT.keys() == roles.DARK.keys()
    for dark in (False, True):
        theme.current.use(dark=dark)
        assert "@" not in style.sheet()
    theme.current.use(dark=False)


def test_faded_is_opaque_and_between() -> None:
    assert contrast.mix("#000000", "#FFFFFF", 0.42) == "#949494"
    assert theme.loop_faded(0).alpha() == 255


def test_every_icon_named_in_the_window_exists() -> None:
    named = set()
    for file in (Path(__file__).resolve().parents[2] / "ui").rglob("*.py"):
        text = file.read_text("utf-8")
        named |= set(re.findall(r"""(?:\bicon|glyph|pixmap)\(\s*"([a-z0-9-]+)\"""", text))
        named |= set(re.findall(r"""icon="([a-z0-9-]+)\"""", text))
        for table in re.findall(r"_?[A-Z_]*ICONS\b[^=\n]*= \{(.*?)\}", text, re.DOTALL):
            named |= set(re.findall(r""":\s*"([a-z0-9-]+)\"""", table))
    assert named <= icons.names().keys(), named - icons.names().keys()


def test_no_colour_is_named_outside_the_theme() -> None:
    ui = Path(__file__).resolve().parents[2] / "ui"
    found = [
        f"{file.relative_to(ui)}: {match[0]}"
        for file in ui.rglob("*.py")
        if file.parent.name != "theme"
        for match in re.finditer(
            r"#[0-9A-Fa-f]{6}\b|QColor\(\s*\d|GlobalColor\.(?!transparent)\w+", file.read_text("utf-8")
        )
    ]
    assert not found


def test_icon_is_tinted_at_the_moment_of_painting(qapp: object) -> None:
    play = theme.icon("play")
    pictures = []
    for dark in (False, True):
        theme.current.use(dark=dark)
        image = play.pixmap(32, 32).toImage()
        pictures.append(
            max((image.pixelColor(x, 16) for x in range(32)), key=lambda c: c.alpha()).lightness()
        )
    theme.current.use(dark=False)
    assert pictures[0] < 128 < pictures[1]
