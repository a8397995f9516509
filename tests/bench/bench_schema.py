"""Schemas: the first tree against the time lxml needs to parse the same files, expansions, memory, cache, search, peers.

Everything is processor time, so that a loaded machine changes little; `of the limit` is the part of the figure asked for.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Schema, Type
from studio.schema.read import read_schema
from studio.schema.search import find_roots, hits, prepare
from tests.bench.schema_peers import peers

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SETS = {
    "workday-hr": "wsdl/workday-hr/workday.wsdl",
    "virtualbox": "wsdl/virtualbox/vboxweb.wsdl",
    "vmware-vim-v4": "wsdl/vmware-vim-v4/vim.wsdl",
    "salesforce-partner-v66": "wsdl/salesforce-partner-v66/sforce.660.partner.wsdl",
    "salesforce-enterprise": "wsdl/salesforce-enterprise-toolkit/enterprise.wsdl.xml",
    "paypal": "wsdl/paypal/PayPalSvc.wsdl",
    "fedex": "wsdl/fedex/OpenshipService_v20.wsdl",
    "onvif": "wsdl/onvif/ver10/device/wsdl/devicemgmt.wsdl",
    "amazon-ec2": "wsdl/amazon-ec2/ec2.wsdl",
    "axis1 ComprehensiveTypes": "wsdl/axis1-tests/integration/src/test/wsdl/types/ComprehensiveTypes.wsdl",
    "fhir-r4": "xsd/fhir-r4-single/fhir-single.xsd",
    "datex2": "xsd/datex2-2.2.3/DATEXIISchema_2_2_3.xsd",
    "ubl-2.1 Invoice": "xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "camel-spring": "xsd/kaoto-datamapper/camel-spring.xsd",
    "docbook-5.0": "xsd/docbook-5-4.5/docbook/schemas/5.0/xsd/docbook.xsd",
    "mathml4": "xsd/mathml4/xsd/mathml4.xsd",
    "gml-3.1.1": "xsd/gml-3.1.1/ogc/gml/3.1.1/base/gml.xsd",
    "kml-2.3": "xsd/kml-2.3/ogc/kml/2.3/ogckml23.xsd",
}
ROUNDS = 5
# The first tree may take this long, or this many times the parsing of the files if that is longer.
LEAST_LIMIT = 0.150
TIMES_FLOOR = 5
MEDIAN_LIMIT = 3
STEP_LIMIT = 0.050
MEMORY_LIMIT = 50
_TYPED = ("n", "na", "name", "id", "address", "description of", "a/name", "zzz")
_DERIVED = 1000
_PEAK = """
import sys
from lxml import etree
if sys.argv[1] == "tree":
    kept = [etree.parse(file) for file in sys.argv[2:]]
else:
    import studio.schema.read as read
    kept = read.read_schema(sys.argv[2])
    place = kept.root()
    place and [child.node.value for child in place.children()]
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def run() -> Iterator[dict[str, Any]]:
    """Rows per set, the median over them, a type with a thousand derived ones, and the peers."""
    ratios: list[float] = []
    for name, path in _there():
        rows = list(_set(name, path))
        ratios += [row["ratio"] for row in rows if row["peer"] == "lxml parse"]
        yield from rows
    yield _limit("median of the sets", "first tree over floor", statistics.median(ratios), "×", MEDIAN_LIMIT)
    yield from _derived()
    for name, path in _there():
        yield from _peers(name, path)


def _there() -> Iterator[tuple[str, Path]]:
    return ((name, CORPORA / file) for name, file in SETS.items() if (CORPORA / file).is_file())


def _set(name: str, path: Path) -> Iterator[dict[str, Any]]:
    schema = read_schema(path)
    floor = _floor(schema)
    tree = _best(lambda: _show(read_schema(path)))
    yield _row(name, "floor", floor * 1000, "ms")
    yield _row(name, "first tree", tree * 1000, "ms", "lxml parse", tree / floor)
    yield _limit(name, "first tree", tree * 1000, "ms", max(LEAST_LIMIT, TIMES_FLOOR * floor) * 1000)
    both = zip(_expansions(read_schema(path)), _expansions(read_schema(path)), strict=True)
    yield _limit(name, "widest expansion", max(map(min, both)) * 1000, "ms", STEP_LIMIT * 1000)
    extra = _peak("schema", str(path)) - _peak("tree", *schema.files)
    yield _limit(name, "memory beyond libxml2's tree", extra, "MB", MEMORY_LIMIT)
    with tempfile.TemporaryDirectory() as folder:
        cached = Path(folder) / "cache.schema"
        written = _best(lambda: write_cache(read_schema(path), cached), 1)
        yield _row(name, "cache written", written * 1000, "ms")
        opened = _best(lambda: _show(load_cache(cached)))
        yield _limit(name, "cache opened", opened * 1000, "ms", STEP_LIMIT * 1000)
        yield from _search(name, cached)
    yield _row(
        name, "search prepared without cache", _best(lambda: list(prepare(read_schema(path))), 1) * 1000, "ms"
    )


