"""Encryption with a password: AES in CBC mode, key and start value from the password by PBKDF2 (PKCS #5, SHA-1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.script.errors import RunError
from studio.script.functions.arguments import text, whole
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import check_text_size

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import ciphers, padding
    from cryptography.hazmat.primitives.ciphers import algorithms, modes
else:
    ciphers = Lazily("cryptography.hazmat.primitives.ciphers")
    algorithms = Lazily("cryptography.hazmat.primitives.ciphers.algorithms")
    modes = Lazily("cryptography.hazmat.primitives.ciphers.modes")
    padding = Lazily("cryptography.hazmat.primitives.padding")

MOST_ITERATIONS = 1_000_000
_BLOCK = 16


def _cipher(
    host: Host, passphrase: Value, salt: Value, length: Value, iterations: Value
) -> ciphers.Cipher[modes.CBC]:
    bits, rounds = whole(length), whole(iterations)
    if bits not in (128, 192, 256):
        raise RunError(
            _("A key of {n} bits cannot be made.").format(n=bits), next_step=_("Use 128, 192 or 256.")
        )
    if not 1 <= rounds <= MOST_ITERATIONS:
        raise RunError(
            _("The password is hashed 1 to {most} times, not {n}.").format(most=MOST_ITERATIONS, n=rounds)
        )
    host.tick()
    secret = text(passphrase).encode("utf-8", "surrogatepass")
    made = hashlib.pbkdf2_hmac("sha1", secret, _salt(salt), rounds, bits // 8 + _BLOCK)
    return ciphers.Cipher(algorithms.AES(made[: bits // 8]), modes.CBC(made[bits // 8 :]))


def _salt(value: Value) -> bytes:
    try:
        return bytes.fromhex(text(value))
    except ValueError as error:
        raise RunError(_("The salt is not written in pairs of hex digits.")) from error


@function(
    "hash",
    "AESEncryption(plainText: string, passphrase: string, salt?: string, keyLength?: number, "
    "iterations?: number): string",
    N_(
        "The text encrypted with AES, in Base64. The key comes from the password (PKCS #5 version 2); "
        "AESDecryption needs the same password, salt, length and number of iterations."
    ),
    "AESEncryption('secret', 'password', '0a1b2c3d4e5f6071')",
    "'55TI7hHB0ut0Cw5muZdahA=='",
    fails=N_("The salt is not hex, the length is not 128, 192 or 256, or the iterations are out of range."),
    host=True,
)
def _encrypt(
    host: Host,
    plain: Value,
    passphrase: Value,
    salt: Value = "",
    length: Value = 256,
    iterations: Value = 1024,
) -> str:
    data = text(plain).encode("utf-8", "surrogatepass")
    check_text_size(len(data) * 2)
    padder = padding.PKCS7(_BLOCK * 8).padder()
    encryptor = _cipher(host, passphrase, salt, length, iterations).encryptor()
    sealed = encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    return base64.b64encode(sealed).decode("ascii")


@function(
    "hash",
    "AESDecryption(encryptedText: string, passphrase: string, salt?: string, keyLength?: number, "
    "iterations?: number): string",
    N_(
        "The text that AESEncryption encrypted with the same password, salt, length and number of iterations."
    ),
    "AESDecryption(AESEncryption('secret', 'password'), 'password')",
    "'secret'",
    fails=N_("The text is not Base64, or it was encrypted with something else."),
    host=True,
)
def _decrypt(
    host: Host,
    sealed: Value,
    passphrase: Value,
    salt: Value = "",
    length: Value = 256,
    iterations: Value = 1024,
) -> str:
    try:
        data = base64.b64decode("".join(text(sealed).split()), validate=True)
        decryptor = _cipher(host, passphrase, salt, length, iterations).decryptor()
        unpadder = padding.PKCS7(_BLOCK * 8).unpadder()
        padded = decryptor.update(data) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError) as error:
        raise RunError(
            _("The text cannot be decrypted."),
            next_step=_("Check password, salt, key length and iterations."),
        ) from error
