"""The turns of a record's loops that are looked at: values of both sides are theirs, a failure is in its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.preview import Previews
from studio.mapping.evidence import Evidence, RuleProblem, Seen, Turn
from tests.engine.build import plan, xml

SOURCE = xml({"r": {"i*": {"@id": "text", "l*": {"n": "integer", "t?": "text", "p*": {"q": "text"}}}}})
TARGET = xml(
    {
        "o": {
            "row*": {
                "@id": "text",
                "in*": {"n?": "text", "t?": "text", "deep*": {"q?": "text"}},
                "all*": "text",
            }
        }
    }
)
RULES = {
    "o/row": {"loop": "r/i"},
    "o/row/@id": "[@id]",
    "o/row/in": {"loop": "l"},
    "o/row/in/n": "If([n] == 3, RaiseError('three'), [n])",
    "o/row/in/t": "[t]",
    "o/row/in/deep": {"loop": "p"},
    "o/row/in/deep/q": "[q]",
    "o/row/all": {"loop": "l", "script": "[t]"},
}
DATA = """<r><i id="a"><l><n>1</n><p><q>1a</q></p></l><l><n>2</n><t>two</t><p><q>2a</q></p><p><q>2b</q></p></l>
<l><n>3</n><t>three</t></l></i><i id="b"><l><n>5</n></l></i></r>"""
IN, DEEP, ALL = "o/row/in", "o/row/in/deep", "o/row/all"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample as a file."""
    (tmp_path / "s.xml").write_text(DATA)
    return tmp_path / "s.xml"


def _texts(evidence: Evidence) -> dict[str, str]:
    return {path: seen.text for path, seen in evidence.target.items() if seen.text}


def test_values_of_both_sides_are_those_of_the_turns(sample: Path) -> None:
    previews, made = Previews(), plan(RULES, SOURCE, TARGET)
    first = previews.evidence(made, sample, 1, turns={IN: 1})
    assert first.turns == {IN: Turn(1, 3), DEEP: Turn(1, 1), ALL: Turn(2, 3)}
    assert _texts(first) == {"o/row/@id": "a", "o/row/in/n": "1", "o/row/in/deep/q": "1a", ALL: "two"}
    second = previews.evidence(made, sample, 1, turns={IN: 2, DEEP: 2})
    assert second.turns == {IN: Turn(2, 3), DEEP: Turn(2, 2), ALL: Turn(2, 3)}
    assert _texts(second) == {
        "o/row/@id": "a", "o/row/in/n": "2", "o/row/in/t": "two", "o/row/in/deep/q": "2b", ALL: "two",
    }  # fmt: skip
    assert (second.target[IN], second.target["o/row/in/deep/q"]) == (Seen("", 3), Seen("2b", 3))
    assert (second.source["r/i/l/n"], second.source["r/i/l/p/q"]) == (Seen("2", 3), Seen("2b", 3))
    assert "r/i/l/t" not in first.source or first.source["r/i/l/t"].text == "two"


def test_a_failure_shows_its_own_turn_until_another_is_wanted(sample: Path) -> None:
    previews, made = Previews(), plan(RULES, SOURCE, TARGET)
    found = previews.evidence(made, sample, 1)
    assert found.turns[IN] == Turn(3, 3)
    assert found.problems == (RuleProblem("o/row/in/n", "three", ((IN, 3),)),)
    assert found.here(found.problems[0].turns)
    assert (found.source["r/i/l/n"].text, found.target["o/row/in/t"].text) == ("3", "three")
    assert "r/i/l/p/q" not in found.source
    elsewhere = previews.evidence(made, sample, 1, turns={IN: 1})
    assert elsewhere.turns[IN] == Turn(1, 3)
    assert not elsewhere.here(elsewhere.problems[0].turns)
    assert previews.evidence(made, sample, 2).turns[IN] == Turn(1, 1)


def test_a_number_beyond_the_last_turn_is_the_last_one(sample: Path) -> None:
    found = Previews().evidence(plan(RULES, SOURCE, TARGET), sample, 1, turns={IN: 99, DEEP: 7})
    assert found.turns[IN] == Turn(3, 3)
    assert DEEP not in found.turns


def test_groups_and_arrays_have_turns_too(sample: Path) -> None:
    rules = RULES | {
        IN: {"loop": "l", "group": {"by": ["[t]"]}},
        ALL: {"each": "{'x', 'y'}", "script": "GetInstance()"},
    }
    found = Previews().evidence(plan(rules, SOURCE, TARGET), sample, 1, turns={ALL: 2, IN: 2})
    assert (found.turns[IN], found.turns[ALL]) == (Turn(2, 3), Turn(2, 2))
    assert (found.target[ALL], found.source["r/i/l/n"]) == (Seen("y", 2), Seen("2", 3))


def test_of_nodes_that_no_loop_visits_only_the_first_is_shown(sample: Path) -> None:
    rules = {path: rule for path, rule in RULES.items() if path in ("o/row", "o/row/@id")}
    found = Previews().evidence(plan(rules, SOURCE, TARGET), sample, 1)
    # The text of the second turn does not stand beside the number of the first.
    assert found.source["r/i/l/n"] == Seen("1", 3)
    assert found.source["r/i/l/t"] == Seen("", 2)
