"""Encodings and digests of text (as UTF-8) and bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib

from studio.base.i18n import N_, _
from studio.script.errors import RunError
from studio.script.functions.arguments import text
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import check_text_size, truth_of

NO_WRAP = "jitterbit.base64.encoded.string.no.wrap"


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else text(value).encode("utf-8", "surrogatepass")


@function(
    "hash",
    "Base64Encode(arg: type): string",
    N_("The Base64 text of a text or of bytes, in lines of 64 characters."),
    "Base64Encode('abc')",
    "'YWJj'",
    host=True,
)
def _encode(host: Host, value: Value) -> str:
    data = _bytes(value)
    check_text_size(len(data) * 4 // 3)
    encoded = base64.b64encode(data).decode("ascii")
    if truth_of(host.variables.get(NO_WRAP)):
        return encoded
    return "\n".join(encoded[at : at + 64] for at in range(0, len(encoded), 64))


@function(
    "hash",
    "Base64Decode(encryptedText: string): binary",
    N_("The bytes of a Base64 text."),
    "Base64Decode('YWJj')",
    "616263",
)
def _decode(value: Value) -> bytes:
    compact = "".join(text(value).split())
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RunError(_("The text is not Base64: {reason}.").format(reason=error)) from error


@function(
    "hash",
    "MD5(arg: type): string",
    N_("The MD5 digest in hex; for checks, not for secrets."),
    "MD5('abc')",
    "'900150983cd24fb0d6963f7d28e17f72'",
)
def _md5(value: Value) -> str:
    return hashlib.md5(_bytes(value), usedforsecurity=False).hexdigest()


@function(
    "hash",
    "MD5AsTwoNumbers(arg: type): array",
    N_("The MD5 digest as two whole numbers of 64 bits."),
    "MD5AsTwoNumbers('abc')",
    "{-8070080442485551184, -2984127896297046158}",
)
def _md5_numbers(value: Value) -> Value:
    digest = hashlib.md5(_bytes(value), usedforsecurity=False).digest()
    return [int.from_bytes(half, "big", signed=True) for half in (digest[:8], digest[8:])]


@function(
    "hash",
    "SHA256(arg: type): string",
    N_("The SHA-256 digest in hex."),
    "SHA256('abc')",
    "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
)
def _sha256(value: Value) -> str:
    return hashlib.sha256(_bytes(value)).hexdigest()


@function(
    "database",
    "SQLEscape(unescapedSQL: string, escapeBackslash?: bool): string",
    N_("The text with single quotes doubled, and backslashes too if asked for, to stand in an SQL literal."),
    'SQLEscape("O\'Hara")',
    "'O\\'\\'Hara'",
)
def _sql_escape(value: Value, backslash: Value = False) -> str:
    escaped = text(value).replace("'", "''")
    return escaped.replace("\\", "\\\\") if truth_of(backslash) else escaped
