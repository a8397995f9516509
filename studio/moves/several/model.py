"""What a move of several objects is: the objects and their sources as asked for, the lookups between them, the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from studio.base.records import dataclass
from studio.moves.model import Action, Api, Before, Blank, Counts, Duplicates, MoveState, Options
from studio.moves.sources.kinds import Pick


class Missing(StrEnum):
    """What becomes of a row whose lookup names nothing that is known: held back, sent without it, sent as it stands."""

    HOLD = "hold"
    EMPTY = "empty"
    KEEP = "keep"


class Fold(StrEnum):
    """How names are compared: as they stand, as record ids (15 characters count), or with capitals set aside."""

    EXACT = "exact"
    ID = "id"
    LOWER = "lower"


@dataclass(frozen=True)
class Relation:
    """A lookup as asked for: the column that fills it, whose rows it names, and by which column of theirs."""

    field: str
    column: str = ""
    object: str = ""
    by: str = ""
    missing: Missing | None = None


@dataclass(frozen=True)
class Part:
    """One object as asked for. `fields` are field to column from a file, field names (to themselves) from an org.

    `where` picks records of an org, `related` keeps only those that belong to picked ones of another object.
    """

    object: str
    source: str = ""
    action: Action = Action.INSERT
    key: str = ""
    map_file: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    where: str = ""
    related: str = ""
    encoding: str = ""
    delimiter: str = ""
    pick: Pick = field(default_factory=Pick)


@dataclass(frozen=True)
class Asked:
    """The whole as asked for. `org` is where records go, `source_org` where they come from when not from files."""

    parts: tuple[Part, ...]
    org: str = ""
    source_org: str = ""
    options: Options = field(default_factory=Options)
    results: str = ""
    again: bool = False

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Asked:
        """What `to_data` wrote."""
        options = data["options"]
        made = Options(
            **{
                **options,
                "blank": Blank(options["blank"]),
                "duplicates": Duplicates(options["duplicates"]),
                "api": Api(options["api"]),
                "before": Before(options["before"]),
            }
        )
        return Asked(
            **{**data, "parts": tuple(_part(part) for part in data["parts"]), "options": made},
        )


@dataclass(frozen=True)
class Target:
    """Whose rows a lookup may name, by which column of theirs, and how the names are compared."""

    object: str
    by: str
    fold: Fold = Fold.EXACT


@dataclass(frozen=True)
class Link:
    """A lookup of one object as it will be filled. `header` is what is sent, `column` the source's.

    `learned` ones are filled with the new ids of the rows they name, the others with the key as it stands, which the
    org finds. `deferred` ones wait for the second pass; `firm` ones cannot. `weak` ones order nothing: their rows are
    in the org already.
    """

    field: str
    header: str
    column: str
    targets: tuple[Target, ...]
    learned: bool = True
    firm: bool = False
    weak: bool = False
    deferred: bool = False
    missing: Missing = Missing.HOLD

    @property
    def filled(self) -> str:
        """The column that is sent: the source's own, or one added with the ids learned."""
        return f"weft__{self.field}" if self.learned else self.column


@dataclass(frozen=True)
class Bound:
    """A part whose source is here: its rows as a delimited file, its fields, its lookups."""

    part: Part
    object: str
    file: str
    header: tuple[str, ...]
    rows: int
    shown: str
    key: str
    plain: tuple[tuple[str, str, str | None], ...]
    links: tuple[Link, ...] = ()
    held: Mapping[int, str] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Bound:
        """What `to_data` wrote."""
        return Bound(
            **{
                **data,
                "part": _part(data["part"]),
                "header": tuple(data["header"]),
                "plain": tuple((name, column, constant) for name, column, constant in data["plain"]),
                "links": tuple(_link(link) for link in data["links"]),
                "held": {int(row): reason for row, reason in data["held"].items()},
            }
        )


class Rows(StrEnum):
    """Which rows of its part a step sends: all, the first few, those not tried by now, those without success by now."""

    ALL = ""
    FIRST = "first"
    REST = "rest"
    LEFT = "left"


