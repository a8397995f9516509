"""A transformation as the field map of a move: every row runs through it, and stays paired with its row of the source."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from studio.base.atomic import told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.engine.compile import compile_plan, format_of
from studio.engine.failures import Failure
from studio.engine.run import check_plan, transform
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation
from studio.moves.carrying.parts import ROW
from studio.moves.load import Mapped
from studio.moves.model import Entry, FieldMap
from studio.project.folder import find_project, load_object, load_transformation
from studio.project.model import PROJECT
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from studio.schema.delimited import delimited_schema, field_node
from studio.schema.model import TEXT, Node, Place, Schema
from studio.schema.path import parse_path
from studio.script.parse import parse
from studio.script.tree import Literal

_COLUMN = re.compile(r"\s*\[\s*(?:`(?P<quoted>(?:[^`]|``)+)`|(?P<name>[^\[\]@~:`/'\"]+?))\s*\]\s*")
# What stands before a field's name where its value was computed: the result files show it beside the source's columns.
MADE = "→ "


def apply(file: Path, source: DelimitedFile, folder: Path, progress: Progress | None = None) -> Mapped:
    """Map `source` by the transformation in `file`; what is computed goes into `folder`.

    A map of plain columns and constants is only read. Any other runs on the engine, once per row. Raises BadInput for a
    transformation that is wrong, is not from a delimited file, or does not make one record of each row.
    """
    transformation = load_transformation(file)
    base = find_project(file.resolve()) or file.resolve().parent
    return applied(transformation, base, file, source, folder, progress)


def applied(
    transformation: Transformation,
    base: Path,
    file: Path,
    source: DelimitedFile,
    folder: Path,
    progress: Progress | None = None,
) -> Mapped:
    """As `apply`, for a transformation at hand: its files lie in `base`, and `file` is what its errors name."""
    schemas = Schemas(base)
    source_schema, target_schema = schemas.get(transformation.source), schemas.get(transformation.target)
    source_root = source_schema.root(transformation.source.root)
    target_root = target_schema.root(transformation.target.root)
    if source_root is None or target_root is None or format_of(source_schema, source_root) != "delimited":
        raise _wrong(
            file, _("A move's map goes from the rows of a delimited file to the fields of an object.")
        )
    rules = _field_rules(transformation, source_root, target_root, file)
    plain = _plain(rules, source)
    computed = [(name, rule) for name, rule in rules if name not in plain]
    if not computed and not any(rule.when for rule in transformation.mapping.rules):
        return Mapped(source, FieldMap(tuple(plain.values())))
    numbered = _numbered(source, folder / "numbered.csv")
    run = _Run(file, base, transformation, source_root, target_root, computed)
    try:
        reasons = run.go(numbered, folder / "made.csv", progress)
    except BadInput as error:
        if error.file == str(numbered):
            # The copy is ours: a person knows the file it was made of.
            error.file = str(source.path)
        raise
    numbered.unlink()
    found = _joined(source, folder, [name for name, _rule in computed], reasons)
    made = {entry.field: entry for entry in found.map.entries}
    # A column that is only carried stays one: its formats are recognised and its fixes done as in any move.
    entries = tuple(plain.get(name) or made[name] for name, _rule in rules)
    return replace(found, map=FieldMap(entries))


def _field_rules(
    transformation: Transformation, source: Place, target: Place, file: Path
) -> list[tuple[str, Rule]]:
    """The rules of fields by the field's name; the rule of the rows must loop once over the source's rows."""
    found: list[tuple[str, Rule]] = []
    for rule in transformation.mapping.rules:
        steps = parse_path(rule.path)
        if len(steps) == 2 and steps[0].name == target.node.name:
            found.append((steps[1].name, rule))
        elif len(steps) == 1 and not _one_record_per_row(rule, source):
            raise _wrong(file, _("A move needs a map that makes one record of each row."), rule.path)
    if not found:
        raise _wrong(file, _("The transformation maps no field of a record."))
    return found


def _one_record_per_row(rule: Rule, source: Place) -> bool:
    many = (
        rule.each or rule.join or rule.group or rule.sort or rule.first is not None or rule.last is not None
    )
    return not many and rule.loop is not None and rule.loop.strip("/") == source.path.strip("/")


def _plain(rules: list[tuple[str, Rule]], source: DelimitedFile) -> dict[str, Entry]:
    """The fields that are plain columns and constants."""
    entries: dict[str, Entry] = {}
    for name, rule in rules:
        if rule.when:
            continue
        script = rule.script or ""
        column, constant = _COLUMN.fullmatch(script), _constant(script)
        if column is not None:
            wanted = (column["quoted"] or "").replace("``", "`") or column["name"]
            if wanted in source.header:
                entries[name] = Entry(name, wanted)
        elif constant is not None:
            entries[name] = Entry(name, constant=constant)
    return entries


def _constant(script: str) -> str | None:
    """The text a rule always gives, None where it computes something."""
    if script.strip()[:1] not in ("'", '"'):
        return None
    only = parse(script).only
    return only.value if isinstance(only, Literal) and isinstance(only.value, str) else None


def _numbered(source: DelimitedFile, path: Path) -> Path:
    """The rows that fit the header as plain CSV, each with its number, so that what comes out can be paired again."""
    width = len(source.header)
    with told(path), path.open("w", encoding="utf-8", newline="") as file, source.rows() as rows:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((ROW, *source.header))
        writer.writerows((number, *row) for number, row in enumerate(rows, 1) if len(row) == width)
    return path


@dataclass(frozen=True)
class _Run:
    """The transformation with the row's number carried through it."""

    file: Path
    folder: Path
    transformation: Transformation
    source: Place
    target: Place
    rules: list[tuple[str, Rule]]

    def go(self, rows: Path, made: Path, progress: Progress | None) -> dict[int, str]:
        """Run it over `rows` into `made`; the reasons of the records that failed, by their place among the rows."""
        reasons: dict[int, str] = {}

        def failed(failure: Failure) -> None:
            field = parse_path(failure.path)[-1].name if failure.path else ""
            reasons[failure.record] = f"{field}: {failure.reason}" if field else failure.reason

        wanted = {name for name, _rule in self.rules}
        number = field_node(ROW, TEXT, {})
        facts = {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": "yes"}
        source = _with(self.source.node, [place.node for place in self.source.flat_children()], number, facts)
        fields = [place.node for place in self.target.flat_children() if place.node.name in wanted]
        target = _with(self.target.node, fields, number, facts)
        carried = Rule(f"{self.target.node.name}/{ROW}", script=f"[{ROW}]")
        kept = (r for r in self.transformation.mapping.rules if len(parse_path(r.path)) == 1)
        mapping = Map((*kept, *(rule for _name, rule in self.rules), carried))
        plan = compile_plan(
            replace(self.transformation, mapping=mapping), source, target, Tables(self.folder)
        )
        check_plan(plan)
        variables = {}
        if (self.folder / "project.yaml").is_file():
            variables = dict(load_object(self.folder, PROJECT).variables)
        transform(plan, rows, made, failures=failed, progress=progress, variables=variables)
        return reasons


def _with(root: Node, fields: list[Node], number: Node, facts: dict[str, str]) -> Schema:
    made = delimited_schema((*fields, number), facts, Path("rows.csv"))
    row = replace(made.roots[0], name=root.name)
    return replace(made, roots=(row,))


def _joined(source: DelimitedFile, folder: Path, fields: list[str], reasons: Mapping[int, str]) -> Mapped:
    """The source's rows with what was made of each beside them; rows without a record are held back."""
    path = folder / "mapped.csv"
    held: dict[int, str] = {}
    names = [MADE + name for name in fields]
    width, empty = len(source.header), [""] * len(fields)
    with (
        (folder / "made.csv").open(encoding="utf-8", newline="") as made,
        path.open("w", encoding="utf-8", newline="") as file,
        source.rows() as rows,
    ):
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow((*source.header, *names))
        results = _Results(made, fields)
        place = 0
        for number, row in enumerate(rows, 1):
            if len(row) != width:
                held[number] = _("the row has {found} values where the header has {width}").format(
                    found=len(row), width=width
                )
                row = (row + [""] * width)[:width]
            else:
                place += 1
            values = results.take(number)
            if values is None:
                held.setdefault(number, reasons.get(place) or _("left out by the field map"))
            writer.writerow((*row, *(values or empty)))
    (folder / "made.csv").unlink()
    entries = tuple(Entry(name, MADE + name) for name in fields)
    return Mapped(DelimitedFile.open(path, encoding="utf-8", delimiter=","), FieldMap(entries), held)


class _Results:
    """The records the engine made, asked for in the order of the source's rows."""

    def __init__(self, file: TextIO, fields: list[str]) -> None:
        self._rows: Iterator[dict[str, str]] = csv.DictReader(file)
        self._fields = fields
        self._next = next(self._rows, None)

    def take(self, number: int) -> list[str] | None:
        """The values made of a row; None where nothing was."""
        if self._next is None or int(self._next[ROW]) != number:
            return None
        found, self._next = self._next, next(self._rows, None)
        return [found[name] for name in self._fields]


def _wrong(file: Path, message: str, path: str | None = None) -> BadInput:
    return BadInput(
        message,
        file=file,
        path=path,
        next_step=_("Choose another transformation, or a .sdl file, as the field map."),
    )
