"""The network preferences: kept, noticed when they change, never with a password, and no file ends a start."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.network.settings import (
    SCHEMES,
    ClientCertificate,
    NetworkPreferences,
    Way,
    current,
    load,
    preferences_file,
    save,
)

FULL = NetworkPreferences(
    way=Way.EXPLICIT,
    proxy="https://proxy.corp.test:8443",
    bypass="*.corp.test;<local>",
    script="http://wpad.corp.test/wpad.dat",
    schemes=("negotiate", "basic"),
    users={"proxy.corp.test:8443": "joão", "other.test:8080": ""},
    extra_ca=("/etc/corp.pem",),
    client_certificates={"*.corp.test": ClientCertificate("/home/a/me.pem", "/home/a/me.key")},
)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def test_what_was_chosen_is_there_again(tmp_path: Path) -> None:
    assert load() == (NetworkPreferences(), None)
    save(FULL)
    assert load() == (FULL, None)
    assert current() == FULL


@given(text, st.lists(text), st.dictionaries(text, text), st.permutations(SCHEMES), st.sampled_from(Way))
def test_any_choice_is_there_again(
    tmp_path_factory: pytest.TempPathFactory,
    words: str,
    files: list[str],
    users: dict[str, str],
    schemes: list[str],
    way: Way,
) -> None:
    file = tmp_path_factory.mktemp("network") / "network.json"
    chosen = NetworkPreferences(
        way, "socks5://p.test", words, words, tuple(schemes[:2]), users, tuple(files), {}
    )
    save(chosen, file)
    assert load(file) == (chosen, None)


def test_a_change_is_noticed_without_a_start() -> None:
    save(replace(FULL, bypass="one.test"))
    assert current().bypass == "one.test"
    save(replace(FULL, bypass="two.test"))
    assert current().bypass == "two.test"
    preferences_file().unlink()
    assert current() == NetworkPreferences()


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'"network"', b"x" * (1 << 20) + b"xx"],
    ids=lambda raw: repr(raw[:9]),
)
def test_a_file_that_is_none_leaves_the_defaults_and_is_kept(content: bytes) -> None:
    preferences_file().write_bytes(content)
    found, problem = load()
    assert found == NetworkPreferences()
    assert problem is not None
    assert problem.file == str(preferences_file())
    assert problem.next_step
    save(FULL)
    assert current() == FULL
    assert (preferences_file().parent / "network.json.unreadable").read_bytes() == content


def test_a_folder_in_its_place_is_told() -> None:
    preferences_file().mkdir()
    found, problem = load()
    assert found == NetworkPreferences()
    assert "Is a directory" in str(problem)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("way", "automatic"),
        ("way", []),
        ("proxy", "http://joao:geheim@proxy.test:3128"),
        ("proxy", "http://proxy.test/proxy.pac"),
        ("proxy", "socks4://proxy.test"),
        ("proxy", 7),
        ("bypass", ["a"]),
        ("script", "\ud800"),
        ("schemes", "basic"),
        ("users", ["a"]),
        ("users", {"a": 1}),
        ("extra_ca", "/etc/corp.pem"),
        ("client_certificates", {"*.corp.test": "me.pem"}),
        ("client_certificates", {"*.corp.test": {"key": "me.pem"}}),
    ],
)
def test_one_value_that_makes_no_sense_is_named_and_the_others_stand(key: str, value: object) -> None:
    data = {"weft": "network/1", "bypass": "kept.test", "script": "kept.pac", key: value}
    preferences_file().write_text(json.dumps(data))
    found, problem = load()
    assert getattr(found, key) == getattr(NetworkPreferences(), key)
    assert (found.script if key == "bypass" else found.bypass).startswith("kept")
    assert key in str(problem)
    assert "geheim" not in str(problem)


def test_a_way_that_needs_a_proxy_and_has_none_is_the_computers_own() -> None:
    preferences_file().write_text('{"way": "explicit", "proxy": "nonsense://"}')
    found, problem = load()
    assert found.way is Way.SYSTEM
    assert "proxy" in str(problem)


def test_a_newer_version_is_read_as_far_as_known_and_kept() -> None:
    newer = {"weft": "network/7", "bypass": "a.test", "schemes": ["quantum", "basic"], "hops": [1]}
    preferences_file().write_text(json.dumps(newer))
    found, problem = load()
    assert problem is None
    assert (found.bypass, found.schemes) == ("a.test", ("basic",))
    save(replace(found, bypass="b.test"))
    data = json.loads(preferences_file().read_text())
    assert (data["weft"], data["hops"], data["bypass"]) == ("network/7", [1], "b.test")


def test_no_password_and_no_nonsense_is_kept() -> None:
    for proxy in ("http://joao:geheim@proxy.test", "http://", "http://a b", "ftp://a", "http://h:99999", ""):
        with pytest.raises(BadInput) as caught:
            save(replace(FULL, proxy=proxy))
        assert "geheim" not in str(caught.value)
    with pytest.raises(BadInput, match="kerberos5"):
        save(replace(FULL, schemes=("kerberos5",)))
    assert not preferences_file().exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder this user may not write to")
def test_a_folder_that_cannot_be_written_is_told() -> None:
    preferences_file().parent.chmod(0o500)
    try:
        with pytest.raises(BadInput, match=r"network\.json"):
            save(FULL)
    finally:
        preferences_file().parent.chmod(0o700)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | text, lambda x: st.lists(x) | st.dictionaries(text, x)
    )
)
def test_any_json_is_read(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    file = tmp_path_factory.mktemp("network") / "network.json"
    names = [*json.loads(json.dumps(list(NetworkPreferences.__dataclass_fields__)))]
    file.write_text(json.dumps(dict.fromkeys(names, data)))
    found, _problem = load(file)
    save(found, file)
    assert load(file)[0] == found
