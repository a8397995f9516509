"""What proxies offer, read from real and from any headers; Digest by the examples of its standards; the guard's marks."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.network.guard import FRESH, Guard
from studio.network.hops import Hop
from studio.network.refusals import ProxyRefused, password_refused, printable
from studio.network.signing_in.challenges import Challenge, read_challenges
from studio.network.signing_in.credentials import AddressCredentials, LoggedIn, Login
from studio.network.signing_in.digest import digest_answer
from studio.network.signing_in.schemes import usable
from studio.network.signing_in.signers import CannotSign

READ = {
    "Negotiate": [Challenge("negotiate")],
    "Negotiate, NTLM , Basic realm=x": [
        Challenge("negotiate"), Challenge("ntlm"), Challenge("basic", "", {"realm": "x"}),
    ],
    'Basic realm="Corp, and \\"more\\"", NTLM': [
        Challenge("basic", "", {"realm": 'Corp, and "more"'}), Challenge("ntlm"),
    ],
    "NTLM TlRMTVNTUAACAAAA==": [Challenge("ntlm", "TlRMTVNTUAACAAAA==")],
    'DIGEST realm="a", nonce="b" ,qop="auth,auth-int", stale=TRUE, algorithm=MD5': [
        Challenge("digest", "", {"realm": "a", "nonce": "b", "qop": "auth,auth-int", "stale": "TRUE", "algorithm": "MD5"})
    ],
    "": [],
    ",, ;": [],
    'Basic realm="never ends': [Challenge("basic", "", {"realm": "never ends"})],
    "Negotiate oYG= , Basic realm = spaced": [
        Challenge("negotiate", "oYG="), Challenge("basic", "", {"realm": "spaced"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("header", READ)
def test_challenges(header: str) -> None:
    assert list(read_challenges([header])) == READ[header]


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_header_is_read(headers: list[str]) -> None:
    found = read_challenges(headers)
    assert len(found) <= 32
    assert all(challenge.scheme == challenge.scheme.lower() for challenge in found)


_words = st.text("abcdefghijklmnopqrstuvwxyzABC019-", min_size=1, max_size=8)
_texts = st.text(st.characters(codec="latin-1", categories=["L", "N", "P", "Zs"]), max_size=12)


@given(st.lists(st.tuples(_words, st.dictionaries(_words.map(str.lower), _texts, max_size=3)), max_size=4))
def test_what_is_written_is_read(challenges: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    header = ", ".join(
        f"{scheme} " + ", ".join(f'{name}="{quoted(value)}"' for name, value in given.items())
        for scheme, given in challenges
    )
    assert list(read_challenges([header])) == [
        Challenge(scheme.lower(), "", given) for scheme, given in challenges
    ]


def test_a_long_header_is_read_in_no_time() -> None:
    for part in ("a=", "a ", '"', "\\", "a,", 'a="\\'):
        read_challenges([part * 20_000])


def test_the_allowed_order_decides_and_the_strongest_digest() -> None:
    offered = read_challenges(
        ["Basic realm=x", "Digest nonce=1", "Digest nonce=2, algorithm=SHA-256", "NTLM"]
    )
    chosen = list(usable(offered, ("ntlm", "digest", "basic")))
    assert [challenge.scheme for challenge in chosen] == ["ntlm", "digest", "basic"]
    assert chosen[1].parameters["nonce"] == "2"
    assert list(usable(offered, ("negotiate",))) == []


MUFASA = Login("Mufasa", "Circle of Life")
RFC_7616 = {
    "realm": "http-auth@example.org",
    "qop": "auth, auth-int",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
}


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_by_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    given = RFC_7616 | {"algorithm": algorithm}
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    said = digest_answer(MUFASA, given, "GET", "/dir/index.html", cnonce=cnonce)
    assert f'response="{response}"' in said
    assert f'cnonce="{cnonce}"' in said
    assert "nc=00000001" in said


def test_digest_of_rfc_2069_and_what_is_not_offered() -> None:
    login = Login("Mufasa", "Circle Of Life")
    given = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    # The formula of RFC 2069 with the values of RFC 2617's example.
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in digest_answer(
        login, given, "GET", "/dir/index.html"
    )
    with pytest.raises(CannotSign, match="not visible"):
        digest_answer(Login("a\nb", "p"), given, "GET", "/")
    for odd in ({"algorithm": "MD6"}, {"qop": "auth-int"}):
        with pytest.raises(CannotSign):
            digest_answer(login, given | odd, "GET", "/")
    user = Login('jo"ão', "p")
    assert 'username="jo\\"ão"' in digest_answer(user, given, "GET", "/")
    assert 'username="jo' not in digest_answer(user, given | {"userhash": "true"}, "GET", "/")
    for algorithm in ("MD5-sess", "SHA-256-sess", "SHA-512-256"):
        assert f"algorithm={algorithm}" in digest_answer(login, given | {"algorithm": algorithm}, "GET", "/")


def test_a_login_never_shows_its_password() -> None:
    assert "hidden" not in repr(Login("u", "hidden")) + str(Login("u", "hidden"))
    given = AddressCredentials(["http://u:hid%40den@proxy.test:3128", None, "nonsense://"])
    assert "hid" not in repr(given)
    assert given.for_proxy("proxy.test:3128") == Login("u", "hid@den")
    assert given.for_proxy("proxy.test:3129") is None


async def test_the_guard_lets_one_go_first_and_stops_all_after_a_refusal() -> None:
    now = [100.0]
    guard = Guard(lambda: now[0])
    wrong, right = (guard.mark(Login("u", word), "basic") for word in ("wrong", "right"))
    under_way, most, entered = 0, 0, 0

    async def sign_in(mark: bytes, works: bool) -> None:
        nonlocal under_way, most, entered
        async with guard.turn("p:1", mark):
            entered += 1
            under_way += 1
            most = max(most, under_way)
            for _step in range(3):
                await asyncio.sleep(0)
            under_way -= 1
            if works:
                guard.worked("p:1", mark, "basic")
            else:
                error = password_refused(Hop("http", "p", 1), 407, ("basic",), "basic", "u")
                guard.refused("p:1", mark, error)
                raise error

    ended = await asyncio.gather(*(sign_in(wrong, False) for _ in range(10)), return_exceptions=True)
    assert [type(error) for error in ended] == [ProxyRefused] * 10
    assert (entered, most) == (1, 1)
    await asyncio.gather(*(sign_in(right, True) for _ in range(10)))
    assert entered == 11
    assert most > 1  # beside each other, once the first was through
    assert guard.scheme("p:1", right) == "basic"
    assert guard.scheme("p:1", wrong) == ""
    now[0] += FRESH
    most = 0
    await asyncio.gather(*(sign_in(right, True) for _ in range(3)))
    guard.refused("p:1", right, ProxyRefused("no"))
    with pytest.raises(ProxyRefused):
        await sign_in(right, True)
    guard.forget("p:1")
    await sign_in(right, True)


def test_marks_tell_who_how_and_nothing_more() -> None:
    guard = Guard()
    marks = {
        guard.mark(login, how)
        for login in (None, LoggedIn(), Login("u", "p"), Login("u", "q"), Login("up", ""))
        for how in ("basic", "ntlm")
    }
    assert len(marks) == 10
    assert guard.mark(Login("u", "p"), "") != Guard().mark(Login("u", "p"), "")


def test_what_strangers_say_is_cut_and_made_visible() -> None:
    assert printable("a\r\n\x1b[31mb" + "c" * 500).startswith("a [31mb")
    assert len(printable("c" * 500)) <= 120
