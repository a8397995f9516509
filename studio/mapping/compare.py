"""How well a source field fits a target field: names with what stands around them, types, loops, sample values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.base.i18n import _
from studio.mapping.fields import Entry, Fields
from studio.mapping.words import alike, folded, related, split
from studio.schema.model import Base, Node

_NUMBERS = (Base.INTEGER, Base.DECIMAL, Base.FLOAT)
_MOMENTS = (Base.DATE, Base.DATETIME)

# Values of so many letters seldom meet by chance.
_LONG_VALUE = 6
# Names that say only that there is a value.
_HOLLOW = frozenset(("text", "string", "value", "content", "date", "time"))


@dataclass(frozen=True)
class Fit:
    """How well a source fits, from 0 to 1; `why` says it in words."""

    score: float
    why: Callable[[], str]


def fit(fields: Fields, entry: Entry, goal: Entry, loops: Mapping[str, str]) -> Fit:
    """The fit of a source and a target; `loops` are the pairs of repeating nodes, target to source."""
    paired = bool(goal.loop) and loops.get(goal.loop) == entry.loop
    names, why = names_fit(fields, entry, goal, paired=paired)
    kinds = kinds_fit(entry.node, goal.node)
    score = names * (0.7 + 0.3 * kinds)
    ours = entry.values
    shared = values_shared(ours, goal)
    if shared >= 0.5:
        # A long value is no accident.
        alone = 0.62 if max(map(len, ours)) >= _LONG_VALUE else 0.45
        score = max(score + 0.2 * shared, alone * shared * kinds)
    if entry.node.occurs.repeats and not goal.node.occurs.repeats:
        score *= 0.93
    if goal.loop in loops:
        # What stands in the node that the target's loop visits is meant rather than what stands elsewhere.
        score = score + 0.04 if paired else score * 0.88
    before = fields.remembered.projects(entry.key, goal.key)
    if before:
        score = max(score + 0.15, 0.9 * kinds)
    score *= 1 - 0.012 * max(0, entry.depth - 2)
    if fields.valued and not ours:
        score *= 0.85

    def reason() -> str:
        reasons = [why() if names else "", _("The sample values are alike.") if shared >= 0.5 else ""]
        if before:
            reasons.insert(0, _("Mapped so in {project}.").format(project=before[0]))
        reasons.append(_("The types differ.") if kinds < 0.6 else "")
        return " ".join(filter(None, reasons))

    return Fit(min(score, 1.0), reason)


def names_fit(
    fields: Fields, entry: Entry, goal: Entry, *, paired: bool = False
) -> tuple[float, Callable[[], str]]:
    """How alike the names are, with what stands around them; and why. `paired`: the nodes they repeat with belong
    together, whatever these are called."""
    around = _around(fields, entry, goal)
    ours_core, theirs_core = (_inside(entry), _inside(goal)) if paired else (entry.core, goal.core)
    if goal.label or entry.label:
        ours = {entry.folded, folded(entry.label)} - {""}
        if ours & {goal.folded, folded(goal.label)} and entry.folded != goal.folded:
            return _with(0.95, around, 1.0), lambda: _("Same label.")
    best = _leaves(fields, ours_core, entry, theirs_core, goal) * _own(entry, goal)
    if goal.label_words:
        best = max(best, 0.95 * _leaves(fields, entry.core, entry, goal.label_words, goal))
    if entry.label_words:
        theirs = goal.label_words or goal.core
        best = max(best, 0.95 * _leaves(fields, entry.label_words, entry, theirs, goal))
    telling = _telling(fields, (*goal.core, *entry.core))
    if entry.folded == goal.folded:
        # What stands above is part of a name that says nothing by itself.
        own = ours_core == entry.words and theirs_core == goal.words
        # A label of other words says that the name means something else.
        most = 0.97 if not goal.label or entry.label or set(goal.label_words) <= set(goal.words) else 0.9
        return _with(most if own else 0.5 + 0.47 * best, around, telling), lambda: _("Same name.")
    if not best:
        return 0.0, lambda: ""
    return _with(0.93 * best, around, telling), lambda: _reason(entry, goal)


def _inside(entry: Entry) -> tuple[str, ...]:
    """The core without the words of what stands at or above the repeating node."""
    steps = entry.place.path.removeprefix(entry.loop).count("/")
    kept = {word for words in entry.above[: max(0, steps - 1)] for word in words}
    return tuple(word for word in entry.core if word in kept or word in entry.words)


def _own(entry: Entry, goal: Entry) -> float:
    """Less where the names themselves have nothing in common, but what stands above them has."""
    if _HOLLOW.issuperset(entry.words) or _HOLLOW.issuperset(goal.words):
        return 1.0
    theirs = (*goal.words, *goal.label_words, *(goal.above[0] if goal.above else ()))
    ours = (*entry.words, *entry.label_words, *(entry.above[0] if entry.above else ()))
    if any(alike(word, other) for word in entry.words for other in theirs) and any(
        alike(word, other) for word in goal.words for other in ours
    ):
        return 1.0 if any(alike(word, other) for word in entry.words for other in goal.words) else 0.9
    return 0.6


def _with(leaf: float, around: float | None, telling: float) -> float:
    """The name and its surroundings together: a name that tells little needs them more."""
    if around is None:
        return leaf
    share = 0.22 + 0.2 * (1 - telling)
    return leaf * (1 - share) + around * share * (0.3 + 0.7 * leaf)


def _telling(fields: Fields, words: tuple[str, ...]) -> float:
    return max((fields.telling(word) for word in words), default=0.0)


def _leaves(
    fields: Fields, ours: tuple[str, ...], entry: Entry, theirs: tuple[str, ...], goal: Entry
) -> float:
    """How much of each name is found in the other field: in its name, or a little less above it."""
    one = _found(fields, theirs, ours, entry)
    other = _found(fields, ours, theirs, goal)
    return 2 * one * other / (one + other) if one and other else 0.0


def _found(fields: Fields, words: tuple[str, ...], leaf: tuple[str, ...], other: Entry) -> float:
    whole = got = 0.0
    for word in words:
        telling = fields.telling(word)
        whole += telling
        best = max((alike(word, each) for each in leaf), default=0.0)
        if best < 1.0:
            for words_above, share in zip(other.above, (0.9, 0.75, 0.6, 0.5), strict=False):
                best = max(best, max((share * alike(word, each) for each in words_above), default=0.0))
        got += telling * best
    return got / whole if whole else 0.0


def _around(fields: Fields, entry: Entry, goal: Entry) -> float | None:
    """How much of what stands around each field is found with the other; None where nothing stands around both."""
    if not entry.above or not goal.above:
        return None
    ours, theirs = entry.around, goal.around
    if not theirs and not ours:
        return 1.0
    one = _all_found(fields, theirs, entry)
    other = _all_found(fields, ours, goal)
    if one is None or other is None:
        # All there is around one stands in its own name.
        found = one if one is not None else other
        return found if found is not None else 1.0
    return 0.65 * one + 0.35 * other


def _all_found(fields: Fields, words: tuple[str, ...], other: Entry) -> float | None:
    if not words:
        return None
    whole = got = 0.0
    for at, word in enumerate(words):
        # Nearer ones count more.
        telling = fields.telling(word) * (1.0 if at < 3 else 0.6)
        whole += telling
        got += telling * max((alike(word, each) for each in other.worth), default=0.0)
    return got / whole if whole else None


def _reason(entry: Entry, goal: Entry) -> str:
    ours = {*entry.words, *entry.label_words, *(entry.above[0] if entry.above else ())}
    theirs = {*goal.words, *goal.label_words, *(goal.above[0] if goal.above else ())}
    # What both merely stand in is no reason.
    telling = {*entry.words, *entry.label_words, *goal.words, *goal.label_words}
    shared = sorted(ours & theirs & telling, key=lambda word: (word not in entry.words, word))
    if not shared:
        return _short(entry, goal)
    text = ", ".join(shared)
    written = {*split(entry.node.name), *split(entry.label)} & {*split(goal.node.name), *split(goal.label)}
    if set(shared) & written:
        return _("Same words: {words}.").format(words=text)
    return _("Names with the same meaning: {words}.").format(words=text)


def _short(entry: Entry, goal: Entry) -> str:
    """One word is short for another, or often used for it."""
    for word in entry.words:
        for other in goal.words:
            short, long = sorted((word, other), key=len)
            if other in related(word):
                return _("“{one}” and “{other}” are often used alike.").format(one=word, other=other)
            if 0 < alike(word, other) < 0.8:
                return _("“{short}” may stand for {long}.").format(short=short, long=long)
    return _("Similar names.")


def kinds_fit(source: Node, target: Node) -> float:
    """How well a value of one type stands in the other: 1 the same, 0.1 hardly ever."""
    given = source.value.base if source.value else Base.TEXT
    wanted = target.value.base if target.value else Base.TEXT
    if given is wanted:
        return 1.0
    if given in _NUMBERS and wanted in _NUMBERS:
        return 0.9
    if given in _MOMENTS and wanted in _MOMENTS:
        return 0.8
    if wanted is Base.TEXT:
        return 0.85
    # A text may hold anything: the samples will tell.
    return 0.6 if given is Base.TEXT else 0.1


def values_shared(given: tuple[str, ...], goal: Entry) -> float:
    """The share of the source's sample values among the target's, or among the values it allows."""
    allowed = goal.node.value.enumeration if goal.node.value else ()
    wanted = goal.values
    if not given or not (wanted or allowed):
        return 0.0
    known = {text.casefold() for text in (*wanted, *allowed)}
    ours = {text.casefold() for text in given}
    # Short and common values meet everywhere: yes and no, 1 and 2.
    telling = {text for text in ours if len(text) > 2 or allowed}
    if not telling or (len(telling) < 2 and not allowed and max(map(len, telling)) < 5):
        return 0.0
    return len(telling & known) / len(telling)
