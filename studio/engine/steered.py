"""What scripts have said of the loops below them: the entries of SetInstances, the order of SortInstances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from studio.base.i18n import _
from studio.engine.ordering import in_order
from studio.engine.plan import Loop, Plan
from studio.engine.steering import node_name
from studio.script.errors import RunError
from studio.script.tree import Value

Candidate = TypeVar("Candidate")
Keys = tuple[tuple[list[Value], bool], ...]
"""The values of a sort key, one per candidate, and whether they go up; the first key counts most."""


class Steered:
    """`entries` and `keys` by the name of the target node; it holds for the instance whose rules have said it.

    `changed` says that something was added since it was copied.
    """

    __slots__ = ("changed", "entries", "keys")

    def __init__(self, entries: dict[str, Value] | None = None, keys: dict[str, Keys] | None = None) -> None:
        self.entries: dict[str, Value] = entries or {}
        self.keys: dict[str, Keys] = keys or {}
        self.changed = False

    def copy(self) -> Steered:
        """The same, to be changed inside a node."""
        return Steered(dict(self.entries), dict(self.keys))

    def give(self, name: str, entries: Value, plan: Plan) -> None:
        """SetInstances. Raises RunError where no node below waits for them."""
        node = node_name(name)
        if not any(loop.given == node for loop in _loops(plan)):
            raise RunError(
                _("SetInstances: no mapped node called {name} below is without a loop of its own.").format(
                    name=name or "—"
                ),
                next_step=_("Name a node below, as a text in quotes, and give it no loop."),
            )
        self.entries[node] = entries
        self.changed = True

    def order(self, name: str, given: Sequence[Value], plan: Plan) -> None:
        """SortInstances: arrays of keys, each followed by whether it goes up. Raises RunError where nothing loops."""
        node = node_name(name)
        if not any(loop.ordered == node for loop in _loops(plan)):
            raise RunError(
                _("SortInstances: no node called {name} below has a loop over the source.").format(
                    name=name or "—"
                ),
                next_step=_("Name a looping node below, as a text in quotes."),
            )
        keys: list[tuple[list[Value], bool]] = []
        for each in given:
            if isinstance(each, bool) and keys:
                keys[-1] = keys[-1][0], each
            else:
                keys.append((each if isinstance(each, list) else [each], True))
        self.keys[node] = tuple(keys)
        self.changed = True

    def arranged(self, name: str, items: list[Candidate]) -> list[Candidate]:
        """The candidates of a loop in the order set for it. Raises RunError where keys are missing."""
        numbers = list(range(len(items)))
        for values, upwards in reversed(self.keys.get(name, ())):
            if len(values) != len(items):
                raise RunError(
                    _("SortInstances has {keys} keys for the {instances} instances of {name}.").format(
                        keys=len(values), instances=len(items), name=name
                    ),
                    next_step=_(
                        "Read the keys from the nodes that the loop visits, with [*] where it is needed."
                    ),
                )
            numbers = in_order([(values[number], number) for number in numbers], descending=not upwards)
        return [items[number] for number in numbers]


def _loops(plan: Plan) -> list[Loop]:
    return [target.loop for target in plan.root.walk() if target.loop is not None]
