"""Map: the commands of the mapping editor, listed with their reason while no map is in front; and the test of a map."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from studio.base.i18n import _
from studio.mapping.mirror import mirror
from studio.mapping.model import Transformation
from studio.project import edits
from ui.actions import golden, map_export, map_pages
from ui.actions.add import add_file
from ui.actions.frame import Frame, workspace_of
from ui.bridge import numbers
from ui.canvas.link_index import Side
from ui.commands import Command, never
from ui.editors.mapping.pick_commands import PICK_IDS, declared_picks
from ui.editors.mapping.view_commands import ZOOM_IDS, declared, view_ids
from ui.editors.test_card import test_card, unfit_records

# The menu; "" is a line.
IDS = (
    "map.connect", "map.suggest", "map.automap", "map.same_named", "map.insert", "map.append", "map.edit_script", "map.wide_editor", "",
    "map.loop", "map.add_loops", "map.condition", "map.constant", "map.nodes_menu", "", "map.cut", "map.copy", "map.paste", "map.unmap",
    "map.remove_below", "", "map.replace", "map.replace_all", "", "map.records_menu", "map.coverage", "map.provenance",
    "map.test", "map.tests_menu", "",
    "map.mirror", "", "map.show_all", "map.show_partners", "map.filter_source", "map.filter_target",
    "map.views_source", "map.views_target", "map.pages_menu", *ZOOM_IDS, "", "map.table", "map.text", "map.review_schema",
    "map.options", "map.export", "map.print",
)  # fmt: skip


_RECORDS = (
    "map.previous_record", "map.next_record", "map.go_to_record", "map.find_record", "map.failing", "map.next_found",
    "map.previous_found", "", "map.previous_turn", "map.next_turn", "map.go_to_turn", "map.failing_turn", "",
    "map.sample", "map.add_sample",
)  # fmt: skip


def submenus() -> Mapping[str, tuple[str, Sequence[str]]]:
    """The menus inside the menu, by the id that stands for them: title and ids."""
    return {
        "map.nodes_menu": (
            _("Nodes, instances and choices"),
            ("map.duplicate", "map.instance_up", "map.instance_down", *PICK_IDS),
        ),
        "map.records_menu": (_("Records of the sample"), _RECORDS),
        "map.tests_menu": (_("Kept results"), golden.IDS),
        "map.views_source": (_("Source shows"), view_ids(Side.SOURCE)),
        "map.views_target": (_("Target shows"), view_ids(Side.TARGET)),
        "map.pages_menu": (_("Pages"), map_pages.IDS),
    }


def commands(frame: Frame) -> list[Command]:
    """The declared commands; the mapping editor binds its own with the same ids while it is in front."""
    test = Command(
        "map.test", _("Test"), _("Map"), lambda: _test(frame), "test-tube", ("F6",), lambda: _test_reason(frame),
        hint=_("Run every record of the sample through the map"),
    )  # fmt: skip
    add = Command(
        "map.add_sample", _("Add a sample file…"), _("Map"), lambda: _add_sample(frame), "file-plus", (),
        lambda: "" if _map(frame) is not None else _("no map is open"),
        hint=_("Copy a file into the project and try the map with it"),
    )  # fmt: skip
    like = Command(
        "map.mirror", _("Make the target like the source"), _("Map"), lambda: _mirror(frame), "copy-simple", (),
        lambda: "" if _map(frame) is not None else _("no map is open"),
        hint=_("Give the target the source's schema and carry every field over"),
    )  # fmt: skip
    return [
        *_declared(),
        *declared(),
        *declared_picks(),
        add,
        test,
        like,
        *golden.commands(frame),
        *map_pages.commands(frame),
        *map_export.commands(frame),
    ]


def _declared() -> list[Command]:
    return [
        _keys_in_trees("map.connect", _("Map the selected fields"), "arrow-right", "Return"),
        _keys_in_trees("map.suggest", _("Suggestions"), "lightbulb", "Ctrl+Space"),
        _keys("map.automap", _("Automap"), "magic-wand", "Ctrl+Shift+A"),
        _keys("map.same_named", _("Map same-named children…"), "equals", "Ctrl+Shift+K"),
        _keys("map.replace", _("Find and replace in scripts…"), "swap", "Ctrl+H"),
        _keys("map.replace_all", _("Find and replace in the project…"), "swap", "Ctrl+Alt+H"),
        _keys_in_trees("map.instance_up", _("Move the instance up"), "arrow-up", "Alt+Shift+Up"),
        _keys_in_trees("map.instance_down", _("Move the instance down"), "arrow-down", "Alt+Shift+Down"),
        _keys_in_trees("map.insert", _("Insert the field into the script"), "brackets-square", "Ctrl+Return"),
        _keys_in_trees("map.append", _("Append the field to the rule"), "plus", "Shift+Return"),
        _keys("map.edit_script", _("Edit the script"), "pencil-simple", "F4"),
        _keys("map.wide_editor", _("Wide editor"), "arrows-out-simple", "Shift+F4"),
        _keys_in_trees("map.loop", _("Loop here"), "repeat", "L"),
        _keys("map.add_loops", _("Add the missing loop"), "repeat", "Ctrl+Alt+L"),
        _keys_in_trees("map.condition", _("Condition"), "diamond", "C"),
        _keys("map.duplicate", _("Duplicate the node"), "copy", "Ctrl+D"),
        _keys_in_trees("map.unmap", _("Remove the rule"), "trash", "Del"),
        _keys_in_trees("map.remove_below", _("Remove the rule and all below"), "trash", "Shift+Del"),
        _keys_in_trees("map.cut", _("Cut the rule"), "scissors", "Ctrl+X"),
        _keys_in_trees("map.copy", _("Copy the rule"), "copy", "Ctrl+C"),
        _keys_in_trees("map.paste", _("Put the rule here"), "clipboard", "Ctrl+V"),
        _keys_in_trees("map.constant", _("Use the sample's value as a constant"), "quotes", "Alt+Return"),
        _keys("map.previous_record", _("Previous record"), "caret-left", "Alt+Left"),
        _keys("map.next_record", _("Next record"), "caret-right", "Alt+Right"),
        _keys("map.previous_turn", _("Previous turn of the loop"), "caret-left", "Alt+Shift+Left"),
        _keys("map.next_turn", _("Next turn of the loop"), "caret-right", "Alt+Shift+Right"),
        _keys("map.go_to_turn", _("Go to turn"), "hash", "Alt+Shift+G"),
        _keys("map.failing_turn", _("Turn in which it fails"), "warning", "Alt+Shift+F"),
        _keys("map.go_to_record", _("Go to record"), "hash", "Ctrl+Shift+G"),
        _keys("map.find_record", _("Find a record…"), "magnifying-glass", "Ctrl+G"),
        _keys("map.failing", _("Only records that fail"), "warning", "Ctrl+Alt+F"),
        _keys("map.coverage", _("Coverage over all records"), "eye-slash", "Ctrl+Alt+C"),
        _keys("map.next_found", _("Next one found"), "caret-down", "F7"),
        _keys("map.previous_found", _("Previous one found"), "caret-up", "Shift+F7"),
        _keys("map.provenance", _("Where the value comes from or goes to"), "path", "Ctrl+Alt+W"),
        _keys("map.sample", _("Choose the sample…"), "file-text", "Alt+Down"),
        _keys_in_trees("map.show_all", _("Show all links"), "eye", "Escape"),
        _keys("map.show_partners", _("Show the other end"), "arrows-left-right", "Ctrl+J"),
        _keys("map.filter_source", _("Filter the source"), "funnel-simple", "Ctrl+Shift+F"),
        _keys("map.filter_target", _("Filter the target"), "funnel-simple", "Ctrl+F"),
        _keys("map.table", _("Rules as a table"), "table", "Ctrl+T"),
        _keys("map.text", _("Map as text"), "code", "Ctrl+Shift+T"),
        _keys("map.review_schema", _("Review changes of the schemas"), "git-diff", "Ctrl+Alt+R"),
        Command(
            "map.options", _("Options of this transformation"), _("Map"), lambda: None, "sliders-horizontal", (),
            never(_("no map is open")), hint=_("What becomes of records that fail, and which documents are checked"),
        ),
    ]  # fmt: skip


def _keys(id: str, text: str, icon: str, keys: str, *, local: bool = False) -> Command:
    # A switch must be one from the start: its action is made once.
    checked = (lambda: False) if id in ("map.table", "map.text", "map.failing", "map.coverage") else None
    reason = never(_("no map is open"))
    return Command(id, text, _("Map"), lambda: None, icon, (keys,), reason, checked=checked, local=local)


def _keys_in_trees(id: str, text: str, icon: str, keys: str) -> Command:
    return _keys(id, text, icon, keys, local=True)


def _map(frame: Frame) -> Transformation | None:
    editor = frame.area.current
    workspace = frame.session.workspace
    found = workspace.project.get(editor.ref) if editor is not None and workspace is not None else None
    return found if isinstance(found, Transformation) else None


def _test_reason(frame: Frame) -> str:
    found = _map(frame)
    if found is None:
        return _("no map is open")
    return "" if edits.sample_of(found) else _("the map has no sample")


async def _mirror(frame: Frame) -> None:
    workspace, editor, found = workspace_of(frame), frame.area.current, _map(frame)
    if editor is None or found is None:
        return
    changed = found
    for step in mirror(found, workspace.schema(found.source)):
        changed = step
        await asyncio.sleep(0)
    if workspace.project.get(editor.ref) == found:
        label = _("Make the target like the source")
        workspace.edit(label, edits.put(workspace.project, editor.ref, changed), initiator="mirror")


async def _add_sample(frame: Frame) -> None:
    editor = frame.area.current
    sample = await add_file(frame, "samples")
    workspace = workspace_of(frame)
    found = workspace.project.get(editor.ref) if editor is not None else None
    if sample and editor is not None and isinstance(found, Transformation):
        project = edits.put(workspace.project, editor.ref, edits.with_sample(found, sample))
        workspace.edit(_("Sample of {name}").format(name=found.name), project, initiator="add")


async def _test(frame: Frame) -> None:
    found = _map(frame)
    editor = frame.area.current
    if found is None or editor is None:
        return
    editor.commit()
    sample = edits.sample_of(found)
    frame.tell(_("Testing {name} with {sample}…").format(name=found.name, sample=sample))
    asked = frame.session.agent.test(workspace_of(frame).folder, found, sample)
    answer = await frame.session.tasks.felt(asked)
    if answer is not None:
        ref = editor.ref
        frame.inspect(test_card(found.name, sample, answer, lambda path: frame.open_object(ref, path)))
        unfit = unfit_records(answer)
        said = _("{read} records read, {written} written, {failed} failed.")
        if unfit:
            said = _(
                "{read} records read, {written} written, {failed} failed; {unfit} do not fit the target's schema."
            )
        frame.tell(
            said.format(
                read=numbers.count(answer["records_in"]),
                written=numbers.count(answer["records_out"]),
                failed=numbers.count(answer["failed"]),
                unfit=numbers.count(unfit),
            )
        )
