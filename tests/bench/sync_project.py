"""A large project for the benchmark of sync: 5,000 files of some 200 MB, text as projects have it, the same every time."""

from __future__ import annotations

import random
from pathlib import Path

MAPS, SCHEMAS, SCRIPTS = 3_500, 1_000, 499
_WORDS = [
    f"{a}{b}"
    for a in ("order", "line", "party", "tax", "ship", "item")
    for b in ("", "Id", "No", "Date", "Name")
]


def make(folder: Path) -> tuple[int, int]:
    """The project in a new folder; how many files, how many bytes."""
    chance = random.Random(20261123)
    for kind in ("transformations", "schemas", "scripts"):
        (folder / kind).mkdir(parents=True)
    (folder / "project.yaml").write_text("weft: project/1\nname: Large\nid: 0123abcd\n")
    for number in range(MAPS):
        _write(folder / f"transformations/t{number}.yaml", _map(chance, number))
    for number in range(SCHEMAS):
        _write(folder / f"schemas/s{number}.xsd", _schema(chance))
    for number in range(SCRIPTS):
        _write(folder / f"scripts/c{number}.jb", _script(chance))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def change_a_rule(folder: Path, turn: int) -> None:
    """Another script for one rule of one transformation."""
    file = folder / "transformations/t7.yaml"
    lines = file.read_text().split("\n")
    lines[20] = lines[20].split(": ")[0] + f': "[changed/{turn}]"'
    file.write_text("\n".join(lines))


def _write(file: Path, text: str) -> None:
    file.write_bytes(text.encode())


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_WORDS)}{chance.randrange(10_000)}"


def _map(chance: random.Random, number: int) -> str:
    head = [
        "weft: transformation/1", f"name: Map {number}", "source: {schema: schemas/s1.xsd, root: orders}",
        "target: {schema: schemas/s2.xsd, root: invoices}", "map:", "  invoices/invoice: {loop: orders/order}",
    ]  # fmt: skip
    rules = [
        f'  invoices/invoice/{_name(chance)}x{at}: "Upper([{_name(chance)}/{_name(chance)}]) + [{_name(chance)}]"'
        for at in range(230)
    ]
    return "\n".join(head + rules) + "\n"


def _schema(chance: random.Random) -> str:
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n'
    nodes = "".join(
        f'  <xs:element name="{_name(chance)}" type="xs:string" minOccurs="{chance.randrange(2)}"/>\n'
        for _at in range(1_750)
    )
    return f"{head}{nodes}</xs:schema>\n"


def _script(chance: random.Random) -> str:
    return "".join(
        f"${_name(chance)} = [{_name(chance)}] + {chance.randrange(10**6)};\n" for _at in range(280)
    )
