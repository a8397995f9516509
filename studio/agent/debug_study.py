"""A debugged run of an unsaved map: told to the window place by place, held until the window says how to go on."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec

from studio.agent.bench import Bench, run_to_data
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.debugging import Debugger, DebuggingJudge, whole
from studio.engine.failures import Failure
from studio.engine.plan import Expr
from studio.engine.run import check_plan, transform
from studio.mapping.held import Breakpoint, Go, Stop, Watch
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation
from studio.project.commit import inside
from studio.project.further import further_documents

Tell = Callable[[Mapping[str, Any]], object]
# How much of the document a debugged run has written is shown, in characters, and how many failures.
# Of samples larger than this, in bytes, only what the rules read is kept.
_LARGE = 24_000_000


class DebugStudy:
    """One debugged run. `told` takes what the window says, from another thread; `run` ends with the run.

    It tells `held` (a Stop and the number of the hold), `going`, `watched`, and in the end the counts, the failures and
    the beginning of the document.
    """

    def __init__(self, asked: Mapping[str, Any], tell: Tell, progress: Progress) -> None:
        self._bench = Bench(Path(asked["folder"]))
        self._text = asked["transformation"]
        self._transformation = self._bench.transformation(self._text)
        self._sample = asked["sample"]
        self._tell = tell
        self._progress = progress
        self._said: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._watches: list[str] = list(asked.get("watches", ()))
        self._holds = 0
        self._debugger = Debugger(
            self._held,
            self._compiled,
            _breakpoints(asked["breakpoints"]),
            go=Go(asked.get("go", Go.RUN)),
            record=asked.get("record", 0),
            failures=asked.get("failures", False),
        )

    def told(self, message: Mapping[str, Any]) -> None:
        """Take what the window says."""
        match message.get("do"):
            case "pause":
                self._debugger.pause()
            case "breakpoints":
                self._debugger.put(_breakpoints(message["breakpoints"]))
            case "failures":
                self._debugger.failures = bool(message["on"])
            case _:
                self._said.put(message)

    def run(self) -> dict[str, Any]:
        """The whole run. Raises Cancelled when it is stopped, BadInput for a map or sample that cannot be run."""
        plan = self._bench.plan(self._transformation)
        check_plan(plan)
        sample = inside(self._bench.folder, self._sample)
        if sample.is_file() and sample.stat().st_size <= _LARGE:
            plan = whole(plan)
        failures: list[Failure] = []
        with tempfile.TemporaryDirectory(prefix="weft-debug-") as folder:
            target = Path(folder) / "document"
            stats = transform(
                plan,
                sample,
                target,
                engine="interpret",
                judge=self._debugger.judge(),
                failures=failures.append,
                progress=self._progress,
                variables=self._bench.variables(),
                log=lambda line: self._tell({"event": "log", "text": line}),
                further=further_documents(self._bench.folder, self._transformation),
                outputs={each.name: Path(folder) / f"further-{n}" for n, each in enumerate(plan.outputs)},
            )
            return run_to_data(stats, failures, target)

    def _held(self, stop: Stop, judge: DebuggingJudge) -> Go:
        self._holds += 1
        watches = self._looked(stop, judge)
        self._tell({"event": "held", "hold": self._holds, "stop": asdict(replace(stop, watches=watches))})
        while True:
            message = self._said.get()
            self._progress.check()
            if message.get("do") == "watch":
                self._watches = list(message["watches"])
                watches = self._looked(stop, judge)
                self._tell({"event": "watched", "watches": [asdict(each) for each in watches]})
            elif message.get("do") == "go" and message.get("hold") == self._holds:
                self._tell({"event": "going"})
                return Go(message["how"])

    def _looked(self, stop: Stop, judge: DebuggingJudge) -> tuple[Watch, ...]:
        return tuple(judge.look(stop.path, script) for script in self._watches)

    def _compiled(self, path: str, script: str) -> Expr | str:
        """A script as the rule at a path would see it: compiled as its condition."""
        if not script.strip():
            return _("There is nothing to look at.")
        changed = with_condition(self._transformation, path, script)
        try:
            plan = self._bench.plan(changed)
        except BadInput as error:
            return error.message
        roots = (plan.root, *(output.root for output in plan.outputs))
        target = next((each for root in roots for each in root.walk() if each.path == path), None)
        when = target.when if target is not None else None
        if target is not None and target.loop is not None:
            when = target.loop.when
        if when is None or when.script is None or when.wrong is not None:
            return when.wrong.message if when is not None and when.wrong else _("This cannot be read.")
        return when


def with_condition(transformation: Transformation, path: str, script: str) -> Transformation:
    """The transformation, the rule at a path with another condition."""
    rules = transformation.mapping.rules
    if transformation.mapping.get(path) is None:
        rules = (*rules, Rule(path))
    rules = tuple(replace(rule, when=script) if rule.path == path else rule for rule in rules)
    return replace(transformation, mapping=Map(rules, transformation.mapping.parked))


def _breakpoints(data: Any) -> list[Breakpoint]:
    return msgspec.convert(data, list[Breakpoint])
