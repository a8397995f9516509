"""Ten typical rules, the same by hand in Python with the same null handling, and records to run them on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from studio.schema.model import Base

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Rule:
    """A rule over fields `[name]`, its fields with their types, records of texts, and the function by hand.

    `given` are globals the rule needs, as a script. `makes` is what the first record gives.
    """

    name: str
    text: str
    fields: tuple[tuple[str, Base], ...]
    rows: tuple[Row, ...]
    hand: Callable[..., Any]
    makes: Any
    many: bool = False
    given: str = ""


GLOBALS: dict[str, Any] = {}
"""The variables of a run, for the functions by hand."""
COUNTRIES = {code: f"Country {code}" for code in ("BR", "DE", "FR", "PT", "US", "AR", "CL", "UY", "MX", "IT")}
_CENT = Decimal("0.01")
_RATE = Decimal("1.21")
_CODE = re.compile(r"([A-Z]+)-([0-9]+)")
_NUMBERS = range(97)


def concat(last: str | None, first: str | None) -> str:
    """Two texts with a comma."""
    return (last or "") + ", " + (first or "")


def case(status: str | None) -> str:
    """A code to its word."""
    if status == "N":
        return "new"
    if status == "O":
        return "open"
    if status == "C":
        return "closed"
    return "unknown"


def long_date(placed: str | None) -> str | None:
    """An ISO date in words."""
    if placed is None or not placed.strip():
        return None
    day = date.fromisoformat(placed)
    return f"{day:%A, %B} {day.day}, {day.year}"


def date_format(placed: str | None) -> str | None:
    """An ISO date with the day first."""
    if placed is None or not placed.strip():
        return None
    return date.fromisoformat(placed).strftime("%d/%m/%Y")


def pattern(code: str | None) -> int:
    """The parts of a code into variables."""
    match = _CODE.search(code or "")
    if match is None:
        return -1
    GLOBALS["letters"], GLOBALS["digits"] = match.groups()
    return len(match.groups())


def arithmetic(qty: str | None, price: str | None) -> str:
    """Quantity times price with tax, to the cent."""
    net = Decimal(qty) * Decimal(price) if qty and price else Decimal(0)
    return str((net * _RATE).quantize(_CENT, ROUND_HALF_UP))


def dictionary(country: str | None) -> str | None:
    """The name of a country code."""
    if country is None:
        raise KeyError("null")
    name: str | None = GLOBALS["countries"].get(country)
    return name


def entries(amount: list[str | None]) -> Decimal:
    """The total of five entries."""
    total = Decimal(0)
    for text in (amount[0], amount[1], amount[2], amount[3], amount[4]):
        if text:
            total += Decimal(text)
    return total


def array_sum(amount: list[str | None]) -> Decimal:
    """The total of a repeated field."""
    return sum((Decimal(text) for text in amount if text), Decimal(0))


def strings(name: str | None) -> str:
    """The first letters, upper case."""
    return (name or "")[:20].strip(" \t\r\n").upper()


def nulls(nick: str | None, first: str | None) -> str:
    """The first name that is there."""
    if nick is not None:
        return nick
    if first is not None and first != "":
        return first
    return "unknown"


def condition(amount: str | None, country: str | None) -> str:
    """What to do with an order."""
    if amount and Decimal(amount) > 1000 and country == "BR":
        return "review"
    return ""


def _number(index: int, every: int, value: str) -> str | None:
    return None if index % every == every - 1 else value


_CODES = list(COUNTRIES)
TEXT, DECIMAL = Base.TEXT, Base.DECIMAL
_DAYS = tuple((_number(i, 11, f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}"),) for i in _NUMBERS)
_AMOUNTS = tuple(([f"{i}.50", "2", f"3.{i % 100:02}", _number(i, 4, "100"), f"{i * 7}"],) for i in _NUMBERS)
RULES = (
    Rule(
        "concat", '[last] + ", " + [first]', (("last", TEXT), ("first", TEXT)),
        tuple((f"Silva {i}", _number(i, 5, f"Ana {i}")) for i in _NUMBERS), concat, "Silva 0, Ana 0",
    ),
    Rule(
        "If/Case", 'Case([status]=="N", "new", [status]=="O", "open", [status]=="C", "closed", true, "unknown")',
        (("status", TEXT),), tuple(("NOCX"[i % 4] if i % 9 else None,) for i in range(1, 98)), case, "open",
    ),
    Rule(
        "date format", "LongDate([placed])", (("placed", Base.DATE),), _DAYS, long_date, "Thursday, January 1, 2026",
    ),
    Rule(
        "regular expression", 'RegExMatch([code], "([A-Z]+)-([0-9]+)", "letters", "digits")', (("code", TEXT),),
        tuple((_number(i, 7, f"order AB-{i}{i} of today"),) for i in _NUMBERS), pattern, 2,
    ),
    Rule(
        "arithmetic", "Round([qty] * [price] * 1.21, 2)", (("qty", DECIMAL), ("price", DECIMAL)),
        tuple((str(i + 1), _number(i, 10, f"{i}.{i % 100:02}")) for i in _NUMBERS), arithmetic, "0.00",
    ),
    Rule(
        "dictionary", "$countries[[country]]", (("country", TEXT),), tuple((_CODES[i % 10],) for i in _NUMBERS),
        dictionary, "Country BR",
        given="$countries = Dict(); " + "; ".join(f'$countries["{key}"] = "{name}"' for key, name in COUNTRIES.items()),
    ),
    Rule(
        "array sum", "[amount][0] + [amount][1] + [amount][2] + [amount][3] + [amount][4]", (("amount", DECIMAL),),
        _AMOUNTS, entries, 105.5, many=True,
    ),
    Rule(
        "string functions", "ToUpper(Trim(Left([name], 20)))", (("name", TEXT),),
        tuple((_number(i, 6, f"  Maria da Conceição Souza {i} "),) for i in _NUMBERS), strings, "MARIA DA CONCEIÇÃO",
    ),
    Rule(
        "null handling", 'IfNull([nick], IfEmpty([first], "unknown"))', (("nick", TEXT), ("first", TEXT)),
        tuple((_number(i, 2, f"N{i}"), _number(i, 3, "" if i % 4 == 1 else f"F{i}")) for i in _NUMBERS), nulls, "N0",
    ),
    Rule(
        "condition", 'If([amount] > 1000 && [country] == "BR", "review", "")', (("amount", DECIMAL), ("country", TEXT)),
        tuple((_number(i, 8, f"{i * 31}.5"), _CODES[i % 3]) for i in _NUMBERS), condition, "",
    ),
)  # fmt: skip
LANGUAGE_ONLY = (
    Rule(
        "FormatDate", 'FormatDate([placed], "dd/mm/yyyy")', (("placed", Base.DATE),), _DAYS, date_format, "01/01/2026",
    ),
    Rule("Sum", "Sum([amount])", (("amount", DECIMAL),), _AMOUNTS, array_sum, 105.5, many=True),
)  # fmt: skip
"""Rules with functions that the package lacks."""
