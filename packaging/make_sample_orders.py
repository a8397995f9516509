"""Writes the documents of the sample project `orders`: the same bytes on every run, all names and goods made up.

    python packaging/make_sample_orders.py [FOLDER]

FOLDER defaults to resources/samples/orders/samples.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent.parent / "resources" / "samples" / "orders" / "samples"
ORDERS, OPEN, SHIPPED = 830, 512, 291
FIRST_ORDER = 10_248
CUSTOMERS = 504
BUYERS = 91
WITHOUT_TERMS = 13
# The open orders, counted from the first, that also hold a gift voucher: a tax class nobody has a rate for yet.
VOUCHERS = (40, 187, 333, 470)


T = TypeVar("T")


@dataclass(frozen=True)
class Region:
    """Where customers live: how they call themselves and their streets there."""

    code: str
    language: str
    currency: str
    dial: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    endings: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    people: tuple[str, ...]


REGIONS = (
    Region(
        "BR", "pt-BR", "BRL", "+55",
        ("Casa", "Mercearia", "Empório", "Padaria", "Quitanda", "Armazém"),
        ("Aurora", "São João", "Três Irmãos", "da Praça", "Boa Viagem", "Santa Inês", "do Porto", "Ipê Amarelo"),
        ("Ltda", "S.A.", "ME", "& Filhos Ltda", "Eireli"),
        ("Rua do Paço", "Av. Paulista", "Rua das Acácias", "Travessa São José", "Praça da Sé", "Rua XV de Novembro"),
        (("Rio de Janeiro", "20040-010"), ("São Paulo", "01310-100"), ("Belo Horizonte", "30130-005"),
         ("Curitiba", "80020-310"), ("Florianópolis", "88010-400"), ("Recife", "50030-230")),
        ("Ana Prado", "João Conceição", "Márcia Araújo", "Luís Gonçalves", "Inês Magalhães"),
    ),
    Region(
        "DE", "de", "EUR", "+49",
        ("Feinkost", "Bäckerei", "Kaufhaus", "Weinhandlung", "Hofladen", "Käserei"),
        ("Müller", "Weiß", "Schröder", "Jäger", "Köhler", "Böhm", "Groß", "Lindenhof"),
        ("GmbH", "GmbH & Co. KG", "e. K.", "AG", "& Söhne OHG"),
        ("Hauptstraße", "Lindenweg", "Am Marktplatz", "Königsallee", "Große Gasse", "Bahnhofstraße"),
        (("Berlin", "10117"), ("München", "80331"), ("Köln", "50667"), ("Düsseldorf", "40212"), ("Lübeck", "23552")),
        ("Jürgen Voß", "Anke Schäfer", "Björn Kröger", "Käthe Lange", "Dr. Uwe Grün"),
    ),
    Region(
        "GB", "en-GB", "GBP", "+44",
        ("The", "Ye Olde", "Green", "Harbour", "Mill Lane", "Market"),
        ('"Corner" Larder', "O'Connor", "Smith & Daughters", "King's Pantry", "Bay Tree", "Whistle Stop", "Two Hoots"),
        ("Ltd", "plc", "& Co.", "Stores", "LLP"),
        ("High Street", "Mill Lane", "St James's Road", "Quay Side", "Church Walk"),
        (("London", "SE1 9GF"), ("Leeds", "LS1 4DY"), ("Bristol", "BS1 5TR"), ("Cardiff", "CF10 1EP")),
        ("Siobhán O'Shea", "Tom Price-Jones", "Ruth Beckett", "Nia Evans"),
    ),
    Region(
        "US", "en-US", "USD", "+1",
        ("Lakeside", "Blue Ridge", "Golden Gate", "Maple", "Old Mission"),
        ("Grocers", "Deli", "Foods", "Provisions", "Market Hall"),
        ("Inc.", "LLC", "Corp.", "& Sons"),
        ("Main St", "5th Ave", "Sunset Blvd", "Elm St", "Route 66"),
        (("Portland", "97201"), ("Boise", "83702"), ("Austin", "78701"), ("Boston", "02108")),
        ("Mary-Ann Cole", "José Ortiz", "Dwight Hale", "Ella Fitz"),
    ),
)  # fmt: skip

GOODS = (
    ("Clam chowder 340 g", "Soups", "7.70"), ("Black bean soup 500 g", "Soups", "4.25"), ("Pão de queijo 1 kg", "Bakery", "9.90"),
    ("Pumpernickel 500 g", "Bakery", "2.95"), ("Stollen, 2 × 750 g", "Bakery", "18.50"), ("Goiabada cascão 600 g", "Sweets", "6.40"),
    ("Rote Grütze 500 ml", "Sweets", "3.80"), ('Fudge "Cornish style" 250 g', "Sweets", "5.15"), ("Brigadeiro box of 12", "Sweets", "11.00"),
    ("Salt & vinegar crisps 150 g", "Snacks", "1.95"), ("Cassava chips < 5 % fat 90 g", "Snacks", "2.30"), ("Pretzels 24 × 40 g", "Snacks", "13.20"),
    ("Café especial 250 g", "Drinks", "12.75"), ("Earl Grey 100 bags", "Drinks", "8.60"), ("Guaraná 12 × 330 ml", "Drinks", "10.80"),
    ("Apfelschorle 6 × 1 l", "Drinks", "7.10"), ("Cider, dry 12 × 500 ml", "Alcohol", "26.40"), ("Cachaça artesanal 700 ml", "Alcohol", "21.90"),
    ("Riesling Spätlese 750 ml", "Alcohol", "14.35"), ("Cheddar, mature 2 kg", "Dairy", "23.00"), ("Queijo minas 1 kg", "Dairy", "15.60"),
    ("Bergkäse 1.5 kg", "Dairy", "28.75"), ("Smoked trout 200 g", "Fish", "8.05"), ("Bacalhau 1 kg", "Fish", "32.50"),
    ("Tinned sardines 125 g", "Fish", "2.10"), ("Maple syrup 500 ml", "Spreads", "13.95"), ("Doce de leite 400 g", "Spreads", "5.75"),
    ("Lemon curd 320 g", "Spreads", "3.45"), ("Senf, mittelscharf 250 ml", "Spreads", "1.65"), ("Arroz agulhinha 5 kg", "Staples", "6.95"),
    ("Spätzle 500 g", "Staples", "2.40"), ("Porridge oats 1 kg", "Staples", "1.85"), ("Dishwasher salt 4 kg", "Household", "4.99"),
    ("Beeswax candles 6", "Household", "9.25"), ("Cookbook: Three Coasts", "Books", "24.00"),
)  # fmt: skip
TAX = {"Alcohol": "S", "Household": "S", "Books": "Z"}
COMMENTS = {
    "BR": ("Deixar com o porteiro", "Entregar só à tarde, por favor", "Igual à última vez ;-)"),
    "DE": ("Lieferung vor 10 Uhr, sonst < 1 h warten", "Bitte klingeln & warten", 'Tor 3, "Rampe links"'),
    "GB": ("Please ring & wait", "Leave at the back door.\nBeware of the dog!", 'As discussed, "no plastic"'),
    "US": ("Dock 4, after 2 PM", "Same as last time ;-)", "Call Mary-Ann & me before delivery"),
}
SHOPS = ("Weft Shop Centro", "Weft Laden Mitte", "Weft Shop Borough")
INDUSTRIES = (
    "Retail",
    "retail ",
    "Einzelhandel",
    "Varejo",
    "Food & Beverage",
    "Gastronomie",
    "Hotelaria",
    "",
    "n/a",
)
SEGMENTS = ("A", "B", "C", "a", "")


@dataclass(frozen=True)
class Customer:
    """A customer, as tidy as it never is in a file."""

    number: str
    name: str
    region: Region
    street: str
    city: str
    postcode: str
    person: str
    phone: str
    email: str
    terms: int


def main() -> None:
    """Write both documents."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    draw = random.Random(10_250)
    customers = [_customer(number, draw) for number in range(CUSTOMERS)]
    (folder / "orders.xml").write_bytes(orders_xml(customers[:BUYERS], draw).encode("utf-8"))
    (folder / "customers.csv").write_bytes(customers_csv(customers, draw).encode("utf-8"))


