"""What a drop means: one thing to do, or a few to choose from. Pure: the editor shows and does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from studio.base.i18n import _, ngettext
from studio.mapping import address, connect, loops
from studio.mapping.context import Contexts
from studio.mapping.model import Mapping
from studio.mapping.tree import Trees
from studio.schema.model import Kind, Place

# Nodes offered instead of one that would make a Cartesian product.
_MOST_INSTEAD = 4

Edit = Callable[[Mapping], Mapping]


@dataclass(frozen=True)
class Choice:
    """One thing a drop may do: its name in a menu, the name of the undo step, and the edit.

    With `pairs` they are listed first, to be ticked. `edit` None with `insert` set means: put this source address into the script being written. `preview` lists what
    would be added, `reason` why it cannot be done.
    """

    text: str
    label: str = ""
    edit: Edit | None = None
    insert: str = ""
    preview: tuple[str, ...] = ()
    pairs: tuple[connect.Pair, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Offer:
    """What a drop offers: `now` is done at once, else `choices` are shown, else `refusal` is said."""

    now: Choice | None = None
    choices: tuple[Choice, ...] = ()
    refusal: str = ""


def offer(
    mapping: Mapping,
    trees: Trees,
    sources: tuple[str, ...],
    target: str,
    value: str | None = None,
    targets: tuple[str, ...] = (),
) -> Offer:
    """What dropping source addresses onto a target path offers.

    `value` is a sample value dragged along; `targets` the selected target paths, when the drop hit one of several.
    """
    goal = trees.target.find(target)
    found = [place for place in (trees.source.find(path) for path in sources) if place is not None]
    if goal is None or not found:
        return Offer(refusal=_("The schema no longer has this node."))
    if value is not None and len(sources) == 1 and _holds_value(goal):
        return _value_offer(mapping, trees, sources[0], target, value)
    if len(found) > 1:
        return _several(mapping, trees, tuple(place.path for place in found), goal, targets)
    source = found[0]
    if _holds_value(source) and _holds_value(goal):
        return _field_offer(mapping, trees, source.path, target)
    if not source.node.type.leaf or not goal.node.type.leaf:
        return _node_offer(mapping, trees, source, goal)
    return Offer(refusal=_no_value(source, goal))


def _no_value(source: Place, goal: Place) -> str:
    """Why two leaves, of which one holds no value, do not go together."""
    if goal.node.kind is Kind.ANY:
        return _(
            "The schema admits anything here: draw a node here first, then drop {source} onto it."
        ).format(source=address.name(source.path))
    without = goal if _holds_value(source) else source
    return _("{source} holds no value.").format(source=address.name(without.path))


def _field_offer(mapping: Mapping, trees: Trees, source: str, target: str) -> Offer:
    rule = mapping.get(target)
    carry = _carry(trees, source, target)
    if rule is None or rule.script is None:
        return Offer(now=carry)
    name = address.name(source)
    label = _("Append {source} to {target}").format(source=name, target=address.name(target))
    return Offer(
        choices=(
            Choice(_("Replace the rule"), carry.label, carry.edit),
            Choice(_("Append"), label, lambda now: connect.append_field(now, trees, source, target)),
            Choice(_("Insert into the script"), insert=source),
        )
    )


def _carry(trees: Trees, source: str, target: str) -> Choice:
    names = {"source": address.name(source), "target": address.name(target)}
    return Choice(
        _("Map {source}").format(**names),
        _("Map {source} to {target}").format(**names),
        lambda now: connect.map_field(now, trees, source, target),
    )


def _value_offer(mapping: Mapping, trees: Trees, source: str, target: str, value: str) -> Offer:
    name = address.name(target)
    fixed = Choice(
        _("Constant “{value}”").format(value=value),
        _("Give {target} the constant {value}").format(target=name, value=value),
        lambda now: connect.constant(now, trees, target, value),
    )
    place = trees.source.find(source)
    if place is None or not _holds_value(place):
        return Offer(now=fixed)
    return Offer(choices=(fixed, *_choices(_field_offer(mapping, trees, source, target))))


def _choices(found: Offer) -> tuple[Choice, ...]:
    return found.choices or ((found.now,) if found.now is not None else ())


def _several(
    mapping: Mapping, trees: Trees, sources: tuple[str, ...], goal: Place, selected: tuple[str, ...]
) -> Offer:
    fields = [
        path for path in sources if (place := trees.source.find(path)) is not None and _holds_value(place)
    ]
    chosen = [path for path in selected if (place := trees.target.find(path)) and _holds_value(place)]
    targets = chosen if len(chosen) > 1 else _following(goal, len(fields))
    if not fields or not targets:
        return Offer(refusal=_("Several fields go onto fields, in order."))
    taken = [path for path in targets if (rule := mapping.get(path)) is not None and rule.script is not None]
    count = min(len(fields), len(targets))
    label = ngettext("Map {n} field", "Map {n} fields in order", count).format(n=count)
    everything = Choice(label, label, lambda now: connect.map_fields(now, trees, fields, targets))
    if not taken:
        return Offer(now=everything)
    free = [(source, target) for source, target in zip(fields, targets, strict=False) if target not in taken]
    text = ngettext("Map {n} field without a rule", "Map {n} fields without a rule", len(free)).format(
        n=len(free)
    )
    rest = Choice(
        text, text, lambda now: connect.map_fields(now, trees, [s for s, _t in free], [t for _s, t in free])
    )
    replaced = ngettext("{label}, replacing {n} rule", "{label}, replacing {n} rules", len(taken))
    both = (Choice(replaced.format(label=label, n=len(taken)), label, everything.edit),)
    return Offer(choices=(*both, rest) if free else both)


def _following(goal: Place, count: int) -> list[str]:
    """The field dropped on and its next siblings that hold values; those inside a node dropped on."""
    if _holds_value(goal) and goal.parent is not None:
        parent = goal.parent
        while parent.node.kind is Kind.CHOICE and parent.parent is not None:
            parent = parent.parent
        places = [place for place in parent.flat_children() if _holds_value(place)]
        paths = [place.path for place in places]
        base = address.plain(address.instance(goal.path)[0])
        start = next((at for at, path in enumerate(paths) if address.plain(path) == base), 0)
        return [goal.path, *paths[start + 1 : start + count]]
    return [place.path for place in goal.flat_children() if _holds_value(place)][:count]


def _node_offer(mapping: Mapping, trees: Trees, source: Place, goal: Place) -> Offer:
    names = {"source": address.name(source.path), "target": address.name(goal.path)}
    near = connect.same_named(mapping, trees, source.path, goal.path)
    deep = connect.subtree(mapping, trees, source.path, goal.path)
    choices: list[Choice] = []
    if source.repeats and goal.repeats:
        choices += loop_choices(mapping, trees, source.path, goal.path)
    for pairs, text, none in (
        (near, _("Map same-named children ({n})…"), _("no unmapped child has the same name")),
        (deep, _("Copy the subtree ({n})…"), _("nothing below has the same name")),
    ):
        count = sum(not pair.loop for pair in pairs)
        reason = "" if count else none
        choices.append(
            Choice(
                text.format(n=count),
                _("Map the children of {source} to {target}").format(**names),
                lambda now, pairs=pairs: connect.apply_pairs(now, trees, pairs),  # type: ignore[misc]
                preview=tuple(connect.pair_names(pair) for pair in pairs[:12]),
                pairs=pairs,
                reason=reason,
            )
        )
    if _holds_value(source) and _holds_value(goal):
        choices.append(_carry(trees, source.path, goal.path))
    if all(choice.reason for choice in choices):
        return Offer(refusal=_("{source} and {target} have nothing in common to map.").format(**names))
    return Offer(choices=tuple(choices))


def loop_choices(mapping: Mapping, trees: Trees, source: str, target: str) -> tuple[Choice, ...]:
    """What looping a target node over a source node may mean: before a Cartesian product, with what could be meant
    instead."""
    names = {"source": address.name(source), "target": address.name(target)}
    label = _("Loop {target} over {source}").format(**names)
    looped = connect.loop_here(mapping, trees, source, target)
    warning = loops.cartesian(looped, trees, target)
    wanted = Choice(
        _("Loop here: one {target} per {source}").format(**names),
        label,
        lambda now: connect.loop_here(now, trees, source, target),
    )
    if not warning:
        return (wanted,)
    outer = Contexts(looped, trees.source).outer(target)
    near = loops.repeating_below(trees.source.find(outer))[:_MOST_INSTEAD]
    instead = (
        Choice(
            _("Loop over {source} instead: within the current {outer}").format(
                source=address.name(each), outer=address.name(outer)
            ),
            _("Loop {target} over {source}").format(target=names["target"], source=address.name(each)),
            lambda now, each=each: connect.loop_here(now, trees, each, target),  # type: ignore[misc]
        )
        for each in near
    )
    all_the_same = replace(wanted, text=_("Loop all the same. {warning}").format(warning=warning))
    return (*instead, all_the_same)


def _holds_value(place: Place) -> bool:
    return place.node.value is not None
