"""Add: new objects of the project, and files taken into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.mapping.model import SchemaUse, Transformation
from studio.project import edits
from studio.project.layout import ref_for
from studio.project.model import Connection, Operation
from studio.script.javascript.source import ENDING
from ui.actions import intake
from ui.actions.frame import Frame, with_project, workspace_of
from ui.bridge.project_tree import connection_kind
from ui.commands import Command
from ui.dialogs.ask import ask_file, ask_files
from ui.dialogs.new_object import Choices, ask_new_object

SCHEMA_FILES = "*.xsd *.wsdl *.csv *.tsv *.txt *.json *.xml *.yaml"
CONNECTION_KINDS = ("files", "database", "salesforce")


def commands(frame: Frame) -> list[Command]:
    """The commands that add something."""
    edit, opened = _("Edit"), with_project(frame)

    def command(id: str, text: str, icon: str, do: Callable[[], object]) -> Command:
        return Command(id, text, edit, do, icon, (), opened)

    return [
        command(
            "add.transformation",
            _("New transformation…"),
            "arrows-left-right",
            lambda: _transformation(frame),
        ),
        command("add.operation", _("New operation…"), "flow-arrow", lambda: _operation(frame)),
        command("add.connection", _("New connection…"), "database", lambda: _connection(frame)),
        command("add.script", _("New script…"), "code", lambda: _script(frame)),
        command("add.schema", _("Add a schema file…"), "tree-structure", lambda: _schema(frame)),
        command("add.sample", _("Add a sample document…"), "file-text", lambda: _file(frame, "samples")),
        command("add.table", _("Add a value table…"), "table", lambda: _file(frame, "tables")),
    ]


# What makes an object of each kind there is an editor for.
OF_KIND = {
    "transformations": "add.transformation",
    "operations": "add.operation",
    "connections": "add.connection",
    "scripts": "add.script",
    "schemas": "add.schema",
    "samples": "add.sample",
    "tables": "add.table",
}
IDS = tuple(OF_KIND.values())


async def _transformation(frame: Frame) -> None:
    project = workspace_of(frame).project
    files: Choices = [(file.rpartition("/")[2], file) for file in (*project.schemas, *project.samples)]
    # What is proposed first for the one end is not what is for the other.
    others: Choices = [*files[1:], *files[:1]]
    hint = "" if files else _("Add a schema file or a sample document first: both ends are chosen from them.")
    asked = await ask_new_object(
        frame.widget(), _("New transformation"), {_("Source"): files, _("Target"): others}, hint
    )
    if asked is not None:
        name, (source, target) = asked
        own = edits.own_samples(source)
        made = Transformation(name, SchemaUse(source), SchemaUse(target), samples=own)
        _put(frame, "transformations", name, made)


async def _operation(frame: Frame) -> None:
    asked = await ask_new_object(frame.widget(), _("New operation"), {})
    if asked is not None:
        _put(frame, "operations", asked[0], Operation(asked[0]))


async def _connection(frame: Frame) -> None:
    kinds: Mapping[str, Choices] = {_("System"): [(connection_kind(kind), kind) for kind in CONNECTION_KINDS]}
    asked = await ask_new_object(frame.widget(), _("New connection"), kinds)
    if asked is not None:
        name, (kind,) = asked
        _put(frame, "connections", name, Connection(name, kind))


async def _script(frame: Frame) -> None:
    languages: Choices = [("Jitterbit Script", ""), ("JavaScript", ENDING)]
    asked = await ask_new_object(frame.widget(), _("New script"), {_("Written in"): languages})
    if asked is not None:
        name, (ending,) = asked
        _put(frame, "scripts", name.removesuffix(ending) + ending, "")


async def _schema(frame: Frame) -> None:
    files = await ask_files(
        frame.widget(),
        _("Add a schema file"),
        _("Schemas and samples ({patterns})").format(patterns=intake.FILTER) + ";;" + _("All files (*)"),
    )
    if files:
        await intake.take(frame, files, samples="schemas")


async def _file(frame: Frame, kind: str) -> None:
    added = await add_file(frame, kind)
    if added:
        frame.open_object(added)


async def add_file(frame: Frame, kind: str) -> str:
    """Ask for a file and copy it into the project's folder `kind`; its path there, "" where none was chosen.

    Raises BadInput where the project has another file of this name.
    """
    titles = {"samples": _("Add a sample document")}
    known = (
        _("Value tables ({patterns})").format(patterns="*.csv")
        if kind == "tables"
        else _("Schemas and samples ({patterns})").format(patterns=SCHEMA_FILES)
    )
    title = titles.get(kind) or _("Add a value table")
    file = await ask_file(frame.widget(), title, known + ";;" + _("All files (*)"))
    if file is None:
        return ""
    workspace = workspace_of(frame)
    target = workspace.folder / kind / file.name
    if target.exists() and target.samefile(file):
        return f"{kind}/{file.name}"
    if target.exists():
        raise BadInput(
            _("The project already has a file of this name."),
            file=target,
            next_step=_("Rename the file and add it again."),
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    except OSError as error:
        raise atomic.cannot_write(target, error) from error
    workspace.check_outside()
    return f"{kind}/{file.name}"


def _put(frame: Frame, kind: str, name: str, value: Any) -> None:
    workspace = workspace_of(frame)
    ref = ref_for(name, set(workspace.project.of_kind(kind)))
    id = f"{kind}/{ref}"
    workspace.edit(
        _("New {name}").format(name=name), edits.put(workspace.project, id, value), initiator="add"
    )
    frame.open_object(id)
