"""The certificates a host has shown, looked at one by one: whose they are, what is wrong, who may have put them there."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import ipaddress
import re
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.network.examination import Chain, Shown

if TYPE_CHECKING:
    from cryptography import exceptions, x509
    from cryptography.hazmat.primitives import serialization
else:
    # Only an examination looks into certificates.
    exceptions = Lazily("cryptography.exceptions")
    x509 = Lazily("cryptography.x509")
    serialization = Lazily("cryptography.hazmat.primitives.serialization")

_DER = 2  # _ssl.ENCODING_DER
# Sites that show a certificate of a public authority to everybody.
PUBLIC_SITES = (
    "salesforce.com",
    "force.com",
    "salesforce.mil",
    "cloudforce.com",
    "database.com",
    "visualforce.com",
    "salesforce-sites.com",
    "my.site.com",
)


def shown_by(connection: Any, *, verified: bool) -> list[bytes]:
    """The certificates of a TLS connection in DER, the host's first; where verified up to the root that is trusted."""
    inner = getattr(connection, "_sslobj", connection)
    names = ["get_unverified_chain"]
    if verified:
        names.insert(0, "get_verified_chain")
    for name in names:
        found = getattr(inner, name, lambda: None)()
        if found:
            return [one if isinstance(one, bytes) else one.public_bytes(_DER) for one in found]
    own = connection.getpeercert(binary_form=True)
    return [own] if own else []


def read_chain(host: str, version: str, shown: Sequence[bytes], refused: str, *, by_proxy: bool) -> Chain:
    """The chain for people; `refused` is what TLS said of it, empty where it is trusted.

    Without certificates where they are so odd that they cannot be read.
    """
    found = _loaded(shown)
    with warnings.catch_warnings(action="ignore"), contextlib.suppress(*_odd()):
        if found:
            return _read(host, version, found, refused, by_proxy)
    return Chain(host, version, (), refused)


def _read(host: str, version: str, found: Sequence[x509.Certificate], refused: str, by_proxy: bool) -> Chain:
    private = not _is_public(found[-1])
    site = any(host == name or host.endswith(f".{name}") for name in PUBLIC_SITES)
    fits = name_fits(found[0], host)
    untrusted = bool(refused) and (_unknown(refused) or (fits and not _late(found)))
    reason = _reason(found, fits, refused, untrusted) if refused else ""
    listed = _listed(found, host, fits, untrusted)
    resealed = private and site
    return Chain(host, version, listed, reason, private, resealed, _about(private, resealed, by_proxy))


def _loaded(shown: Sequence[bytes]) -> list[x509.Certificate]:
    """The certificates, up to one that cannot be read; some real ones bend the rules, and are warned of."""
    found: list[x509.Certificate] = []
    with warnings.catch_warnings(action="ignore"), contextlib.suppress(*_odd()):
        for one in shown:
            found.append(x509.load_der_x509_certificate(one))
    return found


