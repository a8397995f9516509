"""Single sign-on by SAML 2.0, an extra (`pip install weft-studio[saml]`): only signed assertions that answer our own request.

Stricter than the library alone: an answer nobody asked for is refused, and audience, recipient, request and expiry must
be inside what is signed. Which assertion was signed, not which comes first, is what is read (signature wrapping).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cryptography import x509

from cloud.identity.oidc import Identity, NotTrusted

LARGEST = 256 * 1024
SECONDS = 600
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
# The names providers give to what we look for: ours, LDAP's as OID, Microsoft's claims.
_EMAIL = (
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
_FIRST = (
    "given_name",
    "givenName",
    "firstName",
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
)
_SURNAME = (
    "family_name",
    "sn",
    "lastName",
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
)


@dataclass(frozen=True)
class Agreement:
    """What was agreed: the provider's name, sign-in address and certificate (PEM); our own name and answer address."""

    issuer: str
    sign_in: str
    certificate: str
    our_name: str
    answer_to: str


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("onelogin") is not None


def is_certificate(text: str) -> bool:
    """Whether it is one certificate in PEM."""
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return False
    return True


def begin(agreement: Agreement, relay: str) -> tuple[str, str]:
    """Where the browser is sent, and the id of the request to keep."""
    from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request  # type: ignore[import-untyped]

    request = OneLogin_Saml2_Authn_Request(_settings(agreement))
    asked = {"SAMLRequest": request.get_request(), "RelayState": relay}
    mark = "&" if urlsplit(agreement.sign_in).query else "?"
    return f"{agreement.sign_in}{mark}{urlencode(asked, quote_via=quote)}", str(request.get_id())


def finish(agreement: Agreement, request: str, response: str) -> Identity:
    """Who came back with this response (base64) to the request of this id; raises NotTrusted."""
    from onelogin.saml2.response import OneLogin_Saml2_Response  # type: ignore[import-untyped]

    if len(response) > LARGEST:
        raise NotTrusted("too_large")
    try:
        answer = OneLogin_Saml2_Response(_settings(agreement), response)
        answer.is_valid(_received_at(agreement.answer_to), request, raise_exceptions=True)
        _check_signed_parts(agreement, request, answer)
        return _identity(answer)
    except NotTrusted:
        raise
    except Exception as error:  # the library and two XML parsers look at what a stranger wrote
        raise NotTrusted(f"saml: {error}"[:300]) from error


def metadata(agreement: Agreement) -> bytes:
    """Our description for the provider (XML)."""
    made = _settings(agreement).get_sp_metadata()
    return made.encode() if isinstance(made, str) else bytes(made)


def _settings(agreement: Agreement) -> Any:
    from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]

    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": agreement.our_name,
                "assertionConsumerService": {"url": agreement.answer_to, "binding": _POST},
                "NameIDFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            },
            "idp": {
                "entityId": agreement.issuer,
                "singleSignOnService": {"url": agreement.sign_in, "binding": _REDIRECT},
                "x509cert": agreement.certificate,
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantAttributeStatement": False,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
            },
        }
    )


def _received_at(address: str) -> dict[str, Any]:
    """Our own address as the library wants it: never what a Host header says."""
    parts = urlsplit(address)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _check_signed_parts(agreement: Agreement, request: str, answer: Any) -> None:
    """What the library lets be absent must be there, inside the signed assertion."""
    if answer.get_in_response_to() != request:
        raise NotTrusted("not_asked_for")
    if agreement.our_name not in answer.get_audiences():
        raise NotTrusted("audience")
    path = "/saml:Subject/saml:SubjectConfirmation"
    for confirmation in answer._query_assertion(path):  # noqa: SLF001 - the only way to what was signed
        data = confirmation.find("{*}SubjectConfirmationData")
        if confirmation.get("Method") == _BEARER and data is not None and _is_ours(data, agreement, request):
            return
    raise NotTrusted("subject_confirmation")


def _is_ours(data: Any, agreement: Agreement, request: str) -> bool:
    same = data.get("Recipient") == agreement.answer_to and data.get("InResponseTo") == request
    return same and data.get("NotOnOrAfter") is not None


def _identity(answer: Any) -> Identity:
    told: Mapping[str, list[Any]] = answer.get_attributes()
    name = answer.get_nameid_data()
    subject = str(name["Value"]).strip()
    if not 0 < len(subject) <= 255:
        raise NotTrusted("subject")
    email = _first(told, _EMAIL) or (subject if name.get("Format") == _EMAIL_FORMAT else "")
    return Identity(subject, email.casefold(), _first(told, _FIRST), _first(told, _SURNAME))


def _first(told: Mapping[str, list[Any]], names: tuple[str, ...]) -> str:
    for name in names:
        values = told.get(name) or []
        if values and isinstance(values[0], str) and values[0].strip():
            return values[0].strip()[:254]
    return ""