def _customer(number: int, draw: random.Random) -> Customer:
    if number == 0:
        return Customer("C-1001", "Casa Aurora Ltda", REGIONS[0], "Rua do Paço, 67", "Rio de Janeiro", "20040-010",
                        "Ana Prado", "+55 21 5550-0142", "ana.prado@casa-aurora.example", 30)  # fmt: skip
    region = _pick(draw, (REGIONS[0], REGIONS[0], REGIONS[1], REGIONS[1], REGIONS[2], REGIONS[3]))
    name = f"{_pick(draw, region.kinds)} {_pick(draw, region.names)} {_pick(draw, region.endings)}"
    city, postcode = _pick(draw, region.cities)
    house = draw.randrange(1, 240)
    street = _pick(draw, region.streets)
    person = _pick(draw, region.people)
    account = person.lower().replace(" ", ".").replace("'", "").encode("ascii", "ignore").decode()
    return Customer(
        f"C-{1001 + number}", name, region,
        f"{house} {street}" if region.code in ("GB", "US") else f"{street}{',' if region.code == 'BR' else ''} {house}",
        city, postcode, person, f"{region.dial} {draw.randrange(20, 99)} 5550-{draw.randrange(10_000):04}",
        f"{account}@customer{1001 + number}.example", _pick(draw, (14, 30, 30, 30, 45, 60)),
    )  # fmt: skip


