"""Puts a theme on the application: Fusion, our palette, a short style sheet."""

from __future__ import annotations

import re

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from ui.theme import current, fonts
from ui.theme.metrics import BUTTON, MENU_BAR, PAD_BUTTON, RADIUS, TABLE_HEAD, TOOL_BUTTON

_GROUPS = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive)
_ROLES: tuple[tuple[QPalette.ColorRole, str], ...] = (
    (QPalette.ColorRole.Window, "window"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "base"),
    (QPalette.ColorRole.AlternateBase, "header"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.PlaceholderText, "text3"),
    (QPalette.ColorRole.Button, "window"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "red_text"),
    (QPalette.ColorRole.Highlight, "selected"),
    (QPalette.ColorRole.HighlightedText, "text"),
    (QPalette.ColorRole.Link, "accent"),
    (QPalette.ColorRole.LinkVisited, "accent"),
    (QPalette.ColorRole.ToolTipBase, "base"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.Accent, "accent_fill"),
    (QPalette.ColorRole.Light, "base"),
    (QPalette.ColorRole.Midlight, "hover"),
    (QPalette.ColorRole.Mid, "separator"),
    (QPalette.ColorRole.Dark, "border"),
    (QPalette.ColorRole.Shadow, "border_strong"),
)
_DISABLED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def palette() -> QPalette:
    """The Qt palette of the current theme."""
    made = QPalette()
    for role, name in _ROLES:
        for group in _GROUPS:
            made.setColor(group, role, current.color(name))
        made.setColor(QPalette.ColorGroup.Disabled, role, current.color(name))
    for role in _DISABLED:
        made.setColor(QPalette.ColorGroup.Disabled, role, current.color("disabled"))
    made.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, current.color("selected_off"))
    return made


def apply(app: QApplication, mode: str = "system", *, strong: bool | None = None) -> None:
    """Show `mode` (`light`, `dark`, `system`) everywhere; `strong` None asks the system about high contrast."""
    current.use(
        dark=current.wants_dark(mode),
        strong=current.system_strong() if strong is None else strong,
    )
    wanted = sheet()
    # Style and sheet are worked into every widget there is, which takes a while: not where they are there already.
    dressed = app.styleSheet() == wanted
    if not dressed:
        app.setStyle("Fusion")
    app.setFont(fonts.font())
    app.setPalette(palette())
    if not dressed:
        app.setStyleSheet(wanted)
    current.signals.changed.emit()


def sheet() -> str:
    """The style sheet of the current theme: what Fusion would draw with gradients, made flat."""
    sizes = {
        "radius": f"{RADIUS}px",
        "button": f"{BUTTON - 2}px",
        "pad": f"{PAD_BUTTON}px",
        "menu": f"{(MENU_BAR - 20) // 2}px",
        "head": f"{TABLE_HEAD - 1}px",
        "tool": f"{TOOL_BUTTON - 2}px",
        "small": f"{fonts.base_pixels() + fonts.SECONDARY}px",
    }
    return re.sub(
        r"@([a-z][a-z0-9_]*)", lambda found: sizes.get(found[1]) or current.hex_of(found[1]), _SHEET
    )


