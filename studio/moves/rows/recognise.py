"""Which format each column of a source is in, told by all of its values; what stays unclear is said, never guessed."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.formats import dates, numbers, swift, yes_no
from studio.moves.judging.values import NUMBER_TYPES
from studio.moves.model import Entry, FieldMap
from studio.moves.rows.value_fix import Fix, FixKind

_BLOCK = 1000
_SEEN = 20_000


@dataclass(frozen=True)
class Formats:
    """What a person says of formats: the zone of moments without an offset, and a format by column or field."""

    zone: str = ""
    by_name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What a column's values tell: the fix that reads them (None: they can be sent as they are), how they are written,
    and where it is unclear, the question and its answers.
    """

    field: str
    column: str
    fix: Fix | None = None
    pattern: str = ""
    question: str = ""
    answers: tuple[Fix, ...] = ()
    local: int = 0

    @property
    def shown(self) -> str:
        """What was recognised, in a sentence; empty where there is nothing to tell."""
        if self.question:
            return _("{column} to {field}: {question}").format(
                column=self.column, field=self.field, question=self.question
            )
        if self.fix is None:
            return ""
        said = _("{column} to {field}: {what}.").format(
            column=self.column, field=self.field, what=self.fix.shown
        )
        return f"{said[:-1]} ({self.pattern})." if self.pattern and self.fix.kind.reads else said


class Recogniser:
    """Looks at the columns of a source that go to dates, numbers and yes/no; a watcher of the staging."""

    def __init__(
        self, header: Sequence[str], fields: FieldMap, facts: ObjectFacts, formats: Formats | None = None
    ) -> None:
        self._formats = formats or Formats()
        dates.zone_of(self._formats.zone)
        self._map = _told_formats(fields, facts, self._formats)
        self._width = len(header)
        places = {name: at for at, name in enumerate(header)}
        self._columns: list[tuple[int, int, _Column]] = []
        for at, entry in enumerate(self._map.entries):
            column = _column(entry, facts, self._formats)
            if column is not None and entry.column in places:
                self._columns.append((at, places[entry.column], column))

    @property
    def given(self) -> FieldMap:
        """The map with the formats that the person named."""
        return self._map

    @property
    def needed(self) -> bool:
        """There is a column to look at."""
        return bool(self._columns)

    def rows(self, _first: int, rows: Sequence[list[str]]) -> None:
        """Look at rows; those of another width than the header are left out."""
        if not self._columns or not rows:
            return
        width = self._width
        fitting = rows if set(map(len, rows)) == {width} else [row for row in rows if len(row) == width]
        for _at, place, column in self._columns:
            column.take([row[place] for row in fitting])

    def known(self) -> tuple[Known, ...]:
        """What the columns' values tell."""
        return tuple(column.known() for _at, _place, column in self._columns)

    def map(self) -> FieldMap:
        """The map with a fix for each column that needs one."""
        entries = list(self._map.entries)
        for at, _place, column in self._columns:
            fix = column.known().fix
            if fix is not None:
                entries[at] = replace(entries[at], fixes=(fix, *entries[at].fixes))
        return FieldMap(tuple(entries))


def recognise(source: DelimitedFile, recogniser: Recogniser) -> None:
    """Show a recogniser all rows of a source."""
    with source.rows() as rows:
        block: list[list[str]] = []
        for row in rows if recogniser.needed else ():
            block.append(row)
            if len(block) == _BLOCK:
                recogniser.rows(1, block)
                block.clear()
        recogniser.rows(1, block)


def _told_formats(fields: FieldMap, facts: ObjectFacts, formats: Formats) -> FieldMap:
    """The map with the formats a person named; raises BadInput for a name that is no column, and for no format."""
    wanted = {name.lower(): text for name, text in formats.by_name.items()}
    used: set[str] = set()
    entries: list[Entry] = []
    for entry in fields.entries:
        fact = _direct(entry, facts)
        for name in (entry.column.lower(), entry.field.lower()):
            if name in wanted and fact is not None and entry.constant is None:
                used.add(name)
                fix = format_fix(fact, wanted[name], formats.zone)
                entry = replace(entry, fixes=(fix, *(old for old in entry.fixes if not old.kind.reads)))
                break
        entries.append(entry)
    for name in formats.by_name:
        if name.lower() not in used:
            raise BadInput(
                _("A format is given for {name}, which is no mapped column.").format(name=name),
                next_step=_("The mapped columns are {columns}.").format(
                    columns=", ".join(entry.column for entry in fields.entries if entry.column)
                ),
            )
    return FieldMap(tuple(entries))


