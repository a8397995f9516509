"""From the window's question to the values, through the agent's own process: a map of 5,000 rules, an edit, another record.

Wall time, as a person waits; beside it the processor time of both processes where the system tells it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from studio.agent.embedded import EmbeddedAgent
from studio.agent.journal import Journal
from studio.mapping.model import Transformation
from studio.schema.model import Node, Schema
from tests.bench.bench_script_map import COUNT, edited, made

_EDITS, _PAUSE = 9, 3.0
_XS = {"text": "string", "date": "date", "decimal": "decimal"}


def run() -> Iterator[dict[str, object]]:
    """Milliseconds; a ratio is what is used of the time allowed."""
    source, target, transformation, document = made()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, schema in (("in", source), ("out", target)):
            (folder / f"{side}.xsd").write_text(xsd(schema, side), encoding="utf-8")
        (folder / "sample.xml").write_text(document, encoding="utf-8")
        yield from asyncio.run(_asked(folder, transformation))


async def _asked(folder: Path, transformation: Transformation) -> list[dict[str, object]]:
    agent = EmbeddedAgent(Journal(folder / "runs.sqlite"))
    found = []
    try:
        await agent.start()

        async def ask(made: Transformation, record: int) -> tuple[float, float]:
            before, started = processor_time(agent.worker_id), time.perf_counter()
            evidence = await agent.preview(folder, made, "sample.xml", record)
            assert evidence is not None
            assert len(evidence.target) > COUNT // 2
            return time.perf_counter() - started, processor_time(agent.worker_id) - before

        # On a machine at work the first plan may take longer than a preview is waited for.
        await agent.test(folder, transformation, "sample.xml")
        found += _rows("first values, planned before", [await ask(transformation, 1)])
        edits = []
        for number in range(_EDITS):
            await asyncio.sleep(_PAUSE if not number else 0.2)
            transformation = edited(transformation, number)
            edits.append(await ask(transformation, 1))
        found += _rows("one edited", edits, 0.100)
        await asyncio.sleep(_PAUSE)
        found += _rows("the next record, after a pause", [await ask(transformation, 2)], 0.100)
        found += _rows("another record, at once", [await ask(transformation, 3)])
    finally:
        await agent.close()
    return found


def _rows(
    metric: str, times: list[tuple[float, float]], limit: float | None = None
) -> list[dict[str, object]]:
    wall, used = (statistics.median(column) for column in zip(*times, strict=True))
    case = f"map of {COUNT:,} rules, in the agent"
    row = {"bench": "agent", "case": case, "unit": "ms"}
    return [
        {**row, "metric": metric, "value": wall * 1000, "peer": "the limit" if limit else None,
         "ratio": wall / limit if limit else None},
        {**row, "metric": f"{metric}: CPU", "value": used * 1000, "peer": None, "ratio": None},
    ]  # fmt: skip


def processor_time(process: int | None) -> float:
    """Seconds of processor time of this process and, where Linux tells it, of the agent's."""
    return time.process_time() + agent_time(process)


def agent_time(process: int | None) -> float:
    """Seconds of processor time of the agent's process, 0 where the system does not tell."""
    found = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in found) / 1e9


def xsd(schema: Schema, root: str) -> str:
    """The schema of the map as a file: elements in elements, no attributes."""
    place = schema.root(root)
    assert place is not None
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    return f"{head}{_element(place.node)}</xs:schema>"


def _element(node: Node) -> str:
    most = "" if not node.occurs.repeats else ' maxOccurs="unbounded"'
    occurs = "" if node.occurs.min == 1 and not most else f' minOccurs="{node.occurs.min}"{most}'
    if node.value is not None:
        return f'<xs:element name="{node.name}" type="xs:{_XS[node.value.base.value]}"{occurs}/>'
    inside = "".join(_element(child) for child in node.type.children)
    return f'<xs:element name="{node.name}"{occurs}><xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType></xs:element>'
