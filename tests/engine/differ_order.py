"""Random maps whose outermost loop groups, sorts or takes the last records, on disk and as the judge does in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.engine import arranging, spill
from studio.engine.plan import Plan
from tests.engine.differ import Maker, Shape
from tests.engine.differential import outcome


class OrderMaker(Maker):
    """Records are grouped, sorted and cut, by keys of few values and of any kind."""

    kinds = ("xml", "xml", "json", "lines", "lines", "csv", "csv")

    def parts(self) -> Any:
        rules, source, target = super().parts()
        top = self._top(self.target, self.out)
        given = rules[top]
        context = [self.record]
        if self._around:
            context.append(self._inner_of(self.record, self._around))
        if self.maybe(0.45):
            by = [self._key(context) for _key in range(self.draw.choice((1, 1, 2)))]
            given["group"] = {"by": by, "adjacent": self.maybe(0.2)}
        if self.maybe(0.65):
            orders = [
                {"by": self._key(context), "order": self.draw.choice(("asc", "desc"))}
                for _key in range(self.draw.choice((1, 1, 2)))
            ]
            given["sort"] = orders
        if self.maybe(0.2) or not given.keys() & {"group", "sort"}:
            given["last"] = self.draw.randint(0, 4)
        if "group" in given and self.maybe(0.6):
            rules |= self._of_members(top, context)
        return rules, source, target

    def document(self, count: int | None = None) -> str:
        """More records than usual, so that there is something to sort."""
        return super().document(self.draw.randint(0, 14) if count is None else count)

    def _inner_of(self, shape: Shape, way: str) -> Shape:
        for step in way.split("/"):
            if step != "item":
                shape = next(each for each in shape.inside if each.name == step.lstrip("@"))
        return shape

    def _key(self, context: list[Shape]) -> str:
        read, array, base = self._read(context)
        if array:
            return f"Count({read})" if self.maybe(0.9) else read
        if base == "text" or self.maybe(0.3):
            return self.draw.choice(
                (f"Left({read}, 1)", read, read, f"Length({read})", f"IfNull({read}, 'm')", f"Double({read})")
            )
        return read

    def _of_members(self, top: str, context: list[Shape]) -> dict[str, str]:
        """A rule that reads the members of the group, in the place of one that reads its first."""
        leaves = [each for each in self.out.inside if each.base and each.occurs != "*"]
        ways = [way for way, found in self._ways(context[-1]) if found.base]
        if not leaves or not ways:
            return {}
        leaf = self.draw.choice(leaves)
        name = ("@" if leaf.attribute else "") + leaf.name
        return {
            f"{top}/{name}": f"{self.draw.choice(('SumString', 'Count', 'Max'))}([members()/{self.draw.choice(ways)}])"
        }


def in_memory(made: Plan, data: str, engine: str = "interpret") -> tuple[object, ...]:
    """The outcome where the judge holds the whole document."""
    return outcome(replace(made, passes="whole", watch=()), data, engine)


def on_disk(made: Plan, data: str, engine: str, patch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """The outcome where next to nothing may be in memory."""
    with patch.context() as here:
        here.setattr(arranging, "IN_MEMORY", 400)
        here.setattr(spill, "_MOST_RUNS", 3)
        here.setattr(spill, "_BLOCK", 700)
        return outcome(made, data, engine)
