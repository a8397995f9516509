"""A map checked again and again: only what an edit touches is looked at, and the outcome is as if all were."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from studio.base import i18n
from studio.mapping import check, edits
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from tests.mapping.orders import INVOICES, ORDERS, invoices_map, orders_and_invoices, tree_of

TREES = orders_and_invoices()
INVOICE = "invoices/invoice"


def _watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    looked: list[str] = []
    look = check._Checker._rule

    def watch(self: check._Checker, rule: Rule) -> object:
        looked.append(rule.path)
        return look(self, rule)

    monkeypatch.setattr(check._Checker, "_rule", watch)
    return looked


def test_one_edit_is_one_rule_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, memory, mapping = _watched(monkeypatch), check.Memory(), invoices_map()
    check.problems(mapping, TREES, memory=memory)
    assert len(looked) == len(mapping)
    looked.clear()
    mapping = edits.set_script(mapping, f"{INVOICE}/typeCode", "Foo(1)", TREES.target)
    found = check.problems(mapping, TREES, memory=memory)
    assert looked == [f"{INVOICE}/typeCode"]
    assert [p.message for p in found if p.path == f"{INVOICE}/typeCode"] == ["There is no function Foo."]
    looked.clear()
    # The same rules read anew from a file are equal, not identical.
    check.problems(Mapping(tuple(replace(rule) for rule in mapping.rules)), TREES, memory=memory)
    assert looked == []


def test_another_loop_is_another_meaning_of_all_rules_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, memory, mapping = _watched(monkeypatch), check.Memory(), invoices_map()
    check.problems(mapping, TREES, memory=memory)
    looked.clear()
    rules = tuple(
        replace(rule, loop="lines") if rule.path == f"{INVOICE}/line" else rule for rule in mapping.rules
    )
    found = check.problems(Mapping(rules), TREES, memory=memory)
    assert looked == [path for path in (rule.path for rule in rules) if path.startswith(f"{INVOICE}/line")]
    assert found == check.problems(Mapping(rules), TREES)
    assert any("no field [qty]" in problem.message for problem in found)


def test_other_schemas_and_another_language_are_looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, memory = _watched(monkeypatch), check.Memory()
    mapping = edits.set_script(invoices_map(), f"{INVOICE}/note", "[customer/gone]", TREES.target)
    check.problems(mapping, TREES, memory=memory)
    looked.clear()
    other = Trees(tree_of(ORDERS.replace("email 0..1", "gone", 1)), tree_of(INVOICES))
    found = check.problems(mapping, other, memory=memory)
    assert len(looked) == len(mapping)
    assert not any("no field [customer/gone]" in problem.message for problem in found)
    looked.clear()
    i18n.use_language("pt_BR")
    check.problems(mapping, other, memory=memory)
    assert len(looked) == len(mapping)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_the_outcome_is_that_of_a_first_check(seed: int) -> None:
    chance, memory, mapping = random.Random(seed), check.Memory(), invoices_map()
    scripts = (
        "[customer/name]",
        "[qty]",
        "[../@id]",
        "Sum([lines/line/qty])",
        "1 +",
        "x",
        "[placed] + 1",
        "'a'",
    )
    loops = ("orders/order", "lines/line", "lines", "/orders/rate", "../order", "nowhere")
    for _turn in range(25):
        rule = chance.choice(mapping.rules)
        done = chance.randrange(4)
        if done == 0 and len(mapping) > 4:
            mapping = Mapping(tuple(each for each in mapping.rules if each is not rule))
        elif done == 1 and rule.loop:
            changed = replace(rule, loop=chance.choice(loops))
            mapping = Mapping(tuple(changed if each is rule else each for each in mapping.rules))
        else:
            mapping = edits.set_script(mapping, rule.path, chance.choice(scripts), TREES.target)
        assert check.problems(mapping, TREES, memory=memory) == check.problems(mapping, TREES)
