"""weft move --first, --dry-run and undo, as a person or a script uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_move import practice, source, weft

__all__ = ["practice", "source", "weft"]
pytestmark = pytest.mark.network
Weft = Callable[..., tuple[int, Any, str]]
UPSERT = ("move", "upsert", "Account")
ORG = ("--key", "ERP_Id__c", "--org", "practice")


def test_tried_dry_then_on_one_row_then_whole_then_taken_back(weft: Weft, source: Path) -> None:
    code, told, _err = weft(*UPSERT, source, *ORG, "--dry-run", "--json")
    assert code == 1
    assert (told["dry_run"], told["created"], told["updated"], told["refused"]) == (True, 2, 0, 1)
    assert weft("move", "status", "--json")[1] == []
    code, trial, err = weft(*UPSERT, source, *ORG, "--first", "1", "--json")
    assert (code, trial["state"], trial["succeeded"], trial["not_sent"]) == (0, "trial", 1, 2)
    assert "kept as they were" in err
    code, rest, _err = weft("move", "resume", "--json")
    assert (code, rest["run"], rest["state"]) == (1, trial["run"], "done")
    assert (rest["succeeded"], rest["failed"], rest["not_sent"]) == (2, 1, 0)
    code, foretold, _err = weft("move", "undo", "--dry-run", "--json")
    assert (code, foretold["run"], foretold["delete"], foretold["ready"]) == (0, trial["run"], 2, 2)
    code, out, _err = weft("move", "undo", "--dry-run")
    assert "2  deleted" in out
    code, undone, err = weft("move", "undo", trial["run"], "--json")
    assert code == 0, err
    assert (undone["undo_of"], undone["read"], undone["succeeded"]) == (trial["run"], 2, 2)
    assert [step["state"] for step in undone["steps"]] == ["done"]
    code, _out, err = weft("move", "undo", trial["run"])
    assert code == 2
    assert "was undone already" in err


def test_options_that_cannot_be_are_refused_in_a_sentence(weft: Weft, source: Path) -> None:
    for words, said in (
        (("--assignment-rule", "now"), "now is no assignment rule"),
        (("--all-or-none", "--api", "bulk"), "Bulk API jobs have no --all-or-none"),
        (("--correlate", "AccountNumber"), "cannot carry a stamp"),
    ):
        code, _out, err = weft(*UPSERT, source, *ORG, *words)
        assert (code, said in err) == (2, True), err
    code, _out, err = weft("move", "undo", "M-0099")
    assert code == 2
    assert "M-0099" in err
