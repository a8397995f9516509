"""The scene of the design's picture: orders to invoices, with one record's values."""

from __future__ import annotations

from studio.base.errors import Problem, Severity
from studio.mapping import check
from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from tests.mapping.orders import tree_of
from ui.canvas.scene import Scene, worst_by_path
from ui.canvas.shape import Shape, shape_of

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

INVOICE = "Invoices/Invoice"
ORDER = "orders/order"


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
    found = [Rule(INVOICE, loop=ORDER, when='[@status] == "open"'), Rule(f"{INVOICE}/line", loop="lines/line"),
             Rule(f"{INVOICE}/line/allowance/reason", script='"discount"', when="[discount] > 0")]  # fmt: skip
    found += [Rule(f"{INVOICE}/{path}", script=script) for path, script in pairs.items()]
    target = trees().target
    ordered = tuple(sorted(found, key=lambda rule: target.order(rule.path)))
    return Mapping(ordered, parked=(Rule(f"{INVOICE}/freightCharge", script="[freight]"),))


def evidence() -> Evidence:
    """The values of record 3."""
    source = {
        ORDER: "", f"{ORDER}/@id": "10250", f"{ORDER}/@status": "open", f"{ORDER}/@lang": "pt-BR", f"{ORDER}/placed": "2026-03-08",
        f"{ORDER}/requiredBy": "2026-04-05", f"{ORDER}/customer": "", f"{ORDER}/customer/name": "Casa Aurora Ltda",
        f"{ORDER}/customer/terms": "30", f"{ORDER}/customer/termsText": "30 days net",
        f"{ORDER}/customer/telephone": "+55 21 5550-0142", f"{ORDER}/shipTo": "", f"{ORDER}/shipTo/street": "Rua do Paço, 67",
        f"{ORDER}/shipTo/city": "Rio de Janeiro", f"{ORDER}/shipTo/postalCode": "20040-010", f"{ORDER}/shipTo/country": "BR",
        f"{ORDER}/currency": "BRL", f"{ORDER}/freight": "65.83", f"{ORDER}/lines": "", f"{ORDER}/lines/line/@no": "1",
        f"{ORDER}/lines/line/product/name": "Clam chowder 340 g", f"{ORDER}/lines/line/qty": "10",
        f"{ORDER}/lines/line/price": "7.70", f"{ORDER}/lines/line/discount": "0",
    }  # fmt: skip
    target = {
        "@number": "10250", "issueDate": "2026-03-08", "dueDate": "2026-04-07", "typeCode": "380", "currency": "BRL",
        "seller/name": "Weft Comércio S.A.", "buyer/name": "Casa Aurora Ltda", "delivery/addressLine": "Rua do Paço, 67",
        "delivery/city": "Rio de Janeiro", "delivery/postCode": "20040-010", "delivery/country": "BR", "line/@no": "1",
        "line/item/name": "Clam chowder 340 g", "line/quantity": "10", "line/unitPrice": "7.70",
        "line/amount": "77.00", "line/taxRate": "12,5",
    }  # fmt: skip
    seen = {path: Seen(text) for path, text in source.items()}
    seen |= {f"{ORDER}/lines/line": Seen("", 3), f"{ORDER}/payment": Seen("", 2)}
    made = {f"{INVOICE}/{path}": Seen(text) for path, text in target.items()}
    made |= {INVOICE: Seen("", 1), f"{INVOICE}/line": Seen("", 3)}
    return Evidence(
        3, 830, seen, made, (RuleProblem(f"{INVOICE}/line/taxRate", "“12,5” is not a decimal"),),
        loops={INVOICE: LoopCount(830, 512), f"{INVOICE}/line": LoopCount(3, 3)},
    )  # fmt: skip


def scene() -> tuple[Scene, Shape]:
    """The scene and the shape of its target tree."""
    both, mapping = trees(), rules()
    found = [p for p in check.problems(mapping, both) if p.severity is not Severity.NOTE]
    missing = frozenset(check.missing(mapping, both))
    errors: list[Problem] = [p for p in found if p.path not in missing]
    shape = shape_of(mapping.rules, {INVOICE: mapping.parked}, ())
    prefixes = (
        {f"urn:{p}": p for p in ("ord", "geo", "fin", "xml")},
        {f"urn:{p}": p for p in ("inv", "agg", "geo")},
    )
    return Scene(
        both, mapping, draw(mapping, both), missing, worst_by_path(errors), evidence(), prefixes
    ), shape  # fmt: skip
