"""Studies of a map over all records of its samples: what they try of it, which fail, which hold a value."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from studio.agent.bench import Bench
from studio.base.errors import BadInput
from studio.base.progress import Progress, Step
from studio.engine.plan import Plan
from studio.engine.preview import LARGE
from studio.engine.run import check_plan
from studio.engine.sample_coverage import Tried, try_sample
from studio.engine.sample_records import OneByOne, failing, failing_in_run, holding, runs_alike
from studio.project.commit import inside
from studio.project.further import further_documents

Tell = Callable[[Mapping[str, Any]], object]
# So many numbers of records are told.
_MOST = 100_000
# Seconds between two times that something is told.
_PAUSE = 0.1


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

    def _report(self, done: int) -> None:
        self._progress.check()
        self._tell({"event": "progress", "done": done})


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
        sample = inside(self._bench.folder, self._asked["sample"])
        found = _Found(self._tell, self._progress)
        small = sample.is_file() and sample.stat().st_size <= LARGE
        if self._asked["which"] == "failing" and runs_alike(plan) and small:
            with contextlib.suppress(BadInput):
                # What ends a run is one problem among others of a record to the judge.
                check_plan(plan)
                return self._by_run(plan, sample, found)
        further = further_documents(self._bench.folder, self._transformation)
        judge = self._bench.previews.focused(plan, sample, self._bench.variables(), further, OneByOne)
        records: list[int] = []
        paths: dict[str, int] = {}
        at: list[int] = []
        count = 0
        for number, count, wanted in self._looked(judge):
            if wanted and len(records) < _MOST:
                records.append(number)
                found.add(number)
                if isinstance(wanted, str):
                    at.append(paths.setdefault(wanted, len(paths)))
            found.tell(number, number / count)
        return {"records": records, "of": count, "paths": list(paths), "at": at}

    def _by_run(self, plan: Plan, sample: Path, found: _Found) -> dict[str, Any]:
        """The failing records by the code generated for the map."""

        def failed(number: int) -> None:
            found.add(number)
            found.tell(number)

        def read(step: Step) -> None:
            found.tell(0, step.done / step.total if step.total else 0.0)

        watched = Progress(read, self._progress.flag)
        count = failing_in_run(plan, sample, self._bench.variables(), failed, watched)
        return {"records": list(found.records), "of": max(count, 1), "paths": [], "at": []}

    def _looked(self, judge: OneByOne) -> Iterator[tuple[int, int, bool | str]]:
        if self._asked["which"] == "failing":
            return failing(judge)
        return holding(judge, self._asked.get("path", ""), self._asked.get("text", ""))


class _Found:
    """The records found so far, and the telling of them: the first at once, so that it can be looked at while the others
    are searched, the others now and then."""

    def __init__(self, tell: Tell, progress: Progress) -> None:
        self.records: dict[int, None] = {}
        self._tell = tell
        self._progress = progress
        self._told = 0
        self._next = 0.0
        self._done = 0
        self._share = 0.0

    def add(self, number: int) -> None:
        """A record is found, perhaps once more."""
        if len(self.records) < _MOST:
            self.records[number] = None

    def tell(self, done: int, share: float = 0.0) -> None:
        """Tell of records that were not told yet; `share` of the sample is read. Raises Cancelled."""
        self._progress.check()
        self._done, self._share = max(self._done, done), max(self._share, share)
        first = bool(self.records) and not self._told
        now = time.monotonic()
        if now < self._next and not first:
            return
        self._next = now + _PAUSE
        news = list(islice(self.records, self._told, None))
        self._told = len(self.records)
        self._tell({"event": "progress", "done": self._done, "share": self._share, "records": news})