def _search(name: str, cached: Path) -> Iterator[dict[str, Any]]:
    """The first keystroke on a schema just opened, the dearest of the following ones, the filter of the roots."""
    rounds = [_typed(load_cache(cached)) for _round in range(3)]
    first, slowest, roots = (min(one) for one in zip(*rounds, strict=True))
    yield _limit(name, "search, first keystroke", first * 1000, "ms", STEP_LIMIT * 1000)
    yield _limit(name, "search, dearest of the next", slowest * 1000, "ms", STEP_LIMIT * 1000)
    yield _limit(name, "roots filtered", roots * 1000, "ms", STEP_LIMIT * 1000)


def _typed(schema: Schema) -> tuple[float, float, float]:
    """Seconds of the first keystroke, of the dearest of the others, of filtering the roots."""
    first, *others = (_spent(lambda text=text: hits(schema, text)) for text in _TYPED)  # type: ignore[misc]
    return first, max(others), _spent(lambda: find_roots(schema, "get"))


def _derived() -> Iterator[dict[str, Any]]:
    """A type that a thousand others extend: its choice of type, and each of them opened."""
    parts = [
        f'<xs:complexType name="T{at}"><xs:complexContent><xs:extension base="T"><xs:sequence>'
        f'<xs:element name="e{at}"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>'
        for at in range(_DERIVED)
    ]
    text = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r" type="T"/>'
        f'<xs:complexType name="T"><xs:sequence><xs:element name="x"/></xs:sequence></xs:complexType>{"".join(parts)}'
        "</xs:schema>"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "derived.xsd"
        file.write_text(text)
        best = {"choice of type": 1e9, "widest of them": 1e9}
        for _round in range(3):
            root = read_schema(file).roots[0]
            best["choice of type"] = min(best["choice of type"], _spent(lambda: root.type.derived))  # noqa: B023
            spent = max(_spent(lambda kind=kind: kind.children) for kind in root.type.derived)  # type: ignore[misc]
            best["widest of them"] = min(best["widest of them"], spent)
            assert len(root.type.derived) == _DERIVED
    for metric, seconds in best.items():
        yield _limit(f"{_DERIVED} derived types", metric, seconds * 1000, "ms", STEP_LIMIT * 1000)


def _peers(name: str, path: Path) -> Iterator[dict[str, Any]]:
    floor = _floor(read_schema(path))
    for peer, seconds, reason in peers(path):
        if seconds is None:
            yield _row(name, f"{peer}: {reason}", 0.0, "refused")
        else:
            yield _row(name, f"loaded by {peer}", seconds * 1000, "ms", "lxml parse", seconds / floor)


def _show(schema: Schema) -> None:
    """What the window asks for at once: the root's children with their types."""
    place = schema.root()
    for child in place.children() if place else ():
        assert child.node.type.name is not None
        child.node.value  # noqa: B018


def _expansions(schema: Schema) -> Iterator[float]:
    """Processor seconds each type takes to expand, every type once."""
    waiting = deque(node.type for node in schema.roots)
    seen: set[Type] = set()
    yield 0.0
    while waiting:
        kind = waiting.popleft()
        if kind in seen:
            continue
        seen.add(kind)
        start = time.process_time()
        children = kind.children
        for node in children:
            node.value  # noqa: B018
        yield time.process_time() - start
        waiting.extend(node.type for node in children)


def _floor(schema: Schema) -> float:
    return _best(lambda: [etree.parse(file) for file in schema.files])


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    return min(_spent(work) for _round in range(rounds))


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _peak(*arguments: str) -> float:
    """Megabytes a fresh process had in memory at most."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, *arguments], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def _limit(case: str, metric: str, value: float, unit: str, most: float) -> dict[str, Any]:
    return _row(case, metric, value, unit, "of the limit", value / most)


def _row(
    case: str, metric: str, value: float, unit: str, peer: str | None = None, ratio: float | None = None
) -> dict[str, Any]:
    rounded = None if ratio is None else round(ratio, 2)
    figures = {"value": round(value, 2), "unit": unit, "peer": peer, "ratio": rounded}
    return {"bench": "schema", "case": case, "metric": metric, **figures}


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
