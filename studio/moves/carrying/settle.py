"""After a job the org has forgotten: the records themselves tell which rows were applied, where a row can name its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.query import query
from studio.connectors.salesforce.session import Org
from studio.moves.carrying import ask
from studio.moves.journal import Chunk
from studio.moves.model import Action, Move
from studio.moves.undoing.before import KeyRule, text_of

_BIN = 200
# The org's clock counts to the second, and our note of it is as old as the answer before.
_BLUR = 2.0


async def applied(
    org: Org,
    move: Move,
    rule: KeyRule | None,
    chunk: Chunk,
    fields: Sequence[str],
    rows: Mapping[int, Sequence[str]],
) -> dict[int, tuple[str, str]]:
    """The rows that were applied for certain: id and answer by row number. Of the others nothing is known.

    A changed record holds what was sent and was written since the chunk was; a new one was made since by this user; a
    deleted one is in the recycle bin, or gone. Rows that name no record of their own are not asked for.
    """
    if rule is None:
        return {}
    at = [name.lower() for name in fields].index(rule.field.lower())
    named = {number: row for number, row in rows.items() if rule.form(row[at])}
    if move.action.id_only:
        return await _removed(org, move, {number: row[at] for number, row in named.items()})
    names = [name for name in fields if ":" not in name]
    found: dict[str, Mapping[str, Any]] = {}
    stamps = ["CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"]
    literals = {rule.form(row[at]): rule.literal(row[at]) for row in named.values()}
    for soql in retrieve.asking(move.object, rule.field, list(literals.values()), [*names, *stamps]):
        async for record in query(org, soql):
            found.setdefault(rule.form(text_of(ask.member(record, rule.field), "")), record)
    ends: dict[int, tuple[str, str]] = {}
    for number, row in named.items():
        held = found.get(rule.form(row[at]))
        if held is None or not _ours(org, move, chunk, held):
            continue
        sent = {name: value for name, value in zip(fields, row, strict=True) if ":" not in name}
        if all(ask.same(value, ask.member(held, name)) for name, value in sent.items()):
            ends[number] = str(held["Id"]), _word(move, chunk, held)
    return ends


async def _removed(org: Org, move: Move, ids: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    numbers = list(ids)
    ends: dict[int, tuple[str, str]] = {}
    for start in range(0, len(numbers), _BIN):
        part = numbers[start : start + _BIN]
        bins = await ask.in_the_bin(org, move.object, [ids[n] for n in part])
        for number in part:
            inside = bins.get(ids[number][:15])
            if move.action is Action.DELETE and inside:
                ends[number] = ids[number], "deleted"
            elif move.action is Action.HARD_DELETE and inside is None:
                ends[number] = ids[number], "deleted for good"
            elif move.action is Action.UNDELETE and inside is False:
                ends[number] = ids[number], "undeleted"
    return ends


def _ours(org: Org, move: Move, chunk: Chunk, record: Mapping[str, Any]) -> bool:
    """The record was written since the chunk was sent, by this user as far as users are known."""
    what = "Created" if move.action is Action.INSERT else "LastModified"
    user = org.grant.user_id
    mine = not user or str(record.get(f"{what}ById"))[:15] == user[:15]
    return mine and _moment(record.get(f"{what}Date")) >= chunk.since - _BLUR


def _word(move: Move, chunk: Chunk, record: Mapping[str, Any]) -> str:
    if move.action is Action.UPDATE:
        return "updated"
    made = _moment(record.get("CreatedDate")) >= chunk.since - _BLUR
    return "created" if made else "updated"


def _moment(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC).timestamp()
    except ValueError:
        return 0.0
