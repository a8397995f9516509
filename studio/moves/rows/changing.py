"""Fixes at work: values of one field, a column at a time, each different value worked out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import eq

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field
from studio.connectors.salesforce.rows import NULL
from studio.moves.formats import dates, numbers, swift, yes_no
from studio.moves.judging.values import value_test
from studio.moves.rows.value_fix import Fix, FixKind

_KEPT = 20_000


@dataclass(frozen=True)
class Outcome:
    """What became of one value: the text to send, why it cannot be (empty: it can), a doubt, which fixes changed it."""

    value: str
    reason: str = ""
    doubt: str = ""
    changed_by: tuple[int, ...] = ()


class _Unfit(Exception):
    """The value is none in the column's format."""


# A step gives the new text and a doubt about it, or raises _Unfit.
_Step = Callable[[str], tuple[str, str]]


class Change:
    """The fixes of one field, in order. A value that does not fit its format is left as it is and has a reason."""

    def __init__(self, fixes: Sequence[Fix]) -> None:
        self.fixes = tuple(fixes)
        self._steps = [(fix.kind, _STEPS[fix.kind](fix)) for fix in fixes]
        self._known = _Known(self.outcome)
        # Blocks are read swiftly where the one thing to do is to read a format.
        self._swift = _swift(fixes[0]) if len(fixes) == 1 else None
        self._last = _Block([], [], {}, Counter())
        self.growth = sum(map(_growth, fixes))

    def column(self, values: Sequence[str]) -> list[str]:
        """The values to send."""
        return self._work(values).sent

    def one(self, text: str) -> str:
        """The value to send for one."""
        return self.column((text,))[0]

    def told(self, values: Sequence[str]) -> Mapping[str, Outcome]:
        """What there is to tell of those of `values` that were doubted or refused."""
        return self._work(values).told

    def counted(self, values: Sequence[str]) -> Counter[int]:
        """How many of the values each fix changes, by its place."""
        return self._work(values).counts

    def _work(self, values: Sequence[str]) -> _Block:
        """A block worked out; those who look at the same rows one after the other find it done."""
        values = list(values)
        if self._last.values != values:
            self._last = self._worked(values)
        return self._last

    def _worked(self, values: list[str]) -> _Block:
        read: Sequence[str | None] = self._swift(values) if self._swift else [None] * len(values)
        slow = [value for value, sent in zip(values, read, strict=True) if sent is None]
        counts: Counter[int] = Counter()
        if len(slow) < len(values):
            counts[0] = len(values) - len(slow) - sum(map(eq, values, read))
        known = self._known
        if len(known) > _KEPT:
            known.forget()
        sent = list(map(known.__getitem__, slow))
        for value, times in Counter(slow).items():
            if value in known.changed:
                counts.update(dict.fromkeys(known.changed[value], times))
        told = {value: known.told[value] for value in known.told.keys() & set(slow)} if known.told else {}
        if len(slow) < len(values):
            rest = iter(sent)
            sent = [next(rest) if one is None else one for one in read]
        return _Block(values, sent, told, counts)

    def outcome(self, text: str) -> Outcome:
        """What becomes of one value."""
        value, reason, doubt = text, "", ""
        changed: list[int] = []
        for at, (kind, step) in enumerate(self._steps):
            if kind is not FixKind.DEFAULT and value in ("", NULL):
                continue
            before = value
            try:
                value, told = ("", "") if reason and kind is FixKind.EMPTY else step(value)
            except _Unfit as unfit:
                reason = reason or str(unfit)
                continue
            doubt = doubt or told
            if kind is FixKind.EMPTY and value == "":
                reason = ""
            if value != before:
                changed.append(at)
        if reason:
            return Outcome(text, reason)
        return Outcome(value, "", doubt, tuple(changed))


@dataclass(frozen=True)
class _Block:
    """Values, what is sent for them, what is to be told of some, and how many each fix changed."""

    values: list[str]
    sent: list[str]
    told: Mapping[str, Outcome]
    counts: Counter[int]


class _Known(dict[str, str]):
    """Values worked out so far; which fixes changed some, and what there is to tell of a few, beside them."""

    def __init__(self, work: Callable[[str], Outcome]) -> None:
        super().__init__()
        self._work = work
        self.told: dict[str, Outcome] = {}
        self.changed: dict[str, tuple[int, ...]] = {}

    def __missing__(self, text: str) -> str:
        found = self._work(text)
        self[text] = found.value
        if found.changed_by:
            self.changed[text] = found.changed_by
        if found.reason or found.doubt:
            self.told[text] = found
        return found.value

    def forget(self) -> None:
        """Keep the memory small where values hardly repeat."""
        self.clear()
        self.told.clear()
        self.changed.clear()


