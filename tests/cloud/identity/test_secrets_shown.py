"""Tokens and recovery codes: of enough chance, recognizable, kept as hashes only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloud.identity import secrets_shown
from cloud.identity.secrets_shown import Prefix


def test_a_token_is_well_formed_only_as_it_was_made() -> None:
    token = secrets_shown.new_token(Prefix.PERSONAL)
    assert token.startswith("weft_pat_")
    assert secrets_shown.well_formed(token, Prefix.PERSONAL, Prefix.SESSION)
    assert not secrets_shown.well_formed(token, Prefix.SESSION)
    for at in (9, 20, len(token) - 1):
        other = token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]
        assert not secrets_shown.well_formed(other, Prefix.PERSONAL)
    assert token not in secrets_shown.kept(token)
    assert len({secrets_shown.new_token(Prefix.SESSION) for _n in range(100)}) == 100


@given(st.text(max_size=80))
def test_other_text_is_no_token(text: str) -> None:
    assert not secrets_shown.well_formed(text, *Prefix)


@given(st.sampled_from([" ", "-", "", "  "]), st.booleans())
def test_a_recovery_code_may_be_typed_as_one_likes(between: str, small: bool) -> None:
    codes = secrets_shown.new_recovery_codes()
    assert len(set(codes)) == secrets_shown.RECOVERY_CODES
    code = codes[0]
    typed = code.replace("-", between)
    kept = secrets_shown.kept_code("u1", code)
    assert secrets_shown.kept_code("u1", typed.lower() if small else typed) == kept
    assert secrets_shown.kept_code("u2", code) != kept
    assert secrets_shown.kept_code("u1", codes[1]) != kept
