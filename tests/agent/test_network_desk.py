"""What the window asks about the way out: preferences kept whole or not at all, whom a file certifies, secrets apart."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from studio.agent.network_desk import NetworkDesk, plain
from studio.base.errors import BadInput
from studio.base.secrets import open_store
from studio.network import settings
from studio.network.settings import (
    ClientCertificate,
    NetworkPreferences,
    Way,
    load,
    save,
    secret_of_certificate,
    secret_of_proxy,
)
from tests.cheap_vault import cheap_vault
from tests.network.authorities import root

PROXY = "proxy.example:8080"


@pytest.fixture(autouse=True)
def key_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_vault(tmp_path, monkeypatch)


async def ask(do: str, **values: Any) -> Any:
    async with AsyncExitStack() as stack:
        return await NetworkDesk(stack).answers[do](values, lambda *_told: None, asyncio.Event())


async def test_a_password_goes_to_the_key_store_and_leaves_it_with_its_user() -> None:
    await ask("sign_in", proxy=f"http://{PROXY}", user="ana", password="geheim-canary")
    assert load()[0].users == {PROXY: "ana"}
    assert open_store().get(secret_of_proxy(PROXY)) == "geheim-canary"
    assert "geheim" not in settings.preferences_file().read_text()
    # Another password for the same user, then the computer's own sign-in.
    await ask("sign_in", proxy=PROXY, user="ana", password="other")
    assert open_store().get(secret_of_proxy(PROXY)) == "other"
    await ask("sign_in", proxy=PROXY, user="", password="")
    assert load()[0].users == {PROXY: ""}
    await ask("forget_user", proxy=PROXY)
    assert load()[0].users == {}
    assert open_store().get(secret_of_proxy(PROXY)) is None


async def test_a_user_without_any_password_is_refused() -> None:
    with pytest.raises(BadInput, match="has no password here"):
        await ask("sign_in", proxy=PROXY, user="ana", password="")
    assert load()[0].users == {}


async def test_preferences_are_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    save(NetworkPreferences(users={PROXY: "ana"}, extra={"newer": [1]}))
    open_store().put(secret_of_proxy(PROXY), "kept")
    authority = root("Corp Root")
    file = tmp_path / "corp.pem"
    file.write_bytes(authority.pem)
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate")
    for bad in (
        NetworkPreferences(extra_ca=(str(nothing),)),
        NetworkPreferences(client_certificates={"*.x.example": ClientCertificate(str(nothing))}),
        NetworkPreferences(way=Way.EXPLICIT),
        NetworkPreferences(proxy="http://ana:pw@proxy.example:1"),
    ):
        with pytest.raises(BadInput):
            await ask("keep", preferences=plain(bad))
        assert load()[0].users == {PROXY: "ana"}
    client = authority.below("ana", ("ana.example",))
    own = tmp_path / "own.pem"
    own.write_bytes(client.chain_pem() + client.key_pem("open sesame"))
    good = NetworkPreferences(
        extra_ca=(str(file),), client_certificates={"*.x.example": ClientCertificate(str(own))}
    )
    await ask("keep", preferences=plain(good), passphrases={"*.x.example": "open sesame"})
    kept = load()[0]
    assert (kept.extra_ca, kept.extra) == ((str(file),), {"newer": [1]})
    assert open_store().get(secret_of_certificate("*.x.example")) == "open sesame"
    # Who is no longer among the users has no password left here.
    assert open_store().get(secret_of_proxy(PROXY)) is None


async def test_files_of_certificates_say_whose_they_are_or_what_is_wrong(tmp_path: Path) -> None:
    authority = root("Corp Root")
    pem, der, empty = tmp_path / "a.pem", tmp_path / "b.cer", tmp_path / "c.pem"
    pem.write_bytes(b"About this file\n" + authority.pem)
    der.write_bytes(authority.der)
    empty.write_bytes(b"")
    found = await ask("certificates", files=[str(pem), str(der), str(empty), str(tmp_path / "gone")])
    assert [each.get("name") for each in found] == ["Corp Root", "Corp Root", None, None]
    assert [bool(each.get("problem")) for each in found] == [False, False, True, True]
    await ask("trust", file=str(pem))
    await ask("trust", file=str(pem))
    assert load()[0].extra_ca == (str(pem),)
    with pytest.raises(BadInput):
        await ask("trust", file=str(empty))


async def test_an_examination_is_given_up_when_stop_comes() -> None:
    stop = asyncio.Event()
    stop.set()
    async with AsyncExitStack() as stack:
        with pytest.raises(Exception, match=r"Stopped\."):
            await NetworkDesk(stack).examine({"url": "https://10.255.255.1"}, lambda *_told: None, stop)
