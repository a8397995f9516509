"""Every function is documented, and what its documentation shows is what judge and compiler give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.base import i18n
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.examples import example_host, shown
from studio.script.functions import FAMILIES, FUNCTIONS, Function, failures
from studio.script.parse import parse

TYPES = {"string", "number", "bool", "date", "array", "dictionary", "binary", "node", "type", "null"}
RUNNING = [function for function in FUNCTIONS.values() if function.gives]


@pytest.mark.parametrize("function", RUNNING, ids=lambda function: function.name)
def test_an_example_gives_what_its_documentation_says(function: Function) -> None:
    script = parse(function.example)
    assert function.name.lower() in function.example.lower()
    assert shown(evaluate(script, example_host())) == function.gives
    assert shown(compile_script(script)(example_host())) == function.gives


def test_every_function_that_runs_here_has_an_example_with_its_value() -> None:
    without = [function.name for function in FUNCTIONS.values() if function.available and not function.gives]
    assert without == []
    assert len(RUNNING) > 130


def test_every_function_is_typed_and_explained() -> None:
    for function in FUNCTIONS.values():
        assert function.family in FAMILIES
        assert 1 <= function.explanation.count(". ") + 1 <= 3, function.name
        for argument in function.arguments:
            assert set(argument.type.split("|")) <= TYPES, function.name
            assert argument.explanation.endswith("."), (function.name, argument.name)
        assert set(function.result.split("|")) <= TYPES, function.name
    assert i18n.language() == "en"


def test_functions_are_those_of_the_reference(shared: Path) -> None:
    text = (shared / "reference" / "script" / "functions.json").read_text("utf-8")
    reference = {each["name"]: each for each in json.loads(text)["functions"]}
    assert len(reference) == 240
    assert set(FUNCTIONS) - set(reference) == {"TableLookup"}  # ours, for value tables
    for name, known in reference.items():
        function = FUNCTIONS[name]
        assert (function.minimum, function.maximum) == (known["min_args"], known["max_args"]), name
        if name not in ("RandomString", "Sum", "SelectSingleNode"):  # declared more exactly here
            assert function.result in {
                each["returns"].replace("void", "null") for each in known["signatures"]
            }


def test_functions_that_only_other_systems_answer_are_documented_as_such() -> None:
    for function in FUNCTIONS.values():
        parse(function.example)
        assert function.name in function.example
        assert (function.fails == failures.NOT_HERE) == (not function.gives), function.name
        assert not function.fails or function.failure.endswith(".")


def test_shown_values_read_like_a_script() -> None:
    for text in ("'it\\'s'", "{1, {true, null}, 'a\\nb'}", "1.5"):
        assert shown(evaluate(parse(text.replace("null", "Null()")), example_host())) == text
