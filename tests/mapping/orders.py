"""Two small schemas written as indented text, for tests: an order export and invoices."""

from __future__ import annotations

import re

from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Base, Kind, Node, Occurs, Place, Type, ValueType

ORDERS = """
orders
  order 0..n
    @id integer
    @status
    placed date
    requiredBy date 0..1
    customer
      name
      email 0..1
      terms integer
      phone 0..n
    #choice
      shipTo
        street
        city
        country
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
        qty integer
        price decimal
        discount decimal 0..1
  rate 0..n
    @code
    value decimal
"""

INVOICES = """
invoices
  invoice 0..n
    @number
    issueDate date
    dueDate date 0..1
    typeCode
    currency
    seller
      name
      city 0..1
    buyer
      name
      email 0..1
      phone 0..n
    #choice
      delivery
        addressLine
        city
      collection
        shop
    paymentTerms
    note 0..1
    line 1..n
      @no integer
      item
        @sku
        name
      quantity integer
      unitPrice decimal
      amount decimal
      allowance 0..1
        reason
    total decimal
    party 0..n
      name
      role 0..1
"""


def tree_of(text: str) -> Tree:
    """A tree from indented text: name, then a base type and an occurrence where they differ from text and 1.

    `ord:order` puts the node into the namespace `urn:ord`.
    """
    lines = [(len(line) - len(line.lstrip()), line.split()) for line in text.splitlines() if line.strip()]
    nodes, end = _nodes(lines, 0, lines[0][0])
    assert end == len(lines)
    return Tree(Place.root(nodes[0]))


def orders_and_invoices() -> Trees:
    """Both trees."""
    return Trees(tree_of(ORDERS), tree_of(INVOICES))


def invoices_map() -> Mapping:
    """A map with loops, constants, conditions and computed values."""
    return Mapping((
        Rule("invoices/invoice", loop="orders/order", when="[@status] == 'open'"),
        Rule("invoices/invoice/@number", script="[@id]"),
        Rule("invoices/invoice/issueDate", script='FormatDate([placed], "yyyy-mm-dd")'),
        Rule("invoices/invoice/dueDate", script='DateAdd("dd", [customer/terms], [placed])'),
        Rule("invoices/invoice/typeCode", script="380"),
        Rule("invoices/invoice/buyer/name", script="[customer/name]"),
        Rule("invoices/invoice/buyer/email", script="[customer/email]", when="[@status] != 'test'"),
        Rule("invoices/invoice/line", loop="lines/line", when="[qty] > 0"),
        Rule("invoices/invoice/line/@no", script="[@no]"),
        Rule("invoices/invoice/line/quantity", script="[qty]"),
        Rule("invoices/invoice/line/amount", script="Round([qty] * [price], 2)"),
        Rule("invoices/invoice/total", script="Sum([lines/line/qty] * [lines/line/price])"),
    ))  # fmt: skip


def _nodes(lines: list[tuple[int, list[str]]], at: int, indent: int) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    while at < len(lines) and lines[at][0] == indent:
        words = lines[at][1]
        at += 1
        inside: list[Node] = []
        if at < len(lines) and lines[at][0] > indent:
            inside, at = _nodes(lines, at, lines[at][0])
        nodes.append(_node(words, tuple(inside)))
    return nodes, at


def _node(words: list[str], inside: tuple[Node, ...]) -> Node:
    name, occurs, base = words[0], Occurs(), Base.TEXT
    for word in words[1:]:
        if match := re.fullmatch(r"(\d+)\.\.(\d+|n)", word):
            occurs = Occurs(int(match[1]), None if match[2] == "n" else int(match[2]))
        else:
            base = Base(word)
    kind = Kind.ATTRIBUTE if name.startswith("@") else Kind.CHOICE if name == "#choice" else Kind.ELEMENT
    value = None if inside else ValueType(base.value, base)
    content = Type(value=value, children=(lambda: inside) if inside else None)
    prefix, _colon, local = name.removeprefix("@").rpartition(":")
    return Node(
        "" if kind is Kind.CHOICE else local,
        kind,
        content,
        occurs,
        namespace=f"urn:{prefix}" if prefix else "",
    )