def format_fix(fact: Field, text: str, zone: str) -> Fix:
    """The fix that reads a field's values in a format a person names; raises BadInput where it is none of the field's."""
    if fact.type == "date":
        return Fix(FixKind.DATE, dates.order_of(text).value)
    if fact.type == "datetime":
        return Fix(FixKind.MOMENT, dates.order_of(text).value, zone)
    if fact.type in NUMBER_TYPES:
        mark = numbers.mark_of(text)
        if mark is not None:
            return Fix(FixKind.NUMBER, mark.value + number_kind(fact))
        raise BadInput(
            _("{text} is no format of numbers.").format(text=text),
            next_step=_("Give one such as 1.234,56 or 1,234.56."),
        )
    raise BadInput(
        _("{field} is neither a date nor a number: a format says nothing there.").format(field=fact.name),
        next_step=_("Leave it out."),
    )


def number_kind(fact: Field) -> str:
    """What a fix of numbers has to know of the field."""
    if fact.type in ("int", "long"):
        return "int"
    return "percent" if fact.type == "percent" else ""


def _direct(entry: Entry, facts: ObjectFacts) -> Field | None:
    fact = facts.field(entry.field)
    return fact if fact is not None and fact.name.lower() == entry.field.lower() else None


def _column(entry: Entry, facts: ObjectFacts, formats: Formats) -> _Column | None:
    fact = _direct(entry, facts)
    if fact is None or entry.constant is not None or any(fix.kind.reads for fix in entry.fixes):
        return None
    if fact.type in ("date", "datetime"):
        return _Dates(entry, fact, formats.zone)
    if fact.type in NUMBER_TYPES:
        return _Numbers(entry, fact)
    return _YesNo(entry) if fact.type == "boolean" else None


class _Column(ABC):
    """One column; `plain` matches a block of values that can all be sent as they are."""

    plain: re.Pattern[str]

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.usual = True
        self.kinds: Counter[frozenset[str]] = Counter()
        self.examples: dict[frozenset[str], list[str]] = {}
        self._seen: dict[str, frozenset[str]] = {}

    def take(self, values: Sequence[str]) -> None:
        """Look at values; a block as an org takes it costs one look."""
        text = swift.lines(values)
        if self.plain.fullmatch(text):
            self.took_plain(values, text)
            return
        self.usual = False
        self.count(values)

    def count(self, values: Sequence[str]) -> None:
        """Count in which ways values can be read."""
        for value, times in Counter(values).items():
            if value and value != NULL and not value.isspace():
                if len(self._seen) > _SEEN:
                    self._seen.clear()
                kind = self._seen.get(value)
                if kind is None:
                    kind = self._seen[value] = self.kind(value)
                self.note(kind, value, times)

    def note(self, kind: frozenset[str], value: str, times: int) -> None:
        """So many values can be read in these ways; one of them is an example."""
        self.kinds[kind] += times
        shown = self.examples.setdefault(kind, [])
        if len(shown) < 3 and value not in shown:
            shown.append(value)

    def took_plain(self, values: Sequence[str], text: str) -> None:
        """A block in which every value can be sent as it is."""
        del values, text

    @abstractmethod
    def kind(self, value: str) -> frozenset[str]:
        """The ways in which a value can be read."""

    @abstractmethod
    def known(self) -> Known:
        """What was found."""

    def readable(self, ways: Iterable[str]) -> dict[str, int]:
        """How many values can be read in each way."""
        return {way: sum(n for kind, n in self.kinds.items() if way in kind) for way in ways}

    def only(self, way: str, others: Iterable[str]) -> int:
        """How many values can be read in one way and in none of the others."""
        rest = set(others)
        return sum(n for kind, n in self.kinds.items() if way in kind and not kind & rest)

    def example(self, way: str, against: Iterable[str] = ()) -> str:
        """A value that can be read in one way, if there is one in none of the others."""
        shown = [
            (bool(kind & set(against)), texts[0]) for kind, texts in self.examples.items() if way in kind
        ]
        return min(shown, default=(False, ""))[1]

    def _known(self, **found: object) -> Known:
        return Known(self.entry.field, self.entry.column, **found)  # type: ignore[arg-type]


