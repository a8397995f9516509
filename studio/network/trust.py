"""Whom we trust over TLS, and who we say we are: the operating system's certificates, extra ones, client certificates.

Nothing here can be told to accept whatever is shown: a certificate that is not trusted is an error, always.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import ssl
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import truststore

from studio.base.errors import BadInput, NotAllowed, WeftError
from studio.base.i18n import _
from studio.base.secrets import SecretStore, open_store
from studio.base.system_errors import reason_of
from studio.network.settings import (
    ClientCertificate,
    NetworkPreferences,
    current,
    secret_of_certificate,
)

EXTRA_CA = "WEFT_EXTRA_CA"
_LARGEST = 16 * 1024 * 1024
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
# Where distributions keep all authorities in one file: Debian, Fedora, older Fedora and Red Hat, SUSE, Alpine and Arch.
_STORES = tuple(
    Path("/etc", name)
    for name in (
        "ssl/certs/ca-certificates.crt",
        "pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "pki/tls/certs/ca-bundle.crt",
        "ssl/ca-bundle.pem",
        "ssl/cert.pem",
    )
)
_Key = tuple[object, ...]
# Contexts by the files they were made of, as those were then; reading the system's store takes tens of milliseconds.
_made: dict[_Key, ssl.SSLContext] = {}
_MOST = 32


def tls_context(
    extra_ca: Path | Sequence[Path] | None = None,
    certificate: ClientCertificate | None = None,
    passphrase: str | None = None,
) -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 or newer.

    `extra_ca` are files of certificates (PEM or DER) trusted beside the system's store; an issuing authority may stand
    there without its root. Raises BadInput naming the file that cannot be used.
    """
    files = [extra_ca] if isinstance(extra_ca, Path) else list(extra_ca or ())
    own = [certificate.file, certificate.key or certificate.file] if certificate else []
    key = (
        _system_stamp(),
        *map(_stamp, files),
        "as",
        *map(_stamp, map(Path, own)),
        hashlib.sha256((passphrase or "").encode()).digest(),
    )
    if key not in _made:
        while len(_made) >= _MOST:
            _made.pop(next(iter(_made)))
        _made[key] = _context(files, certificate, passphrase)
    return _made[key]


def context_for(
    host: str,
    port: int = 443,
    preferences: NetworkPreferences | None = None,
    secrets: SecretStore | None = None,
) -> ssl.SSLContext:
    """The context for one host: the system's store, the user's extra authorities, the host's client certificate.

    The same object for the same files, so that a pool may be kept by it. Raises BadInput naming the file, NotAllowed
    where the key's passphrase is missing or the key store refuses.
    """
    chosen = preferences or current()
    pattern = certificate_pattern(chosen.client_certificates, host, port)
    if pattern is None:
        return tls_context(extra_files(chosen))
    certificate = chosen.client_certificates[pattern]
    passphrase = None
    if locked(Path(certificate.key or certificate.file)):
        name = secret_of_certificate(pattern)
        passphrase = (secrets if secrets is not None else open_store()).get(name)
    return tls_context(extra_files(chosen), certificate, passphrase)


def extra_files(preferences: NetworkPreferences) -> list[Path]:
    """The files of authorities trusted beside the system's: of the preferences, and of WEFT_EXTRA_CA (a list as PATH)."""
    named = [name for name in os.environ.get(EXTRA_CA, "").split(os.pathsep) if name]
    return [Path(name).expanduser() for name in dict.fromkeys([*preferences.extra_ca, *named])]


def certificate_pattern(patterns: Mapping[str, ClientCertificate], host: str, port: int) -> str | None:
    """The most exact pattern for a host: `host:port`, `host`, then the longest one with `*`. None shows no certificate."""
    name = host.strip("[]").rstrip(".").lower()
    for pattern in sorted(patterns, key=lambda one: ("*" in one, -len(one))):
        wanted, _colon, number = (
            pattern.lower().rpartition(":") if pattern.count(":") == 1 else (pattern.lower(), "", "")
        )
        if number and number != str(port):
            continue
        if fnmatch.fnmatchcase(name, wanted.replace("[", "[[]")):
            return pattern
    return None


