"""Faults in the compiler and the back ends are found by the tests of the engine; three here, a hundred in the full run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import STATE
from tests.engine.mutants import chosen
from tests.engine.mutants_alike import EQUIVALENT
from tests.engine.mutating import FILES, ROOT, mutants, mutants_of


def asked(*arguments: str) -> tuple[int, list[str]]:
    """How the tool ends in a process of its own, and what it prints."""
    command = [sys.executable, "-m", "tests.engine.mutants", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.splitlines()


def test_a_fault_is_found() -> None:
    """A test fails because of the fault in the module; one that does not meet the fault passes."""
    ended, lines = asked("--against", "test_signs", "--only", "_with_sign gives nothing 1: return digits")
    found = {line.partition(": return ")[2]: line.partition(" ")[0] for line in lines}
    assert ended == 1
    assert found["digits"] == "SURVIVES"
    assert found["digits[:at] + marks[int(digits[at])] + digits[at + 1 :]"].startswith(
        "tests/engine/test_signs.py::"
    )


def test_the_hundred_are_of_every_kind() -> None:
    """They come from most of the files, and stay the same."""
    hundred = chosen(100, 5)
    assert len({mutant.key for mutant in hundred}) == 100
    assert len({mutant.module for mutant in hundred}) > 30
    assert len({mutant.what for mutant in hundred}) > 7
    assert chosen(100, 5) == hundred


def test_what_nobody_can_see_is_in_the_code() -> None:
    """A reason is about code that is there: where that changes it has to be thought of again."""
    known = {mutant.meaning for mutant in mutants()}
    assert [key for key in EQUIVALENT if key not in known] == []
    assert len(known) == len(mutants())


def test_a_reason_stays_with_its_code_however_that_is_laid_out() -> None:
    """Other lines, quotes and brackets, a comment, a statement before it: the same fault."""

    def meant(source: str) -> list[tuple[str, str, str, str, int]]:
        return [mutant.meaning for mutant in mutants_of(FILES[0], source)]

    plain = "def f(a):\n    if a > 1:\n        return g(a, 'x') or 2\n"
    other = 'def f(a):\n    h()  # new\n    if (a\n            > 1):\n        return (\n            g(a, "x")\n            or 2\n        )\n'
    changed = plain.replace("a > 1", "a > 2")
    assert len(meant(plain)) == 7
    assert set(meant(other)) - set(meant(plain)) == {("compile", "f", "h()", "left out", 1)}
    assert set(meant(plain)) < set(meant(other))
    assert {each[2] for each in set(meant(plain)) - set(meant(changed))} == {"if a > 1:"}


@pytest.mark.full
def test_all_mutants_die(tmp_path: Path) -> None:
    """A hundred of one seed; goes on where it stopped."""
    state = STATE.with_suffix(".mutants") if STATE is not None else tmp_path / "mutants"
    ended, lines = asked("--state", str(state))
    assert ended == 0, lines[-10:]
