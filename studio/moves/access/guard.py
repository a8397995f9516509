"""What may harm an org people work in is asked about first: which org, what, how many, the first rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum

from studio.base.errors import NotAllowed
from studio.base.i18n import _, ngettext
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.session import OrgIdentity
from studio.moves.model import Action

# From so many rows on, changing records of a production org is asked about.
MANY = 200
SAMPLE = 5
_DELETES = frozenset({Action.DELETE, Action.HARD_DELETE})
_CHANGES = frozenset({Action.UPDATE, Action.UPSERT})


class Level(StrEnum):
    """How a move is confirmed: not at all, by a yes, or by typing the org's name."""

    NONE = "none"
    ASK = "ask"
    TYPE = "type"


@dataclass(frozen=True)
class Danger:
    """A move that has to be confirmed. `rows` are those that would be sent, `sample` the first few of them."""

    level: Level
    action: Action
    object: str
    rows: int
    org: OrgIdentity
    header: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    undo: bool = False

    @property
    def sentence(self) -> str:
        """`1,204 records of Account would be deleted in …`, without the figures' separators."""
        if self.undo:
            text = ngettext(
                "{n} record of {object} would be put back to what it was.",
                "{n} records of {object} would be put back to what they were.",
                self.rows,
            )
        elif self.action is Action.HARD_DELETE:
            text = ngettext(
                "{n} record of {object} would be deleted for good: it cannot be taken back.",
                "{n} records of {object} would be deleted for good: they cannot be taken back.",
                self.rows,
            )
        elif self.action is Action.DELETE:
            text = ngettext(
                "{n} record of {object} would be deleted.",
                "{n} records of {object} would be deleted.",
                self.rows,
            )
        else:
            text = ngettext(
                "{n} record of {object} would be changed.",
                "{n} records of {object} would be changed.",
                self.rows,
            )
        return text.format(n=self.rows, object=self.object)


# Returns when the move may go on, raises NotAllowed or Cancelled where it may not.
Confirm = Callable[[Danger], Awaitable[None]]


def level(action: Action, sort: str, rows: int, *, undo: bool = False) -> Level:
    """How a move of `rows` rows is confirmed in an org of a sort (`production`, `sandbox` …)."""
    if action is Action.HARD_DELETE and sort in ("production", "sandbox"):
        return Level.TYPE
    if sort != "production" or not rows:
        return Level.NONE
    if action in _DELETES and not undo:
        return Level.TYPE
    return Level.ASK if undo or (action in _CHANGES and rows > MANY) else Level.NONE


def danger(
    action: Action,
    object_name: str,
    rows: int,
    org: OrgIdentity,
    source: DelimitedFile | None = None,
    held: Collection[int] = (),
    *,
    undo: bool = False,
) -> Danger | None:
    """What has to be confirmed about a move, None where nothing; `held` are the numbers of rows that stay here."""
    found = level(action, org.sort, rows, undo=undo)
    if found is Level.NONE:
        return None
    header, sample = (source.header, _first(source, held)) if source is not None else ((), ())
    return Danger(found, action, object_name, rows, org, tuple(header), sample, undo)


def _first(source: DelimitedFile, held: Collection[int]) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    with source.rows() as rows:
        for number, row in enumerate(rows, 1):
            if number not in held:
                found.append(tuple(row))
            if len(found) == SAMPLE:
                break
    return tuple(found)


def names(org: OrgIdentity, called: str, given: str) -> bool:
    """Whether `given` names this org: by its own name, what it is called here, or its id of 15 or 18 characters."""
    text = given.strip()
    ids = {org.id, org.id[:15]} - {""}
    return bool(text) and (text.casefold() in {org.name.casefold(), called.casefold()} or text in ids)


def confirmed(called: str, given: str) -> Confirm:
    """Lets a move pass whose org was named beforehand; raises NotAllowed for the others."""

    async def confirm(danger: Danger) -> None:
        if not names(danger.org, called, given):
            raise refusal(danger, given)

    return confirm


def refusal(danger: Danger, given: str = "") -> NotAllowed:
    """The error of a move nobody confirmed, or for which another org was named."""
    org = danger.org
    if given:
        return NotAllowed(
            _("{given} is not the name of this org, which is {org} ({id}). Nothing was sent.").format(
                given=given, org=org.name, id=org.id
            ),
            next_step=_("Check which org the move goes to."),
        )
    return NotAllowed(
        _("{what} The org {org} ({id}) is a {sort} org, and nobody confirmed it. Nothing was sent.").format(
            what=danger.sentence, org=org.name, id=org.id, sort=sort_name(org.sort)
        ),
        next_step=_("Confirm it with: --yes-production {name}").format(name=f'"{org.name}"'),
    )


def sort_name(sort: str) -> str:
    """A sort of org in words; "" where it is not known yet."""
    words = {
        "production": _("production"),
        "sandbox": _("sandbox"),
        "scratch": _("scratch"),
        "developer": _("developer"),
        "practice": _("practice"),
    }
    return words.get(sort, "")
