"""Texts that are cut to the length of their field, on request: each one is written down whole before."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from studio.base.atomic import told
from studio.base.i18n import ngettext
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.judging.values import may_be_cut
from studio.moves.model import Blank, Entry, FieldMap
from studio.moves.rows.shape import Shaper
from studio.moves.rows.value_fix import Fix, FixKind

FILE = "cut.csv"
HEADER = ("weft__row", "field", "length", "value")


def with_cuts(fields: FieldMap, facts: ObjectFacts) -> FieldMap:
    """The map with every text that may be cut, cut to its field's length."""
    return FieldMap(tuple(_cut(entry, facts) for entry in fields.entries))


def _cut(entry: Entry, facts: ObjectFacts) -> Entry:
    field = facts.field(entry.field) if "." not in entry.field and entry.constant is None else None
    if field is None or not may_be_cut(field) or _length(entry):
        return entry
    return replace(entry, fixes=(*entry.fixes, Fix(FixKind.CUT, str(field.length))))


def _length(entry: Entry) -> int:
    """To how many characters an entry's values are cut; 0 when they are not."""
    return min((int(fix.value) for fix in entry.fixes if fix.kind is FixKind.CUT), default=0)


class CutReport:
    """Watches rows being staged and lists the values that will be cut; without any there is no file."""

    def __init__(self, folder: Path, header: Sequence[str], fields: FieldMap, blank: Blank) -> None:
        self._path = folder / FILE
        limits = [(at, entry.field, _length(entry)) for at, entry in enumerate(fields.entries)]
        self._places = [found for found in limits if found[2]]
        self._limits = {name: length for _at, name, length in self._places}
        uncut = [
            replace(e, fixes=tuple(f for f in e.fixes if f.kind is not FixKind.CUT)) for e in fields.entries
        ]
        self._shaper = Shaper(header, FieldMap(tuple(uncut)), blank)
        self._file: IO[str] | None = None
        self._writer: Any = None
        self.counts: Counter[str] = Counter()

    @property
    def needed(self) -> bool:
        """There are values that may be cut."""
        return bool(self._places)

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Look at rows numbered from `first`."""
        for number, row in enumerate(rows, first):
            if len(row) == self._shaper.width:
                sent = self._shaper.one(row)
                for at, name, length in self._places:
                    if len(sent[at]) > length:
                        self._list(number, name, length, sent[at])

    def _list(self, number: int, name: str, length: int, value: str) -> None:
        with told(self._path):
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator="\n")
                self._writer.writerow(HEADER)
            self._writer.writerow((number, name, length, value))
        self.counts[name] += 1

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            with told(self._path):
                self._file.close()
            self._file = None

    def said(self) -> Iterator[str]:
        """What was cut, a sentence for each field."""
        for name, n in sorted(self.counts.items()):
            yield ngettext(
                "{n} value of {field} is cut to {length} characters; whole it is in {file}.",
                "{n} values of {field} are cut to {length} characters; whole they are in {file}.",
                n,
            ).format(n=n, field=name, length=self._limits[name], file=self._path)
