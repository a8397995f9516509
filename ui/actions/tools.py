"""Tools: the one-shot move, the practice org, preferences, and what suggestions have learnt."""

from __future__ import annotations

from studio.base.i18n import _, ngettext
from ui.actions.frame import Frame
from ui.actions.network import prefer
from ui.bridge import numbers
from ui.commands import Command
from ui.dialogs.ask import ask
from ui.editors.mapping.suggestions import remembered


def commands(frame: Frame) -> list[Command]:
    """The commands of the Tools menu."""
    return [
        Command(
            "tools.preferences", _("Preferences…"), _("Tools"), lambda: prefer(frame), "gear", ("Ctrl+,",)
        ),
        Command(
            "tools.forget", _("Forget what was mapped before…"), _("Tools"), lambda: _forget(frame), "eraser", (),
            hint=_("Suggestions no longer go by the maps that were made on this computer"),
        ),
    ]  # fmt: skip


async def _forget(frame: Frame) -> None:
    known = remembered()
    count = len(known)
    if not count:
        frame.tell(_("Nothing was learnt from maps so far."))
        return
    text = ngettext(
        "{n} pair of fields was learnt from maps made here, and makes suggestions better. It cannot be had back.",
        "{n} pairs of fields were learnt from maps made here, and make suggestions better. They cannot be had back.",
        count,
    ).format(n=numbers.count(count))
    title = _("Forget what was mapped before?")
    if await ask(frame.widget(), title, text, _("Forget"), _("Cancel"), primary=1) == 0:
        known.forget()
        known.save()
        frame.tell(_("What was mapped before is forgotten."))
