"""A whole load from what a person asks for: source opened, map made, rows checked, journal written, chunks carried."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Protocol, TypedDict, Unpack

from studio.base.atomic import make_folder, told
from studio.base.errors import BadInput, Severity
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts, describe, list_objects
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves import store
from studio.moves.access import guard
from studio.moves.access.guard import Confirm
from studio.moves.carrying.api import choose, said, unique_field
from studio.moves.carrying.run import Listener, run
from studio.moves.journal import Journal
from studio.moves.judging.asked_fixes import with_asked
from studio.moves.judging.checks import problems
from studio.moves.judging.look_up import Answered, Cost, Wanted, look_up
from studio.moves.judging.preflight import Report, unknown_prefixes
from studio.moves.judging.values_preview import ValuesPreview, values_preview
from studio.moves.maps.automap import Why, automap
from studio.moves.maps.meant import samples_of
from studio.moves.maps.sdl import read_sdl
from studio.moves.model import Action, Blank, FieldMap, Move, Options, Summary
from studio.moves.places import Place
from studio.moves.rows import correlate, cutting
from studio.moves.rows.plan import Planned, discard, new_folder, plan, preparing_folder
from studio.moves.rows.prepared import Prepared, prepared
from studio.moves.rows.recognise import Formats, Recogniser, recognise
from studio.moves.sources.bring import FILE as BROUGHT
from studio.moves.sources.bring import Brought, bring
from studio.moves.sources.kinds import Kind, Pick, kind_of
from studio.moves.undoing import before

Note = Callable[[str], object]


@dataclass(frozen=True)
class Request:
    """A load as asked for. `map` is given, or read from `map_file`, or found by itself from names and labels.

    `source` is a file or the address of a database, `pick` which sheet, table or query of it.
    `results` is where the result files go (the move's own folder when None); `again` allows an insert of bytes that
    were inserted before.
    """

    action: Action
    object: str
    source: Place
    key: str = ""
    org: str = ""
    map: FieldMap | None = None
    map_file: Path | None = None
    encoding: str = ""
    delimiter: str = ""
    pick: Pick = field(default_factory=Pick)
    formats: Formats = field(default_factory=Formats)
    fixes: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    results: Path | None = None
    again: bool = False
    # The org is asked whether the records that rows name are there; rows that name others are held back.
    look_up: bool = False
    # Fields that expressions give: moves.expressions.compute.
    compute: Compute | None = None

    @property
    def place(self) -> str:
        """The source as a move remembers it: a file's whole path, or an address without its password."""
        return str(self.source.absolute() if isinstance(self.source, Path) else self.source)


@dataclass(frozen=True)
class Checked:
    """What a check found: the report by field, the rows that would be held back and why, how columns are read.

    `cost` is what asking the org for the records that rows name takes, `told` what came of asking, in sentences.
    """

    report: Report
    held: Mapping[int, str]
    read: Prepared
    cost: Cost
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapped:
    """What a transformation makes of a source: the rows with what was computed, the field map, and rows it refused."""

    source: DelimitedFile
    map: FieldMap
    held: Mapping[int, str] = field(default_factory=dict)


# Maps a source by the file given, working in the folder given: moves.transformed.apply, which is not imported here
# because it brings the whole engine, and most moves do without.
Mapper = Callable[[Path, DelimitedFile, Path, Progress | None], Mapped]


class Compute(Protocol):
    """Adds to the field map what expressions give, `scripts` by field; in a module of its own for the same reason."""

    @property
    def scripts(self) -> Mapping[str, str]:
        """The expressions."""

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


# Brings the rows of a request's source into a folder, where they are no delimited file yet.
Bringer = Callable[[Request, Path, Progress | None], Brought]


def brought(request: Request, folder: Path, progress: Progress | None = None) -> Brought:
    """The source of a request as a delimited file, a copy in `folder` where it is of another kind; raises as bring does."""
    return bring(
        request.source,
        request.pick,
        folder,
        encoding=request.encoding,
        delimiter=request.delimiter,
        progress=progress,
    )


class Means(TypedDict, total=False):
    """How a load is made ready: `mapper` reads a map file that is no .sdl, `bringer` a source that is no delimited file.

    `note` is told what was decided.
    """

    mapper: Mapper | None
    bringer: Bringer
    note: Note
    progress: Progress | None


@dataclass(frozen=True)
class _By:
    """The means, those that were given and the usual ones."""

    mapper: Mapper | None = None
    bringer: Bringer = brought
    note: Note = lambda _text: None
    progress: Progress | None = None


async def load(
    request: Request,
    org: Org,
    *,
    listener: Listener = lambda _standing: None,
    confirm: Confirm | None = None,
    stop: asyncio.Event | None = None,
    **means: Unpack[Means],
) -> Summary:
    """Do the load; `confirm` is asked before a dangerous one. Raises WeftError before anything is sent, run.Interrupted after."""
    with await begin(request, org, confirm=confirm, **means) as journal:
        return await run(journal, org, results_folder(journal), listener=listener, stop=stop)


async def begin(
    request: Request,
    org: Org,
    *,
    confirm: Confirm | None = None,
    more: Mapping[str, Any] | None = None,
    **means: Unpack[Means],
) -> Journal:
    """The journal of a load that is planned: nothing was sent, and from here on it can be resumed. Raises WeftError.

    `more` are facts the journal remembers besides.
    """
    by = _By(**means)
    if by.bringer is brought and kind_of(request.source) is Kind.DELIMITED:
        # What is wrong with a header is said before the org is asked and a folder is made.
        brought(request, store.folder())
    if request.results is not None:
        _writable(request.results)
    facts = await describe(org, request.object)
    identity = await org.identify()
    folder = new_folder(store.folder())
    try:
        rows = by.bringer(request, folder, by.progress)
        if rows.shown and (rows.file.path != request.source or rows.file.dialect.guessed):
            by.note(_("Read: {source}.").format(source=rows.shown))
        with _known(rows.file, request):
            move, source, held = _mapped(request, rows.file, facts, folder, by)
            if request.options.correlate:
                move, source = correlate.stamp(move, source, facts, folder, by.progress or Progress())
            if request.options.hold:
                facts = await _with_prefixes(facts, move, org)
            held = {**held, **rows.held}
            read = prepared(
                move, source, facts, folder, request.formats,
                held=held, ask=request.look_up, progress=by.progress,
            )  # fmt: skip
            move, planned = read.move, read.planned
        if planned.wanted is not None:
            planned.held |= (await _looked_up(planned, planned.wanted, folder, org, by)).held
        rows_sent = planned.fingerprint.rows - len(planned.held)
        danger = guard.danger(move.action, move.object, rows_sent, identity, source, planned.held)
        if confirm is not None and danger is not None:
            await confirm(danger)
        _clear_mapped(source, folder)
        if request.action is Action.INSERT and not request.again:
            _refuse_repeat(move, planned, identity)
        api = choose(move, rows_sent, facts)
        warnings = [*read.told, *_warnings(move, planned)]
        for warning in warnings:
            by.note(warning)
        by.note(said(api))
        kept = before.wanted(move, rows_sent)
        if text := before.said(move, kept):
            by.note(text)
        remembered = {
            "results": str(request.results.absolute()) if request.results else "",
            "before_image": kept,
            "before": before.make_plan(move, facts).to_data() if kept else None,
            "rule": before.rule_of(move, facts),
            "part": request.pick.given,
            "zone": request.formats.zone,
            "scripts": dict(request.compute.scripts) if request.compute is not None else {},
            **(more or {}),
        }
        unique = unique_field(move, facts)
        return plan(move, planned, folder, org, identity, warnings, api=api, unique=unique, more=remembered)
    except BaseException:
        discard(folder)
        raise


async def check(request: Request, org: Org, **means: Unpack[Means]) -> Checked:
    """Judge every row without sending anything."""
    facts = await describe(org, request.object)
    by = _By(**means)
    async with judged(request, org, facts, **means) as (read, folder):
        planned = read.planned
        assert planned.report is not None
        wanted = planned.wanted
        cost = wanted.cost() if wanted is not None else Cost(0, 0)
        if not request.look_up or wanted is None:
            return Checked(planned.report, planned.held, read, cost)
        found = await _looked_up(planned, wanted, folder, org, by)
        return Checked(found.report, found.held, read, cost, found.told)


async def _looked_up(planned: Planned, wanted: Wanted, folder: Path, org: Org, by: _By) -> Answered:
    assert planned.report is not None
    by.note(wanted.cost().said)
    found = await look_up(wanted, planned.report, planned.held, folder, planned.whole, org, by.progress)
    for text in found.told:
        by.note(text)
    return found


@asynccontextmanager
async def judged(
    request: Request,
    org: Org,
    facts: ObjectFacts,
    **means: Unpack[Means],
) -> AsyncIterator[tuple[Prepared, Path]]:
    """The move with its rows judged, and the folder of their copy, which lasts as long as the block. Raises BadInput."""
    by = _By(**means)
    folder = preparing_folder(store.folder())
    try:
        rows = by.bringer(request, folder, by.progress)
        with _known(rows.file, request):
            move, source, held = _mapped(request, rows.file, facts, folder, by)
            move = replace(move, options=replace(move.options, hold=True))
            facts = await _with_prefixes(facts, move, org)
            held = {**held, **rows.held}
            read = prepared(
                move, source, facts, folder, request.formats, held=held, check=True, progress=by.progress
            )
        for text in read.told:
            by.note(text)
        yield read, folder
    finally:
        discard(folder)


async def _with_prefixes(facts: ObjectFacts, move: Move, org: Org) -> ObjectFacts:
    """The facts with what ids of other objects begin with, where rows name records of objects that not every org has."""
    if not unknown_prefixes(move.map.fields, facts):
        return facts
    return replace(facts, prefixes=tuple((one.name, one.key_prefix) for one in await list_objects(org)))


async def show(
    request: Request,
    org: Org,
    *,
    rows: int = 10,
    **means: Unpack[Means],
) -> ValuesPreview:
    """The first rows as the org will hold them; the formats are told by all rows. Nothing is sent."""
    facts = await describe(org, request.object)
    by = _By(**means)
    folder = preparing_folder(store.folder())
    try:
        found = by.bringer(request, folder, by.progress)
        with _known(found.file, request):
            move, source, _held = _mapped(request, found.file, facts, folder, by)
            recogniser = Recogniser(source.header, move.map, facts, request.formats)
            recognise(source, recogniser)
            move = replace(move, map=recogniser.map())
            width = len(source.header)
            first = [row for row in source.first(rows) if len(row) == width]
            return values_preview(move, source.header, first, facts, recogniser.known())
    finally:
        discard(folder)


async def resume(
    name: str,
    org: Org,
    *,
    listener: Listener = lambda _standing: None,
    stop: asyncio.Event | None = None,
) -> Summary:
    """Go on with a move: rows never sent are sent, rows the org certified as unprocessed are sent again."""
    with Journal.open(store.move_folder(name)) as journal:
        return await run(journal, org, results_folder(journal), listener=listener, stop=stop, resuming=True)


@contextmanager
def _known(file: DelimitedFile, request: Request) -> Iterator[None]:
    """What is wrong with the copy is wrong with the source, which a person knows."""
    try:
        yield
    except BadInput as error:
        if error.file == str(file.path):
            error.file = request.place
        raise


def _writable(folder: Path) -> None:
    """See that result files can be written before a row is sent."""
    make_folder(folder)
    with told(folder), tempfile.TemporaryFile(dir=folder):
        pass


def results_folder(journal: Journal) -> Path:
    """Where the result files of a move go: its own folder, or one named after it below the folder asked for."""
    asked = journal.facts.get("results")
    return Path(asked) / journal.run if asked else journal.folder


def _mapped(
    request: Request,
    source: DelimitedFile,
    facts: ObjectFacts,
    folder: Path,
    by: _By,
) -> tuple[Move, DelimitedFile, Mapping[int, str]]:
    """The move, the rows it sends and those its map refused: a transformation makes rows of its own."""
    if request.map is None and request.map_file is not None and by.mapper is not None:
        made = by.mapper(request.map_file, source, folder, by.progress)
        return _make_move(request, made.map, made.source, facts, by.note), made.source, made.held
    fields = request.map if request.map is not None else map_of(request, source, facts, by.note)
    if request.compute is not None:
        made = request.compute(request, fields, facts, source, folder, by.progress)
        return _make_move(request, made.map, made.source, facts, by.note), made.source, made.held
    return _make_move(request, fields, source, facts, by.note), source, {}


def _clear_mapped(source: DelimitedFile, folder: Path) -> None:
    """The rows that were brought here, and those a transformation made, are staged by now."""
    with suppress(OSError):
        (folder / BROUGHT).unlink()
    if source.path.parent == folder:
        with suppress(OSError):
            source.path.unlink()


def _make_move(
    request: Request, fields: FieldMap, source: DelimitedFile, facts: ObjectFacts, note: Note
) -> Move:
    if request.options.cut:
        fields = cutting.with_cuts(fields, facts)
    move = Move(
        request.action,
        facts.name or request.object,
        request.place,
        _key_name(request, facts),
        fields,
        request.org,
        request.options,
    )
    move = with_asked(move, request.fixes, facts, request.formats.zone)
    for problem in problems(move, source.header, facts):
        if problem.severity is Severity.WARNING:
            note(f"{problem.message} {problem.mend}".strip())
    return move


def _key_name(request: Request, facts: ObjectFacts) -> str:
    known = facts.field(request.key) if request.key else None
    return known.name if known is not None and "." not in request.key else request.key


def map_of(request: Request, source: DelimitedFile, facts: ObjectFacts, note: Note) -> FieldMap:
    """The field map of a request that brings none: its .sdl file's, or that of columns matched by themselves."""
    if request.map_file is not None:
        if request.map_file.suffix.lower() != ".sdl":
            raise BadInput(
                _("A field map is a transformation (.yaml) or a .sdl file."),
                file=request.map_file,
                next_step=_("Give one of these, or none to map columns by their names."),
            )
        return read_sdl(request.map_file, source.header, facts)
    found = automap(source.header, facts, request.action, request.key, samples_of(source))
    for match in found.matches:
        if match.why is not Why.NAME:
            note(
                _("Column {column} goes to {field} ({why}).").format(
                    column=match.column, field=match.field, why=match.why.shown
                )
            )
    for match in found.proposed:
        note(
            _("Column {column} may be meant for {field} ({why}): it is not sent until you say so.").format(
                column=match.column, field=match.field, why=match.why.shown
            )
        )
    if found.unmapped and found.matches:
        note(
            ngettext(
                "{n} column is not sent: {columns}.",
                "{n} columns are not sent: {columns}.",
                len(found.unmapped),
            ).format(n=len(found.unmapped), columns=", ".join(found.unmapped))
        )
    return found.map


def _refuse_repeat(move: Move, planned: Planned, identity: OrgIdentity) -> None:
    before = store.same_insert(identity.id, move.object, planned.fingerprint.sha256)
    if before is not None:
        raise BadInput(
            _("These very rows were already inserted into {object} by {run}.").format(
                object=move.object, run=before.run
            ),
            file=move.source,
            next_step=_("To insert them once more, say so with --again."),
        )


def _warnings(move: Move, planned: Planned) -> list[str]:
    found: list[str] = list(planned.cut)
    if planned.held:
        n = len(planned.held)
        first = min(planned.held)
        found.append(
            ngettext(
                "{n} row is held back; row {row}: {reason}.",
                "{n} rows are held back; the first, row {row}: {reason}.",
                n,
            ).format(n=n, row=first, reason=planned.held[first])
        )
    if planned.literal_nulls and move.options.blank is Blank.LEAVE:
        n = planned.literal_nulls
        found.append(
            ngettext(
                "{n} cell holds #N/A, which empties the field.",
                "{n} cells hold #N/A, which empties the field.",
                n,
            ).format(n=n)
        )
    return found
