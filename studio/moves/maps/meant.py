"""Which field a column means where nothing is written alike: by its words in two languages, and by its values."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.mapping.words import likeness, words_of

Words = frozenset[str]

# Rows whose values are looked at.
MOST_ROWS = 50
# Below this a likeness of words is not worth proposing.
_LEAST = 0.65
_LEAST_VALUES = 3
_MOST = 0.8

# Whose parts of an address are meant where a column does not say.
_ADDRESS = {"account": "billing", "contact": "mailing", "contract": "billing", "order": "billing"}
_PARTS = frozenset(["street", "city", "state", "postal", "country"])
# What a record is called by, in other words than its field's.
_CALLED = {
    "account": ("Name", "company", "company name", "customer", "customer name", "legal name", "account"),
    "lead": ("Company", "company name", "account", "account name"),
    "opportunity": ("Name", "opportunity"),
}
_PREFIXES = {
    "001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "00Q": "Lead", "500": "Case",
    "701": "Campaign", "012": "RecordType", "01t": "Product2", "800": "Contract", "801": "Order", "00G": "Group",
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,}(?:\s*(?:x|ext\.?|ramal)\s*\d+)?", re.IGNORECASE)
_WITH_DIGIT = re.compile(r".*\d.*", re.DOTALL)
_SHAPES = {
    "email": _EMAIL,
    "url": _URL,
    "phone": _PHONE,
    **dict.fromkeys(("int", "double", "currency", "percent", "date", "datetime"), _WITH_DIGIT),
}


@dataclass(frozen=True)
class Meant:
    """A column and the field it means; `sure` enough to be sent unasked, or only worth proposing; by `values` or words."""

    column: str
    field: str
    sure: bool
    values: bool = False


def samples_of(source: DelimitedFile) -> dict[str, tuple[str, ...]]:
    """The values of the first rows, by column, without empty ones."""
    first = source.first(MOST_ROWS)
    return {name: column_of(first, at) for at, name in enumerate(source.header)}


def column_of(rows: Iterable[Sequence[str]], at: int) -> tuple[str, ...]:
    """What stands in a column of the rows, without empty cells."""
    return tuple(row[at].strip() for row in rows if at < len(row) and row[at].strip())


def meant(
    columns: Sequence[str],
    fields: Sequence[Field],
    facts: ObjectFacts,
    samples: Mapping[str, Sequence[str]],
    taken: Iterable[str],
) -> tuple[Meant, ...]:
    """What the columns mean among the free fields, each field and each column once; the sure ones first.

    Two columns that mean the same field draw: neither is sure.
    """
    known = {name.lower() for name in taken}
    free = [field for field in fields if field.name.lower() not in known]
    asked = _Asked(facts, free, samples, known)
    found: list[Meant] = []
    used: set[str] = set()
    rounds: tuple[Callable[[Sequence[str]], Iterator[Meant]], ...] = (
        asked.by_words, asked.by_values, asked.by_likeness,
    )  # fmt: skip
    for look in rounds:
        done = {one.column for one in found}
        news = list(look([column for column in columns if column not in done]))
        wanted = Counter(one.field for one in news)
        for one in sorted(news, key=lambda one: not one.sure):
            if one.field not in used:
                used.add(one.field)
                found.append(Meant(one.column, one.field, one.sure and wanted[one.field] == 1, one.values))
        asked.used = used
    return tuple(sorted(found, key=lambda one: not one.sure))


class _Asked:
    """One question: the free fields by their words, and what the columns hold."""

    def __init__(
        self, facts: ObjectFacts, free: Sequence[Field], samples: Mapping[str, Sequence[str]], known: set[str]
    ) -> None:
        self.object = facts.name.lower()
        self.prefix = facts.key_prefix
        self.free = {field.name: field for field in free}
        self.samples = samples
        self.known = known
        self.used: set[str] = set()
        self.own = frozenset(words_of(facts.name))
        self.forms = {field.name: self._forms(field) for field in free}
        self.fields: dict[Words, set[str]] = defaultdict(set)
        for name, forms in self.forms.items():
            for form in forms:
                self.fields[form].add(name)
        called, *others = _CALLED.get(self.object, ("",))
        for words in others:
            if called in self.free:
                self.fields.setdefault(frozenset(words.split()), {called})

    def _forms(self, field: Field) -> set[Words]:
        forms = {_plain(words_of(text)) for text in (field.name, field.label)}
        if field.type == "reference":
            forms |= {form - {"id"} for form in forms}
        if field.name.lower().startswith("numberof"):
            forms |= {form - {"number"} for form in forms}
        return {form for form in (*forms, *(form - self.own for form in forms)) if form}

    def by_words(self, columns: Sequence[str]) -> Iterator[Meant]:
        """Columns whose words are a field's."""
        family = "lastname" in self.known or any(
            self._named(_plain(words_of(column))) == "LastName" for column in columns
        )
        for column in columns:
            words = _plain(words_of(column))
            name = self._named(words)
            if not name and family and words == {"name"} and "FirstName" in self.free:
                name = "FirstName"
            if name:
                yield Meant(column, name, self._fits(column, self.free[name]))

    def _named(self, words: Words) -> str:
        tried = [words, words - self.own]
        if words & _PARTS and (default := _ADDRESS.get(self.object)):
            tried.append(words | {default})
        for each in tried:
            names = self.fields.get(each, set()) if each else set()
            if len(names) == 1:
                return next(iter(names))
        return ""

    def _fits(self, column: str, field: Field) -> bool:
        """The values do not speak against it; a reference needs ids that speak for it."""
        values = self.samples.get(column, ())
        if field.type in ("reference", "id"):
            return bool(values) and self._points_to(values, field)
        shape = _SHAPES.get(field.type)
        return shape is None or not values or _share(values, shape) >= 0.5

    def _points_to(self, values: Sequence[str], field: Field) -> bool:
        if _share(values, _ID) < 1:
            return False
        prefixes = {value[:3] for value in values}
        if field.type == "id":
            return prefixes == {self.prefix}
        return all(_PREFIXES.get(prefix) in field.reference_to for prefix in prefixes)

    def by_values(self, columns: Sequence[str]) -> Iterator[Meant]:
        """Columns whose values can only be those of one field: sure where the words say so too."""
        for column in columns:
            values = self.samples.get(column, ())
            names = [name for name in self._free() if self._holds(values, self.free[name])] if values else []
            if len(names) == 1:
                field = self.free[names[0]]
                near = self._likeness(column, names[0])
                yield Meant(column, field.name, field.type == "id" or near >= _LEAST, values=True)

    def _holds(self, values: Sequence[str], field: Field) -> bool:
        if field.type in ("id", "reference"):
            return self._points_to(values, field)
        if len(set(values)) < _LEAST_VALUES:
            return False
        if field.type in ("picklist", "multipicklist"):
            known = {*field.values, *(label for pair in field.labels for label in pair)}
            parts = [part.strip() for value in values for part in value.split(";")]
            return sum(part in known for part in parts) >= _MOST * len(parts)
        if field.type in ("email", "url"):
            return _share(values, _SHAPES[field.type]) >= _MOST
        return False

    def by_likeness(self, columns: Sequence[str]) -> Iterator[Meant]:
        """Columns that share words with one field more than with any other: never sure."""
        for column in columns:
            ranked = sorted(((self._likeness(column, name), name) for name in self._free()), reverse=True)[:2]
            if not ranked or ranked[0][0] < _LEAST or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
                continue
            field = self.free[ranked[0][1]]
            values = self.samples.get(column, ())
            if field.type in ("reference", "id") or not values or self._fits(column, field):
                yield Meant(column, field.name, sure=False)

    def _likeness(self, column: str, name: str) -> float:
        words = tuple(sorted(_plain(words_of(column))))
        return max((likeness(words, tuple(sorted(form))) for form in self.forms[name]), default=0.0)

    def _free(self) -> Iterator[str]:
        return (name for name in self.free if name not in self.used)


def _plain(words: Iterable[str]) -> Words:
    """A street is an address's first part; an address around another part says nothing."""
    found = frozenset("street" if word == "address" else word for word in words)
    return found - {"street"} if found & (_PARTS - {"street"}) else found


def _share(values: Sequence[str], shape: re.Pattern[str]) -> float:
    return sum(shape.fullmatch(value) is not None for value in values) / len(values)
