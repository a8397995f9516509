"""Conversion between text, numbers, truth, dates and bytes."""

from __future__ import annotations

import math
import re
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import N_, _
from studio.script.errors import RunError
from studio.script.functions.arguments import exact, number, only_text, unkept, whole, wrong_kind
from studio.script.functions.reading_dates import parse_date
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import EPOCH, cannot_convert, shifted, text_of, truth_of

_HALF = Decimal("0.5")

_UNICODE = "jitterbit.scripting.hex.enable_unicode_support"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")


@function(
    "conversion",
    "Bool(arg: type): bool",
    N_("Whether a value counts as true: a number other than 0, text beginning with one, or the word true."),
    "Bool('true')",
    "true",
)
def _bool(value: Value) -> bool:
    if isinstance(value, datetime):
        raise cannot_convert(value, _("true or false"))
    return truth_of(value)


@function(
    "conversion",
    "String(arg: type): string",
    N_("The text of a value: 1 or 0 for true or false, 2026-03-01 17:30:00 for a date."),
    "String(12.5)",
    "'12.5'",
)
def _string(value: Value) -> str:
    return text_of(value)


@function(
    "conversion",
    "Int(arg: type): number",
    N_("The whole part of a number, or of the number a text begins with."),
    "Int('12.7 kg')",
    "12",
)
def _int(value: Value) -> int:
    return whole(value)


@function("conversion", "Long(arg: type): number", N_("The same as Int."), "Long('12.7 kg')", "12")
def _long(value: Value) -> int:
    return whole(value)


@function(
    "conversion",
    "Double(arg: type): number",
    N_("The number a text begins with; 0 where there is none."),
    "Double('12.7 kg')",
    "12.7",
)
def double(value: Value) -> Value:
    """What `Double` gives."""
    return number(unkept(value))


@function("conversion", "Float(arg: type): number", N_("The same as Double."), "Float('12.7 kg')", "12.7")
def _float(value: Value) -> Value:
    return number(unkept(value))


@function(
    "conversion",
    "Date(arg: type): date",
    N_("The date written in a text, or so many seconds after 1970-01-01, rounded to whole ones."),
    "Date('2026-03-01 17:30:00')",
    "2026-03-01 17:30:00",
)
def _date(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return shifted(EPOCH, math.floor(exact(value) + _HALF))
    raise cannot_convert(value, _("a date"))


def _hex_bytes(name: str, value: Value) -> bytes:
    digits = only_text(name, value)
    if len(digits) % 2 or re.fullmatch(r"[0-9A-Fa-f]*", digits) is None:
        raise RunError(_("{text} is not written in pairs of hex digits.").format(text=repr(digits[:80])))
    return bytes.fromhex(digits)


@function(
    "conversion",
    "HexToBinary(arg: string): binary",
    N_("The bytes written as pairs of hex digits."),
    "HexToBinary('0aff')",
    "0aff",
)
def _hex_to_binary(value: Value) -> bytes:
    return _hex_bytes("HexToBinary", value)


@function(
    "conversion",
    "BinaryToHex(arg: binary): string",
    N_("The bytes as pairs of hex digits, in small letters."),
    "BinaryToHex(HexToBinary('0AFF'))",
    "'0aff'",
)
def _binary_to_hex(value: Value) -> str:
    if not isinstance(value, bytes):
        raise wrong_kind("BinaryToHex", _("binary data"), value)
    return value.hex()


@function(
    "conversion",
    "HexToString(arg: string): string",
    N_("The text whose UTF-8 bytes are written as pairs of hex digits."),
    "HexToString('416263')",
    "'Abc'",
    host=True,
)
def _hex_to_string(host: Host, value: Value) -> str:
    data = _hex_bytes("HexToString", value)
    if truth_of(host.variables.get(_UNICODE)):
        return data.decode("latin-1")
    return data.decode("utf-8", "replace")


@function(
    "conversion",
    "StringToHex(arg: string): string",
    N_("The UTF-8 bytes of a text as pairs of hex digits."),
    "StringToHex('Abc')",
    "'416263'",
    host=True,
)
def _string_to_hex(host: Host, value: Value) -> str:
    string = only_text("StringToHex", value)
    if truth_of(host.variables.get(_UNICODE)):
        return "".join(f"{ord(char):02x}" for char in string)
    return string.encode("utf-8", "surrogatepass").hex()


@function(
    "conversion",
    "UUIDToBinary(arg: string): binary",
    N_("The 16 bytes of a UUID's text."),
    "UUIDToBinary('2f46dad9-e5c2-457e-b1fd-ad1b49b99aff')",
    "2f46dad9e5c2457eb1fdad1b49b99aff",
)
def _uuid_to_binary(value: Value) -> bytes:
    string = only_text("UUIDToBinary", value)
    if _UUID.match(string) is None:
        raise RunError(_("{text} is not a UUID.").format(text=repr(string[:80])))
    return bytes.fromhex(string.replace("-", ""))


@function(
    "conversion",
    "BinaryToUUID(arg: binary): string",
    N_("The UUID's text for 16 bytes."),
    "BinaryToUUID(HexToBinary('ba4df00dba4df00dba4df00dba4df00d'))",
    "'ba4df00d-ba4d-f00d-ba4d-f00dba4df00d'",
)
def _binary_to_uuid(value: Value) -> str:
    if not isinstance(value, bytes) or len(value) != 16:
        raise wrong_kind("BinaryToUUID", _("16 bytes of binary data"), value)
    digits = value.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
