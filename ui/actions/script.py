"""Script: what can be done with the script being written, wherever that is."""

from __future__ import annotations

from collections.abc import Callable

from studio.base.i18n import _
from ui.actions.frame import Frame, with_project
from ui.actions.reference import text_in_hand
from ui.actions.script_pad import open_pad
from ui.commands import Command, never
from ui.editors.mapping.script_edit import ScriptEdit
from ui.editors.writing.work import ScriptWork

# The menu; "" is a line.
IDS = (
    "script.define", "script.uses", "script.rename", "script.tell", "", "script.next_problem", "script.previous_problem",
    "script.bracket", "", "script.pad", "script.try",
)  # fmt: skip


def commands(frame: Frame) -> list[Command]:
    """The commands of the Script menu."""
    category = _("Script")

    def when() -> str:
        return "" if _work(frame) is not None else _("no script is being written")

    def do(what: Callable[[ScriptWork], object]) -> Callable[[], None]:
        def act() -> None:
            work = _work(frame)
            if work is not None:
                what(work)

        return act

    return [
        Command("script.define", _("Go to where it comes from"), category, do(ScriptWork.define), "arrow-square-out",
                ("F12",), when, hint=_("Open the function, field, variable or object at the cursor")),
        Command("script.uses", _("Where it stands"), category, do(ScriptWork.uses), "list-bullets",
                ("Shift+F12",), when, hint=_("List every place of the name at the cursor, in the whole project")),
        Command("script.rename", _("Rename it…"), category, do(ScriptWork.rename), "text-aa",
                ("Ctrl+F12",), when, hint=_("Rename the variable or object at the cursor in the whole project")),
        Command("script.tell", _("What it is"), category, do(ScriptWork.tell), "info", ("Ctrl+F1",), when,
                hint=_("Tell about the name at the cursor, as the pointer does")),
        Command("script.next_problem", _("Next problem"), category, do(lambda work: work.step(1)), "caret-down",
                ("F2",), when, hint=_("Go to the next problem of the script")),
        Command("script.previous_problem", _("Previous problem"), category, do(lambda work: work.step(-1)), "caret-up",
                ("Shift+F2",), when, hint=_("Go to the previous problem of the script")),
        Command("script.bracket", _("Go to the matching bracket"), category, do(ScriptWork.to_bracket),
                "brackets-round", ("Ctrl+B",), when),
        Command("script.pad", _("Script pad"), category, lambda: open_pad(frame), "notepad", ("Ctrl+Alt+E",),
                with_project(frame), hint=_("A scratch place: write a script, give it variables or a record, see what it gives")),
        Command("script.try", _("Try the script"), category, lambda: None, "play", ("Ctrl+F6",),
                never(_("no script is open")), hint=_("Run the script with a time limit; nothing of the project changes")),
    ]  # fmt: skip


def _work(frame: Frame) -> ScriptWork | None:
    code = text_in_hand(frame)
    return code.work if isinstance(code, ScriptEdit) and not code.isReadOnly() else None
