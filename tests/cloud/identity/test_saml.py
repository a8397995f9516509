"""Single sign-on by SAML against a provider of the tests' own that bends what it says, and strangers who bend it further."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

pytest.importorskip("onelogin.saml2.response", reason="the extra `saml` (python3-saml) is not installed")

from cloud.identity import saml
from cloud.identity.oidc import NotTrusted
from cloud.identity.saml import LARGEST, Agreement
from tests.cloud.identity.saml_idp import NS, Idp, certificate, made_key, packed

KEY = made_key()
AGREEMENT = Agreement(
    "https://idp.example/saml", "https://idp.example/sso?tenant=1", certificate(KEY),
    "https://weft.example/saml", "https://weft.example/sign-in/saml/answer",
)  # fmt: skip


@pytest.fixture
def idp() -> Idp:
    made = Idp(key=KEY)
    made.asked(saml.begin(AGREEMENT, "relay")[0])
    return made


def finish(idp: Idp, response: str) -> saml.Identity:
    assert idp.request
    return saml.finish(AGREEMENT, idp.request, response)


def test_the_request_is_ours_and_remembered() -> None:
    where, request = saml.begin(AGREEMENT, "r e")
    assert where.startswith("https://idp.example/sso?tenant=1&SAMLRequest=")
    assert where.endswith("&RelayState=r%20e")
    assert Idp().asked(where) == request


def test_a_signed_assertion_says_who_it_is(idp: Idp) -> None:
    who = finish(idp, idp.signed())
    assert (who.subject, who.email, who.first_name, who.surname) == (
        "ana@example.com",
        "ana@example.com",
        "Ana",
        "",
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("audience", "https://another.example/saml"), ("audience", None),
        ("recipient", "https://another.example/answer"), ("recipient", None),
        ("recipient", "https://weft.example/sign-in/saml/answer/more"),
        ("issuer", "https://evil.example"), ("request", "_of_another"), ("request", None),
        ("lives", timedelta(minutes=-10)), ("lives", None), ("begins", timedelta(hours=1)),
        ("status", "urn:oasis:names:tc:SAML:2.0:status:Requester"), ("subject", ""), ("key", made_key()),
    ],
)  # fmt: skip
def test_a_signed_assertion_that_says_something_else_is_refused(idp: Idp, part: str, value: object) -> None:
    request = str(idp.request)
    setattr(idp, part, value)
    with pytest.raises(NotTrusted):
        saml.finish(AGREEMENT, request, idp.signed())


def unsigned(idp: Idp) -> etree._Element:
    return idp.response()


def only_the_envelope_signed(idp: Idp) -> etree._Element:
    return idp.sign(idp.response(), "p:Response")


def changed_after_signing(idp: Idp) -> etree._Element:
    root = idp.sign(idp.response())
    name = root.find(".//a:NameID", NS)
    assert name is not None
    name.text = "admin@example.com"
    return root


def forged(assertion: etree._Element) -> etree._Element:
    """A copy that names somebody else and has no signature."""
    made = copy.deepcopy(assertion)
    made.set("ID", "_evil")
    name = made.find(".//a:NameID", NS)
    assert name is not None
    name.text = "admin@example.com"
    made.remove(made[1])
    return made


def wrapped_before(idp: Idp) -> etree._Element:
    root = idp.sign(idp.response())
    good = root.find("a:Assertion", NS)
    assert good is not None
    good.addprevious(forged(good))
    return root


def wrapped_around(idp: Idp) -> etree._Element:
    """The signed assertion moved into an extension of a forged one, in its place."""
    root = idp.sign(idp.response())
    good = root.find("a:Assertion", NS)
    assert good is not None
    evil = forged(good)
    root.replace(good, evil)
    etree.SubElement(evil, f"{{{NS['a']}}}Advice").append(good)
    return root


def wrapped_in_the_signature(idp: Idp) -> etree._Element:
    """The forged assertion carries the good signature, in which the signed assertion stands as an Object."""
    root = idp.sign(idp.response())
    good = root.find("a:Assertion", NS)
    assert good is not None
    evil = forged(good)
    signature = good[1]
    root.replace(good, evil)
    evil.insert(1, signature)
    etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(good)
    return root


def same_id_twice(idp: Idp) -> etree._Element:
    root = wrapped_before(idp)
    evil = root.find("a:Assertion", NS)
    assert evil is not None
    evil.set("ID", "_a1")
    return root


def wrapped_in_the_status(idp: Idp) -> etree._Element:
    root = idp.sign(idp.response())
    good, status = root.find("a:Assertion", NS), root.find("p:Status", NS)
    assert good is not None
    assert status is not None
    root.replace(good, forged(good))
    etree.SubElement(status, f"{{{NS['p']}}}StatusDetail").append(good)
    return root


def in_an_envelope_that_answers_nothing(idp: Idp) -> etree._Element:
    """As from a provider that sends people by itself: nobody here began it."""
    root = idp.sign(idp.response())
    del root.attrib["InResponseTo"]
    return root


def by_sha1(idp: Idp) -> etree._Element:
    return idp.sign(idp.response(), method="RsaSha1")


@pytest.mark.parametrize(
    "bend",
    [
        unsigned, only_the_envelope_signed, changed_after_signing, wrapped_before, wrapped_around,
        wrapped_in_the_signature, same_id_twice, wrapped_in_the_status, by_sha1,
        in_an_envelope_that_answers_nothing,
    ],
)  # fmt: skip
def test_unsigned_wrapped_and_changed_responses_are_refused(
    idp: Idp, bend: Callable[[Idp], etree._Element]
) -> None:
    with pytest.raises(NotTrusted):
        finish(idp, packed(bend(idp)))


def test_a_comment_does_not_cut_a_name(idp: Idp) -> None:
    idp.subject = "admin@example.com<!-- -->.evil.example"
    assert finish(idp, idp.signed()).subject == "admin@example.com.evil.example"


@pytest.mark.parametrize(
    "text",
    [
        "", "%%%", base64.b64encode(b"<a/>").decode(), base64.b64encode(b"<a").decode(), "A" * (LARGEST + 1),
        base64.b64encode(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>').decode(),
        base64.b64encode(b'<!DOCTYPE a [<!ENTITY x "y">]><a>' + b"&x;" * 9 + b"</a>").decode(),
    ],
)  # fmt: skip
def test_what_is_no_response_is_refused(idp: Idp, text: str) -> None:
    with pytest.raises(NotTrusted):
        finish(idp, text)


def test_our_description_names_us() -> None:
    root = etree.fromstring(saml.metadata(AGREEMENT))
    assert root.get("entityID") == AGREEMENT.our_name
    (answers,) = root.findall(".//{*}AssertionConsumerService")
    assert answers.get("Location") == AGREEMENT.answer_to
