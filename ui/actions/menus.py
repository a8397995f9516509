"""Which commands there are, and where menus, toolbar and start page show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QMenu, QMenuBar

from studio.base.i18n import _
from ui.actions import (
    add,
    clear,
    conflicts,
    debug,
    edit,
    help,
    map,
    move,
    network,
    objects,
    practice,
    project,
    repository,
    run,
    schema,
    script,
    sharing,
    tools,
    undecided,
    view,
)
from ui.actions.frame import Frame
from ui.commands import Command, CommandTable

SEPARATOR = ""


def all_commands(frame: Frame) -> list[Command]:
    """Every command that does not belong to one editor."""
    sources = (
        project,
        clear,
        edit,
        add,
        objects,
        conflicts,
        view,
        schema,
        map,
        script,
        run,
        debug,
        repository,
        sharing,
        undecided,
        move,
        practice,
        network,
        tools,
        help,
    )
    return [command for source in sources for command in source.commands(frame)]


def menus() -> Sequence[tuple[str, Sequence[str]]]:
    """The menu bar: titles and the ids below them; a SEPARATOR is a line."""
    return (
        (_("File"), (
            "file.new", "file.open", "file.recent", "file.sample", "file.import", SEPARATOR, "schema.import", SEPARATOR, "file.save", "file.export",
            "file.clear", SEPARATOR, "file.close_tab", "file.close", SEPARATOR, "file.quit",
        )),
        (_("Edit"), (
            "edit.undo", "edit.redo", SEPARATOR, *add.IDS, SEPARATOR, "object.open", "edit.rename", "edit.duplicate",
            "edit.delete", "object.show_file", SEPARATOR, "edit.project", "edit.find",
        )),
        (_("View"), (
            "view.palette", "view.quick_open", SEPARATOR, "view.project", "view.inspector", "view.bottom", SEPARATOR,
            "view.problems", "view.runs", "view.history", SEPARATOR, "view.next_tab", "view.previous_tab", SEPARATOR,
            "view.theme_system", "view.theme_light", "view.theme_dark",
        )),
        (_("Schema"), tuple(schema.IDS)),
        (_("Map"), tuple(map.IDS)),
        (_("Script"), tuple(script.IDS)),
        (_("Run"), ("run.start", SEPARATOR, "run.stop", "run.clear", SEPARATOR, *debug.IDS)),
        (_("Repository"), tuple(repository.IDS)),
        (_("Tools"), ("move.open", "orgs.open", "practice.start", SEPARATOR, *network.IDS, SEPARATOR, "tools.forget", "tools.preferences")),
        (_("Help"), ("help.reference", "help.functions", "help.about")),
    )  # fmt: skip


def context(id: str) -> Sequence[str]:
    """The commands of the menu over a row of the project tree: an object's, or what makes one of a kind."""
    kind, _slash, ref = id.partition("/")
    if kind == "variables":
        return ("edit.project",)
    if not ref and kind == "schemas":
        return schema.OF_ALL
    if not ref:
        return (add.OF_KIND[kind],) if kind in add.OF_KIND else add.IDS
    more = ("schema.export",) if kind == "schemas" else ()
    return (*(one for one in objects.IDS if one != "run.start" or kind == "operations"), *more)


def toolbar(*, opened: bool, shared: bool = False) -> Sequence[Sequence[str]]:
    """The groups of the toolbar, with a project and without; a project that is shared has more."""
    last = ("map.automap", "map.edit_script", "map.table", "map.text") if opened else ("move.open",)
    together = ("repository.pull", "repository.push", "repository.deploy") if shared else ()
    return (("edit.undo", "edit.redo"), ("run.start", "map.test"), last, together)


def start_groups() -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The start page's commands: group, then id and one line about it."""
    return (
        (_("Start"), (
            ("file.open", _("A folder on this computer")),
            ("file.new", _("Pick a source and a target")),
            ("file.sample", _("Finished projects with data")),
            ("file.import", _("A .weft package")),
        )),
        (_("Just once"), (
            ("move.open", _("Load or export Salesforce records now")),
            ("practice.start", _("A Salesforce of your own, with nothing at stake")),
        )),
        (_("Your organization"), (
            ("repository.sign_in", _("Share projects, deploy, see what runs")),
            ("repository.copy", _("One that your colleagues share")),
        )),
    )  # fmt: skip


def fill(bar: QMenuBar, table: CommandTable, frame: Frame) -> None:
    """Fill the menu bar."""
    for title, ids in menus():
        menu = bar.addMenu(title)
        menu.setAccessibleName(title)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(table.refresh)
        for id in ids:
            if id == SEPARATOR:
                menu.addSeparator()
            elif id == "file.recent":
                menu.addMenu(_recent_menu(menu, frame))
            elif id in map.submenus():
                menu.addMenu(_submenu(menu, table, *map.submenus()[id]))
            elif id in table:
                menu.addAction(table.action(id))


def _submenu(parent: QMenu, table: CommandTable, title: str, ids: Sequence[str]) -> QMenu:
    menu = QMenu(title, parent)
    menu.setAccessibleName(title)
    menu.setToolTipsVisible(True)
    for id in ids:
        if id == SEPARATOR:
            menu.addSeparator()
        else:
            menu.addAction(table.action(id))
    return menu


def _recent_menu(parent: QMenu, frame: Frame) -> QMenu:
    menu = QMenu(_("Recent projects"), parent)

    def show() -> None:
        menu.clear()
        for folder in frame.session.settings.recent:
            action = menu.addAction(Path(folder).name.replace("&", "&&"))
            action.setToolTip(folder)
            action.triggered.connect(lambda _on=False, folder=folder: _open(frame, folder))
        if not frame.session.settings.recent:
            menu.addAction(_("No project yet")).setEnabled(False)

    menu.aboutToShow.connect(show)
    return menu


def _open(frame: Frame, folder: str) -> None:
    frame.session.tasks.spawn(project.open_project(frame, Path(folder)))