def _swift(fix: Fix) -> swift.Swift | None:
    if fix.kind is FixKind.MOMENT:
        return swift.moments(dates.Order(fix.value), dates.zone_of(fix.zone))
    if fix.kind is FixKind.NUMBER:
        return swift.numbers(numbers.Mark(fix.value[0]), whole=fix.value[1:] == "int")
    return None


def _date(fix: Fix) -> _Step:
    order = dates.Order(fix.value)

    def step(text: str) -> tuple[str, str]:
        when = dates.read(text, order)
        if when is None:
            raise _Unfit(_("not a date in the column's format, {format}").format(format=fix.shown))
        # A day is a day everywhere: no zone is asked, and a time beside it is left out.
        return when.day.isoformat(), ""

    return step


def _moment(fix: Fix) -> _Step:
    order, zone, taken = dates.Order(fix.value), dates.zone_of(fix.zone), value_test(_MOMENT_FIELD)

    def step(text: str) -> tuple[str, str]:
        when = dates.read(text, order)
        if when is None:
            raise _Unfit(_("not a date and time in the column's format, {format}").format(format=fix.shown))
        if when.offset is not None and taken is not None and not taken(text):
            return text, ""
        try:
            moment, twice = dates.in_utc(when, zone)
        except dates.NoSuchTime as error:
            raise _Unfit(
                _("a time that {zone} did not have: the clocks were put forward over it").format(
                    zone=fix.zone
                )
            ) from error
        except (OverflowError, ValueError) as error:
            raise _Unfit(_("a date that does not exist")) from error
        doubt = _("a time that {zone} had twice: the first is taken").format(zone=fix.zone) if twice else ""
        return dates.iso(moment), doubt

    return step


def _number(fix: Fix) -> _Step:
    mark, kind = numbers.Mark(fix.value[0]), fix.value[1:]

    def step(text: str) -> tuple[str, str]:
        found = numbers.read(text, mark, whole=kind == "int", percent=kind == "percent")
        if found is None:
            raise _Unfit(
                _("not a number in the column's format, {format}").format(format=numbers.pattern(mark))
            )
        return found, ""

    return step


def _yes_no(_fix: Fix) -> _Step:
    def step(text: str) -> tuple[str, str]:
        if text.lower() in yes_no.TAKEN:
            return text, ""
        found = yes_no.read(text)
        if found is None:
            raise _Unfit(_("neither yes nor no"))
        return found, ""

    return step


def _map(fix: Fix) -> _Step:
    table = {old.strip().lower(): new for old, new in fix.pairs}
    return lambda text: (table.get(text.strip().lower(), text), "")


def _cut(fix: Fix) -> _Step:
    most = int(fix.value)
    return lambda text: (text[:most].rstrip() if len(text) > most else text, "")


def _default(fix: Fix) -> _Step:
    return lambda text: (text or fix.value, "")


def _empty(fix: Fix) -> _Step:
    test = value_test(kept_field(fix))
    return lambda text: ("" if test is not None and test(text) else text, "")


def kept_field(fix: Fix) -> Field:
    """The field a fix EMPTY remembers: what a value must be to stay."""
    kind, *digits = fix.value.split()
    first, second = (*map(int, digits), 0, 0)[:2]
    values = tuple(value for value, _nothing in fix.pairs)
    if kind in ("int", "long"):
        return Field("", "", kind, digits=first)
    return Field("", "", kind, precision=first, scale=second, restricted=bool(values), values=values)


def emptying(fact: Field) -> Fix:
    """The fix that leaves out what the field does not take."""
    if fact.type in ("int", "long"):
        return Fix(FixKind.EMPTY, f"{fact.type} {fact.digits}")
    if fact.type in ("double", "currency", "percent"):
        return Fix(FixKind.EMPTY, f"{fact.type} {fact.precision} {fact.scale}")
    return Fix(FixKind.EMPTY, fact.type, pairs=tuple((value, "") for value in fact.values if fact.restricted))


def _growth(fix: Fix) -> int:
    """The bytes a value may grow by."""
    if fix.kind in (FixKind.DATE, FixKind.MOMENT):
        return 24
    if fix.kind is FixKind.MAP:
        return max((len(new.encode()) for _old, new in fix.pairs), default=0)
    return {FixKind.DEFAULT: len(fix.value.encode()), FixKind.YES_NO: 5, FixKind.NUMBER: 1}.get(fix.kind, 0)


_MOMENT_FIELD = Field("", "", "datetime")
_STEPS: dict[FixKind, Callable[[Fix], _Step]] = {
    FixKind.DATE: _date,
    FixKind.MOMENT: _moment,
    FixKind.NUMBER: _number,
    FixKind.YES_NO: _yes_no,
    FixKind.TRIM: lambda _fix: lambda text: (text.strip(), ""),
    FixKind.CUT: _cut,
    FixKind.MAP: _map,
    FixKind.DEFAULT: _default,
    FixKind.EMPTY: _empty,
}
