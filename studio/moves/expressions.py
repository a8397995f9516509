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
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, SchemaUse, Transformation
from studio.moves.automap import may_send
from studio.moves.load import Compute, Mapped, Request
from studio.moves.model import FieldMap
from studio.moves.transformed import applied
from studio.schema.path import quote

_ROOT = "row"
# What errors name, where a file would be named.
_OPTION = Path("--set")


def compute(texts: Sequence[str]) -> Compute:
    """What gives fields the values that `FIELD=EXPRESSION` say. Raises BadInput where one is written otherwise."""
    wanted = _read(texts)

    def computed(
        request: Request,
        fields: FieldMap,
        facts: ObjectFacts,
        source: DelimitedFile,
        folder: Path,
        progress: Progress | None,
    ) -> Mapped:
        scripts = {_field(name, facts, request): script for name, script in wanted.items()}
        with TemporaryDirectory(dir=folder) as base:
            transformation = _transformation(scripts, source, Path(base))
            made = applied(transformation, Path(base), _OPTION, source, folder, progress)
        given = {name.lower() for name in scripts}
        kept = (entry for entry in fields.entries if entry.field.lower() not in given)
        return replace(made, map=FieldMap((*kept, *made.map.entries)))

    return computed


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


def _transformation(scripts: Mapping[str, str], source: DelimitedFile, base: Path) -> Transformation:
    rows, record = base / "source.csv", base / "target.csv"
    atomic.write_bytes(rows, _header(source.header))
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
