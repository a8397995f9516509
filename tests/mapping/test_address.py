"""Addresses as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import address
from studio.schema.path import Step, format_steps, parse_path

names = st.text(alphabet="abc/[]@~:` é", min_size=1, max_size=5).filter(lambda name: name.strip() == name)
steps = st.builds(Step, names, st.booleans(), index=st.none() | st.integers(1, 12))
paths = st.tuples(st.sampled_from(["", "/"]), st.lists(steps, min_size=1, max_size=6)).map(
    lambda pair: pair[0] + format_steps(tuple(pair[1]))
)


@given(paths)
def test_joining_the_steps_gives_the_address_again(path: str) -> None:
    lead = "/" if path.startswith("/") else ""
    assert address.join(lead, address.split(path)) == path
    assert len(address.split(path)) == len(parse_path(path))


@given(paths)
def test_ancestors_lead_to_the_root_one_step_at_a_time(path: str) -> None:
    above = address.ancestors(path)
    assert all(address.within(path, up) for up in above)
    if path.startswith("/"):
        assert above[-1] == ""
        assert len(above) == len(address.split(path))
    else:
        assert len(above) == len(address.split(path)) - 1


@given(paths, st.integers(1, 9))
def test_an_instance_number_is_put_on_and_taken_off(path: str, number: int) -> None:
    numbered = address.numbered(path, number)
    assert address.instance(numbered) == (address.instance(path)[0], number)
    assert address.numbered(numbered, 0) == address.instance(path)[0]


def test_within_compares_whole_steps() -> None:
    assert address.within("a/b/c", "a/b")
    assert address.within("a/b", "a/b")
    assert not address.within("a/bc", "a/b")
    assert not address.within("a/b[2]/c", "a/b")
    assert address.within("/a/b", "")


def test_a_name_holding_a_slash_is_one_step() -> None:
    assert address.split("a/`b/c`/d") == ("a", "`b/c`", "d")
    assert address.parent("a/`b/c`") == "a"