def _odd() -> tuple[type[Exception], ...]:
    """What the library raises over certificates that bend the rules too far."""
    named = (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
    return (ValueError, exceptions.UnsupportedAlgorithm, *named)


def _unknown(refused: str) -> bool:
    """What the systems say where they know no authority for a certificate."""
    return any(word in refused for word in ("self-signed", "self signed", "local issuer", "not trusted"))


def _listed(found: Sequence[x509.Certificate], host: str, fits: bool, untrusted: bool) -> tuple[Shown, ...]:
    """Root first, also where it was not shown."""
    listed = [_shown(one, found, host, fits) for one in reversed(found)]
    last = found[-1]
    if last.subject != last.issuer:
        said = _("not shown, and not in this computer's trust store") if untrusted else _("not shown")
        return (Shown(_name(last.issuer), "root", "", said, "", untrusted), *listed)
    if not _is_late(last):
        said = _("not in this computer's trust store") if untrusted else _("trusted by this computer")
        if last is found[0] and untrusted:
            said = _("signed by itself, not in this computer's trust store")
        if fits or last is not found[0]:
            listed[0] = replace(listed[0], remark=said, doubtful=untrusted)
    return tuple(listed)


def name_fits(certificate: x509.Certificate, host: str) -> bool:
    """The certificate is for this host: by its alternative names only (RFC 9525), `*` for one whole first label."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    wanted = host.rstrip(".").lower()
    above = wanted.partition(".")[2]
    return any(
        name.lower() == wanted or (name.startswith("*.") and above != "" and name[2:].lower() == above)
        for name in names.get_values_for_type(x509.DNSName)
    )


def _shown(one: x509.Certificate, found: Sequence[x509.Certificate], host: str, fits: bool) -> Shown:
    until = one.not_valid_after_utc
    late = _is_late(one)
    if one is found[0]:
        role = "server"
        remark = (
            _("name fits")
            if fits
            else _("is for {names}, not for {host}").format(names=_names(one), host=host)
        )
        doubtful = not fits
    else:
        role = "root" if one.subject == one.issuer else "issuing"
        remark, doubtful = _("signed by the one above"), False
    if late:
        remark, doubtful = late, True
    return Shown(_name(one.subject), role, until.date().isoformat(), remark, _fingerprint(one), doubtful)


def _reason(found: Sequence[x509.Certificate], fits: bool, refused: str, untrusted: bool) -> str:
    """Why it is refused, in words of ours where they say more than those of TLS."""
    if untrusted:
        return _("issued by “{issuer}”, not in the trust store").format(issuer=root_name(found))
    late = _late(found)
    if late:
        return late
    return refused.rstrip(".") if fits else _("it is for {names}").format(names=_names(found[0]))


def root_name(found: Sequence[x509.Certificate]) -> str:
    """The authority a chain ends with."""
    return _name(found[-1].issuer)


def _late(found: Sequence[x509.Certificate]) -> str:
    return next((said for said in map(_is_late, found) if said), "")


def _is_late(one: x509.Certificate) -> str:
    now = datetime.now(UTC)
    if now > one.not_valid_after_utc:
        return _("expired on {day}").format(day=one.not_valid_after_utc.date().isoformat())
    if now < one.not_valid_before_utc:
        return _("not valid before {day}").format(day=one.not_valid_before_utc.date().isoformat())
    return ""


def _about(private: bool, resealed: bool, by_proxy: bool) -> str:
    if resealed:
        return _(
            "The site itself shows a public certificate elsewhere: the gateway opens and re-seals this traffic."
        )
    if private and by_proxy:
        return _(
            "No public authority issued this: either the system has an authority of its own, or a gateway on the way "
            "opens and re-seals this traffic."
        )
    return _("No public authority issued this: the system has an authority of its own.") if private else ""


def _name(name: x509.Name) -> str:
    for kind in (
        x509.NameOID.COMMON_NAME,
        x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
        x509.NameOID.ORGANIZATION_NAME,
    ):
        found = name.get_attributes_for_oid(kind)
        if found:
            return _plain(str(found[0].value))
    return _plain(name.rfc4514_string()) or _("no name")


def _names(one: x509.Certificate) -> str:
    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = [
            *names.get_values_for_type(x509.DNSName),
            *map(str, names.get_values_for_type(x509.IPAddress)),
        ]
    except (x509.ExtensionNotFound, ValueError):
        listed = []
    return _plain(", ".join(listed[:4])) or _name(one.subject)


def _plain(text: str) -> str:
    """What a stranger wrote into a certificate, as one short line."""
    return "".join(c if c.isprintable() else "?" for c in text)[:120]


def _fingerprint(one: x509.Certificate) -> str:
    return hashlib.sha256(one.public_bytes(serialization.Encoding.DER)).hexdigest().upper()


def _is_public(last: x509.Certificate) -> bool:
    """One of the roots that Mozilla publishes, by name and key; or signed by one of its name, where it is not shown."""
    names, keys = _public()
    if not names:
        return True  # nothing is said without the list
    if last.subject != last.issuer:
        return last.issuer.public_bytes() in names
    return _key(last) in keys


@functools.cache
def _public() -> tuple[frozenset[bytes], frozenset[bytes]]:
    try:
        pem = Path(certifi.where()).read_text("utf-8")
    except OSError:
        return frozenset(), frozenset()
    blocks = re.findall("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----", pem)
    roots = [one for block in blocks for one in _loaded([ssl.PEM_cert_to_DER_cert(block)])]
    return frozenset(one.subject.public_bytes() for one in roots), frozenset(map(_key, roots))


def _key(one: x509.Certificate) -> bytes:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return one.subject.public_bytes() + one.public_key().public_bytes(serialization.Encoding.DER, kind)


def looking_only() -> ssl.SSLContext:
    """For a look at the certificates of a host that are refused: nothing is ever sent on a connection made with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