_TIMED = "timed"
_MIDNIGHT = (0, "00")
_DATE_PLAIN = swift.block_of(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|#N/A|(?=\n)")
_MOMENT_PLAIN = swift.block_of(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})|#N/A|(?=\n)"
)
_ORDERS = ("YMD", "DMY", "MDY", "EXCEL", "UNIX", "UNIXMS")


class _Dates(_Column):
    def __init__(self, entry: Entry, fact: Field, zone: str) -> None:
        super().__init__(entry)
        self._moment = fact.type == "datetime"
        self._zone = zone
        self.plain = _MOMENT_PLAIN if self._moment else _DATE_PLAIN
        self._by_day: dict[tuple[str, bool], frozenset[str]] = {}
        # Texts that are days in figures, and those that are none.
        self._days: dict[str, bool] = {}

    def count(self, values: Sequence[str]) -> None:
        """A time of day counts only as one that is midnight or not: days repeat, moments hardly do."""
        found: dict[tuple[str, bool], list[str]] = {}
        others: list[str] = []
        days, clocks = self._days, swift.clock
        for value in values:
            day, tail = swift.split(value)
            known = days.get(day)
            if known is None:
                if len(days) > _SEEN:
                    days.clear()
                known = days[day] = swift.is_day(day)
            clock = clocks(tail) if known and tail else None
            if clock is None:
                others.append(value)
            else:
                found.setdefault((day, clock == _MIDNIGHT), []).append(value)
        for key, same in found.items():
            kind = self._by_day.get(key)
            if kind is None:
                if len(self._by_day) > _SEEN:
                    self._by_day.clear()
                kind = self._by_day[key] = self.kind(same[0])
            self.note(kind, same[0], len(same))
        super().count(others)

    def kind(self, value: str) -> frozenset[str]:
        """The ways in which a value can be read."""
        found = dates.orders(value)
        ways = {order.value for order in found}
        # Two digits in front are a year only where nothing speaks against it: dashes, as databases write.
        if ways == {"YMD", "DMY", "MDY"} or ways == {"YMD", "DMY"} or ways == {"YMD", "MDY"}:
            mark = dates.separator(value)
            if mark in ("/", ".", " "):
                ways.discard("YMD")
        if ways == {"DMY", "MDY"} and dates.separator(value) == ".":
            ways.add("dots")
        when = dates.read(value, next(iter(found))) if found else None
        if when is not None and when.time is not None:
            if not self._moment and (when.time.hour or when.time.minute or when.time.second):
                ways.add(_TIMED)
            if self._moment and when.offset is None:
                ways.add("local")
        return frozenset(ways)

    def known(self) -> Known:
        if self.usual:
            return self._known()
        counts = self.readable(_ORDERS)
        best = max(counts.values())
        if not best:
            return self._known()
        if not self._moment and any(_TIMED in kind for kind in self.kinds):
            text = _(
                "some values have a time of day, which a date has no room for; their day alone can be sent"
            )
            return self._known(question=text, answers=tuple(self._fix(way) for way in self._ways(counts)))
        winners = self._ways(counts)
        if len(winners) > 1:
            return self._unclear(winners)
        local = self.readable(("local",))["local"]
        way = winners[0]
        return self._known(fix=self._fix(way), pattern=self._pattern(way), local=local)

    def _ways(self, counts: Mapping[str, int]) -> list[str]:
        """The orders that come into question: one, where the values leave no doubt."""
        best = max(counts.values())
        winners = [way for way in _ORDERS if counts[way] == best]
        rivals = [way for way in _ORDERS if way not in winners and self.only(way, winners)]
        if len(winners) == 1 and rivals:
            return winners + rivals
        if len(winners) > 1 and all(set(winners) <= kind for kind in self.kinds if kind & set(winners)):
            decided = [
                kind for kind in self.kinds if kind & set(_ORDERS) and not {"YMD", "DMY", "MDY"} <= kind
            ]
            if not decided:
                return ["YMD"] if "YMD" in winners else winners[:1]
            if all("dots" in kind for kind in decided):
                return ["DMY"]
        return winners

    def _unclear(self, ways: Sequence[str]) -> Known:
        shown = ", ".join(dict.fromkeys(self.example(way, set(ways) - {way}) for way in ways))
        if all(self.only(way, set(ways) - {way}) for way in ways):
            text = _("some dates can only be day first, others only month first or otherwise ({examples})")
        else:
            text = _("day or month first cannot be told from any value ({examples})")
        return self._known(
            question=text.format(examples=shown), answers=tuple(self._fix(way) for way in ways)
        )

    def _fix(self, way: str) -> Fix:
        return Fix(FixKind.MOMENT, way, self._zone) if self._moment else Fix(FixKind.DATE, way)

    def _pattern(self, way: str) -> str:
        text = self.example(way, {other for other in _ORDERS if other != way})
        return dates.pattern(text, dates.Order(way)) if text else ""


