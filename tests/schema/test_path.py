"""Addresses of nodes: parsed and written without loss, refused where they make no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.path import Step, format_steps, parent_path, parse_path, quote, said_path, without_indexes

_NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name != "text()")
_PREFIXES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,6}", fullmatch=True)
_STEPS = st.builds(
    Step,
    name=_NAMES,
    attribute=st.booleans(),
    prefix=st.none() | _PREFIXES,
    type=st.none() | st.text(min_size=1, max_size=8),
    index=st.none() | st.integers(1, 10**6),
)


@given(st.lists(_STEPS, min_size=1, max_size=6))
def test_what_is_written_is_read_back(steps: list[Step]) -> None:
    text = format_steps(tuple(steps))
    assert parse_path(text) == tuple(steps)
    assert parse_path("/" + text) == tuple(steps)


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_a_located_error(text: str) -> None:
    refused: BadInput | None = None
    steps: tuple[Step, ...] = ()
    try:
        steps = parse_path(text)
    except BadInput as error:
        refused = error
    if refused is None:
        assert parse_path(format_steps(steps)) == steps
    else:
        assert refused.column is not None
        assert 1 <= refused.column <= len(text) + 1


def test_plain_names_stay_plain() -> None:
    assert format_steps(parse_path("invoices/invoice/party[2]/@role")) == "invoices/invoice/party[2]/@role"
    assert quote("Billing Street") == "`Billing Street`"
    assert quote("a`b") == "`a``b`"


def test_parts_of_an_address() -> None:
    assert without_indexes("a/b[2]/c~D/@e") == "a/b/c/@e"
    assert without_indexes("/a/b[2]") == "/a/b"
    assert parent_path("a/b/@c") == "a/b"
    assert parent_path("/a/b") == "/a"
    assert parent_path("a") == ""


@pytest.mark.parametrize("text", ["a//b", "a/", "a[0]", "a[x]", "a/@", "a b]c", "~x"])
def test_nonsense_is_refused_with_its_column(text: str) -> None:
    with pytest.raises(BadInput, match="not a path"):
        parse_path(text)


def test_an_address_is_read_without_the_quotes_of_scripts() -> None:
    assert said_path("row/`Total (R$)`") == "row/Total (R$)"
    assert said_path("/a:b[2]/@`x y`") == "/a:b[2]/@x y"
    assert said_path("a~`own type`/text()") == "a~own type/text()"
