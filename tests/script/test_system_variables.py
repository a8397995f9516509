"""The system variables: all of them known, typed and explained, checked and completed."""

from __future__ import annotations

import json
from pathlib import Path

from studio.script.check import check_text
from studio.script.complete import complete
from studio.script.system_variables import DEFAULTS, SYSTEM_VARIABLES, system_variable
from tests.script.both import run as both

TYPES = {"String": "string", "Integer": "number", "Boolean": "bool", "Array": "array"}


def test_every_variable_of_the_reference_is_known_with_its_type(shared: Path) -> None:
    text = (shared / "reference" / "script" / "system-variables.json").read_text("utf-8")
    reference = {each["name"].removeprefix("$"): each for each in json.loads(text)}
    assert reference.keys() == SYSTEM_VARIABLES.keys()
    assert len(reference) == 131
    for name, variable in SYSTEM_VARIABLES.items():
        assert variable.type == TYPES[reference[name]["dataType"]]
        assert variable.setting == (reference[name]["type"] == "setting")
        assert variable.explanation.endswith(".")


def test_a_setting_that_nobody_set_reads_as_its_default() -> None:
    for text, value in (
        ("$jitterbit.scripting.while.max_iterations", 50_000),
        ("$jitterbit.target.xml.nsprefix + 'x'", "NSx"),
        ("!$jitterbit.scripting.db.auto_commit", False),
        ("$jitterbit.scripting.db.max_rows += 1", 10_001),
        ("$jitterbit.target.xml.nsprefix = Null(); $jitterbit.target.xml.nsprefix", None),
        ("$jitterbit.operation.name", None),
    ):
        assert both(text) == value
    for name, default in DEFAULTS.items():
        kind = {"string": str, "number": int, "bool": bool}[SYSTEM_VARIABLES[name].type]
        assert SYSTEM_VARIABLES[name].setting
        assert type(default) is kind


def test_families_take_any_name() -> None:
    found = system_variable("jitterbit.api.request.headers.content-type")
    assert found is not None
    assert found.name == "jitterbit.api.request.headers*"
    exact = system_variable("jitterbit.api.request.headers.fulluri")
    assert exact is not None
    assert exact.name == "jitterbit.api.request.headers.fulluri"
    assert system_variable("jitterbit.nothing") is None
    assert system_variable("mine") is None


def test_a_name_that_is_none_of_them_is_noticed() -> None:
    (problem,) = check_text("$jitterbit.scripting.while.max_iteration = 5")
    assert "no system variable $jitterbit.scripting.while.max_iteration" in problem.message
    assert problem.mend == "Did you mean $jitterbit.scripting.while.max_iterations?"
    assert (problem.line, problem.column) == (1, 1)
    assert check_text("$jitterbit.api.response.headers.x = 'y'; $jitter = 1; $jitterbit.operation.name") == ()


def test_completion_offers_them_with_type_and_meaning() -> None:
    text = "$jitterbit.scripting.wh"
    (item,) = complete(text, len(text)).items
    assert (item.name, item.detail) == ("jitterbit.scripting.while.max_iterations", "number")
    assert "50,000" in item.note
    family = complete("$jitterbit.networking.http.q", 28).items[0]
    assert (family.name, family.text) == (
        "jitterbit.networking.http.query*",
        "jitterbit.networking.http.query",
    )
