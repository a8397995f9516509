"""What an org will hold of the value that is sent: digits cut to the scale, moments in UTC, ids of 18 characters."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from enum import StrEnum

from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field
from studio.connectors.salesforce.rows import NULL
from studio.moves.formats import yes_no
from studio.moves.judging.preflight import too_long
from studio.moves.judging.values import NUMBER_TYPES, id_checksum, value_test
from studio.moves.model import Action


class Effect(StrEnum):
    """What a cell does to its field."""

    SET = "set"
    EMPTIED = "emptied"
    KEPT = "kept"
    DEFAULT = "default"
    REFUSED = "refused"


@dataclass(frozen=True)
class Holds:
    """The value held (empty unless it is set), the effect, and why a value is refused."""

    value: str
    effect: Effect
    reason: str = ""


def holds(fact: Field | None, sent: str, action: Action) -> Holds:
    """What a field holds after `sent`; an unknown field, or a key of a related record, is taken as it is."""
    if sent == "":
        creates = action is Action.INSERT
        if not creates:
            return Holds("", Effect.KEPT)
        return Holds("", Effect.DEFAULT if fact is not None and fact.defaulted else Effect.EMPTIED)
    if sent == NULL:
        if fact is not None and fact.type == "boolean":
            return Holds("false", Effect.SET)
        return Holds("", Effect.EMPTIED)
    if fact is None:
        return Holds(sent, Effect.SET)
    test = value_test(fact)
    reason = too_long(fact, sent) or (test(sent) if test is not None else "")
    if reason:
        return Holds("", Effect.REFUSED, reason)
    return Holds(_held(fact, sent), Effect.SET)


def _held(fact: Field, sent: str) -> str:
    if fact.type in NUMBER_TYPES:
        return _number(fact, sent)
    if fact.type == "boolean":
        return yes_no.read(sent) or "false"
    if fact.type == "date":
        return sent[:10]
    if fact.type == "datetime":
        return _moment(sent)
    if fact.type in ("id", "reference") and len(sent) == 15:
        return sent + id_checksum(sent)
    if fact.restricted and fact.values:
        values = {value.lower(): value for value in fact.values}
        return ";".join(values[part.lower()] for part in sent.split(";") if part)
    return sent


def _number(fact: Field, sent: str) -> str:
    scale = 0 if fact.type in ("int", "long") else fact.scale
    number, least = Decimal(sent), Decimal(1).scaleb(-scale)
    with suppress(InvalidOperation):
        if number != (cut := number.quantize(least, ROUND_DOWN)):
            # The org cuts off what goes beyond the scale.
            number = cut
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(sent: str) -> str:
    moment = datetime.fromisoformat(sent)
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return sent
    # The org keeps seconds; years below 1000 have their zeros too.
    return f"{moment.replace(tzinfo=None, microsecond=0).isoformat(timespec='milliseconds')}Z"
