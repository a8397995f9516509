"""The scene of the design's picture: orders to invoices, with one record's values."""

from __future__ import annotations

from studio.base.errors import Problem, Severity
from studio.mapping import check
from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from tests.mapping.orders import tree_of
from ui.canvas.rows import Shape, shape_of
from ui.canvas.scene import Scene, worst_by_path

SOURCE = """
ord:orders
  ord:order 0..n
    @id integer
    @status
    @xml:lang 0..1
    placed date
    requiredBy date 0..1
    customer
      name
      terms integer
      termsText
      telephone
      city
      country
      taxId
      email
    #choice
      shipTo
        street
        city
        postalCode 0..1
        geo:country
      pickUp
        shop
    currency
    freight decimal 0..1
    lines
      line 1..n
        @no integer
        product
          @sku
          name
          unit
          taxClass
        qty integer
        price decimal
        discount decimal 0..1
    fin:payment 0..n
      method
      amount decimal
"""

TARGET = """
inv:Invoices
  inv:Invoice 0..n
    @number integer
    issueDate date
    dueDate date 0..1
    typeCode integer
    currency
    seller
      name
      city
      country
      taxId
      email
    buyer
      name
      phone
      city
      country
      taxId
      email
    #choice
      agg:delivery
        addressLine
        city
        postCode 0..1
        geo:country
      agg:collection
        shop
    paymentTerms
    agg:line 1..n
      @no integer
      item
        @sku
        name
        unit
      quantity integer
      unitPrice decimal
      amount decimal
      taxRate decimal
      allowance 0..1
        reason
    total decimal
"""

I = "Invoices/Invoice"
O = "orders/order"


def trees() -> Trees:
    """Both trees of the picture."""
    return Trees(tree_of(SOURCE), tree_of(TARGET))


def rules() -> Mapping:
    """The rules of the picture."""
    pairs = {
        "@number": "[@id]", "issueDate": 'FormatDate([placed], "yyyy-mm-dd")',
        "dueDate": 'FormatDate(DateAdd("dd", [customer/terms], [placed]), "yyyy-mm-dd")', "typeCode": "380",
        "currency": "[currency]", "seller/name": '"Weft Comércio S.A."', "seller/city": '"Recife"',
        "seller/country": '"BR"', "seller/taxId": '"12.345.678/0001-90"', "seller/email": '"fatura@weft.example"',
        "buyer/name": "[customer/name]", "buyer/phone": "[customer/telephone]", "buyer/city": "[customer/city]",
        "buyer/country": "[customer/country]", "buyer/taxId": "[customer/taxId]", "buyer/email": "[customer/email]",
        "delivery/addressLine": "Trim([shipTo/street])", "delivery/city": "[shipTo/city]",
        "delivery/postCode": "[shipTo/postalCode]", "delivery/country": "[shipTo/country]",
        "line/@no": "[@no]", "line/item/@sku": "[product/@sku]", "line/item/name": "[product/name]",
        "line/item/unit": "[product/unit]", "line/quantity": "[qty]", "line/unitPrice": "[price]",
        "line/amount": "Round([qty] * [price] - [discount], 2)", "line/taxRate": 'TableLookup("tax", [product/taxClass])',
    }  # fmt: skip
    found = [Rule(I, loop=O, when='[@status] == "open"'), Rule(f"{I}/line", loop="lines/line"),
             Rule(f"{I}/line/allowance/reason", script='"discount"', when="[discount] > 0")]  # fmt: skip
    found += [Rule(f"{I}/{path}", script=script) for path, script in pairs.items()]
    target = trees().target
    ordered = tuple(sorted(found, key=lambda rule: target.order(rule.path)))
    return Mapping(ordered, parked=(Rule(f"{I}/freightCharge", script="[freight]"),))


def evidence() -> Evidence:
    """The values of record 3."""
    source = {
        O: "", f"{O}/@id": "10250", f"{O}/@status": "open", f"{O}/@lang": "pt-BR", f"{O}/placed": "2026-03-08",
        f"{O}/requiredBy": "2026-04-05", f"{O}/customer": "", f"{O}/customer/name": "Casa Aurora Ltda",
        f"{O}/customer/terms": "30", f"{O}/customer/termsText": "30 days net",
        f"{O}/customer/telephone": "+55 21 5550-0142", f"{O}/shipTo": "", f"{O}/shipTo/street": "Rua do Paço, 67",
        f"{O}/shipTo/city": "Rio de Janeiro", f"{O}/shipTo/postalCode": "20040-010", f"{O}/shipTo/country": "BR",
        f"{O}/currency": "BRL", f"{O}/freight": "65.83", f"{O}/lines": "", f"{O}/lines/line/@no": "1",
        f"{O}/lines/line/product/name": "Clam chowder 340 g", f"{O}/lines/line/qty": "10",
        f"{O}/lines/line/price": "7.70", f"{O}/lines/line/discount": "0",
    }  # fmt: skip
    target = {
        "@number": "10250", "issueDate": "2026-03-08", "dueDate": "2026-04-07", "typeCode": "380", "currency": "BRL",
        "seller/name": "Weft Comércio S.A.", "buyer/name": "Casa Aurora Ltda", "delivery/addressLine": "Rua do Paço, 67",
        "delivery/city": "Rio de Janeiro", "delivery/postCode": "20040-010", "delivery/country": "BR", "line/@no": "1",
        "line/item/name": "Clam chowder 340 g", "line/quantity": "10", "line/unitPrice": "7.70",
        "line/amount": "77.00", "line/taxRate": "12,5",
    }  # fmt: skip
    seen = {path: Seen(text) for path, text in source.items()}
    seen |= {f"{O}/lines/line": Seen("", 3), f"{O}/payment": Seen("", 2)}
    made = {f"{I}/{path}": Seen(text) for path, text in target.items()}
    made |= {I: Seen("", 1), f"{I}/line": Seen("", 3)}
    return Evidence(
        3, 830, seen, made, (RuleProblem(f"{I}/line/taxRate", "“12,5” is not a decimal"),),
        {I: LoopCount(830, 512), f"{I}/line": LoopCount(3, 3)},
    )  # fmt: skip


def scene() -> tuple[Scene, Shape]:
    """The scene and the shape of its target tree."""
    both, mapping = trees(), rules()
    found = [p for p in check.problems(mapping, both) if p.severity is not Severity.NOTE]
    missing = frozenset(check.missing(mapping, both))
    errors: list[Problem] = [p for p in found if p.path not in missing]
    shape = shape_of(mapping.rules, {I: mapping.parked}, (), {})
    prefixes = (
        {f"urn:{p}": p for p in ("ord", "geo", "fin", "xml")},
        {f"urn:{p}": p for p in ("inv", "agg", "geo")},
    )
    return Scene(
        both, mapping, draw(mapping, both), missing, worst_by_path(errors), evidence(), prefixes
    ), shape  # fmt: skip
