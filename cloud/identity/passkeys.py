"""Passkeys (WebAuthn level 2): registration, and sign-in without a name or a password.

A passkey is asked to verify its user (PIN, fingerprint), so that it is both factors at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

SECONDS = 300
_LARGEST_ANSWER = 64 * 1024


class NotProven(Exception):
    """What a browser sent does not prove what it should."""


@dataclass(frozen=True)
class Site:
    """Whom passkeys belong to: the host name (`id`), its `origin` (scheme, host, port) and a `name` for people."""

    id: str
    origin: str
    name: str = "Weft"


@dataclass(frozen=True)
class Passkey:
    """What is kept of one: its id, public key (COSE) and the counter last seen."""

    id: bytes
    public_key: bytes
    count: int
    synced: bool = False


def registration(
    site: Site, user: str, email: str, name: str, present: list[bytes]
) -> tuple[dict[str, Any], bytes]:
    """What the browser is asked for a new passkey, and the challenge to keep; `present` are ids already registered."""
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_id=user.encode(),
        user_name=email,
        user_display_name=name,
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in present],
    )
    return _plain(options_to_json(options)), options.challenge


def registered(site: Site, challenge: bytes, answer: dict[str, Any]) -> Passkey:
    """The new passkey a browser answered with; raises NotProven."""
    try:
        proven = webauthn.verify_registration_response(
            credential=_checked(answer),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # parsers of four formats look at what a stranger wrote
        raise NotProven(str(error)) from error
    return Passkey(
        proven.credential_id,
        proven.credential_public_key,
        proven.sign_count,
        bool(proven.credential_backed_up),
    )


def sign_in(site: Site) -> tuple[dict[str, Any], bytes]:
    """What the browser is asked at sign-in, and the challenge to keep; whose passkey it is, the answer says."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id, timeout=SECONDS * 1000, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _plain(options_to_json(options)), options.challenge


def answered_id(answer: dict[str, Any]) -> bytes:
    """The id of the passkey an answer claims to come from; raises NotProven."""
    try:
        return base64url_to_bytes(str(_checked(answer)["rawId"]))
    except Exception as error:  # parsers of four formats look at what a stranger wrote
        raise NotProven(str(error)) from error


def signed_in(site: Site, challenge: bytes, answer: dict[str, Any], kept: Passkey) -> int:
    """The counter to keep from now on; raises NotProven, also when a counter stands still: a copy of the passkey is about."""
    try:
        proven = webauthn.verify_authentication_response(
            credential=_checked(answer),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.count,
            require_user_verification=True,
        )
    except Exception as error:  # parsers of four formats look at what a stranger wrote
        raise NotProven(str(error)) from error
    if proven.credential_id != kept.id:
        raise NotProven("another passkey")
    return proven.new_sign_count


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(answer)) > _LARGEST_ANSWER:
        raise ValueError("the answer is too large")
    return answer


def _plain(options: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(options)
    return made
