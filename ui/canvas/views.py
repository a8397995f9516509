"""The views of a tree: everything, or only what is mapped, wrong, mandatory, or has a value in this record."""

from __future__ import annotations

from enum import Enum

from studio.base.i18n import _
from ui.canvas.limit import Limit, limited_to
from ui.canvas.link_index import Side
from ui.canvas.scene import Scene
from ui.canvas.shape import Shape


class View(Enum):
    """What a tree shows."""

    ALL = "all"
    USED = "used"
    MAPPED = "mapped"
    PROBLEMS = "problems"
    MANDATORY = "mandatory"
    DATA = "data"

    @property
    def text(self) -> str:
        """Its name in a menu."""
        return {
            View.ALL: _("Everything"),
            View.USED: _("Hide unmapped"),
            View.MAPPED: _("Mapped only"),
            View.PROBLEMS: _("Problems only"),
            View.MANDATORY: _("Mandatory only"),
            View.DATA: _("Data only"),
        }[self]

    @property
    def hint(self) -> str:
        """What it leaves out, in a sentence."""
        return {
            View.ALL: _("Every node, as it is unfolded"),
            View.USED: _("Leave out nodes without a rule that need none; folding stays as it is"),
            View.MAPPED: _("Unfold every node that a rule reads or makes, and nothing else"),
            View.PROBLEMS: _("Unfold every node with a problem or without the rule it needs"),
            View.MANDATORY: _("Leave out what may be left out"),
            View.DATA: _("Unfold every field that has a value in this record"),
        }[self]


def limit_of(view: View, scene: Scene, side: Side, shape: Shape) -> Limit | None:
    """What a view lets through of one side of a scene; None for everything.

    Without a record there are no values to go by: then the view of values shows everything.
    """
    if view is View.ALL:
        return None
    if view is View.MANDATORY:
        made = scene.linked_above if side is Side.SOURCE else scene.ruled_above
        return Limit(mandatory=True, made=frozenset(made))
    if view is View.DATA:
        if scene.evidence is None:
            return None
        seen = scene.evidence.source if side is Side.SOURCE else scene.evidence.target
        return limited_to(path for path, each in seen.items() if each.text)
    paths = _source_paths(view, scene) if side is Side.SOURCE else _target_paths(view, scene, shape)
    return limited_to(paths, unfold=view is not View.USED)


def _source_paths(view: View, scene: Scene) -> set[str]:
    if view is not View.PROBLEMS:
        return set(scene.by_source)
    wrong = _wrong(scene)
    return {line.source for line in scene.drawing.lines if line.target in wrong or not line.known}


def _target_paths(view: View, scene: Scene, shape: Shape) -> set[str]:
    wrong = _wrong(scene)
    # A parked rule stands below what is left of the nodes above it.
    parked = {
        path for under, rules in shape.parked.items() for path in (under, *(rule.path for rule in rules))
    }
    if view is View.PROBLEMS:
        return wrong | parked
    ruled = {rule.path for rule in scene.mapping.rules} | parked
    return ruled if view is View.MAPPED else ruled | wrong


def _wrong(scene: Scene) -> set[str]:
    return {*scene.problems, *scene.failed, *scene.missing}
