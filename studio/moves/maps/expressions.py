"""Fields given by expressions beside a field map: `Name=ToUpper([first]) + " " + [last]`, in the language of scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, SchemaUse, Transformation
from studio.moves.load import Compute, Mapped, Request
from studio.moves.maps.automap import may_send
from studio.moves.maps.transformed import applied
from studio.moves.model import FieldMap
from studio.schema.path import quote

_ROOT = "row"
# What errors name, where a file would be named.
_OPTION = Path("--set")
# The field an expression is tried with.
_TRIED = "value"


@dataclass(frozen=True)
class _Computed:
    """Gives fields what `scripts` say."""

    scripts: Mapping[str, str]

    def __call__(
        self,
        request: Request,
        fields: FieldMap,
        facts: ObjectFacts,
        source: DelimitedFile,
        folder: Path,
        progress: Progress | None,
        /,
    ) -> Mapped:
        """Compute the fields of every row."""
        scripts = {_field(name, facts, request): script for name, script in self.scripts.items()}
        with TemporaryDirectory(dir=folder) as base:
            transformation = _transformation(scripts, source.header, Path(base))
            made = applied(transformation, Path(base), _OPTION, source, folder, progress)
        given = {name.lower() for name in scripts}
        kept = (entry for entry in fields.entries if entry.field.lower() not in given)
        return replace(made, map=FieldMap((*kept, *made.map.entries)))


def compute(texts: Sequence[str]) -> Compute:
    """What gives fields the values that `FIELD=EXPRESSION` say. Raises BadInput where one is written otherwise."""
    return _Computed(_read(texts))


def computed(scripts: Mapping[str, str]) -> Compute:
    """What gives fields the values of expressions."""
    return _Computed(dict(scripts))


def tried(script: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """What an expression gives for rows of a source: the value, or why there is none. Raises BadInput where it is wrong."""
    with TemporaryDirectory() as folder:
        base = Path(folder)
        given = base / "rows.csv"
        with given.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
        source = DelimitedFile.open(given, encoding="utf-8", delimiter=",")
        (base / "map").mkdir()
        transformation = _transformation({_TRIED: script}, header, base / "map")
        made = applied(transformation, base / "map", _OPTION, source, base)
        entry = made.map.entries[0]
        at = made.source.header.index(entry.column) if entry.constant is None else -1
        with made.source.rows() as found:
            return [
                (entry.constant if entry.constant is not None else row[at], made.held.get(number, ""))
                for number, row in enumerate(found, 1)
            ]


def _read(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, is_one, script = (part.strip() for part in text.partition("="))
        if not (name and is_one and script):
            raise BadInput(
                _("{text} does not say what a field becomes.").format(text=text),
                next_step=_('Write it as FIELD=EXPRESSION: Name=ToUpper([company]), or Type="Customer".'),
            )
        if name.lower() in {known.lower() for known in found}:
            raise BadInput(
                _("The field {field} is set twice.").format(field=name),
                next_step=_("Leave one of the expressions out."),
            )
        found[name] = script
    return found


def _field(name: str, facts: ObjectFacts, request: Request) -> str:
    """The field's name as the org writes it."""
    field = facts.field(name)
    if field is None:
        raise BadInput(
            _("{object} has no field {field}.").format(object=facts.name, field=name),
            next_step=_("Use its API name: Account, or Invoice__c for one of your own."),
        )
    if "." in name:
        return name
    if not may_send(field, request.action, request.key):
        raise BadInput(
            _("The field {field} cannot be given a value in this move.").format(field=field.name),
            next_step=_("Leave the expression out."),
        )
    return field.name


def _transformation(scripts: Mapping[str, str], header: Sequence[str], base: Path) -> Transformation:
    rows, record = base / "source.csv", base / "target.csv"
    atomic.write_bytes(rows, _header(header))
    atomic.write_bytes(record, _header(tuple(scripts)))
    rules = (Rule(f"{_ROOT}/{quote(name)}", script=script) for name, script in scripts.items())
    return Transformation(
        _OPTION.name,
        SchemaUse(rows.name, _ROOT),
        SchemaUse(record.name, _ROOT),
        Map((Rule(_ROOT, loop=_ROOT), *rules)),
    )


def _header(names: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(names)
    return text.getvalue().encode()
