"""Peers of the benchmark's orders that flatten them or write JSON, and those that are programs of their own."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

from lxml import etree

from tests.bench.orders_data import COUNTRIES, TAXES

PROJECT = Path(__file__).resolve().parent / "orders_project"


def plain_flat(source: str, target: str) -> None:
    """W3a as one would write it by hand with lxml and csv."""
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for _event, order in etree.iterparse(source, tag="order"):
            writer.writerows(_rows(order))
            order.clear()
            while order.getprevious() is not None:
                del order.getparent()[0]


def _rows(order: Any) -> list[list[str]]:
    customer = order.find("customer")
    address = next(each for each in customer.findall("address") if each.get("type") == "shipping")
    date = order.findtext("orderDate")
    head = [
        order.get("id"),
        f"{date[8:10]}/{date[5:7]}/{date[:4]}",
        customer.findtext("lastName").upper() + " " + customer.findtext("firstName"),
        address.findtext("country"),
    ]
    rows = []
    for line in order.iterfind("lines/line"):
        qty = line.findtext("qty")
        if float(qty) > 0:
            net = float(qty) * float(line.findtext("price")) * (1 - float(line.findtext("discount")))
            named = [line.get("no"), line.findtext("sku").upper(), line.findtext("desc")]
            rows.append([*head, *named, qty, f"{net:.2f}"])
    return rows


def plain_lines(source: str, target: str) -> None:
    """W4b as one would write it by hand with lxml and json."""
    with Path(target).open("w", encoding="utf-8") as file:
        for _event, order in etree.iterparse(source, tag="order"):
            text = json.dumps(_invoice(order), ensure_ascii=False, separators=(",", ":"))
            file.write(text + "\n")
            order.clear()
            while order.getprevious() is not None:
                del order.getparent()[0]


def _invoice(order: Any) -> dict[str, Any]:
    customer = order.find("customer")
    address = next(each for each in customer.findall("address") if each.get("type") == "shipping")
    date = order.findtext("orderDate")
    urgent = order.get("status") == "express" or order.get("channel") == "edi"
    items, total = [], 0.0
    for line in order.iterfind("lines/line"):
        discount = float(line.findtext("discount"))
        net = float(line.findtext("qty")) * float(line.findtext("price")) * (1 - discount)
        if float(line.findtext("qty")) <= 0:
            continue
        total += net
        items.append(
            {
                "pos": line.get("no"),
                "article": line.findtext("sku").upper(),
                "text": line.findtext("desc")[:20],
                "net": round(net, 2),
                "tax": round(net * float(TAXES[line.findtext("taxCode")]), 2),
                "flag": "D" if discount > 0 else "-",
            }
        )
    invoice = {
        "number": "INV-" + order.get("id"),
        "type": order.get("channel").upper(),
        "issued": f"{date[8:10]}/{date[5:7]}/{date[:4]}",
        "priority": "HIGH" if urgent else "NORMAL",
        "currency": order.findtext("currency"),
        "buyer": {
            "code": customer.findtext("id"),
            "name": customer.findtext("lastName").upper() + ", " + customer.findtext("firstName"),
            "mail": customer.findtext("email").lower(),
            "phone": customer.findtext("phone") or "n/a",
            "country": COUNTRIES[address.findtext("country")],
            "shipTo": f"{address.findtext('street')}, {address.findtext('zip')} {address.findtext('city')}",
        },
        "items": items,
        "total": round(total, 2),
    }
    if order.findtext("comment") is not None:
        invoice["note"] = order.findtext("comment")
    return invoice


def jq(source: str, target: str) -> None:
    """W4a with jq, to JSON lines: its case functions know ASCII only."""
    with Path(target).open("wb") as file:
        subprocess.run(["jq", "-c", "-f", str(PROJECT / "w4a.jq"), source], stdout=file, check=True)
