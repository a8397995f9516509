"""What a move is: the action, the object, the source, the field map, the options; and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from enum import StrEnum
from typing import Any

from studio.base.records import dataclass
from studio.moves.rows.value_fix import Fix


class Action(StrEnum):
    """What is done to the org's records with each row of the source."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"
    HARD_DELETE = "hard-delete"
    UNDELETE = "undelete"

    @property
    def by_id(self) -> bool:
        """Records are named by their Id."""
        return self is Action.UPDATE or self.id_only

    @property
    def id_only(self) -> bool:
        """Nothing but the Id is sent."""
        return self in (Action.DELETE, Action.HARD_DELETE, Action.UNDELETE)

    @property
    def job(self) -> str:
        """The operation of a Bulk API job that does it; there is none for undelete."""
        return "hardDelete" if self is Action.HARD_DELETE else self.value


class Api(StrEnum):
    """What carries the rows: Bulk API 2.0 jobs, collections of up to 200 rows a call, or the better of the two."""

    AUTO = "auto"
    BULK = "bulk"
    COLLECTIONS = "collections"


class Blank(StrEnum):
    """What an empty cell means: leave the field as it is, or make it empty."""

    LEAVE = "leave"
    NULL = "null"


class Duplicates(StrEnum):
    """What happens to rows that name the same record: all held back, one of them sent, or all sent."""

    HOLD = "hold"
    FIRST = "first"
    LAST = "last"
    SEND = "send"


class Before(StrEnum):
    """Whether the records are kept as they were before they are changed, so that the move can be undone."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True)
class Entry:
    """One field and where its value comes from: a source column, or a constant text; `fixes` are done to the column."""

    field: str
    column: str = ""
    constant: str | None = None
    fixes: tuple[Fix, ...] = ()

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Entry:
        """The entry of JSON data; members that are missing take the harmless value."""
        fixes = tuple(Fix.from_data(fix) for fix in data.get("fixes", ()))
        return Entry(data["field"], data.get("column", ""), data.get("constant"), fixes)


@dataclass(frozen=True)
class FieldMap:
    """The fields that are sent, in order."""

    entries: tuple[Entry, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The API names sent, the header of every upload."""
        return tuple(entry.field for entry in self.entries)

    @property
    def columns(self) -> frozenset[str]:
        """The source columns that are sent somewhere."""
        return frozenset(entry.column for entry in self.entries if entry.constant is None)


@dataclass(frozen=True)
class Options:
    """How a move is done. `chunk_rows` 0 lets the size follow from the number of rows.

    `hold` keeps rows back that the org would certainly refuse; `empty_keys` sends rows without a key in an upsert,
    which inserts them. `compress` None compresses except to this computer. `api` is decided in moves.api. `before` is
    decided in moves.before. `first` stops after so many rows until the move is resumed (0: all rows).
    `cut` cuts texts to the length of their field. The rules of the org: `save_duplicates` saves past its duplicate
    rules, `assignment` names an assignment rule, `all_or_none` lets a call's rows succeed together or not at all.
    """

    blank: Blank = Blank.LEAVE
    duplicates: Duplicates = Duplicates.HOLD
    empty_keys: bool = False
    hold: bool = False
    chunk_rows: int = 0
    chunk_bytes: int = 16_000_000
    parallel: int = 3
    compress: bool | None = None
    api: Api = Api.AUTO
    before: Before = Before.AUTO
    first: int = 0
    cut: bool = False
    save_duplicates: bool = False
    assignment: str = ""
    all_or_none: bool = False
    correlate: str = ""


@dataclass(frozen=True)
class Move:
    """A one-shot load, as asked for. `key` is the field records are found by; `org` the name the user gave it."""

    action: Action
    object: str
    source: str
    key: str = ""
    map: FieldMap = FieldMap()
    org: str = ""
    options: Options = Options()

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Move:
        """The move of JSON data written by `to_data`."""
        options = dict(data["options"])
        options["blank"] = Blank(options["blank"])
        # A move planned before there was a choice went by jobs.
        options["api"] = Api(options.get("api", Api.BULK))
        options["duplicates"] = Duplicates(options["duplicates"])
        # A move planned before there was a choice kept nothing.
        options["before"] = Before(options.get("before", Before.OFF))
        entries = tuple(Entry.from_data(entry) for entry in data["map"]["entries"])
        return Move(
            action=Action(data["action"]),
            object=data["object"],
            source=data["source"],
            key=data["key"],
            map=FieldMap(entries),
            org=data["org"],
            options=Options(**options),
        )


