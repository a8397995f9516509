"""Passwords: any text works, common ones do not, the strictest rules win, and a wrong user costs what a wrong password does."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from cloud.identity import passwords
from cloud.identity.common_passwords import is_common
from cloud.identity.passwords import BOUNDS, Fault, Policy

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def cheap() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        yield


def test_the_product_hashes_with_argon2id_and_says_how() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4))
        kept = passwords.hashed("a long enough secret")
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert passwords.prove(kept, "a long enough secret")


def test_a_hash_of_weaker_parameters_still_proves_and_is_made_anew() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16).hash("a long enough secret")
    assert passwords.prove(weak, "a long enough secret")
    assert passwords.outdated(weak)
    assert not passwords.outdated(passwords.hashed("a long enough secret"))


@given(st.text(min_size=1, max_size=60))
def test_any_text_is_a_password_and_only_it_proves(text: str) -> None:
    kept = passwords.hashed(text)
    assert passwords.prove(kept, text)
    assert not passwords.prove(kept, text + "x")
    assert extract_parameters(kept) == extract_parameters(CHEAP.hash("x"))


@given(st.text(alphabet="áéíõçÅ①ﬁ Ａb", min_size=1, max_size=20))
def test_every_form_of_the_same_letters_is_the_same_password(text: str) -> None:
    kept = passwords.hashed(unicodedata.normalize("NFC", text))
    assert passwords.prove(kept, unicodedata.normalize("NFD", text))


def test_without_a_kept_hash_one_hash_is_worked_out_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.prove(None, "first use makes the hash of nobody")
    calls: list[str] = []
    real = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda kept, text: calls.append(kept) or real(kept, text))
    assert not passwords.prove(None, "wrong")
    assert not passwords.prove(passwords.hashed("right"), "wrong")
    assert len(calls) == 2
    assert extract_parameters(calls[0]) == extract_parameters(calls[1])


def test_a_broken_hash_proves_nothing() -> None:
    assert not passwords.prove("$argon2id$broken", "x")
    assert not passwords.prove("", "x")


@pytest.mark.parametrize(
    "text",
    [
        "password1234", "Password123!", "P4$$w0rd2026!", "passwordpassword", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa",
        "abcabcabcabc", "abcdefghijkl", "987654321098", "senha1234567", "SenhaSegura1", "iloveyou2026", "1q2w3e4r5t6y",
        "flamengo2026", "welcome12345", "12345qwert", "deusefiel123", "letmein12345", "weftstudio12",
    ],
)  # fmt: skip
def test_common_passwords_are_refused(text: str) -> None:
    assert is_common(text)
    assert Fault.COMMON in passwords.faults(text, Policy(least=8), [], [])


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "quatro cavalos no telhado",
        "kT9#vQz2mLp0",
        "o rato roeu a rolha",
        "日本語の長い合言葉です",
    ],
)
def test_good_ones_are_taken_without_rules_of_composition(text: str) -> None:
    assert passwords.faults(text, Policy(least=8), ["Ana", "Souza", "ana.souza@example.com"], []) == []


def test_length_counts_in_characters_of_the_normal_form() -> None:
    assert passwords.faults("kT9#vQz2mLp", Policy(), [], []) == [Fault.SHORT]
    assert passwords.faults("x" * 257, Policy(), [], []) == [Fault.LONG]
    assert passwords.faults("kv zt qw mn pl " * 17, Policy(), [], []) == []
    # A policy may not go below eight, whatever is stored.
    assert passwords.faults("kT9#vQz", Policy(least=1), [], []) == [Fault.SHORT]


def test_names_of_the_user_are_refused() -> None:
    about = ["Mariana", "Albuquerque", "mariana.albuquerque@example.com"]
    assert passwords.faults("albuquerque1", Policy(), about, []) == [Fault.ABOUT_YOU]
    assert passwords.faults("Mariana.Albuquerque@example.com", Policy(), about, []) == [Fault.ABOUT_YOU]
    assert passwords.faults("albuquerque sobe a serra", Policy(), about, []) == []


def test_history_counts_the_newest_first() -> None:
    earlier = [passwords.hashed(f"secret number {n} of many") for n in range(4)]
    policy = Policy(history=3)
    assert passwords.faults("secret number 2 of many", policy, [], earlier) == [Fault.USED]
    assert passwords.faults("secret number 3 of many", policy, [], earlier) == []
    assert passwords.faults("secret number 0 of many", Policy(history=0), [], earlier) == []


def test_expiry() -> None:
    assert not Policy().expired(NOW - timedelta(days=5000), NOW)
    assert Policy(expires_days=90).expired(NOW - timedelta(days=90), NOW)
    assert not Policy(expires_days=90).expired(NOW - timedelta(days=89), NOW)


policies = st.builds(
    Policy,
    second_factor=st.booleans(),
    **{rule: st.integers(low, high) for rule, (low, high) in BOUNDS.items()},
)


@given(st.lists(policies, min_size=1, max_size=4))
def test_the_strictest_is_at_least_as_strict_as_each(several: list[Policy]) -> None:
    one = passwords.strictest(several)
    for each in several:
        assert one.least >= each.least
        assert one.history >= each.history
        assert one.lock_after <= each.lock_after
        assert one.lock_minutes >= each.lock_minutes
        assert one.session_idle_minutes <= each.session_idle_minutes
        assert one.session_hours <= each.session_hours
        assert one.second_factor or not each.second_factor
        if each.expires_days:
            assert 0 < one.expires_days <= each.expires_days
    assert passwords.out_of_bounds(one) == []
    assert passwords.strictest([one, *several]) == one


def test_without_an_organization_the_standard_rules_hold() -> None:
    assert passwords.strictest([]) == Policy()
    assert passwords.out_of_bounds(Policy()) == []
    assert passwords.out_of_bounds(Policy(least=7, lock_after=0)) == ["least", "lock_after"]
