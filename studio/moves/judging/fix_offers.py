"""What would mend a finding of the check, tried on its values: offered is what helps, with how much and how it looks."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Sequence

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field
from studio.connectors.salesforce.rows import NULL
from studio.moves.judging.preflight import Finding, too_long
from studio.moves.judging.values import NUMBER_TYPES, value_test
from studio.moves.rows.changing import Change, emptying
from studio.moves.rows.recognise import number_kind
from studio.moves.rows.value_fix import Fix, FixKind

_SHOWN = 5
_NEAR = 0.75


@dataclass(frozen=True)
class Offer:
    """A fix for all rows of a finding: it mends `mends` of the `tried` values; some of them before and after.

    `fix` None leaves the column out. `asks` is what a person has to give first: `value`, the default.
    """

    text: str
    fix: Fix | None
    mends: int = 0
    tried: int = 0
    samples: tuple[tuple[str, str], ...] = ()
    asks: str = ""


def offers(
    fact: Field | None, finding: Finding, had: Sequence[Fix] = (), *, zone: str = "", key: bool = False
) -> tuple[Offer, ...]:
    """What helps against a finding of a field, whose column has fixes already, the most helpful first.

    A fix may be put in front of those there are (`with_fix` knows where). A key is neither emptied nor left out.
    """
    found: list[Offer] = []
    if fact is not None and not finding.shut:
        for fix in _candidates(fact, finding, zone, key) if finding.fails else _spelled(fact, finding):
            offer = _tried(fact, finding, had, fix)
            if offer.asks or offer.mends:
                found.append(offer)
    found.sort(key=lambda offer: (offer.fix is not None and offer.fix.kind is FixKind.EMPTY, -offer.mends))
    needed = fact is not None and fact.required_on_create
    if not key and not needed and finding.fails:
        found.append(Offer(_("the column is left out"), None, finding.rows, finding.rows))
    return tuple(found)


def with_fix(had: Sequence[Fix], fix: Fix) -> tuple[Fix, ...]:
    """The fixes of a column with one more: a format stands in front and takes another one's place, blanks go first of the rest."""
    rest = [old for old in had if old.kind is not fix.kind or fix.kind is FixKind.MAP]
    if fix.kind.reads:
        return (fix, *(old for old in rest if not old.kind.reads))
    return (*rest, fix)


def _candidates(fact: Field, finding: Finding, zone: str, key: bool) -> Iterator[Fix]:
    if finding.samples and fact.type in ("date", "datetime"):
        for order in ("DMY", "MDY", "YMD", "EXCEL", "EXCEL1904", "UNIX", "UNIXMS"):
            yield Fix(FixKind.DATE, order) if fact.type == "date" else Fix(FixKind.MOMENT, order, zone)
    if finding.samples and fact.type in NUMBER_TYPES:
        for mark in ",.":
            yield Fix(FixKind.NUMBER, mark + number_kind(fact))
    if finding.samples and fact.type == "boolean":
        yield Fix(FixKind.YES_NO)
    yield Fix(FixKind.TRIM)
    if any(too_long(fact, value) for value in finding.samples):
        yield Fix(FixKind.CUT, str(fact.length))
    if pairs := _pairs(fact, finding.samples):
        yield Fix(FixKind.MAP, pairs=pairs)
    if not finding.samples:
        yield Fix(FixKind.DEFAULT)
    elif not key:
        yield emptying(fact)


def _spelled(fact: Field, finding: Finding) -> Iterator[Fix]:
    """A value that a picklist takes though it is not in its list may be meant as one that is."""
    if pairs := _pairs(fact, finding.samples):
        yield Fix(FixKind.MAP, pairs=pairs)


def _pairs(fact: Field, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Values of a picklist nearest to what the rows have: by label, without accents and capitals, else spelled alike.

    A record type is found by its label or its name.
    """
    if fact.type not in ("picklist", "reference"):
        return ()
    known = {_bare(value): value for value in fact.values if fact.type == "picklist"}
    known |= {_bare(label): value for label, value in fact.labels}
    found: list[tuple[str, str]] = []
    for value in values:
        bare = _bare(value)
        near = [bare] if bare in known else difflib.get_close_matches(bare, known, n=1, cutoff=_NEAR)
        if near:
            found.append((value, known[near[0]]))
    return tuple(found)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _tried(fact: Field, finding: Finding, had: Sequence[Fix], fix: Fix) -> Offer:
    if fix.kind is FixKind.DEFAULT:
        return Offer(_("empty becomes …"), fix, finding.rows, finding.rows, asks="value")
    # A value that was refused by the format it is in is as it stands in the file: another format is tried on that.
    change = Change(
        (fix,) if fix.kind.reads else tuple(old for old in with_fix(had, fix) if not old.kind.reads)
    )
    test = value_test(fact)
    shown: list[tuple[str, str]] = []
    mends = 0
    for value in finding.samples:
        outcome = change.outcome(value)
        after = outcome.value
        if outcome.reason or after == value:
            continue
        if after not in ("", NULL) and (too_long(fact, after) or (test is not None and test(after))):
            continue
        if after == "" and (fix.kind is not FixKind.EMPTY or not fact.nillable):
            continue
        mends += 1
        if len(shown) < _SHOWN:
            shown.append((value, after))
    return Offer(fix.shown, fix, mends, len(finding.samples), tuple(shown))
