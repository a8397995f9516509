"""A drop on a node that has instances or kinds: which of them is meant, or a new one."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.instances import node_of
from studio.mapping.tree import Tree


def instance_choices(
    variants: Mapping[str, tuple[str, ...]], target: Tree, path: str
) -> tuple[tuple[str, str], ...]:
    """What a drop on a target address may mean, each with its address; nothing where only the node itself is meant.

    `variants` are the instances and kinds that stand in the map, by the address of their node.
    """
    for base in (path, *address.ancestors(path)):
        present = variants.get(base, ())
        if present and base not in present:
            return tuple(_choices(base, present, target, path))
    return ()


def _choices(base: str, present: tuple[str, ...], target: Tree, path: str) -> list[tuple[str, str]]:
    found = []
    for each in present:
        number, kind = node_of(each)[1], address.instance(each)[0].rpartition("/")[2].partition("~")[2]
        text = _("Into {kind}, instance {n}") if kind else _("Into instance {n}")
        found.append((text.format(kind=kind, n=number or 1), address.moved(path, base, each)))
    place = target.find(base)
    numbers = [node_of(each)[1] for each in present]
    if place is not None and place.repeats and all(numbers):
        new = max(numbers) + 1
        found.append(
            (_("As a new instance [{n}]").format(n=new), address.moved(path, base, f"{base}[{new}]"))
        )
    return [(text, goal) for text, goal in found if target.find(goal) is not None]
