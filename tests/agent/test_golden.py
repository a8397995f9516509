"""The golden tests of an unsaved map: each difference knows the rule that made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.agent.golden import rule_of, run_golden
from studio.mapping.model import Mapping
from studio.project.create import create
from studio.project.folder import load_transformation


def sample(folder: Path) -> tuple[Path, str, dict[str, str]]:
    project = folder / "p"
    create(project, sample="orders")
    tests = project / "tests" / "orders-to-invoices"
    texts = {f"orders-to-invoices/{file.stem}": file.read_text() for file in tests.glob("*.yaml")}
    return project, "orders-to-invoices", texts


def test_the_map_as_it_is_unsaved(tmp_path: Path) -> None:
    project, ref, tests = sample(tmp_path)
    made = load_transformation(project / "transformations" / f"{ref}.yaml")
    assert run_golden(project, ref, made, tests)["passed"] == 1
    rule = made.mapping.get("invoices/invoice/party[2]/name")
    assert rule is not None
    rules = [replace(each, script="'Other'") if each is rule else each for each in made.mapping.rules]
    changed = replace(made, mapping=Mapping(tuple(rules)))
    answer = run_golden(project, ref, changed, tests)
    (test,) = answer["tests"]
    assert test["state"] == "differs"
    assert {each["rule"] for each in test["differences"]} == {"invoices/invoice/party[2]/name"}
    assert test["differences"][0]["record"] == 1
    assert answer["texts"] == {}
    taken = run_golden(project, ref, changed, tests, take=True)
    assert (taken["updated"], taken["texts"]) == (1, {})
    assert run_golden(project, ref, changed, tests)["passed"] == 1


def test_a_test_that_is_wrong_and_a_map_that_cannot_run(tmp_path: Path) -> None:
    project, ref, tests = sample(tmp_path)
    made = load_transformation(project / "transformations" / f"{ref}.yaml")
    answer = run_golden(project, ref, made, {f"{ref}/x": "weft: test/1\nnow: x\ninput: y\n"})
    assert answer["tests"][0]["problem"]["line"] == 2
    rule = replace(made.mapping.rules[1], script="[gone]")
    broken = replace(made, mapping=replace(made.mapping, rules=(rule,)))
    answer = run_golden(project, ref, broken, tests)
    assert answer["tests"][0]["state"] == "broken"


def test_rules_behind_places() -> None:
    paths = ["r/a", "r/a/p[1]/n", "r/a/p[2]/n", "r/a/b~T/c", "/l/item/q"]
    assert rule_of("r/a[3]/p[2]/n", paths) == "r/a/p[2]/n"
    assert rule_of("r/a[3]/p/n", paths) == "r/a/p[1]/n"
    assert rule_of("r/a/b/c", paths) == "r/a/b~T/c"
    assert rule_of("r/a/unknown/@x", paths) == "r/a"
    assert rule_of("/l/item[2]/q", paths) == "/l/item/q"
    assert rule_of("", paths) == ""
    assert rule_of("elsewhere", paths) == ""
