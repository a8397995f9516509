"""A script tried: run once in a process of its own, its log told line by line, held where the window wants it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.agent.bench import Bench
from studio.agent.debug_study import with_condition
from studio.agent.overlay import overlaid
from studio.agent.unsaved import transformation_from_text
from studio.base.errors import Cancelled
from studio.base.progress import Progress
from studio.engine.asked import Asked
from studio.engine.debug_values import shown, variables
from studio.engine.following import Following, stops
from studio.engine.world import World
from studio.mapping.evidence import Answer
from studio.project.commit import inside
from studio.project.folder import load
from studio.project.further import further_documents
from studio.project.tables import Tables
from studio.script import tree
from studio.script.called import CalledScripts
from studio.script.errors import ScriptError
from studio.script.host import Limits
from studio.script.javascript.run import run_javascript
from studio.script.parse import parse

Tell = Callable[[Mapping[str, Any]], object]


def ask(bench: Bench, message: Mapping[str, Any], transformation: Any) -> Answer:
    """What a script gives where the rule at a target path stands, for one record of the sample."""
    changed = with_condition(transformation, message["path"], message["script"])
    plan = bench.plan(changed)
    further = further_documents(bench.folder, transformation)
    given = {**bench.variables(), **message.get("variables", {})}
    judge = bench.previews.focused(plan, inside(bench.folder, message["sample"]), given, further, Asked)
    return judge.ask(message["path"], message["record"])


class ScriptStudy:
    """One run of one script. `told` takes what the window says, from another thread.

    It tells `log` (text) and, where it is held, `held` (start and end of the statement, the variables). With a
    `path` the script stands at that rule of a map and reads the record given.
    """

    def __init__(self, asked: Mapping[str, Any], tell: Tell, progress: Progress) -> None:
        self._asked = asked
        self._tell = tell
        self._progress = progress
        self._said: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._stepping = bool(asked.get("step"))
        self._following: Following | None = None

    def told(self, message: Mapping[str, Any]) -> None:
        """Take what the window says."""
        self._said.put(message)

    def run(self) -> dict[str, Any]:
        """The whole run as an Answer's data. Raises Cancelled when it is stopped, BadInput for a sample or project."""
        if self._asked.get("path"):
            bench = Bench(Path(self._asked["folder"]))
            answer = ask(bench, self._asked, transformation_from_text(self._asked["transformation"]))
            for line in answer.logged:
                self._tell({"event": "log", "text": line})
            return asdict(answer)
        return asdict(self._alone())

    def _alone(self) -> Answer:
        folder = Path(self._asked["folder"])
        project = overlaid(load(folder).project, self._asked.get("overlay", {}))
        logged: list[str] = []

        def log(line: str) -> None:
            logged.append(line)
            self._tell({"event": "log", "text": line})

        world = World(
            Tables(folder),
            {**project.variables, **self._asked.get("variables", {})},
            progress=self._progress,
            limits=Limits(seconds=float(self._asked.get("seconds", 60.0))),
            log=log,
        )
        world.answers = CalledScripts(world, project).answers()
        before = variables(world.variables)
        value, problem, line, column = "", "", None, None
        try:
            value = shown(self._value(world))
        except Cancelled:
            raise
        except ScriptError as error:
            problem, line, column = error.message, error.line, error.column
        after = variables(world.variables)
        own = variables(self._following.locals) if self._following is not None else ()
        return Answer(True, value, problem, line, column, tuple(logged), before, after, own)

    def _value(self, world: World) -> Any:
        text = self._asked["script"]
        if self._asked.get("javascript"):
            return run_javascript(text, world)
        script = parse(text)
        places = frozenset(map(id, stops(script)))

        def met(following: Following, node: tree.Expression) -> None:
            if self._stepping:
                self._hold(world, following, node)

        following = self._following = Following(script, world, places, met)

        def paused() -> None:
            if following.node is not None:
                self._hold(world, following, following.node)

        world.paused = paused
        return following.whole()

    def _hold(self, world: World, following: Following, node: tree.Expression) -> None:
        """Wait until the window says how to go on."""
        self._tell(
            {
                "event": "held",
                "start": node.start,
                "end": node.end,
                "variables": [*_own(following), *([f"${n}", v] for n, v in variables(world.variables))],
            }
        )
        since = time.monotonic()
        while True:
            message = self._said.get()
            self._progress.check()
            if message.get("do") == "go":
                self._stepping = message.get("how") == "step"
                world.waited(time.monotonic() - since)
                return


def _own(following: Following) -> list[list[str]]:
    """The script's own variables by name, as they are shown."""
    return [[name, value] for name, value in variables(following.locals)]
