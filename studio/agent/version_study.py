"""A study of rules of which there are several versions: in how many records of a sample they give the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, zip_longest
from pathlib import Path
from typing import Any

from studio.agent.bench import Bench
from studio.base.errors import BadInput
from studio.base.progress import Progress
from studio.engine.versions import AtPlace, Held
from studio.mapping.versions import rule_of, with_rule
from studio.project.commit import inside
from studio.project.further import further_documents

Tell = Callable[[Mapping[str, Any]], object]
# Seconds between two times that something is told.
_PAUSE = 0.1


class VersionStudy:
    """Each of `places` (`path`, and the plain data of its `versions`) by itself, in the map of the window.

    It tells `place` as soon as one is known: its `number`, the `records` looked at, and `same`: for two or more of
    the versions, such as `1 2`, the number of records in which they all give the same; where a version cannot be used, its `problem`.
    """

    def __init__(self, asked: Mapping[str, Any], tell: Tell, progress: Progress) -> None:
        self._asked = asked
        self._tell = tell
        self._progress = progress
        self._bench = Bench(Path(asked["folder"]))
        self._transformation = self._bench.transformation(asked["transformation"])
        self._next = 0.0

    def told(self, _message: Mapping[str, Any]) -> None:
        """Nothing but Stop is said to it, and that is the progress's."""

    def run(self) -> dict[str, Any]:
        """How many places were looked at. Raises Cancelled, and BadInput for a sample that cannot be read."""
        places = self._asked["places"]
        for number, place in enumerate(places):
            try:
                found = self._place(number, place["path"], place["versions"])
            except BadInput as error:
                found = {"problem": error.message}
            self._tell({"event": "place", "number": number, "path": place["path"], **found})
        return {"places": len(places)}

    def _place(self, number: int, path: str, versions: list[Any]) -> dict[str, Any]:
        numbers = range(len(versions))
        groups = [group for size in numbers[2:] for group in combinations(numbers, size)]
        groups += [tuple(numbers)] if len(versions) > 1 else []
        same = dict.fromkeys(groups, 0)
        records = 0
        # A version may loop over other records than the others: what one of them does not have differs.
        for held in zip_longest(*(self._held(path, value) for value in versions)):
            records += 1
            for group in groups:
                same[group] += all(held[each] == held[group[0]] for each in group)
            self._report(number, records)
        return {
            "records": records,
            "same": {" ".join(map(str, group)): n for group, n in same.items()},
        }

    def _held(self, path: str, value: Any) -> Iterator[Held]:
        bench, changed = self._bench, with_rule(self._transformation, path, rule_of(path, value))
        plan = bench.plan(changed)
        sample = inside(bench.folder, self._asked["sample"])
        further = further_documents(bench.folder, changed)
        return bench.previews.focused(plan, sample, bench.variables(), further, AtPlace).at(path)

    def _report(self, number: int, records: int) -> None:
        self._progress.check()
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PAUSE
            self._tell({"event": "progress", "number": number, "done": records})
