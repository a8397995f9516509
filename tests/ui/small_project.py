"""A project small enough to read in a test: orders to invoices, an operation on files, a script, a connection."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "project.yaml": """\
weft: project/1
id: small001
name: Orders to ERP
description: A small project for tests
variables: {currency: BRL}
""",
    "connections/erp.yaml": """\
weft: connection/1
name: ERP
kind: files
folder: samples
""",
    "connections/crm.yaml": """\
weft: connection/1
name: CRM
kind: salesforce
login: {flow: web, url: "https://login.salesforce.com", client_id: 3MVG9}
secrets: {client_secret: "keyring:small001/crm/client_secret"}
""",
    "operations/send-invoices.yaml": """\
weft: operation/1
name: Send invoices
activities:
  - read: {connection: erp, path: orders.xml}
  - transform: orders-to-invoices
  - write: {connection: erp, path: invoices.xml}
""",
    "operations/nothing-yet.yaml": """\
weft: operation/1
name: Nothing yet
""",
    "transformations/orders-to-invoices.yaml": """\
weft: transformation/1
name: Orders to invoices
source: {schema: schemas/orders.xsd, root: orders}
target: {schema: schemas/invoices.xsd, root: invoices}
samples: [samples/orders.xml]
map:
  invoices/invoice: {loop: orders/order, when: "[@status] == 'open'"}
  invoices/invoice/@number: "[@id]"
  invoices/invoice/issueDate: "[placed]"
""",
    "scripts/clean-phone.jb": """\
// Digits only
digits = "5521" + "55500142";
Length(digits)
""",
    "schemas/orders.xsd": """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="orders"><xs:complexType><xs:sequence>
    <xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence><xs:element name="placed" type="xs:date"/></xs:sequence>
      <xs:attribute name="id" use="required"/><xs:attribute name="status"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
""",
    "schemas/invoices.xsd": """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="invoices"><xs:complexType><xs:sequence>
    <xs:element name="invoice" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence><xs:element name="issueDate" type="xs:date"/></xs:sequence>
      <xs:attribute name="number" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
""",
    "samples/orders.xml": """\
<orders>
  <order id="10248" status="open"><placed>2026-03-01</placed></order>
  <order id="10249" status="shipped"><placed>2026-03-02</placed></order>
  <order id="10250" status="open"><placed>2026-03-08</placed></order>
</orders>
""",
}


def write_small_project(folder: Path) -> None:
    """Write the files of the project."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
