"""What a rule's scripts may refer to."""

from __future__ import annotations

from studio.mapping.context import Contexts
from studio.mapping.evidence import Evidence, Seen
from studio.mapping.model import Mapping, Rule
from studio.mapping.scope import MOST_FIELDS, field_of, scope_of
from studio.mapping.tree import Tree
from studio.schema.model import Base
from studio.script.check import check
from studio.script.parse import parse, parse_path
from tests.mapping.orders import invoices_map, orders_and_invoices, tree_of

TREES = orders_and_invoices()
CONTEXTS = Contexts(invoices_map(), TREES.source)
INVOICE = "invoices/invoice"


def test_near_fields_come_first_with_their_values() -> None:
    evidence = Evidence(1, 1, {"orders/order/placed": Seen("2026-03-08")})
    fields = {field.path: field for field in scope_of(CONTEXTS, f"{INVOICE}/note", evidence=evidence).fields}
    assert fields["placed"].value == "2026-03-08"
    assert fields["placed"].base is Base.DATE
    assert list(fields).index("customer/name") < list(fields).index("../rate/value")


def test_what_gives_an_array_is_marked() -> None:
    outer = {field.path: field.many for field in scope_of(CONTEXTS, f"{INVOICE}/total").fields}
    assert (outer["freight"], outer["lines/line/qty"]) == (False, True)
    inner = {field.path: field.many for field in scope_of(CONTEXTS, f"{INVOICE}/line/amount").fields}
    assert (inner["qty"], inner["../../freight"]) == (False, False)


def test_paths_inside_filters_start_from_their_candidate() -> None:
    script = parse("[lines/line[[qty] > 1][1]/price] + [lines/line[[nothing] > 1][1]/price]")
    scope = scope_of(CONTEXTS, f"{INVOICE}/total", script=script)
    assert [problem.message for problem in check(script, scope)] == ["The source has no field [nothing]."]


def test_a_similar_field_is_proposed() -> None:
    script = parse("[customer/nmae]")
    problem = check(script, scope_of(CONTEXTS, f"{INVOICE}/note", script=script))[0]
    assert problem.mend == "Did you mean [customer/name]?"


def test_a_numbered_step_gives_one_value() -> None:
    found = field_of(CONTEXTS, f"{INVOICE}/total", parse_path("lines/line[1]/qty"), None, "orders/order")
    assert found is not None
    assert (found.many, found.base) == (False, Base.INTEGER)


def test_other_documents_and_missing_schemas_are_not_judged() -> None:
    assert field_of(CONTEXTS, INVOICE, parse_path("prices::row/x"), None, "") is not None
    assert scope_of(Contexts(Mapping(), Tree(None)), "a").field is None


def test_the_offer_is_bounded() -> None:
    wide = tree_of("a\n" + "\n".join(f"  f{number}" for number in range(MOST_FIELDS * 2)))
    contexts = Contexts(Mapping((Rule("b", script="1"),)), wide)
    assert len(list(scope_of(contexts, "b").fields)) == MOST_FIELDS
