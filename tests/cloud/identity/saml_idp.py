"""A SAML provider of the tests' own: writes responses and signs them with xmlsec."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

NS = {"p": "urn:oasis:names:tc:SAML:2.0:protocol", "a": "urn:oasis:names:tc:SAML:2.0:assertion"}
OK = "urn:oasis:names:tc:SAML:2.0:status:Success"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class Idp:
    """One provider; every part of what it says may be bent. Parts that are None are left out."""

    issuer: str = "https://idp.example/saml"
    audience: str | None = "https://weft.example/saml"
    recipient: str | None = "https://weft.example/sign-in/saml/answer"
    destination: str = "https://weft.example/sign-in/saml/answer"
    request: str | None = ""
    subject: str = "ana@example.com"
    email: str = "Ana@example.com"
    lives: timedelta | None = timedelta(minutes=5)
    begins: timedelta = timedelta(minutes=-1)
    status: str = OK
    key: rsa.RSAPrivateKey = field(default_factory=made_key)

    def asked(self, address: str) -> str:
        """The id of the request a browser brings; remembered for the answer."""
        packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
        root = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
        self.request = root.get("ID")
        assert root.findtext("a:Issuer", namespaces=NS) == self.audience
        assert root.get("AssertionConsumerServiceURL") == self.recipient
        return str(self.request)

    def response(self) -> etree._Element:
        """A response with one assertion, not signed yet."""
        now = datetime.now(UTC)
        reply = f'InResponseTo="{self.request}"' if self.request is not None else ""
        recipient = f'Recipient="{self.recipient}"' if self.recipient is not None else ""
        ends = f'NotOnOrAfter="{stamp(now + self.lives)}"' if self.lives is not None else ""
        audience = (
            f"<a:AudienceRestriction><a:Audience>{self.audience}</a:Audience></a:AudienceRestriction>"
            if self.audience is not None
            else ""
        )
        return etree.fromstring(f"""<p:Response xmlns:p="{NS["p"]}" xmlns:a="{NS["a"]}" ID="_r1" Version="2.0"
 IssueInstant="{stamp(now)}" Destination="{self.destination}" {reply}>
<a:Issuer>{self.issuer}</a:Issuer><p:Status><p:StatusCode Value="{self.status}"/></p:Status>
<a:Assertion ID="_a1" Version="2.0" IssueInstant="{stamp(now)}"><a:Issuer>{self.issuer}</a:Issuer>
<a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{self.subject}</a:NameID>
<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<a:SubjectConfirmationData {ends} {recipient} {reply}/></a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{stamp(now + self.begins)}" {ends}>{audience}</a:Conditions>
<a:AuthnStatement AuthnInstant="{stamp(now)}"><a:AuthnContext><a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef></a:AuthnContext></a:AuthnStatement>
<a:AttributeStatement><a:Attribute Name="mail"><a:AttributeValue>{self.email}</a:AttributeValue></a:Attribute>
<a:Attribute Name="givenName"><a:AttributeValue>Ana</a:AttributeValue></a:Attribute></a:AttributeStatement>
</a:Assertion></p:Response>""")

    def sign(
        self, root: etree._Element, tag: str = "a:Assertion", method: str = "RsaSha256"
    ) -> etree._Element:
        """Sign the assertion (or, with `p:Response`, the whole) in place."""
        signed = root if tag == "p:Response" else root.find(tag, namespaces=NS)
        assert signed is not None
        how = getattr(xmlsec.constants, f"Transform{method}")
        template = xmlsec.template.create(signed, xmlsec.constants.TransformExclC14N, how)
        signed.insert(1, template)
        digest = xmlsec.constants.TransformSha1 if method == "RsaSha1" else xmlsec.constants.TransformSha256
        reference = xmlsec.template.add_reference(template, digest, uri=f"#{signed.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
        context.register_id(signed, "ID")
        context.sign(template)
        return root

    def signed(self) -> str:
        """A good response as the browser brings it."""
        return packed(self.sign(self.response()))


def packed(root: etree._Element) -> str:
    return base64.b64encode(etree.tostring(root)).decode()
