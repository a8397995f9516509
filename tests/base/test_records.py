"""Data classes made in a third of the time are those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any, ClassVar

import pytest

from studio.base import records


def _kinds(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes, made by one decorator or the other."""

    @dataclass(frozen=True)
    class Plain:
        name: str
        count: int = 3
        parts: tuple[str, ...] = ()
        more: dict[str, int] = field(default_factory=dict, compare=False)
        shown: str = field(default="s", repr=False)
        last: int = field(default=7, kw_only=True)
        known: int = field(default=0, init=False, hash=False)
        kind: ClassVar[str] = "plain"

    @dataclass(frozen=True)
    class Empty:
        pass

    @dataclass(frozen=True)
    class Lone:
        value: object

    @dataclass(frozen=True, eq=False)
    class Same:
        value: object

    @dataclass
    class Open:
        value: int
        items: list[int] = field(default_factory=list)

    @dataclass(frozen=True)
    class Own:
        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and abs(self.value - other.value) < 2

        def __repr__(self) -> str:
            return "own"

    @dataclass(frozen=True)
    class Checked:
        value: int

        def __post_init__(self) -> None:
            if self.value < 0:
                raise ValueError(self.value)

    @dataclass(frozen=True)
    class Further(Plain):
        extra: int = 1

    @dataclass(frozen=True, slots=True)
    class Slim:
        value: int = 0

    @dataclass(frozen=True, slots=True)
    class Slimmer(Slim):
        more: str = "m"

    return {
        each.__name__: each for each in (Plain, Empty, Lone, Same, Open, Own, Checked, Further, Slim, Slimmer)
    }


BOTH = (_kinds(dataclasses.dataclass), _kinds(records.dataclass))


@records.dataclass(frozen=True)
class Sent:
    """One that is pickled."""

    name: str
    parts: tuple[int, ...] = ()


@records.dataclass(frozen=True, slots=True)
class Slim:
    """One without a dictionary."""

    name: str


def _said(kinds: dict[str, Any]) -> list[Any]:
    plain, lone, opened, own, further = (kinds[name] for name in ("Plain", "Lone", "Open", "Own", "Further"))
    one, other = plain("a", 2, ("x",), {"k": 1}, "t", last=9), plain("a", 2, ("x",), {}, "t", last=9)
    cycle = lone([])
    cycle.value.append(cycle)
    nothing = float("nan")
    return [
        repr(one), one == other, hash(one) == hash(other), one != plain("b"), one == 1, plain("a") == plain("a"),
        hash(one) == hash(("a", 2, ("x",), "t", 9)), one.__match_args__, dataclasses.asdict(one),
        dataclasses.replace(one, name="z") == plain("z", 2, ("x",), shown="t", last=9), one.known, plain.kind,
        repr(kinds["Empty"]()), kinds["Empty"]() == kinds["Empty"](), hash(kinds["Empty"]()) == hash(()),
        lone(nothing) == lone(nothing), repr(cycle), kinds["Same"](1) == kinds["Same"](1),
        repr(opened(1)), opened(1) == opened(1, []), opened.__hash__ is None, opened(1).items is opened(1).items,
        repr(own(1)), own(1) == own(2), own(1) == own(4), hash(own(5)) == hash((5,)),
        repr(further("f")), further("f") == further("f"), further("f") == plain("f"),
        list(inspect.signature(plain).parameters), str(inspect.signature(plain).parameters["last"].kind),
        [(each.name, each.compare, each.repr) for each in dataclasses.fields(plain)], dataclasses.is_dataclass(one),
        repr(kinds["Slimmer"]()), kinds["Slimmer"](2) == kinds["Slimmer"](2), hash(kinds["Slimmer"](2)) == hash((2, "m")),
        kinds["Slimmer"].__slots__, hasattr(kinds["Slimmer"](), "__dict__"), copy.copy(kinds["Slimmer"](3)).value,
        plain.__init__.__qualname__.rpartition(".")[2], copy.deepcopy(one) == one,
    ]  # fmt: skip


def test_they_behave_as_those_of_the_standard_library() -> None:
    theirs, ours = (_said(kinds) for kinds in BOTH)
    assert ours == theirs


@pytest.mark.parametrize("kinds", BOTH)
def test_nothing_can_be_assigned_to_or_deleted_and_what_is_missing_is_said(kinds: dict[str, Any]) -> None:
    plain = kinds["Plain"]("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        plain.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'other'"):
        plain.other = "b"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
        del plain.name
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        kinds["Plain"]()
    with pytest.raises(ValueError, match="-1"):
        kinds["Checked"](-1)
    for name in ("Further", "Slim", "Slimmer"):
        made = kinds[name]("a")
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, dataclasses.fields(made)[0].name, "b")
    kinds["Open"](1).value = 2


def test_they_are_pickled() -> None:
    sent = Sent("a", (1, 2))
    assert pickle.loads(pickle.dumps([sent, Slim("s")])) == [sent, Slim("s")]


def test_fields_may_be_called_as_what_makes_them_is() -> None:
    @records.dataclass(frozen=True)
    class Named:
        fields: dict[str, str] = field(default_factory=dict)
        missing: list[int] = field(default_factory=list)
        other: tuple[str, ...] = ()

    assert (Named().fields, Named().missing, Named(missing=[1]).missing) == ({}, [], [1])
    assert Named() == Named({}, [], ())