@dataclass(frozen=True)
class Step:
    """One move of the set: a part's first pass, or the second one, which fills the lookups that had to wait.

    `taken` counts how the rows of an earlier step ended that this one takes up again, or that moves `by_hand` took up
    before it, which are known from then on.
    """

    part: int
    second: bool = False
    rows: Rows = Rows.ALL
    taken: Counts = field(default_factory=Counts)
    by_hand: tuple[str, ...] = ()
    run: str = ""
    state: str = ""
    read: int = 0
    counts: Counts = field(default_factory=Counts)
    files: Mapping[str, str] = field(default_factory=dict)
    calls: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def over(self) -> bool:
        """Nothing is left to do."""
        return self.state in ("done", "nothing")

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Step:
        """What `asdict` wrote."""
        taken = Counts(**data.get("taken", {}))
        rows = Rows(data.get("rows", ""))
        return Step(
            **{
                **data,
                "rows": rows,
                "taken": taken,
                "by_hand": tuple(data.get("by_hand", ())),
                "counts": Counts(**data["counts"]),
            }
        )


@dataclass(frozen=True)
class Set:
    """A move of several objects and how far it is: what stands in its folder."""

    run: str
    asked: Asked
    created: float
    state: MoveState = MoveState.PLANNED
    org_id: str = ""
    version: str = ""
    bound: tuple[Bound, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    def step(self, at: int, changed: Step) -> Set:
        """The set with one step changed."""
        return replace(self, steps=(*self.steps[:at], changed, *self.steps[at + 1 :]))

    @property
    def counts(self) -> Counts:
        """Where the rows of all its moves ended; a row that was taken up again counts where it ended at last."""
        found = sum((step.counts for step in self.steps), Counts())
        return found - sum((step.taken for step in self.steps), Counts())

    @property
    def over(self) -> bool:
        """Every step is at its end."""
        return bool(self.steps) and all(step.over for step in self.steps)

    @property
    def exit_code(self) -> int:
        """0 when every row of every move succeeded, 130 when it was stopped, else 1."""
        if self.state is MoveState.STOPPED:
            return 130
        whole = self.counts.succeeded == self.counts.total
        return 0 if whole and self.state in (MoveState.DONE, MoveState.TRIAL) else 1

    def summary(self) -> dict[str, Any]:
        """The machine-readable summary: the sums, and each step with its own counts and files."""
        counts = self.counts
        return {
            "run": self.run,
            "state": self.state.value,
            "read": counts.total if self.over else sum(step.read for step in self.steps),
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "unprocessed": counts.unprocessed,
            "not_sent": counts.not_sent,
            "seconds": round(sum(step.seconds for step in self.steps), 3),
            "api_calls": sum(step.calls for step in self.steps),
            "warnings": list(self.notes),
            "steps": [self._step_data(step) for step in self.steps],
        }

    def _step_data(self, step: Step) -> dict[str, Any]:
        return {
            "object": self.bound[step.part].object,
            "pass": 2 if step.second else 1,
            "rows": step.rows.value,
            "run": step.run,
            "state": step.state,
            "read": step.read,
            **asdict(step.counts),
            "files": dict(step.files),
            "note": step.note,
        }

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Set:
        """What `to_data` wrote."""
        return Set(
            **{
                **data,
                "asked": Asked.from_data(data["asked"]),
                "state": MoveState(data["state"]),
                "bound": tuple(Bound.from_data(bound) for bound in data["bound"]),
                "steps": tuple(Step.from_data(step) for step in data["steps"]),
                "notes": tuple(data["notes"]),
            }
        )


def _part(data: Mapping[str, Any]) -> Part:
    relations = tuple(
        Relation(**{**one, "missing": Missing(one["missing"]) if one["missing"] else None})
        for one in data["relations"]
    )
    return Part(
        **{
            **data,
            "action": Action(data["action"]),
            "relations": relations,
            "pick": Pick(**data["pick"]),
        }
    )


def _link(data: Mapping[str, Any]) -> Link:
    targets = tuple(Target(one["object"], one["by"], Fold(one["fold"])) for one in data["targets"])
    return Link(**{**data, "targets": targets, "missing": Missing(data["missing"])})
