"""Generated Python gives what the judge gives on random maps that join a lookup, in memory and on disk, and have a second target."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine import lookups
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import transform
from tests.engine import build
from tests.engine.differ import BAD, BASES, GOOD, Maker, Shape

LOG = build.json_items({"seen?": "text", "n?": "decimal"}, "lines")


class JoinMaker(Maker):
    """A random map whose records are joined to the rows of a random lookup."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.own = random.Random(seed * 7 + 1)
        self.base = self.own.choice(BASES)

    def joined(self) -> Plan:
        """The plan; every second one has a second target over the same records."""
        rules, source, target = self.parts()
        top = next(path for path, rule in rules.items() if isinstance(rule, dict) and "loop" in rule)
        shape = dict(self._ways(self.record))[self._around] if self._around else self.record
        leaves = [each for each in shape.inside if each.base and each.occurs != "*"] or [Shape("none")]
        leaf = self.own.choice(leaves)
        if leaf.base and self.own.random() < 0.8:
            self.base = leaf.base
        match = {"k": _read(leaf)}
        if self.own.random() < 0.2:
            match["w"] = _read(self.own.choice(leaves))
        kind = self.own.choice(("left", "inner"))
        rules[top] = {**rules[top], "join": {"j": {"loop": "more::row", "match": match, "kind": kind}}}
        if self.own.random() < 0.2:
            rules[top]["when"] = "[j::v] != 'v2'"
        for path, rule in rules.items():
            if (
                isinstance(rule, str)
                and path.startswith(top + "/")
                and ";" not in rule
                and self.own.random() < 0.4
            ):
                rules[path] = self.own.choice(
                    ("[j::v]", f"[j::v] + ({rule})", f"If(IsNull([j::v]), {rule}, [j::k])")
                )
        targets = {}
        if self.own.random() < 0.5:
            targets = {"log": LOG}
            rules["log::item"] = {"loop": rules[top]["loop"]}
            rules["log::item/seen"] = _read(self.own.choice(leaves))
            rules["log::item/n"] = _read(self.own.choice(leaves))
        table = build.rows({"k": self.base, "w": "text", "v": "text"})
        return build.plan(rules, source, target, sources={"more": table}, targets=targets)

    def table(self) -> str:
        """The lookup's rows, some of them with one key, some with none."""
        rows = ["k,w,v"]
        for number in range(self.own.randint(5, 60)):
            key = self.own.choice(BAD if self.own.random() < 0.1 else GOOD[self.base])
            other = self.own.choice(GOOD["text"])
            cells = ['"' + text.replace('"', '""') + '"' for text in (key, other)]
            rows.append(f"{cells[0]},{cells[1]},v{number % 5}")
        return "\n".join(rows) + "\n"


def _read(leaf: Shape) -> str:
    return f"[{'@' if leaf.attribute else ''}{leaf.name}]" if leaf.base else "'none'"


def outcome(made: Plan, data: bytes, table: str, engine: str) -> Any:
    """Texts, failures and counts of a run, or the message it ends with."""
    out, outputs = io.BytesIO(), {each.name: io.BytesIO() for each in made.outputs}
    failures: list[Failure] = []
    try:
        stats = transform(
            made, io.BytesIO(data), out, engine=engine, failures=failures.append, outputs=dict(outputs),
            further={"more": io.BytesIO(table.encode())}, log=lambda _line: None,
        )  # fmt: skip
    except BadInput as error:
        return error.message, error.path
    for each in (stats, *stats.targets.values()):
        assert each.records_in == each.records_out + each.failed + each.filtered
    counts = stats.records_in, stats.records_out, stats.failed, stats.filtered, stats.targets
    texts = [out.getvalue(), *(each.getvalue() for each in outputs.values())]
    return texts, [(each.record, each.path, each.reason, each.nodes) for each in failures], counts


def test_joins_agree(share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """S52 S53 S54 S57 S58: whatever is joined, the back ends and the two ways to keep rows agree."""
    told: Counter[str] = Counter()
    cases = share(5_000)
    for seed in range(cases):
        maker = JoinMaker(seed)
        made = maker.joined()
        data, table = maker.document().encode("utf-8", "surrogatepass"), maker.table()
        assert made.errors == (), (seed, made.errors)
        judged = outcome(made, data, table, "interpret")
        disk = {"progress": None, "limit": 100 if seed % 4 == 0 else lookups.IN_MEMORY, "most": None}
        with monkeypatch.context() as patch:
            patch.setattr(lookups.Lookups.__init__, "__kwdefaults__", disk)
            generated = outcome(made, data, table, "auto")
        assert generated == judged, f"seed {seed}: {maker.source} to {maker.target}"
        if len(judged) == 3:
            told["targets"] += bool(made.outputs)
            told["failed"] += judged[2][2] > 0
            told["joined"] += any(f"v{n}".encode() in text for n in range(5) for text in judged[0])
    assert told["targets"] > cases * 0.3
    assert told["failed"] > cases * 0.05
    assert told["joined"] > cases * 0.04
