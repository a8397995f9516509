"""Numbers and dates as elements of messages write them, and as the rest of the engine knows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from studio.base.patterns import pattern
from studio.engine.formats.edi_layout import form_of
from studio.engine.lexical import Writer, plain_writer
from studio.schema.model import Base, ValueType
from studio.script.tree import Value

_NUMBER = pattern(r"([+-]?)([0-9]+)\Z")
_DECIMAL = pattern(r"([+-]?)([0-9]*)\.?([0-9]*)\Z")
_PARTS = pattern(r"yyyy|yy|mm|dd|hh|ss")
_TIME = pattern(r"([01][0-9]|2[0-3])([0-5][0-9])(?:([0-5][0-9])([0-9]{1,2})?)?\Z")
_WRITTEN_TIME = pattern(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,2})[0-9]*)?\Z")
_NUMBERS = (Base.INTEGER, Base.DECIMAL, Base.FLOAT)
# Years of two digits: up to this one they are of this century.
_PIVOT = 49
Form = Callable[[str], str]


def reads(base: Base, form: str) -> Form | None:
    """Text of an element → the text the engine takes for its type; None where they are the same.

    Text that has not the form stays as it is.
    """
    if form.startswith("N"):
        return _pointed(int(form[1:]))
    if base in _NUMBERS:
        return _point
    return _moment_reader(form) if form else None


def edi_writer(kind: ValueType, declared: bool, decimal: str = ".") -> Writer:
    """Value → the text of an element; see lexical.plain_writer. `decimal` is the mark between whole and fraction."""
    write = plain_writer(kind, declared)
    shape = _writes(kind, decimal)
    if shape is None:
        return write

    def shaped(value: Value) -> str | None:
        text = write(value)
        return shape(text) if text else text

    return shaped


def _writes(kind: ValueType, decimal: str) -> Form | None:
    form = form_of(kind)
    if form.startswith("N"):
        return _meant(int(form[1:]), kind.min_length or 0)
    if kind.base in _NUMBERS:
        return (lambda text: text.replace(".", decimal)) if decimal != "." else None
    return _moment_writer(form) if form else None


def _point(text: str) -> str:
    """A comma may stand for the point."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _pointed(places: int) -> Form:
    """`12345` with two decimals meant is 123.45."""

    def pointed(text: str) -> str:
        match = _NUMBER.match(text)
        if match is None:
            return text
        digits = match[2].zfill(places + 1)
        return f"{match[1]}{digits[:-places]}.{digits[-places:]}"

    return pointed


def _meant(places: int, least: int) -> Form:
    """The reverse; digits beyond those that are meant leave the text as it is."""

    def meant(text: str) -> str:
        match = _DECIMAL.match(text)
        if match is None or not (match[2] or match[3]) or match[3][places:].strip("0"):
            return text
        digits = (match[2] + match[3][:places].ljust(places, "0")).lstrip("0") or "0"
        return match[1].replace("+", "") + digits.zfill(least)

    return meant


@lru_cache(maxsize=64)
def _picture(form: str) -> str:
    """A picture of digits as strptime has it; empty where it holds more than digits."""
    made, hours = "", False
    rest = form
    while rest:
        match = _PARTS.match(rest)
        if match is None:
            return ""
        part = match[0]
        hours = hours or part == "hh"
        minutes = part == "mm" and hours
        made += (
            "%M"
            if minutes
            else {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d", "hh": "%H", "ss": "%S"}[part]
        )
        rest = rest[len(part) :]
    return made


def _time_reader(text: str) -> str:
    """Times may have seconds and parts of them whatever their picture says."""
    match = _TIME.match(text)
    if match is None:
        return text
    shown = f"{match[1]}:{match[2]}:{match[3] or '00'}"
    return f"{shown}.{match[4]}" if match[4] else shown


def _time_writer(text: str) -> str:
    match = _WRITTEN_TIME.match(text)
    if match is None:
        return text
    seconds = match[3] if match[4] or match[3] != "00" else ""
    return match[1] + match[2] + seconds + (match[4] or "")


def _moment_reader(form: str) -> Form | None:
    if form == "hhmm":
        return _time_reader
    picture = _picture(form)
    if not picture:
        return None
    made = "%Y-%m-%d" if "%H" not in picture else "%Y-%m-%dT%H:%M:%S" if "%d" in picture else "%H:%M:%S"

    def read(text: str) -> str:
        if len(text) != len(form) or not (text.isascii() and text.isdigit()):
            return text
        try:
            moment = datetime.strptime(text, picture)  # messages say no zone here
        except ValueError:
            return text
        if "%y" in picture:
            year = moment.year % 100
            moment = moment.replace(year=year + (2000 if year <= _PIVOT else 1900))
        shown = moment.strftime(made)
        return (
            shown if "%d" not in picture else shown.rjust(len("yyyy") + len(shown.lstrip("0123456789")), "0")
        )

    return read


def _moment_writer(form: str) -> Form | None:
    if form == "hhmm":
        return _time_writer
    picture = _picture(form)
    if not picture:
        return None

    def write(text: str) -> str:
        try:
            moment = datetime.fromisoformat(text if "%d" in picture else f"2000-01-01T{text}")
        except ValueError:
            return text
        if "%d" in picture and "%H" not in picture and (moment.hour or moment.minute or moment.second):
            return text
        return moment.strftime(picture).rjust(len(form), "0")

    return write
