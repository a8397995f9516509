"""What the window asks about fixes: what would mend each finding of a check, and how rows look before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from studio.base.progress import Progress
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves import store
from studio.moves.desks.carried import Answer, Message
from studio.moves.desks.desk_values import RequestOf
from studio.moves.judging.fix_offers import Offer, offers
from studio.moves.judging.preflight import FieldReport
from studio.moves.load import Checked, Request
from studio.moves.model import Action
from studio.moves.rows.changing import Change
from studio.moves.rows.value_fix import Fix
from studio.moves.sources.kept import Kept

_SHOWN = 20


def answers(request_of: RequestOf, kept: Kept) -> dict[str, Answer]:
    """The desk's answer `fixes`: of a check's request with `field`, the first rows its column's fixes change.

    `{"rows": [{"row", "before", "after", "reason"}]}`; the fixes are those the map has for the field, and `fix` besides.
    """

    async def changed(message: Message, _tell: Any, _stop: asyncio.Event, progress: Progress) -> Any:
        request = request_of(message)
        field = str(message["field"])
        more = (Fix.from_data(message["fix"]),) if message.get("fix") else ()
        source = kept.bring(request, store.folder(), progress).file
        entry = next((e for e in request.map.entries if e.field == field), None) if request.map else None
        if entry is None or entry.constant is not None or entry.column not in source.header:
            return {"rows": []}
        change, at = Change((*more, *entry.fixes)), source.header.index(entry.column)
        with source.rows() as rows:
            values = ((number, row[at]) for number, row in enumerate(rows, 1) if len(row) > at)
            return {"rows": list(islice(_changed(change, values), _SHOWN))}

    return {"fixes": changed}


def _changed(change: Change, values: Iterator[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    for number, value in values:
        after = change.one(value)
        told = change.told((value,)).get(value)
        if after != value or (told is not None and told.reason):
            yield {
                "row": number,
                "before": value,
                "after": after,
                "reason": told.reason if told is not None else "",
            }


def fields_data(found: Checked, facts: ObjectFacts, request: Request) -> list[dict[str, Any]]:
    """A check's outcome by field, with what would mend each finding and how each column is read."""
    known = {one.field: one for one in found.read.known}
    fixes = {entry.field: entry.fixes for entry in found.read.move.map.entries}
    key = "id" if request.action.by_id else request.key.lower() if request.action is Action.UPSERT else ""
    data: list[dict[str, Any]] = []
    for one in found.report.fields:
        told = known.get(one.field)
        question = told.question if told is not None else ""
        data.append(
            {
                "field": one.field,
                "filled": one.filled,
                "failing": one.failing,
                "format": told.pattern if told is not None else "",
                "question": question,
                "answers": [_fix_data(fix) for fix in told.answers] if told is not None else [],
                "findings": _findings(one, facts, fixes.get(one.field, ()), request, key),
            }
        )
    return data


def _findings(
    one: FieldReport, facts: ObjectFacts, had: Sequence[Fix], request: Request, key: str
) -> list[dict[str, Any]]:
    fact = facts.field(one.field)
    direct = fact if fact is not None and fact.name.lower() == one.field.lower() else None
    return [
        {
            "text": finding.text,
            "rows": finding.rows,
            "fails": finding.fails,
            "examples": finding.examples,
            "fixes": [
                _offer_data(offer)
                for offer in offers(
                    direct, finding, had, zone=request.formats.zone, key=one.field.lower() == key
                )
            ],
        }
        for finding in one.findings
    ]


def _offer_data(offer: Offer) -> dict[str, Any]:
    return {
        "text": offer.text,
        "fix": offer.fix.to_data() if offer.fix is not None else None,
        "mends": offer.mends,
        "tried": offer.tried,
        "samples": [list(pair) for pair in offer.samples],
        "asks": offer.asks,
    }


def _fix_data(fix: Fix) -> dict[str, Any]:
    return {"text": fix.shown, "fix": fix.to_data()}
