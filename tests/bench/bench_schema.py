"""Schemas: the first tree against the time libxml2 needs to parse the same files, the widest expansion, memory."""

from __future__ import annotations

import json
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
from studio.schema.search import find

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SETS = {
    "workday-hr": "wsdl/workday-hr/workday.wsdl",
    "virtualbox": "wsdl/virtualbox/vboxweb.wsdl",
    "vmware-vim-v4": "wsdl/vmware-vim-v4/vim.wsdl",
    "salesforce-partner-v66": "wsdl/salesforce-partner-v66/sforce.660.partner.wsdl",
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
}
ROUNDS = 5
# The first tree may take this long, or this many times the parsing of the files if that is longer.
LEAST_LIMIT = 0.150
TIMES_FLOOR = 5
EXPAND_LIMIT = 0.050
MEMORY_LIMIT = 50
_MEMORY = """
import sys
from pathlib import Path
import psutil
from lxml import etree
import studio.schema.read as read
def peak():
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    peaks = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
    return peaks[0] if peaks else psutil.Process().memory_info().rss
start = peak()
if sys.argv[1] == "tree":
    kept = [etree.parse(file) for file in sys.argv[2:]]
else:
    kept = read.read_schema(sys.argv[2])
    place = kept.root()
    place and [child.node.value for child in place.children()]
print(peak() - start)
"""


def run() -> Iterator[dict[str, Any]]:
    """Rows per set: floor, first tree, widest expansion, memory beyond libxml2's tree, opening the cache, a search."""
    for name, file in SETS.items():
        path = CORPORA / file
        if path.is_file():
            yield from _set(name, path)


def _set(name: str, path: Path) -> Iterator[dict[str, Any]]:
    schema = read_schema(path)
    floor = _best(lambda: [etree.parse(file) for file in schema.files])
    limit = max(LEAST_LIMIT, TIMES_FLOOR * floor)
    yield _row(name, "floor", floor * 1000, "ms")
    tree = _best(lambda: _first_tree(path))
    yield _row(name, "first tree", tree * 1000, "ms", "limit", tree / limit)
    yield _row(name, "first tree", tree * 1000, "ms", "lxml parse", tree / floor)
    both = zip(_expansions(read_schema(path)), _expansions(read_schema(path)), strict=True)
    widest = max(min(pair) for pair in both)
    yield _row(name, "widest expansion", widest * 1000, "ms", "limit", widest / EXPAND_LIMIT)
    extra = _memory("schema", str(path)) - _memory("tree", *schema.files)
    yield _row(name, "memory beyond libxml2's tree", extra, "MB", "limit", extra / MEMORY_LIMIT)
    with tempfile.TemporaryDirectory() as folder:
        cached = Path(folder) / "cache.schema"
        written = _best(lambda: write_cache(read_schema(path), cached), 1)
        yield _row(name, "cache written", written * 1000, "ms")
        opened = _best(lambda: _show(load_cache(cached)))
        yield _row(name, "cache opened", opened * 1000, "ms", "limit", opened / EXPAND_LIMIT)
    searched = _best(lambda: find(schema, "name"), 1)
    yield _row(name, "search", searched * 1000, "ms")


def _first_tree(path: Path) -> None:
    _show(read_schema(path))


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


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times: list[float] = []
    for _round in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _memory(*arguments: str) -> float:
    """Megabytes a fresh process gains by reading."""
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, *arguments], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024 / 1024


def _row(
    case: str, metric: str, value: float, unit: str, peer: str | None = None, ratio: float | None = None
) -> dict[str, Any]:
    rounded = None if ratio is None else round(ratio, 2)
    return {
        "bench": "schema",
        "case": case,
        "metric": metric,
        "value": round(value, 2),
        "unit": unit,
        "peer": peer,
        "ratio": rounded,
    }


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
