"""Many rules: an edit checks and compiles only what it changes."""

from __future__ import annotations

from studio.script.host import PlainHost
from studio.script.rules import Rules


def test_only_changed_rules_are_done_again() -> None:
    rules = Rules()
    texts = {f"rule {number}": f"$x * {number}" for number in range(20)}
    assert rules.update(texts) == texts.keys()
    before = rules["rule 3"]
    assert rules.update(texts | {"rule 7": "$x + 'seven'"}) == {"rule 7"}
    assert rules["rule 3"] is before
    host = PlainHost(variables={"x": 2})
    run = rules["rule 7"].run
    assert run is not None
    assert run(host) == "2seven"


def test_rules_with_the_same_text_are_done_once_and_left_out_ones_are_forgotten() -> None:
    rules = Rules()
    assert len(rules.update({"a": "1 + 1", "b": "1 + 1"})) == 1
    assert rules["a"] is rules["b"]
    assert rules.update({"b": "1 + 1"}) == frozenset()
    assert rules.update({"a": "2"}) == {"a"}


def test_problems_are_told_by_name_and_what_cannot_be_read_has_no_function() -> None:
    rules = Rules()
    rules.update({"good": "1", "unknown": "Foo(1)", "broken": "1 + "})
    assert rules.problems().keys() == {"unknown", "broken"}
    assert rules["broken"].run is None
    assert rules["unknown"].run is not None
