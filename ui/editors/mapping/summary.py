"""A map in one line: rules, problems, what is missing or parked, and how long the preview took."""

from __future__ import annotations

from studio.base.i18n import _, ngettext
from studio.mapping.check import MissingRule
from ui.bridge.numbers import locale
from ui.editors.mapping.map_state import MapState


def summary_of(map: MapState, preview: float | None) -> str:
    """The line; `preview` in milliseconds, negative where there is none because it failed, None where none came yet."""
    scene = map.scene
    # What the Problems panel lists for this map, where a mistake that a rule makes twice is told once, too; a rule that
    # fails for one record is told apart.
    found = {
        (problem.severity, problem.path, problem.message, problem.mend)
        for problem in map.problems
        if not isinstance(problem, MissingRule)
    }
    known = {path for _severity, path, _message, _mend in found}
    failing = sum(path not in known for path in scene.failed)
    rules = len(map.mapping)
    parts = [ngettext("{n} rule", "{n} rules", rules).format(n=rules)]
    for number, one, many in (
        (len(found), _("{n} problem"), _("{n} problems")),
        (failing, _("{n} fails in this record"), _("{n} fail in this record")),
        (len(scene.missing), _("{n} missing"), _("{n} missing")),
        (len(scene.mapping.parked), _("{n} parked"), _("{n} parked")),
    ):
        if number:
            parts.append((one if number == 1 else many).format(n=number))
    further = [*map.transformation.sources, *map.transformation.targets]
    if further:
        parts.append(_("further documents: {names}").format(names=", ".join(further)))
    if preview is not None:
        time = locale().toString(preview, "f", 0)
        parts.append(_("no preview") if preview < 0 else _("preview {time} ms").format(time=time))
    return " · ".join(parts)
