"""The peers of the engine's benchmark, each a program of its own: python -m tests.bench.engine_peers NAME INPUT OUTPUT."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from lxml import etree

from tests.bench.engine_order_peers import jq, plain_flat, plain_lines
from tests.bench.orders_data import COUNTRIES, TAXES

PROJECT = Path(__file__).resolve().parent / "orders_project"


def libxslt(source: str, target: str) -> None:
    """W1 as an XSLT 1.0 stylesheet."""
    transform = etree.XSLT(etree.parse(str(PROJECT / "w1.xsl")))
    transform(etree.parse(source)).write_output(target)


def iterparse(source: str, _target: str) -> None:
    """The floor of everything on lxml: parse, look at every order, do nothing."""
    before = None
    for _event, element in etree.iterparse(source, tag="order", remove_blank_text=True):
        if before is not None:
            before.getparent().remove(before)
        before = element


def plain_xml(source: str, target: str) -> None:
    """W1 as one would write it by hand with lxml."""
    with etree.xmlfile(target, encoding="UTF-8") as file, file.element("invoices"):
        for _event, order in etree.iterparse(source, tag="order"):
            file.write(_invoice_of(order), pretty_print=True)
            order.clear()
            while order.getprevious() is not None:
                del order.getparent()[0]


def _invoice_of(order: Any) -> Any:
    customer = order.find("customer")
    address = next((a for a in customer.findall("address") if a.get("type") == "shipping"), None)
    lines = [
        {"no": line.get("no"), **{leaf.tag: leaf.text for leaf in line}}
        for line in order.iterfind("lines/line")
    ]
    return _invoice(
        {
            **order.attrib,
            "orderDate": order.findtext("orderDate"),
            "currency": order.findtext("currency"),
            "comment": order.findtext("comment"),
            "customer": {leaf.tag: leaf.text for leaf in customer},
            "shipping": {leaf.tag: leaf.text for leaf in address} if address is not None else {},
            "lines": lines,
        }
    )


def _invoice(order: dict[str, Any]) -> Any:
    invoice = etree.Element("invoice", number="INV-" + order["id"], type=order["channel"].upper())

    def leaf(parent: Any, name: str, text: str) -> None:
        etree.SubElement(parent, name).text = text

    customer, address = order["customer"], order["shipping"]
    date = order["orderDate"]
    leaf(invoice, "issued", f"{date[8:10]}/{date[5:7]}/{date[:4]}")
    urgent = order["status"] == "express" or order["channel"] == "edi"
    leaf(invoice, "priority", "HIGH" if urgent else "NORMAL")
    leaf(invoice, "currency", order["currency"])
    buyer = etree.SubElement(invoice, "buyer")
    leaf(buyer, "code", customer["id"])
    leaf(buyer, "name", customer["lastName"].upper() + ", " + customer["firstName"])
    leaf(buyer, "mail", customer["email"].lower())
    leaf(buyer, "phone", customer.get("phone") or "n/a")
    leaf(buyer, "country", COUNTRIES[address["country"]])
    leaf(buyer, "shipTo", f"{address['street']}, {address['zip']} {address['city']}")
    items = etree.SubElement(invoice, "items")
    total = 0.0
    for line in order["lines"]:
        if float(line["qty"]) <= 0:
            continue
        net = float(line["qty"]) * float(line["price"]) * (1 - float(line["discount"]))
        total += net
        item = etree.SubElement(items, "item", pos=str(line["no"]))
        leaf(item, "article", line["sku"].upper())
        leaf(item, "text", line["desc"][:20])
        leaf(item, "net", f"{net:.2f}")
        leaf(item, "tax", f"{net * float(TAXES[line['taxCode']]):.2f}")
        leaf(item, "flag", "D" if float(line["discount"]) > 0 else "-")
    leaf(invoice, "total", f"{total:.2f}")
    if order["comment"] is not None:
        leaf(invoice, "note", order["comment"])
    return invoice


def plain_json(source: str, target: str) -> None:
    """W4a as one would write it by hand with json and lxml."""
    with open(source, encoding="utf-8") as lines, etree.xmlfile(target, encoding="UTF-8") as file:
        with file.element("invoices"):
            for text in lines:
                order = json.loads(text)
                addresses = order["customer"].pop("address")
                order["shipping"] = next(a for a in addresses if a["type"] == "shipping")
                file.write(_invoice(order), pretty_print=True)


def plain_csv(source: str, target: str) -> None:
    """W2 as one would write it by hand with the csv module."""
    with (
        open(source, encoding="utf-8", newline="") as given,
        open(target, "w", encoding="utf-8", newline="") as out,
    ):
        names = [
            "id",
            "city",
            "name",
            "email",
            "country",
            "birth",
            "created",
            "status",
            "band",
            "net",
            "gross",
            "addr",
            "phone",
            "code",
            "note",
            "flag",
        ]
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        for row in csv.DictReader(given):
            writer.writerow(_flat(row))


def plain_groups(source: str, target: str) -> None:
    """W3b as one would write it by hand with csv, groupby and lxml."""
    with (
        open(source, encoding="utf-8", newline="") as given,
        etree.xmlfile(target, encoding="UTF-8") as file,
        file.element("invoices"),
    ):
        for _key, found in groupby(csv.DictReader(given), key=itemgetter("id")):
            rows = list(found)
            first = rows[0]
            names = {"id": "customer", "lastName": "lastName", "firstName": "firstName", "email": "email"}
            order = {
                **first,
                "customer": {name: first[column] for name, column in names.items()}
                | {"phone": first["phone"]},
                "shipping": first,
                "lines": [{**row, "taxCode": row["tax"]} for row in rows],
                "comment": None,
            }
            file.write(_invoice(order), pretty_print=True)


def pandas_csv(source: str, target: str) -> None:
    """W2 with pandas, a hundred thousand rows at a time; dates are taken apart by position."""
    import pandas

    texts = ["id", "birth", "created", "zip", "phone", "code", "note"]
    chunks = pandas.read_csv(
        source,
        chunksize=100_000,
        keep_default_na=False,
        na_values={"discount": [""]},
        dtype=dict.fromkeys(texts, str),
    )
    taxes = {code: float(rate) for code, rate in TAXES.items()}
    with open(target, "w", encoding="utf-8", newline="") as out:
        for number, rows in enumerate(chunks):
            net = rows["qty"] * rows["price"] * (1 - rows["discount"].fillna(0))
            score = rows["score"]
            made = pandas.DataFrame(
                {
                    "id": rows["id"],
                    "city": rows["city"],
                    "name": rows["last"].str.upper() + ", " + rows["first"],
                    "email": rows["email"].str.lower(),
                    "country": rows["country"].map(COUNTRIES),
                    "birth": rows["birth"].str[8:10]
                    + "/"
                    + rows["birth"].str[5:7]
                    + "/"
                    + rows["birth"].str[:4],
                    "created": rows["created"].str[:4] + rows["created"].str[5:7] + rows["created"].str[8:10],
                    "status": rows["status"].isin(("open", "express")).map({True: "A", False: "I"}),
                    "band": pandas.cut(score, [-1, 39, 79, 1000], labels=["LOW", "MID", "HIGH"]),
                    "net": net.map("{:.2f}".format),
                    "gross": (rows["amount"] * (1 + rows["tax"].map(taxes))).map("{:.2f}".format),
                    "addr": rows["street"] + ", " + rows["zip"],
                    "phone": rows["phone"].where(rows["phone"] != "", "n/a"),
                    "code": rows["code"].str.strip().str.upper(),
                    "note": rows["note"].str[:10],
                    "flag": (rows["amount"] > 5000).astype(int),
                }
            )
            made.to_csv(out, index=False, header=number == 0, lineterminator="\n")


def dict_csv(source: str, target: str) -> None:
    """W2 as plain_csv, with what our engine checks: dates that exist, and exact decimals."""
    with (
        open(source, encoding="utf-8", newline="") as given,
        open(target, "w", encoding="utf-8", newline="") as out,
    ):
        writer: csv.DictWriter[str] | None = None
        for row in csv.DictReader(given):
            made = _flat(row)
            birth = datetime.strptime(row["birth"], "%Y-%m-%d")
            created = datetime.strptime(row["created"], "%Y-%m-%dT%H:%M:%S")
            made["birth"], made["created"] = birth.strftime("%d/%m/%Y"), created.strftime("%Y%m%d")
            net = Decimal(row["qty"]) * Decimal(row["price"]) * (1 - Decimal(row["discount"] or 0))
            made["net"] = str(net.quantize(_CENT, ROUND_HALF_UP))
            gross = Decimal(row["amount"]) * (1 + Decimal(TAXES[row["tax"]]))
            made["gross"] = str(gross.quantize(_CENT, ROUND_HALF_UP))
            if writer is None:
                writer = csv.DictWriter(out, list(made), lineterminator="\n")
                writer.writeheader()
            writer.writerow(made)


def duckdb_sql(source: str, target: str) -> None:
    """W2 in one statement of DuckDB, which ends the run where a date or a number is none."""
    import duckdb

    tables = {"countries": COUNTRIES, "taxes": TAXES}
    with duckdb.connect(":memory:") as connection:
        for name, table in tables.items():
            connection.execute(f"create table {name} (k VARCHAR, v VARCHAR)")
            connection.executemany(f"insert into {name} values (?, ?)", list(table.items()))
        connection.execute(_SQL.replace("$TO", target.replace("'", "''")), [source])


_SQL = """copy (select id, city, concat(upper(last), ', ', first) as name, lower(email) as email, c.v as country,
 strftime(cast(birth as DATE), '%d/%m/%Y') as birth, strftime(cast(created as TIMESTAMP), '%Y%m%d') as created,
 case when status in ('open', 'express') then 'A' else 'I' end as status,
 case when cast(score as INTEGER) >= 80 then 'HIGH' when cast(score as INTEGER) >= 40 then 'MID' else 'LOW' end as band,
 cast(cast(qty as DECIMAL(9, 0)) * cast(price as DECIMAL(9, 2))
  * (1 - cast(coalesce(discount, '0') as DECIMAL(4, 2))) as DECIMAL(18, 2)) as net,
 cast(cast(amount as DECIMAL(12, 2)) * (1 + cast(t.v as DECIMAL(4, 2))) as DECIMAL(18, 2)) as gross,
 concat(street, ', ', zip) as addr, coalesce(phone, 'n/a') as phone, upper(trim(code)) as code, left(note, 10) as note,
 case when cast(amount as DECIMAL(12, 2)) > 5000 then '1' else '0' end as flag
 from read_csv(?, all_varchar = true, header = true) r left join countries c on c.k = r.country
 left join taxes t on t.k = r.tax) to '$TO' (header, delimiter ',')"""
_CENT = Decimal("0.01")


def _flat(row: dict[str, str]) -> dict[str, str]:
    birth, created, score = row["birth"], row["created"], int(row["score"])
    net = float(row["qty"]) * float(row["price"]) * (1 - float(row["discount"] or 0))
    return {
        "id": row["id"],
        "city": row["city"],
        "name": row["last"].upper() + ", " + row["first"],
        "email": row["email"].lower(),
        "country": COUNTRIES[row["country"]],
        "birth": f"{birth[8:10]}/{birth[5:7]}/{birth[:4]}",
        "created": created[:4] + created[5:7] + created[8:10],
        "status": "A" if row["status"] in ("open", "express") else "I",
        "band": "HIGH" if score >= 80 else "MID" if score >= 40 else "LOW",
        "net": f"{net:.2f}",
        "gross": f"{float(row['amount']) * (1 + float(TAXES[row['tax']])):.2f}",
        "addr": row["street"] + ", " + row["zip"],
        "phone": row["phone"] or "n/a",
        "code": row["code"].strip().upper(),
        "note": row["note"][:10],
        "flag": "1" if float(row["amount"]) > 5000 else "0",
    }


_ALL = (
    libxslt,
    iterparse,
    plain_xml,
    plain_json,
    plain_csv,
    dict_csv,
    pandas_csv,
    duckdb_sql,
    plain_groups,
    plain_flat,
    plain_lines,
    jq,
)
PEERS: dict[str, Callable[[str, str], None]] = {function.__name__: function for function in _ALL}

if __name__ == "__main__":
    PEERS[sys.argv[1]](sys.argv[2], sys.argv[3])