def orders_xml(buyers: list[Customer], draw: random.Random) -> str:
    """The order export: 830 orders, valid by orders.xsd, as untidy as people type."""
    states = ["open"] * (OPEN - 3) + ["shipped"] * SHIPPED + ["cancelled"] * (ORDERS - OPEN - SHIPPED)
    _shuffle(draw, states)
    states = ["open"] * 3 + states
    bare = {index for index, state in enumerate(states) if state == "open" and index % 40 == 11}
    bare = set(sorted(bare)[:WITHOUT_TERMS])
    spare = [
        index for index, state in enumerate(states) if state == "open" and index > 5 and index not in bare
    ]
    while len(bare) < WITHOUT_TERMS:
        bare.add(spare.pop(draw.randrange(len(spare))))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(
        '<orders xmlns="urn:weft-sample:orders" xmlns:com="urn:weft-sample:common" '
        'exported="2026-09-30T23:00:00Z" shop="weft-shop">'
    )
    vouchers = {[index for index, state in enumerate(states) if state == "open"][nth] for nth in VOUCHERS}
    placed = date(2026, 3, 6)
    for index, state in enumerate(states):
        number = FIRST_ORDER + index
        buyer = buyers[0] if index == 2 else _pick(draw, buyers)
        lines += _order(number, state, placed, buyer, index in bare, index in vouchers, draw)
        placed += timedelta(days=1 if index < 3 or draw.randrange(100) < 24 else 0)
    return "\n".join([*lines, "</orders>", ""])


def _order(
    number: int, state: str, placed: date, buyer: Customer, bare: bool, voucher: bool, draw: random.Random
) -> list[str]:
    language = (
        ""
        if draw.randrange(12) == 0 and number != 10_250
        else f" language={quoteattr(buyer.region.language)}"
    )
    out = [f'  <order id="{number}" status="{state}"{language}>', f"    <placed>{placed}</placed>"]
    if number == 10_250 or draw.randrange(10) < 8:
        out.append(f"    <requiredBy>{placed + timedelta(days=28)}</requiredBy>")
    out += _buyer(buyer, bare, number, draw)
    out += _where(buyer, number, draw)
    out.append(f"    <currency>{buyer.region.currency}</currency>")
    if number == 10_250:
        out.append("    <freight>65.83</freight>")
    elif draw.randrange(5):
        out.append(f"    <freight>{draw.randrange(0, 18_000) / 100:.2f}</freight>")
    out.append("    <lines>")
    out += _lines(number, voucher, draw)
    out.append("    </lines>")
    for _payment in range(_pick(draw, (0, 0, 1, 1, 1, 2)) if state == "shipped" else number == 10_250 and 2):
        stamp = f"{placed + timedelta(days=draw.randrange(1, 20))}T{draw.randrange(8, 20):02}:{draw.randrange(60):02}:00Z"
        method = _pick(draw, ("card", "transfer", "pix", "invoice"))
        amount = f"{draw.randrange(500, 90_000) / 100:.2f}"
        out.append(
            f'    <payment method="{method}"><amount>{amount}</amount><received>{stamp}</received></payment>'
        )
    if draw.randrange(7) == 0:
        out.append(f"    <comment>{escape(_pick(draw, COMMENTS[buyer.region.code]))}</comment>")
    return [*out, "  </order>"]


