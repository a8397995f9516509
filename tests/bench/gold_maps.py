"""Gold mappings: pairs of schemas and the links a person made between them, from text files and from real maps."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from studio.base.paths import resource
from studio.mapping import address
from studio.mapping.lines import LineKind, draw
from studio.mapping.tree import Tree, Trees
from studio.project.folder import load_transformation
from studio.schema.model import Base, Kind, Node, Occurs, Place, Type, ValueType
from studio.schema.path import Step, format_steps
from studio.schema.read import read_schema

HERE = Path(__file__).resolve().parent
CORPORA = HERE.parents[2] / "shared" / "corpora"
MAPS = HERE.parent / "engine" / "maps"
SAMPLE = resource("samples") / "orders"
# The weights were set on these; on the others they were only counted. The words of the vocabulary know all of them: see
# docs/benchmarks.md.
TUNED = ("customers-to-accounts", "orders-to-csv", "orders-to-invoices", "ubl-to-cii", "shopify-to-woocommerce",
         "clientes-to-account", "nfe-to-invoice")  # fmt: skip
# A script that reads several fields has no one source.
_MOST_SOURCES = 2

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Gold:
    """A pair of schemas: `links` give the right sources of each target; values are those of a sample, by address."""

    name: str
    source: Place
    target: Place
    links: Mapping[str, frozenset[str]]
    source_values: Values = field(default_factory=dict)
    target_values: Values = field(default_factory=dict)

    @property
    def held_out(self) -> bool:
        """The weights of the suggestions were not set on it."""
        return self.name not in TUNED

    def targets(self) -> Iterator[Place]:
        """The places of the linked targets."""
        tree = Tree(self.target)
        for path in self.links:
            place = tree.find(path)
            assert place is not None, f"{self.name}: no {path}"
            yield place


def gold(wanted: Callable[[str], bool] = lambda _name: True) -> Iterator[Gold]:
    """The pairs whose name is `wanted` and that can be read here: those of the corpora only where they are."""
    for name in ("customers-to-accounts", "orders-to-csv", "orders-to-invoices"):
        if wanted(name):
            yield _of_map(name, SAMPLE / "transformations" / f"{name}.yaml", SAMPLE)
    folder = MAPS / "edi-orders"
    for name in ("850-to-orders", "orders-to-850"):
        if wanted(name):
            yield _of_map(name, folder / "transformations" / f"{name}.yaml", folder)
    if not CORPORA.is_dir():
        return
    if wanted("ubl-to-cii") or wanted("cii-to-ubl"):
        yield from (pair for pair in _invoices() if wanted(pair.name))
    if wanted("ubl-to-pain001"):
        yield _of_map("ubl-to-pain001", MAPS / "pain" / "ubl-to-pain001.yaml", CORPORA / "xsd")
    for file in sorted((HERE / "gold").glob("*.txt")):
        if wanted(file.stem):
            yield _of_text(file)


def _of_map(name: str, file: Path, folder: Path) -> Gold:
    """The links of a map that a person wrote: rules that read one or two fields."""
    map = load_transformation(file)
    source = read_schema(folder / map.source.schema).root(map.source.root)
    target = read_schema(folder / map.target.schema).root(map.target.root)
    assert source is not None
    assert target is not None
    trees = Trees(Tree(source), Tree(target))
    found: dict[str, set[str]] = defaultdict(set)
    for line in draw(map.mapping, trees).lines:
        place = trees.target.find(line.target)
        if line.kind is LineKind.VALUE and line.known and place is not None and place.node.value is not None:
            found[address.plain(line.target)].add(address.plain(line.source))
    links = {path: frozenset(each) for path, each in found.items() if len(each) <= _MOST_SOURCES}
    samples = _xml_values(folder / map.samples[0]) if map.samples and map.samples[0].endswith(".xml") else {}
    return Gold(name, source, target, links, samples)


def _invoices() -> Iterator[Gold]:
    """The invoice of EN 16931 in its two syntaxes, both ways, with one invoice written in both."""
    ubl = read_schema(CORPORA / "xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd").root("Invoice")
    cii = read_schema(CORPORA / "xsd/cii-d16b/data/standard/CrossIndustryInvoice_100pD16B.xsd").root(
        "CrossIndustryInvoice"
    )
    assert ubl is not None
    assert cii is not None
    there: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    with (MAPS / "xrechnung" / "fields.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            one, other = f"Invoice/{row['ubl']}", f"CrossIndustryInvoice/{row['cii']}"
            there[other].add(one)
            back[one].add(other)
    values = {
        kind: _xml_values(CORPORA / f"xsd/xrechnung-samples/01.01a-INVOICE_{kind}.xml")
        for kind in ("ubl", "uncefact")
    }
    yield Gold("ubl-to-cii", ubl, cii, _frozen(there), values["ubl"], values["uncefact"])
    yield Gold("cii-to-ubl", cii, ubl, _frozen(back), values["uncefact"], values["ubl"])


def _frozen(links: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {path: frozenset(each) for path, each in links.items()}


def _of_text(file: Path) -> Gold:
    """A pair written as text: `path type` lines, or a file of the corpora and its root; then `target < source | source`."""
    parts: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            parts[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            parts[next(reversed(parts))].append(line)
    links = {}
    for line in parts["links"]:
        target, _mark, sources = line.partition(" < ")
        links[_address(target)] = frozenset(_address(source) for source in sources.split(" | "))
    return Gold(file.stem, _side(parts["source"]), _side(parts["target"]), links)


def _address(text: str) -> str:
    return format_steps(tuple(Step(name) for name in text.split("/")))


def _side(lines: list[str]) -> Place:
    if len(lines) == 1:
        name, root = lines[0].split()
        found = read_schema(CORPORA / name).root()
        assert found is not None, root
        return found
    return Place.root(_nodes([tuple(line.rpartition(" ")[::2]) for line in lines])[0])


def _nodes(fields: list[tuple[str, ...]]) -> tuple[Node, ...]:
    """Nodes of `path`, `type` pairs; a step that ends in * repeats."""
    inside: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for path, base in fields:
        step, _slash, rest = path.partition("/")
        inside[step].append((rest, base))
    made = []
    for step, members in inside.items():
        occurs = Occurs(0, None) if step.endswith("*") else Occurs(0, 1)
        name = step.rstrip("*")
        if members[0][0]:
            children = _nodes(members)
            made.append(Node(name, Kind.ELEMENT, Type(name, children=lambda kids=children: kids), occurs))  # type: ignore[misc]
        else:
            base = Base(members[0][1])
            made.append(Node(name, Kind.ELEMENT, Type(base.value, value=ValueType(base.value, base)), occurs))
    return tuple(made)


def _xml_values(file: Path) -> Values:
    """The texts of a document by address."""
    found: dict[str, dict[str, None]] = defaultdict(dict)

    def visit(node: etree._Element, path: str) -> None:
        for name, value in node.attrib.items():
            found[f"{path}/@{etree.QName(name).localname}"].setdefault(str(value))
        if node.text and node.text.strip():
            found[path].setdefault(node.text.strip())
        for child in node:
            if isinstance(child.tag, str):
                visit(child, f"{path}/{etree.QName(child).localname}")

    root = etree.parse(file).getroot()
    visit(root, etree.QName(root).localname)
    return {path: tuple(each)[:5] for path, each in found.items()}
