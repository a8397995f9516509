"""A map's documentation: what it says in each form, what is escaped, pages."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from lxml import etree, html

from studio.mapping.documentation import FORMS, form_of, text_of
from studio.mapping.documented import CONSTANT, LOOP, MAPPED, PARKED, WANTING, documented, working
from studio.mapping.documented_svg import LOOP_COLORS
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.pages import free_name, on_page, renamed, rules_on, tops, with_page
from tests.mapping.orders import invoices_map, orders_and_invoices
from tests.mapping.test_lines_further import trees as further_trees
from ui.theme.loops import LOOPS

INVOICE = "invoices/invoice"
TREES = orders_and_invoices()
MAP = Transformation(
    "Orders to <invoices>", SchemaUse("schemas/orders.xsd", "orders"), SchemaUse("schemas/invoices.xsd", "invoices"),
    Mapping(
        (*invoices_map().rules, Rule(f"{INVOICE}/buyer/phone", script="=1 & <b>\"x\"</b>", note="ask & tell")),
        (Rule(f"{INVOICE}/fax", script="[customer/phone]"),),
    ),
    description="Bills & more", pages={"Buyer": (f"{INVOICE}/buyer",)},
)  # fmt: skip


def test_every_rule_the_wanting_and_the_parked_are_entries() -> None:
    found = documented(MAP, TREES)
    kinds = {entry.path.removeprefix(f"{INVOICE}/"): entry.kind for entry in found.entries}
    assert (kinds[INVOICE], kinds["@number"], kinds["typeCode"], kinds["fax"]) == (
        LOOP,
        MAPPED,
        CONSTANT,
        PARKED,
    )
    assert found.count(WANTING) > 0
    by = {entry.path: entry for entry in found.entries}
    due = by[f"{INVOICE}/dueDate"]
    assert due.sources == ("orders/order/customer/terms", "orders/order/placed")
    assert by[INVOICE].options == "One invoice per order"
    assert (by[INVOICE].letter, by[f"{INVOICE}/line"].letter) == (0, 1)
    assert found.entries[-1].kind == PARKED
    rules = [entry.path for entry in found.entries if entry.kind != PARKED]
    assert rules == sorted(rules, key=TREES.target.order)


def test_a_page_documents_its_nodes_only() -> None:
    found = documented(MAP, TREES, "Buyer")
    assert {entry.path for entry in found.entries} == {
        f"{INVOICE}/buyer/{name}" for name in ("name", "email", "phone")
    }


def test_the_work_is_done_in_steps() -> None:
    rules = tuple(Rule(f"{INVOICE}/gone{n}", script=f"[customer/name] + {n}") for n in range(400))
    steps = list(working(replace(MAP, mapping=Mapping(rules)), TREES))
    assert len(steps) > 10
    assert steps[-1] is not None
    assert not any(steps[:-1])


def test_csv_has_a_line_each_and_runs_nothing() -> None:
    text = text_of(documented(MAP, TREES), "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(documented(MAP, TREES).entries)
    by = {row["Target"]: row for row in rows}
    assert by[f"{INVOICE}/buyer/phone"]["Script"] == '\'=1 & <b>"x"</b>'
    assert by[INVOICE]["Condition"] == "[@status] == 'open'"
    assert by[f"{INVOICE}/dueDate"]["Reads"] == "orders/order/customer/terms; orders/order/placed"


def test_html_says_everything_and_escapes_what_others_wrote() -> None:
    text = text_of(documented(MAP, TREES), "html")
    page = html.document_fromstring(text)
    assert page.findtext(".//h1") == "Orders to <invoices>"
    assert not page.xpath("//b | //script | //link | //img")
    said = page.text_content()
    for part in ("Bills & more", "schemas/orders.xsd", "One invoice per order", "<b>\"x\"</b>", "ask & tell", "parked",
                 "mandatory, no rule", "2 loops"):  # fmt: skip
        assert part in said, part
    assert page.xpath(f'//tr[@id="{INVOICE}/dueDate"]')
    assert page.xpath(f'//a[@href="#{INVOICE}/buyer"]')
    alone = html.document_fromstring(text_of(documented(MAP, TREES, "Buyer"), "html"))
    assert alone.findtext(".//h1") == "Orders to <invoices> · Buyer"
    assert not alone.xpath(f'//tr[@id="{INVOICE}/dueDate"]')


def test_svg_draws_each_link_and_only_what_takes_part() -> None:
    found = documented(MAP, TREES)
    drawing = etree.fromstring(text_of(found, "svg").encode())
    space = {"s": "http://www.w3.org/2000/svg"}
    curves = drawing.xpath("//s:path[@fill='none']", namespaces=space)
    assert len(curves) == len(found.drawing.lines)
    dashed = [curve for curve in curves if curve.get("stroke-dasharray") == "4 3"]
    assert len(dashed) == sum(line.kind == "condition" for line in found.drawing.lines)
    texts = drawing.xpath("//s:text", namespaces=space)
    names = [" ".join("".join(each.itertext()).split()) for each in texts]
    assert any(name.startswith("terms ") for name in names)
    # Spaces at the head of a piece stay only where they are to be kept.
    pieces = [each for each in texts if len(each)]
    assert pieces
    assert all(each.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve" for each in pieces)
    # No curve goes through the sign of a computed value: it has ground of its own, over all of them.
    signs = [each for each in texts if each.text == "ƒ"]
    assert signs
    assert all(each.getprevious().tag.endswith("}rect") for each in signs)
    assert max(map(drawing.index, curves)) < min(map(drawing.index, signs))
    assert not any(name.startswith("pickUp") for name in names)
    assert any("= 380" in name for name in names)
    assert drawing.findtext("s:title", namespaces=space) == "Orders to <invoices>"
    assert tuple(color.light for color in LOOPS) == LOOP_COLORS


def test_further_documents_are_drawn_and_named() -> None:
    rules = (Rule("audit::row", loop="rates::row"), Rule("audit::row/who", script="[status]"))
    map = Transformation("Rates", SchemaUse("o.xsd"), SchemaUse("i.xsd"), Mapping(rules),
                         sources={"rates": SchemaUse("rates.csv")}, targets={"audit": SchemaUse("audit.yaml")})  # fmt: skip
    found = documented(map, further_trees())
    assert [entry.path for entry in found.entries if entry.kind != WANTING] == [
        "audit::row",
        "audit::row/who",
    ]
    assert "rates.csv" in text_of(found, "html")
    drawing = etree.fromstring(text_of(found, "svg").encode())
    names = [" ".join("".join(each.itertext()).split()) for each in drawing.iterfind("{*}text")]
    assert {"rates further document", "audit further document"} <= set(names)


def test_an_empty_map_is_documented() -> None:
    empty = replace(MAP, mapping=Mapping(), pages={})
    found = documented(empty, TREES)
    for form in FORMS:
        assert text_of(found, form)
    assert [form_of_name(name) for name in ("a.HTML", "b.htm", "c.svg", "d.csv", "e.pdf", "f")] == [
        "html", "html", "svg", "csv", "", "",
    ]  # fmt: skip


def form_of_name(name: str) -> str:
    """The form a file's name tells."""
    return form_of(Path(name))


def test_pages_are_edits_of_the_transformation() -> None:
    more = with_page(MAP, "Lines", (f"{INVOICE}/line/@no", f"{INVOICE}/line", f"{INVOICE}/line/amount"))
    assert more.pages == {"Buyer": (f"{INVOICE}/buyer",), "Lines": (f"{INVOICE}/line",)}
    assert free_name(more, "Lines") == "Lines 2"
    assert free_name(more, "New") == "New"
    assert list(renamed(more, "Buyer", "Who").pages) == ["Who", "Lines"]
    assert with_page(more, "Lines", ()).pages == MAP.pages
    assert on_page(f"{INVOICE}/line/@no", more.pages["Lines"])
    assert not on_page(f"{INVOICE}/lineCount", more.pages["Lines"])
    assert {rule.path for rule in rules_on(more.mapping.rules, more.pages["Lines"])} == {
        f"{INVOICE}/line", f"{INVOICE}/line/@no", f"{INVOICE}/line/quantity", f"{INVOICE}/line/amount",
    }  # fmt: skip
    assert tops(("a/b", "a", "c/d", "a")) == ("a", "c/d")
