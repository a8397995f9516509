"""Values as the bytes of a copybook's items: text, zoned, packed, binary, floating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from studio.base.i18n import _
from studio.engine.forms import Form
from studio.engine.lexical import FLOAT, Unwritable
from studio.schema.copybook.picture import units
from studio.schema.flat.layout import number
from studio.schema.model import Base

_PLUS, _MINUS = "{ABCDEFGHI", "}JKLMNOPQR"
_PACKED = ("comp-3", "comp-6")
_BINARY = ("binary", "comp-x", "index", "pointer")


def bytes_writer(form: Form, encoding: str) -> Callable[[str], bytes]:
    """The text of a value → the bytes of its item, all of them. Raises Unwritable where it does not fit."""
    base = form.value.base if form.value is not None else Base.TEXT
    usage = form.facts.get("usage", "display")
    if usage in ("comp-1", "comp-2"):
        return lambda text: _floating(text, form)
    if base in (Base.INTEGER, Base.DECIMAL) and "decimals" not in form.facts and usage not in _BINARY:
        return lambda text: _text(_edited(text, form), form, encoding)
    if base is Base.TEXT:
        return lambda text: _text(text, form, encoding)
    if usage in _PACKED:
        return lambda text: _packed(_digits(text, form), form, usage == "comp-3")
    if usage in _BINARY:
        return lambda text: _binary(_digits(text, form), form)
    return lambda text: _zoned(_digits(text, form), form, encoding)


def _wide(text: str, form: Form) -> Unwritable:
    return Unwritable(
        _("{value} does not fit the field {name} ({picture}).").format(
            value=repr(text[:60]),
            name=form.name,
            picture=form.facts.get("picture", form.facts.get("usage", "")),
        )
    )


def _text(text: str, form: Form, encoding: str) -> bytes:
    width = number(form.facts.get("width"))
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError as error:
        raise Unwritable(
            _("The character {character} does not exist in {encoding}.").format(
                character=repr(text[error.start]), encoding=encoding
            )
        ) from None
    if len(data) > width:
        raise _wide(text, form)
    right = form.facts.get("justified") == "true" or "decimals" in form.facts
    blank = " ".encode(encoding)
    return data.rjust(width, blank) if right else data.ljust(width, blank)


def _digits(text: str, form: Form) -> int:
    """The number without its point; it must have no more digits than the picture."""
    if not FLOAT.match(text):
        raise _wide(text, form)
    scale = int(form.facts.get("decimals", "0"))
    scaled = Decimal(text).scaleb(scale)
    if scaled != scaled.to_integral_value():
        raise Unwritable(
            _("{value} has more than {places} decimals.").format(value=text, places=max(scale, 0))
        )
    value = int(scaled)
    digits = form.value.total_digits if form.value is not None else None
    if digits and abs(value) >= 10**digits:
        raise _wide(text, form)
    if value < 0 and "sign" not in form.facts and not form.facts.get("picture", "S").upper().startswith("S"):
        raise Unwritable(_("{value} is below zero, and the field has no sign.").format(value=text))
    return value


def _packed(value: int, form: Form, signed: bool) -> bytes:
    width = number(form.facts.get("width"))
    if not signed:
        return bytes.fromhex(str(value).rjust(width * 2, "0"))
    has_sign = form.facts.get("picture", "S").upper().startswith("S")
    mark = "d" if value < 0 else "c" if has_sign else "f"
    return bytes.fromhex(f"{abs(value)}{mark}".rjust(width * 2, "0"))


def _binary(value: int, form: Form) -> bytes:
    signed = form.facts.get("picture", "S").upper().startswith("S")
    try:
        return value.to_bytes(number(form.facts.get("width")), "big", signed=signed)
    except OverflowError:
        raise _wide(str(value), form) from None


def _zoned(value: int, form: Form, encoding: str) -> bytes:
    width, sign = number(form.facts.get("width")), form.facts.get("sign", "")
    if not value and form.facts.get("blank_when_zero") == "true":
        return " ".encode(encoding) * width
    leading = sign.startswith("leading")
    if "separate" in sign:
        mark, digits = ("-" if value < 0 else "+"), str(abs(value)).rjust(width - 1, "0")
        return (mark + digits if leading else digits + mark).encode(encoding)
    digits = str(abs(value)).rjust(width, "0")
    if sign:
        at = 0 if leading else len(digits) - 1
        punched = (_MINUS if value < 0 else _PLUS)[int(digits[at])]
        digits = digits[:at] + punched + digits[at + 1 :]
    return digits.encode(encoding)


def _edited(text: str, form: Form) -> str:
    """A number as its picture shows it: zeros in front suppressed, points, signs and blanks put in."""
    marks = expanded(form.facts.get("picture", ""))
    floating = next((mark for mark in "+-$" if marks.count(mark) > 1), "")
    first = marks.index(floating) if floating else -1
    places = [
        at
        for at, mark in enumerate(marks)
        if mark in "9Z*" or (mark == floating and floating and at != first)
    ]
    point = next((at for at, mark in enumerate(marks) if mark in ".V"), len(marks))
    scale = sum(at > point for at in places)
    scaled = Decimal(text).scaleb(scale) if FLOAT.match(text) else Decimal("0.5")
    digits = str(abs(int(scaled))).rjust(len(places), "0")
    signed = any(mark in ("S", "+", "-", "CR", "DB") for mark in marks)
    if scaled != int(scaled) or len(digits) > len(places) or (scaled < 0 and not signed):
        raise _wide(text, form)
    shown = _shown(marks, dict(zip(places, digits, strict=True)), scaled < 0, first)
    if "S" in marks and shown[-1].isdigit():
        shown = shown[:-1] + (_MINUS if scaled < 0 else _PLUS)[int(shown[-1])]
    return shown


def expanded(picture: str) -> list[str]:
    """The marks of a picture one by one, repetitions written out."""
    marks: list[str] = []
    for mark, count in units(picture):
        marks += [mark] * count
    return marks


def _shown(marks: list[str], digits: dict[int, str], negative: bool, floats: int) -> str:
    out: list[str] = []
    filler = "*" if "*" in marks else " "
    seen, sign_at = False, -1
    for at, mark in enumerate(marks):
        if at in digits:
            seen = seen or digits[at] != "0" or mark == "9"
            out.append(digits[at] if seen else filler)
        elif mark in (".", ","):
            seen = seen or mark == "."
            out.append(mark if seen else filler)
        elif mark in ("CR", "DB"):
            out.append(mark if negative else "  ")
        elif mark in "+-$":
            sign_at = len(out) if at == floats else sign_at
            out.append(_sign(mark, negative))
        elif mark not in "SVP":
            out.append(" " if mark == "B" else mark)
    if sign_at >= 0:
        # A sign that floats stands right before the first digit.
        end = sign_at
        while end + 1 < len(out) and out[end + 1] == " ":
            end += 1
        out[sign_at], out[end] = " ", out[sign_at]
    return "".join(out)


def _sign(mark: str, negative: bool) -> str:
    if mark == "$":
        return "$"
    return "-" if negative else "+" if mark == "+" else " "


def _floating(text: str, form: Form) -> bytes:
    """A hexadecimal floating number: sign, exponent to the base 16, fraction."""
    width = number(form.facts.get("width"))
    if not FLOAT.match(text):
        raise _wide(text, form)
    # Through the nearest binary number, which it holds exactly: what is read from it is written back the same.
    value = Fraction(float(text))
    if not value:
        return bytes(width)
    exponent, rest = 64, abs(value)
    while rest >= 1:
        rest, exponent = rest / 16, exponent + 1
    while rest < Fraction(1, 16):
        rest, exponent = rest * 16, exponent - 1
    bits = 8 * (width - 1)
    fraction = round(rest * (1 << bits))
    if fraction >> bits:
        fraction, exponent = fraction >> 4, exponent + 1
    if not 0 <= exponent <= 0x7F:
        raise _wide(text, form)
    return bytes([exponent | (0x80 if value < 0 else 0)]) + fraction.to_bytes(width - 1, "big")


def nothing(form: Form, facts: Mapping[str, str]) -> bytes:
    """The bytes of an item that nothing fills: zero for a number, else blanks."""
    encoding = facts.get("encoding") or "cp037"
    width = number(form.facts.get("width"))
    usage = form.facts.get("usage", "display")
    base = form.value.base if form.value is not None else Base.TEXT
    if base is Base.TEXT or "decimals" not in form.facts:
        return bytes(width) if usage in (*_BINARY, "comp-1", "comp-2") else " ".encode(encoding) * width
    return bytes_writer(form, encoding)("0")