@dataclass(frozen=True)
class Fingerprint:
    """What the source was when it was read: a repeated or a changed source is told by it."""

    size: int
    sha256: str
    rows: int
    header: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """Where the rows are. In a finished move the four add up to the rows read."""

    succeeded: int = 0
    failed: int = 0
    unprocessed: int = 0
    not_sent: int = 0

    @property
    def total(self) -> int:
        """All rows counted."""
        return self.succeeded + self.failed + self.unprocessed + self.not_sent

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.succeeded + other.succeeded,
            self.failed + other.failed,
            self.unprocessed + other.unprocessed,
            self.not_sent + other.not_sent,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.succeeded - other.succeeded,
            self.failed - other.failed,
            self.unprocessed - other.unprocessed,
            self.not_sent - other.not_sent,
        )


class MoveState(StrEnum):
    """Where a move is. STOPPED (by the user) and INTERRUPTED (by trouble) ones can be resumed.

    TRIAL: the first rows asked for are through, the rest waits for a resume.
    """

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    TRIAL = "trial"

    @property
    def resumable(self) -> bool:
        """There may be rows left to send or results left to fetch."""
        return self is not MoveState.DONE


@dataclass(frozen=True)
class ChunkStanding:
    """How far one chunk is: its rows from `first`, its job, and what the org has said of the rows `sent`."""

    number: int
    first: int
    rows: int
    job: str
    state: str
    sent: int
    counts: Counts
    parent: int | None = None


@dataclass(frozen=True)
class Standing:
    """How far a running move is: what a window shows. `calls` is of this session, `used` of `allowed` the org's day."""

    run: str
    read: int
    counts: Counts
    chunks: tuple[ChunkStanding, ...] = ()
    calls: int = 0
    used: int = 0
    allowed: int = 0

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Standing:
        """The standing of JSON data written by `to_data`."""
        chunks = tuple(
            ChunkStanding(**{**chunk, "counts": Counts(**chunk["counts"])}) for chunk in data["chunks"]
        )
        return Standing(**{**data, "counts": Counts(**data["counts"]), "chunks": chunks})


@dataclass(frozen=True)
class Summary:
    """The end of a move: the four counts, the result files by name, and what deserves a loud word."""

    run: str
    state: MoveState
    read: int
    counts: Counts
    seconds: float
    api_calls: int
    files: Mapping[str, str] = field(default_factory=dict)
    unreconciled: int = 0
    warnings: tuple[str, ...] = ()
    api: str = Api.BULK.value
    # Rows of a trial; the others wait.
    first: int = 0
    # Whether the records were kept as they were; None where nothing needs to be kept for an undo.
    before_image: bool | None = None

    @property
    def exit_code(self) -> int:
        """0 when every row (of a trial: every row of it) succeeded, 130 when the move was stopped, else 1."""
        if self.state is MoveState.STOPPED:
            return 130
        rows = self.first if self.state is MoveState.TRIAL else self.read
        return 0 if self.counts.succeeded == rows and not self.unreconciled else 1

    def to_data(self) -> dict[str, Any]:
        """The machine-readable summary of the command line."""
        return {
            "run": self.run,
            "state": self.state.value,
            "read": self.read,
            "succeeded": self.counts.succeeded,
            "failed": self.counts.failed,
            "unprocessed": self.counts.unprocessed,
            "not_sent": self.counts.not_sent,
            "unreconciled": self.unreconciled,
            "seconds": round(self.seconds, 3),
            "api_calls": self.api_calls,
            "api": self.api,
            "first": self.first,
            "before_image": self.before_image,
            "files": dict(self.files),
            "warnings": list(self.warnings),
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Summary:
        """The summary of JSON data written by `to_data`."""
        names = ("succeeded", "failed", "unprocessed", "not_sent")
        return Summary(
            run=data["run"],
            state=MoveState(data["state"]),
            read=data["read"],
            counts=Counts(**{name: data[name] for name in names}),
            seconds=data["seconds"],
            api_calls=data["api_calls"],
            files=data["files"],
            unreconciled=data["unreconciled"],
            warnings=tuple(data["warnings"]),
            api=data.get("api", Api.BULK.value),
            first=int(data.get("first", 0)),
            before_image=data.get("before_image"),
        )
