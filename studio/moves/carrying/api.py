"""Which API carries a move: jobs of Bulk API 2.0, or sObject collections that are answered at once."""

from __future__ import annotations

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.salesforce.collections import MOST
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.model import Action, Api, Move

# Up to so many rows, collections (five calls) cost no more calls than a job, which is made, filled, closed, looked at
# and asked for up to three results; and nobody waits for the org's queue. Beyond, jobs cost fewer calls.
SMALL = 5 * MOST


def choose(move: Move, rows: int, facts: ObjectFacts) -> Api:
    """BULK or COLLECTIONS for a move that sends so many rows; raises BadInput where what was asked for cannot be.

    Left to us, collections carry up to SMALL rows, but no inserts whose rows could not be found again after a lost
    answer, and nothing for which a number of rows per job was named.
    """
    asked = move.options.api
    if move.action is Action.UNDELETE:
        if asked is Api.BULK:
            raise BadInput(
                _("There is no Bulk API job that undeletes records."),
                next_step=_("Leave the API out, or choose collections."),
            )
        return Api.COLLECTIONS
    if asked is Api.COLLECTIONS:
        _refuse_collections(move)
        return asked
    only = _collections_only(move)
    if asked is Api.BULK or move.action is Action.HARD_DELETE:
        if only:
            raise BadInput(
                _("Bulk API jobs have no {option}; collections do.").format(option=only),
                next_step=_("Choose collections, or leave {option} out.").format(option=only),
            )
        return Api.BULK
    if only:
        _refuse_collections(move)
        return Api.COLLECTIONS
    small = rows <= SMALL and not move.options.chunk_rows
    return Api.COLLECTIONS if small and _can_be_settled(move, facts) else Api.BULK


def said(api: Api) -> str:
    """The choice and why, for a person."""
    if api is Api.COLLECTIONS:
        return _("Sent by sObject collections, {n} rows a call, each answered at once (--api).").format(
            n=MOST
        )
    return _("Sent by Bulk API 2.0 jobs (--api).")


def unique_field(move: Move, facts: ObjectFacts) -> str:
    """A field sent from a column that no two records can share: by it an inserted row is found again; "" without one."""
    stamp = facts.field(move.options.correlate) if move.options.correlate else None
    if stamp is not None and stamp.name in move.map.fields:
        return stamp.name
    for entry in move.map.entries:
        field = facts.field(entry.field) if entry.constant is None and "." not in entry.field else None
        if field is not None and field.unique:
            return entry.field
    return ""


def _refuse_collections(move: Move) -> None:
    if move.action is Action.HARD_DELETE:
        raise BadInput(
            _("Collections cannot delete for good; only Bulk API jobs can."),
            next_step=_("Leave the API out, or choose bulk."),
        )
    if move.action is Action.UPSERT and move.options.empty_keys:
        raise BadInput(
            _(
                "Rows without a key are inserted, and by collections they could not be found after a lost answer."
            ),
            next_step=_("Choose bulk, or leave rows without a key out."),
        )


def _collections_only(move: Move) -> str:
    """The option asked for that jobs do not have; empty when there is none."""
    if move.options.all_or_none:
        return "--all-or-none"
    if move.options.save_duplicates:
        return "--save-duplicates"
    # A job names a rule by its id; whether the active one is used at all only calls can say.
    return "--assignment-rule" if move.options.assignment in ("TRUE", "FALSE") else ""


def _can_be_settled(move: Move, facts: ObjectFacts) -> bool:
    if move.action is Action.INSERT:
        return bool(unique_field(move, facts))
    return not (move.action is Action.UPSERT and move.options.empty_keys)