_SHEET = """
QMainWindow::separator { background: @separator; width: 1px; height: 1px; }
QSplitter::handle { background: @separator; }
QMenuBar { background: @window; border: none; padding: 0 4px; }
QMenuBar::item { padding: @menu 8px; background: transparent; border-radius: @radius; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @selected_off; color: @text; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @separator; spacing: 4px; padding: 4px 8px; }
QToolBar::separator { background: @separator; width: 1px; margin: 4px 8px; }
QToolButton { border: 1px solid transparent; border-radius: @radius; padding: 0 6px; min-height: @tool;
  background: transparent; color: @text; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selected_off; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @disabled; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[square="true"] { padding: 0; min-width: @tool; max-width: @tool; }
QLabel[tone="text2"] { color: @text2; }
QLabel[tone="text3"] { color: @text3; }
QLabel[tone="accent"] { color: @accent; }
QLabel[tone="red_text"] { color: @red_text; }
QLabel[tone="orange_text"] { color: @orange_text; }
QLabel[tone="green_text"] { color: @green_text; }
QLabel[tone="disabled"] { color: @disabled; }
QLabel[tone="on_accent"] { color: @on_accent; }
QLabel[tone="on_production"] { color: @on_production; }
QLabel[tone="theirs_text"] { color: @theirs_text; }
QLabel[keycap="true"] { color: @text2; background: @base; border: 1px solid @border; border-radius: 3px; padding: 0 4px; }
QLabel[pill="true"] { color: @text; background: @selected_off; border-radius: 8px; padding: 1px 6px; }
QFrame[line="true"] { background: @separator; border: none; }
QFrame[band="header"] { background: @header; border: none; border-bottom: 1px solid @separator; }
QFrame[band="window"] { background: @window; border: none; }
QFrame[band="base"] { background: @base; border: none; }
QDialog[band="base"] { background: @base; }
QFrame[band="keys"] { background: @header; border: none; border-top: 1px solid @separator;
  border-bottom-left-radius: 5px; border-bottom-right-radius: 5px; }
QFrame[band="foot"] { background: @window; border: none; border-top: 1px solid @separator; }
QFrame[band="notice"] { background: @accent_tint; border: none; border-bottom: 1px solid @separator; }
QFrame[band="theirs"] { background: @theirs_tint; border: none; border-bottom: 1px solid @separator; }
QFrame[band="floating"] { background: @base; border: 1px solid @border; border-radius: 6px; }
QPlainTextEdit[bare="true"] { background: transparent; }
QFrame[band="code"] { background: @header; border: 1px solid @separator; border-radius: @radius; }
QStatusBar { background: @window; border-top: 1px solid @separator; }
QStatusBar::item { border: none; }
QPushButton { border: 1px solid @border; border-radius: @radius; padding: 0 @pad; min-height: @button;
  background: @base; color: @text; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selected_off; }
QPushButton:focus { border: 2px solid @accent; padding: 0 11px; min-height: 24px; }
QPushButton:disabled { color: @disabled; border-color: @separator; background: @window; }
QPushButton[primary="true"] { background: @accent_fill; border-color: @accent_fill; color: @on_accent; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @selected_off; border-color: @selected_off; color: @disabled; }
QPushButton[small="true"] { min-height: 22px; padding: 0 8px; }
QPushButton[small="true"]:focus { min-height: 20px; padding: 0 7px; }
QPushButton[link="true"] { border: none; background: transparent; color: @accent; padding: 0; text-align: left; min-height: 20px; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border-bottom: 2px solid @accent; }
QPushButton[link="true"]:disabled { color: @disabled; }
QLineEdit, QPlainTextEdit[field="true"] { border: 1px solid @border; border-radius: @radius; background: @base;
  color: @text; selection-background-color: @selected; selection-color: @text; }
QLineEdit { padding: 0 4px; min-height: 22px; }
QLineEdit:focus, QPlainTextEdit[field="true"]:focus { border: 2px solid @accent; }
QLineEdit:focus { padding: 0 3px; min-height: 20px; }
QLineEdit:disabled { color: @disabled; background: @window; }
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus { border: none; padding: 0; background: transparent; }
QFrame[band="toolbar"] { background: @window; border: none; border-bottom: 1px solid @separator; }
QFrame[band="finder"] { background: transparent; border: none; border-bottom: 1px solid @separator; }
QTreeView[panel="true"] { background: @window; }
QLineEdit[wrong="true"] { border-color: @red; }
QAbstractItemView { border: none; background: @base; selection-background-color: @selected; selection-color: @text;
  outline: none; }
QTreeView, QListView { show-decoration-selected: 1; }
QAbstractItemView::item:hover { background: @hover; }
QAbstractItemView::item:selected:active { background: @selected; color: @text; }
QAbstractItemView::item:selected:!active { background: @selected_off; color: @text; }
QHeaderView { background: @header; border: none; }
QHeaderView::section { background: @header; color: @text2; border: none; border-bottom: 1px solid @separator;
  padding: 0 8px; min-height: @head; font-size: @small; font-weight: 500; }
QHeaderView::section:focus { color: @text; }
QTableCornerButton::section { background: @header; border: none; }
QScrollBar { background: transparent; border: none; }
QAbstractScrollArea::corner { background: @base; border: none; }
QScrollBar:vertical { width: 10px; margin: 0; }
QScrollBar:horizontal { height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: @border_strong; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QToolTip { background: @base; color: @text; border: 1px solid @border; padding: 4px 6px; }
QMenu { background: @base; border: 1px solid @border; padding: 4px 0; }
QMenu::item { padding: 4px 24px 4px 12px; color: @text; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @separator; margin: 4px 0; }
QMenu::icon { padding-left: 8px; }
QProgressBar { border: none; background: @selected_off; max-height: 8px; min-height: 8px; }
QProgressBar::chunk { background: @accent; }
"""
