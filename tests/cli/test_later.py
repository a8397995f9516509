"""What the command line will have one day is told from what it never had."""

from __future__ import annotations

import pytest

from studio import __version__
from studio.base.errors import NotHere
from studio.cli import later
from studio.cli.main import VERBS, run


@pytest.mark.parametrize("verb", [verb for verb in later._LATER if verb not in VERBS])
def test_a_verb_of_a_later_version_says_so(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb.split(), "anything", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"weft {verb} is not in this version. ")
    assert err.count("\n") == 1


def test_a_verb_that_came_is_no_longer_refused() -> None:
    with pytest.raises(NotHere):
        later.refuse(["agent", "start"], {})
    later.refuse(["agent", "start"], {"agent start": "agent"})
    later.refuse(["move", "upsert"], VERBS)
    later.refuse([], VERBS)


def test_the_help_lists_every_verb_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    listed = {line.strip("│ ").split(" ")[0] for line in capsys.readouterr().out.splitlines()}
    assert set(VERBS) <= listed
    assert not set(VERBS) & set(later._LATER)


def test_what_never_was_is_an_error_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["frobnicate"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"weft {__version__}\n"
