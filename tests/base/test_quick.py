"""Frozen dataclasses that are made quickly are what they were without, and collecting goes on after a pause."""

from __future__ import annotations

import copy
import gc
import pickle
from dataclasses import FrozenInstanceError, field, replace

import pytest

from studio.base.quick import without_collecting
from studio.base.records import dataclass


@dataclass(frozen=True, slots=True)
class Slim:
    """With slots."""

    start: int
    name: str = "x"


@dataclass(frozen=True, slots=True)
class Longer(Slim):
    """With more slots than its base."""

    more: tuple[int, ...] = ()


@dataclass(frozen=True)
class Wide:
    """Without slots."""

    first: int
    items: dict[str, int] = field(default_factory=dict)
    last: str | None = None


def test_they_are_equal_frozen_copied_and_read_as_before() -> None:
    for one, other in (
        (Slim(1), Slim(start=1, name="x")),
        (Longer(1, "y", (2,)), Longer(1, more=(2,), name="y")),
        (Wide(1), Wide(1, {}, None)),
        (replace(Wide(1), last="z"), Wide(1, last="z")),
    ):
        assert one == other
        assert repr(one) == repr(other)
        assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == one
        with pytest.raises(FrozenInstanceError):
            one.start = 2  # type: ignore[union-attr,misc]
    assert Wide(1).items is not Wide(1).items
    assert Longer(1, "y") != Longer(1, "z")
    with pytest.raises(TypeError):
        Slim()  # type: ignore[call-arg]


def _stopped() -> None:
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ZeroDivisionError


def test_collecting_goes_on_after_a_pause() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        _stopped()
    assert gc.isenabled()
