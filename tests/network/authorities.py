"""Authorities and certificates of the tests' own, made on the spot: roots, gateways below them, servers, clients."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


@dataclass
class Issued:
    """A certificate, its key, and the certificates above it without the root."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def below(
        self, name: str, hosts: tuple[str, ...] = (), *, authority: bool = False, days: int = 30
    ) -> Issued:
        """A certificate that this one signs: for hosts (names and addresses), a client, or an authority."""
        above = () if self.certificate.issuer == self.certificate.subject else (self.certificate, *self.chain)
        return _issue(name, self, hosts, authority, days, above)

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(PEM)

    @property
    def der(self) -> bytes:
        """The certificate, in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 in pairs of digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def key_pem(self, passphrase: str = "") -> bytes:
        """The key, locked where there is a passphrase."""
        lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            lock = serialization.BestAvailableEncryption(passphrase.encode())
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock)

    def chain_pem(self) -> bytes:
        """The certificate and those between it and the root."""
        return self.pem + b"".join(above.public_bytes(PEM) for above in self.chain)

    def server(self, folder: Path, *, clients: Issued | None = None) -> ssl.SSLContext:
        """A server's context that shows this certificate; with `clients` it demands one that those have signed."""
        file = folder / f"{self.certificate.serial_number}.pem"
        file.write_bytes(self.chain_pem() + self.key_pem())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if clients is not None:
            context.load_verify_locations(cadata=clients.pem.decode())
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def root(name: str) -> Issued:
    """A self-signed authority."""
    return _issue(name, None, (), True, 3000, ())


def _issue(
    name: str,
    above: Issued | None,
    hosts: tuple[str, ...],
    authority: bool,
    days: int,
    chain: tuple[x509.Certificate, ...],
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    start = now - timedelta(days=1) if days > 0 else now + timedelta(days=days - 2)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((above.key if above else key).public_key()),
            critical=False,
        )
    )
    if authority:
        made = made.add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True
        )
    if hosts:
        made = made.add_extension(
            x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False
        )
    return Issued(made.sign((above or Issued(None, key)).key, hashes.SHA256()), key, chain)  # type: ignore[arg-type]


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