def _buyer(buyer: Customer, bare: bool, number: int, draw: random.Random) -> list[str]:
    tidy = number == 10_250
    name = buyer.name if tidy else _untidy(buyer.name, draw)
    out = [f"    <customer id={quoteattr(buyer.number)}>", f"      <name>{escape(name)}</name>"]
    if tidy or draw.randrange(4):
        out.append(f"      <contact>{escape(buyer.person)}</contact>")
    if tidy or draw.randrange(6):
        out.append(f"      <email>{buyer.email if draw.randrange(5) else buyer.email.upper()}</email>")
    if tidy or draw.randrange(3):
        phone = (
            buyer.phone
            if tidy
            else _pick(draw, (buyer.phone, buyer.phone.replace(" ", ""), f" {buyer.phone} "))
        )
        out.append(f"      <telephone>{phone}</telephone>")
    elif draw.randrange(4) == 0:
        out.append("      <telephone/>")
    if draw.randrange(5) < 3:
        out.append(
            f"      <taxNumber>{buyer.region.code}{int(buyer.number[2:]) * 7919 % 10**9:09}</taxNumber>"
        )
    if not bare:
        out.append(f"      <terms>{buyer.terms}</terms>")
    out += ["      " + part for part in _address("address", buyer, ' type="billing"')]
    if draw.randrange(6) == 0:
        out += ["      " + part for part in _address("address", buyer, ' type="office"')]
    return [*out, "    </customer>"]


def _where(buyer: Customer, number: int, draw: random.Random) -> list[str]:
    if number != 10_250 and draw.randrange(9) == 0:
        hours = "" if draw.randrange(2) else "<hours>9–18, Sa 9–13</hours>"
        return [f"    <pickUp><shop>{_pick(draw, SHOPS)}</shop>{hours}</pickUp>"]
    return ["    " + part for part in _address("shipTo", buyer, "")]


def _address(tag: str, buyer: Customer, attribute: str) -> list[str]:
    return [
        f"<{tag}{attribute}>",
        f"  <street>{escape(buyer.street)}</street>",
        f"  <city>{escape(buyer.city)}</city>",
        *([] if int(buyer.number[2:]) % 17 == 0 else [f"  <postalCode>{buyer.postcode}</postalCode>"]),
        f"  <com:country>{buyer.region.code}</com:country>",
        f"</{tag}>",
    ]


def _lines(number: int, voucher: bool, draw: random.Random) -> list[str]:
    out = []
    count = 3 if number == 10_250 else _pick(draw, (1, 1, 2, 2, 2, 3, 3, 4, 5, 7))
    first = 0 if number == 10_250 else draw.randrange(len(GOODS))
    for no in range(1, count + 1):
        at = (first + (no - 1) * 11) % len(GOODS)
        name, category, price = GOODS[at]
        qty = (10, 35, 15)[no - 1] if number == 10_250 else _pick(draw, (1, 2, 5, 6, 10, 12, 24, 40))
        if no > 1 and number != 10_250 and draw.randrange(25) == 0:
            qty = 0
        discount = "0" if number == 10_250 else _pick(draw, ("", "", "", "0", "5", "10", "12.5", "15", "25"))
        tax = TAX.get(category, "R")
        shown = "" if draw.randrange(15) == 0 and number != 10_250 else category
        out += _line(no, f"W-{100 + at}", name, shown, tax, qty, price, discount)
    if voucher:
        out += _line(count + 1, "W-900", "Gift voucher", "", "V", 1, "50.00", "")
    return out