_NUMBER_PLAIN = swift.block_of(r"[0-9+\-.eE]*+(?=\n)|#N/A")
# The shape of a value whose point may stand before thousands.
_GROUPS = re.compile(r"^-?[0-9]{1,3}\.[0-9]{3}$", re.MULTILINE)
# A value with a point that cannot stand before thousands.
_POINT_ONLY = re.compile(r"^(?!-?[1-9][0-9]{0,2}\.[0-9]{3}$)[^\n.]*\.[^\n]*$", re.MULTILINE)

# Values that have a decimal comma, and could not have a point there.
_COMMA_LINE = r"-?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,}))(?=\n)"
_COMMA = re.compile(rf"^{_COMMA_LINE}", re.MULTILINE)
_COMMA_ONLY = swift.block_of(rf"{_COMMA_LINE}|-?[0-9]+(?=\n)|(?=\n)")


class _Numbers(_Column):
    plain = _NUMBER_PLAIN

    def __init__(self, entry: Entry, fact: Field) -> None:
        super().__init__(entry)
        self._kind = number_kind(fact)

    def took_plain(self, values: Sequence[str], text: str) -> None:
        if "." not in text:
            return
        if self._kind == "int":
            self.count([value for value in values if "." in value])
            return
        if frozenset(".") in self.kinds and not _GROUPS.search(text):
            # That there is such a value is known already.
            return
        found = _POINT_ONLY.search(text)
        kind = frozenset((".",) if found else (".", ","))
        self.kinds[kind] += 1
        self.examples.setdefault(
            kind, [found[0] if found else next(value for value in values if "." in value)]
        )

    def count(self, values: Sequence[str]) -> None:
        """Numbers that can only have a decimal comma are told by their shape."""
        if self._kind != "int":
            text = swift.lines(values)
            found = _COMMA.search(text)
            if found is not None:
                kind = frozenset(",")
                self.kinds[kind] += 1
                self.examples.setdefault(kind, [found[0]])
            if _COMMA_ONLY.fullmatch(text):
                return
        super().count(values)

    def kind(self, value: str) -> frozenset[str]:
        whole, percent = self._kind == "int", self._kind == "percent"
        found = {mark: numbers.read(value, mark, whole=whole, percent=percent) for mark in numbers.Mark}
        if len(set(found.values())) == 1:
            return frozenset()
        return frozenset(mark.value for mark, number in found.items() if number is not None)

    def known(self) -> Known:
        point, comma, both = (self.kinds[frozenset(marks)] for marks in (".", ",", ".,"))
        if point and comma:
            return self._unclear(_("some numbers have a decimal point, others a decimal comma ({examples})"))
        if both and not (point or comma):
            return self._unclear(_("thousands or decimals cannot be told from any value ({examples})"))
        if self.usual and not comma:
            return self._known()
        way = "," if comma else "."
        return self._known(fix=self._fix(way), pattern=numbers.pattern(numbers.Mark(way)))

    def _unclear(self, text: str) -> Known:
        shown = ", ".join(dict.fromkeys(texts[0] for kind, texts in self.examples.items() if kind))
        return self._known(question=text.format(examples=shown), answers=(self._fix("."), self._fix(",")))

    def _fix(self, way: str) -> Fix:
        return Fix(FixKind.NUMBER, way + self._kind)


class _YesNo(_Column):
    # Of digits 1 and 0 are taken; the shape does not tell others, which the check refuses.
    plain = swift.block_of(r"(?i:true|false|[0-9]|yes|no|y(?=\n)|n(?=\n)|on|off|#N/A|(?=\n))")

    def kind(self, value: str) -> frozenset[str]:
        if value.lower() in yes_no.TAKEN:
            return frozenset({"taken"})
        return frozenset({"known"} if yes_no.read(value) else ())

    def known(self) -> Known:
        if not self.readable(("known",))["known"]:
            return self._known()
        example = self.example("known")
        return self._known(fix=Fix(FixKind.YES_NO), pattern=example)
