"""Faults in the compiler and the back ends are found by the tests of the engine; a few here, a hundred in the full run."""

from __future__ import annotations

import pytest

from tests.engine.mutants import chosen, survives
from tests.engine.mutating import Mutant, mutants


def found(module: str, text: str, what: str) -> Mutant:
    """The mutant at a line."""
    wanted = f"studio.engine.{module}", text, what
    return next(each for each in mutants() if (each.module, each.text, each.what) == wanted)


def test_a_fault_is_found() -> None:
    """The tests are run with the fault in the module, in a process of their own; without one they pass."""
    mutant = found("formats.xml_write", "if text or target.mixed:", "always")
    assert not survives(mutant, tests=["test_loops"])
    unseen = found(
        "formats.edi_read", 'if kind == "structure" or (kind == "segment" and not inside):', "always"
    )
    assert survives(unseen, tests=["test_effects"])


def test_the_hundred_are_of_every_kind() -> None:
    """They come from most of the files, and each of them is code that compiles."""
    hundred = chosen(100, 5)
    assert len({mutant.key for mutant in hundred}) > 95
    assert len({mutant.module for mutant in hundred}) > 20
    assert len({mutant.what for mutant in hundred}) > 7
    assert chosen(100, 5) == hundred


@pytest.mark.full
@pytest.mark.parametrize("piece", range(20))
def test_all_mutants_die(piece: int) -> None:
    """A hundred of one seed, five a piece."""
    alive = [mutant for mutant in chosen(100, 5)[piece::20] if survives(mutant)]
    assert alive == []