def _line(
    no: int, sku: str, name: str, category: str, tax: str, qty: int, price: str, discount: str
) -> list[str]:
    kind = f"<category>{escape(category)}</category>" if category else ""
    return [
        f'      <line no="{no}">',
        f'        <product sku="{sku}"><name>{escape(name)}</name>{kind}<taxClass>{tax}</taxClass></product>',
        f"        <qty>{qty}</qty>",
        f"        <price>{price}</price>",
        *([f"        <discount>{discount}</discount>"] if discount else []),
        "      </line>",
    ]


def customers_csv(customers: list[Customer], draw: random.Random) -> str:
    """The customer list somebody exported: commas, quotes, line breaks in notes, three countries' habits."""
    rows = ["customer_no,name,street,postal_code,city,country,phone,email,website,industry,segment,employees,revenue,"
            "customer_since,notes"]  # fmt: skip
    for index, customer in enumerate(customers):
        number = "" if index in (77, 263, 401) else customer.number
        if index == 350:
            number = customers[349].number
        name = "" if index in (140, 288) else _untidy(customer.name, draw) if index else customer.name
        rows.append(",".join(_cell(text) for text in (number, name, *_details(customer, draw))))
    return "\r\n".join(rows) + "\r\n"


def _details(customer: Customer, draw: random.Random) -> tuple[str, ...]:
    region = customer.region
    countries = {
        "BR": ("BR", "Brasil", "Brazil", "brasil"), "DE": ("DE", "Deutschland", "Germany", " DE"),
        "GB": ("GB", "UK", "United Kingdom", "Great Britain"), "US": ("US", "USA", "United States", "U.S.A."),
    }  # fmt: skip
    phone = _pick(
        draw, (customer.phone, customer.phone.replace("+", "00", 1), f"tel. {customer.phone}", "", "-")
    )
    site = f"customer{customer.number[2:]}.example"
    since = date(2001, 1, 1) + timedelta(days=draw.randrange(9_000))
    size = draw.randrange(1, 400)
    revenue = size * draw.randrange(60_000, 140_000)
    return (
        f" {customer.street}" if draw.randrange(9) == 0 else customer.street,
        customer.postcode if draw.randrange(14) else "",
        customer.city.upper() if draw.randrange(8) == 0 else customer.city,
        _pick(draw, countries[region.code]),
        phone,
        customer.email if draw.randrange(6) else "",
        _pick(draw, (site, f"https://www.{site}", f"HTTP://{site}/", "", "")),
        _pick(draw, INDUSTRIES),
        _pick(draw, SEGMENTS),
        _pick(draw, (str(size), str(size), f"ca. {size}", f"{size} ", "")),
        _pick(draw, (str(revenue), f"{revenue:,}".replace(",", " "), f"{revenue}.00", "")),
        _pick(draw, (since.isoformat(), since.strftime("%d.%m.%Y"), since.strftime("%Y"), "")),
        _pick(draw, ("", "", "", "", 'said: "call me back", 2 × tried', "Paga sempre em dia; cliente desde sempre",
                     "Ansprechpartner im Urlaub,\nVertretung fragen", "moved?\n\ncheck address")),
    )  # fmt: skip


def _untidy(name: str, draw: random.Random) -> str:
    return _pick(draw, (name,) * 9 + (f" {name}", f"{name}  ", name.replace(" ", "  ", 1), name.upper()))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\n') else text


def _pick(draw: random.Random, options: Sequence[T]) -> T:
    return options[draw.randrange(len(options))]


def _shuffle(draw: random.Random, items: list[str]) -> None:
    for at in range(len(items) - 1, 0, -1):
        other = draw.randrange(at + 1)
        items[at], items[other] = items[other], items[at]


if __name__ == "__main__":
    main()
