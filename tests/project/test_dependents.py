"""What uses a schema, and which rules touch one of its nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.mapping.tree import Tree, Trees
from studio.project.create import create
from studio.project.dependents import Role, dependents, rules_of_node
from studio.workspace import Workspace


@pytest.fixture
def orders(tmp_path: Path) -> Workspace:
    create(tmp_path / "orders", sample="orders")
    return Workspace.open(tmp_path / "orders", read_only=True)


def test_maps_operations_and_tests_are_told(orders: Workspace) -> None:
    found = dependents(orders.project, "schemas/orders.xsd")
    assert ("transformations/orders-to-invoices", Role.SOURCE) in {(each.id, each.role) for each in found}
    assert any(each.role is Role.RUNS for each in found)
    assert dependents(orders.project, "schemas/none.xsd") == ()


def test_the_rules_of_a_node_on_either_side(orders: Workspace) -> None:
    transformation = orders.project.transformations["orders-to-invoices"]
    source, target = orders.schema(transformation.source), orders.schema(transformation.target)
    trees = Trees(
        Tree(source.root(transformation.source.root)), Tree(target.root(transformation.target.root))
    )
    read = rules_of_node(transformation.mapping, trees, "orders/order/placed", Role.SOURCE)
    assert "invoices/invoice/issueDate" in read
    made = rules_of_node(transformation.mapping, trees, "invoices/invoice/issueDate", Role.TARGET)
    assert made == ("invoices/invoice/issueDate",)
    below = rules_of_node(transformation.mapping, trees, "invoices/invoice", Role.TARGET)
    assert set(made) < set(below)
