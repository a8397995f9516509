"""python -m studio.agent.worker: the warm process beside the window: previews, tests of a map, schemas."""

from __future__ import annotations

import dataclasses
import gc
import importlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from studio.agent.bench import Bench, run_to_data
from studio.agent.changes import MapReceiver, UnknownBase
from studio.agent.run import error_to_data
from studio.agent.wire import Wire
from studio.base import i18n
from studio.base.child import end_with_parent
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.engine.checked import unfit_output
from studio.engine.failures import Failure
from studio.engine.misfits import with_misfits
from studio.engine.plan import Plan
from studio.engine.preview import Previews
from studio.engine.run import check_plan, transform
from studio.engine.timings import Timings, timing_judge
from studio.mapping.model import SchemaUse
from studio.project.commit import inside
from studio.project.further import further_documents
from studio.project.intake import Intake, look_at, take_in

# How much of a tested sample's target document is shown, in characters, and how many failures.
# So many rules, those that took longest, are told with their times.
_TIMINGS = 500


class Worker:
    """Answers requests one after the other."""

    def __init__(self) -> None:
        self._bench: Bench | None = None
        self._maps = MapReceiver()
        self._looked_at: tuple[Previews, Plan, Path, int, dict[str, Any]] | None = None
        self._does: dict[str, Callable[[dict[str, Any]], Mapping[str, Any]]] = {
            "hello": self.hello,
            "preview": self.preview,
            "test": self.test,
            "golden": self.golden,
            "provenance": self.provenance,
            "ask": self.ask,
            "schema": self.schema,
            "look_at": self.look_at,
            "fetch": self.fetch,
            "clashes": self.clashes,
            "infer": self.infer,
            "export": self.export,
            "take_in": self.take_in,
        }

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """The answer to one message, or its error."""
        if message.get("language") != i18n.language():
            i18n.use_language(message.get("language"))
        try:
            return {"id": message["id"], "result": self._does[message["do"]](message)}
        except UnknownBase:
            return {"id": message["id"], "result": {"again": True}}
        except WeftError as error:
            return {"id": message["id"], "error": error_to_data(error)}
        except RecursionError:
            deep = WeftError(
                _("The map or its schema is nested too deeply."),
                next_step=_("Look for a script that calls itself."),
            )
            return {"id": message["id"], "error": error_to_data(deep)}

    def bench(self, folder: str) -> Bench:
        """The warm things of one project; another project's are let go."""
        if self._bench is None or self._bench.folder != Path(folder):
            self._bench = Bench(Path(folder))
        return self._bench

    def hello(self, _message: dict[str, Any]) -> dict[str, Any]:
        """Everything is loaded."""
        return {}

    def preview(self, message: dict[str, Any]) -> Mapping[str, Any]:
        """One record of a sample through an unsaved transformation."""
        transformation = self._maps.map(message["map"])
        bench = self.bench(message["folder"])
        plan = bench.plan(transformation)
        sample = inside(bench.folder, message["sample"])
        further = further_documents(bench.folder, transformation)
        variables = bench.variables()
        evidence = bench.previews.evidence(
            plan, sample, message["record"], variables, further, text=False, turns=message.get("turns")
        )
        self._looked_at = bench.previews, plan, sample, evidence.record, variables
        evidence = bench.held_to_source(transformation.source, with_misfits(plan, evidence))
        return self._maps.answer(message["map"], evidence)

    def provenance(self, message: dict[str, Any]) -> dict[str, Any]:
        """Where the values of a target node came from, or what a source node went into, in one record."""
        found: dict[str, Any] = importlib.import_module("studio.agent.provenance").provenance(
            self.bench(message["folder"]), self._maps.map(message["map"]), message
        )
        return found

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a script gives where a rule of an unsaved transformation stands."""
        found = importlib.import_module("studio.agent.script_study").ask(
            self.bench(message["folder"]), message, self._maps.map(message["map"])
        )
        return dataclasses.asdict(found)

    def idle(self, waited: Callable[[], bool]) -> None:
        """Nobody asks: evaluate the records beside the one looked at, the next one first."""
        if self._looked_at is None:
            return
        (previews, plan, sample, here, variables), self._looked_at = self._looked_at, None
        for record in (here + 1, here - 1):
            if not previews.ahead(plan, sample, record, variables, waited):
                return

    def schema(self, message: dict[str, Any]) -> dict[str, Any]:
        """Parse a schema of the project, so that its cache file is there for the window."""
        self.bench(message["folder"]).read(SchemaUse(message["schema"], kind=message["kind"]))
        return {}

    def look_at(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a project would take in of files, folders and archives."""
        found: dict[str, Any] = msgspec.to_builtins(look_at([Path(path) for path in message["paths"]]))
        return found

    def fetch(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a project would take in of the schema at an address."""
        # Loaded when first wanted: it brings the HTTP client with it, a third of a second.
        addresses = importlib.import_module("studio.agent.addresses")
        login = addresses.login_header(message["user"], message["secret"])
        found: dict[str, Any] = msgspec.to_builtins(addresses.fetch_schema(message["url"], login))
        return found

    def infer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Write the schema that all of some samples fit into the project; its path there."""
        making = importlib.import_module("studio.agent.schema_files")
        samples = [Path(path) for path in message["paths"]]
        return {"file": making.write_inferred(Path(message["folder"]), samples)}

    def export(self, message: dict[str, Any]) -> dict[str, Any]:
        """Write a schema of the project in another form; the names of the files written."""
        making = importlib.import_module("studio.agent.schema_files")
        schema = self.bench(message["folder"]).schema(SchemaUse(message["schema"]))
        target = Path(message["target"])
        return {"files": making.write_export(schema, message["form"], message["root"], target)}

    def clashes(self, message: dict[str, Any]) -> dict[str, Any]:
        """Which of the files to be taken in would stand over another one."""
        intake = msgspec.convert(message["intake"], Intake)
        return {"targets": list(intake.clashes(Path(message["folder"])))}

    def take_in(self, message: dict[str, Any]) -> dict[str, Any]:
        """Copy what was looked at into the project."""
        take_in(msgspec.convert(message["intake"], Intake), Path(message["folder"]))
        return {}

    def test(self, message: dict[str, Any]) -> dict[str, Any]:
        """All records of a sample through an unsaved transformation."""
        transformation = self._maps.map(message["map"])
        bench = self.bench(message["folder"])
        plan = bench.plan(transformation)
        check_plan(plan)
        failures: list[Failure] = []
        timings = Timings(plan)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "document"
            stats = transform(
                plan,
                inside(bench.folder, message["sample"]),
                target,
                failures=failures.append,
                judge=timing_judge(timings),
                variables=bench.variables(),
                log=lambda _line: None,
                further=further_documents(bench.folder, transformation),
                outputs={each.name: Path(folder) / f"further-{n}" for n, each in enumerate(plan.outputs)},
            )
            told = run_to_data(stats, failures, target)
            unfit = unfit_output(plan, transformation, bench.folder, target)
        return {
            **told,
            "unfit": [[each.record or 0, each.path or "", each.message] for each in unfit],
            "timings": [[t.path, t.kind, t.count, t.seconds] for t in timings.found()[:_TIMINGS]],
        }

    def golden(self, message: dict[str, Any]) -> dict[str, Any]:
        """The golden tests of an unsaved transformation."""
        made = self._maps.map(message["map"])
        bench = self.bench(message["folder"])
        found: dict[str, Any] = importlib.import_module("studio.agent.golden").run_golden(
            bench.folder, message["ref"], made, message["tests"], take=message["take"]
        )
        return found


def main() -> None:
    """Answer until the other side closes."""
    end_with_parent()
    # Much is kept here (schemas, plans, samples) and little of it is ever in circles: look for those seldom.
    gc.set_threshold(50_000, 20, 50)
    wire = Wire()
    worker = Worker()
    for message in wire.messages(worker.idle):
        wire.send(worker.answer(message))


if __name__ == "__main__":
    main()