def _context(
    files: Sequence[Path], certificate: ClientCertificate | None, passphrase: str | None
) -> ssl.SSLContext:
    context = _system_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for file in files:
        _trust(context, file)
    if files:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if certificate is not None:
        _show(context, certificate, passphrase)
    return context


def _system_context() -> ssl.SSLContext:
    """Windows and macOS are asked about each chain; elsewhere the system's file of authorities is read, once."""
    if sys.platform in ("win32", "darwin"):
        asking: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return asking
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    store = _usual_store()
    if store is None:
        context.set_default_verify_paths()  # SSL_CERT_FILE and SSL_CERT_DIR, or where OpenSSL was made to look
    else:
        context.load_verify_locations(cafile=store)
    return context


def _usual_store() -> Path | None:
    """For a program that carries its own OpenSSL, which looks where nothing is: a distribution's file."""
    named = ssl.get_default_verify_paths()
    if named.cafile or (named.capath and any(Path(named.capath).glob("*.[0-9]"))):
        return None
    return next((file for file in _STORES if file.is_file()), None)


def _system_stamp() -> _Key:
    if sys.platform in ("win32", "darwin"):
        return ()
    named = ssl.get_default_verify_paths().cafile or _usual_store()
    return _stamp(Path(named)) if named else ()


def _trust(context: ssl.SSLContext, file: Path) -> None:
    try:
        data = _read(file)
        found: list[bytes] = _PEM.findall(data)
        # A notice of another encoding may stand between the certificates; without any it is one in DER.
        context.load_verify_locations(cadata=b"\n".join(found).decode("ascii") if found else data)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise BadInput(
            _("The file of extra certificates cannot be used: {reason}.").format(reason=_said(error)),
            file=file,
            next_step=_("Give a PEM file holding the certificates of your company's authority."),
        ) from error


def _show(context: ssl.SSLContext, certificate: ClientCertificate, passphrase: str | None) -> None:
    file, key = Path(certificate.file).expanduser(), Path(certificate.key or certificate.file).expanduser()

    def asked() -> str:
        # Without this OpenSSL would ask on the terminal.
        if passphrase is None:
            raise NotAllowed(
                _("The key of the client certificate is locked, and no passphrase is kept for it."),
                file=key,
                next_step=_("Enter it in the network preferences, or with weft proxy certificate."),
            )
        return passphrase

    for each in (file, key):
        try:
            _read(each)
        except (OSError, ValueError) as error:
            raise _unusable(each, _said(error)) from error
    try:
        context.load_cert_chain(file, key, asked)
    except WeftError:
        raise
    except (OSError, ValueError) as error:
        raise _unusable(key, _why(key, error, given=passphrase is not None)) from error


def _why(key: Path, error: Exception, *, given: bool) -> str:
    """OpenSSL says nothing of use here (`[SSL] PEM lib`)."""
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return _("certificate and key do not belong together")
    if given and locked(key):
        return _("the passphrase kept for its key does not open it")
    return _("it holds no certificate with its key in PEM")


def _unusable(file: Path, reason: str) -> BadInput:
    return BadInput(
        _("The client certificate cannot be used: {reason}.").format(reason=reason),
        file=file,
        next_step=_("Give PEM files: the certificate with those above it, and its key."),
    )


def locked(key: Path) -> bool:
    """The file holds a key that a passphrase opens."""
    try:
        return b"ENCRYPTED" in _read(key.expanduser())
    except (OSError, ValueError):
        return False  # told when it is to be used


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(_("the file is too large"))
    return data


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return _("it holds no certificate")
    return reason_of(error) if isinstance(error, OSError) else str(error)


def _stamp(file: Path) -> _Key:
    try:
        found = file.expanduser().stat()
    except OSError:
        return (str(file),)
    return (str(file), found.st_mtime_ns, found.st_size, found.st_ino)
