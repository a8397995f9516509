"""Studies of a map over all records of its samples: what they try of it, which fail, which hold a value."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.agent.bench import Bench
from studio.base.progress import Progress
from studio.engine.run import check_plan
from studio.engine.sample_coverage import Tried, try_sample
from studio.engine.sample_records import OneByOne, failing, holding
from studio.project.commit import inside
from studio.project.further import further_documents

Tell = Callable[[Mapping[str, Any]], object]
# So many numbers of records are told.
_MOST = 100_000
_EVERY = 50


class _OfSamples:
    """What these studies share: the map, told as the window has it, and its samples."""

    def __init__(self, asked: Mapping[str, Any], tell: Tell, progress: Progress) -> None:
        self._asked = asked
        self._tell = tell
        self._progress = progress
        self._bench = Bench(Path(asked["folder"]))
        self._transformation = self._bench.transformation(asked["transformation"])

    def told(self, _message: Mapping[str, Any]) -> None:
        """Nothing but Stop is said to these, and that is the progress's."""

    def _report(self, done: int, total: int | None = None) -> None:
        self._progress.check()
        self._tell({"event": "progress", "done": done, "total": total})


class CoverageStudy(_OfSamples):
    """What all records of all samples try of the map."""

    def run(self) -> dict[str, Any]:
        """By target path, in words, what was never seen there; counts of records and of the parts of the map."""
        plan = self._bench.plan(self._transformation)
        check_plan(plan)
        folder, tried = self._bench.folder, Tried()
        samples = list(dict.fromkeys((self._asked["sample"], *self._transformation.samples)))
        with tempfile.TemporaryDirectory(prefix="weft-coverage-") as place:

            def so_far(records: int) -> None:
                self._progress.check()
                self._tell({"event": "progress", "done": records, "never": tried.sentences(plan)})

            for sample in samples:
                self._report(tried.records)
                try_sample(
                    plan, inside(folder, sample), Path(place) / "document", tried, so_far,
                    variables=self._bench.variables(), progress=self._progress,
                    further=further_documents(folder, self._transformation),
                    outputs={each.name: Path(place) / f"further-{n}" for n, each in enumerate(plan.outputs)},
                )  # fmt: skip
        return {
            "records": tried.records,
            "failed": tried.failed,
            "samples": samples,
            "never": tried.sentences(plan),
            "counts": {part: list(count) for part, count in tried.coverage.counts().items()},
        }


class RecordsStudy(_OfSamples):
    """The numbers of the sample's records that fail, or that hold a value."""

    def run(self) -> dict[str, Any]:
        """The numbers, how many records there are, and the source `paths` found `at` each number (by their index)."""
        plan = self._bench.plan(self._transformation)
        further = further_documents(self._bench.folder, self._transformation)
        sample = inside(self._bench.folder, self._asked["sample"])
        judge = self._bench.previews.focused(plan, sample, self._bench.variables(), further, OneByOne)
        records: list[int] = []
        paths: dict[str, int] = {}
        at: list[int] = []
        count = told = 0
        for number, count, wanted in self._looked(judge):
            if wanted and len(records) < _MOST:
                records.append(number)
                if isinstance(wanted, str):
                    at.append(paths.setdefault(wanted, len(paths)))
            if not number % _EVERY or len(records) == 1 > told:
                # The first one found is told at once: it can be looked at while the others are searched.
                self._tell_found(number, count, records[told:])
                told = len(records)
        return {"records": records, "of": count, "paths": list(paths), "at": at}

    def _tell_found(self, done: int, total: int, found: list[int]) -> None:
        self._progress.check()
        self._tell({"event": "progress", "done": done, "total": total, "records": found})

    def _looked(self, judge: OneByOne) -> Iterator[tuple[int, int, bool | str]]:
        if self._asked["which"] == "failing":
            return failing(judge)
        return holding(judge, self._asked.get("path", ""), self._asked.get("text", ""))
