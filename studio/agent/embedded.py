"""The agent beside the window: one warm process for previews and schemas, a process of its own for every run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from studio.agent.changes import MapSender
from studio.agent.journal import Journal
from studio.agent.run import RunEvent, RunRequest, RunState, event_from_data
from studio.agent.study import Study
from studio.agent.supervised import Supervised, end_process, kill
from studio.agent.unsaved import transformation_to_text
from studio.agent.wire import MAXIMUM_LINE, decode, encode
from studio.base.child import python_command
from studio.base.i18n import _, language
from studio.base.signal import Signal
from studio.mapping.evidence import Answer, Evidence, Provenance
from studio.mapping.model import SchemaUse, Transformation
from studio.project.intake import Intake

PREVIEW_LIMIT = 20.0
READ_LIMIT = 300.0
# The first values of a sample, which has to be read, its schemas too.
FIRST_LIMIT = 1_800.0
# How long a run may take to stop by itself before its process is killed, in seconds.
STOP_PATIENCE = 3.0


class _Sent:
    """A question on its way; nobody has to await it."""

    def __init__(self, answer: Callable[[], Coroutine[Any, Any, Evidence | None]]) -> None:
        self._answer = answer

    def __await__(self) -> Generator[Any, Any, Evidence | None]:
        return self._answer().__await__()


class EmbeddedAgent:
    """The supervisor. Everything is awaited on the caller's loop; nothing here blocks.

    `state` and `changed` follow the warm process (see Supervised); `run_event` tells the events of every run.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.run_event: Signal[[RunEvent]] = Signal()
        self._worker = Supervised("studio.agent.worker")
        self.changed = self._worker.changed
        self._runs: dict[str, asyncio.subprocess.Process] = {}
        self._stopping: set[str] = set()
        self._latest: dict[str, int] = {}
        self._maps = MapSender()
        self._looked_at: set[tuple[int | None, str, str]] = set()
        self._studies: set[Study] = set()

    @property
    def state(self) -> str:
        """`stopped`, `starting`, `ready`, `busy` or `failed`."""
        return self._worker.state

    @property
    def worker_id(self) -> int | None:
        """The number of the warm process."""
        return self._worker.process_id

    @property
    def running(self) -> frozenset[str]:
        """The ids of the runs going on."""
        return frozenset(self._runs)

    async def start(self) -> None:
        """Start the warm process and wait until it is ready."""
        await self._worker.start()

    def preview(
        self,
        folder: Path,
        transformation: Transformation,
        sample: str,
        record: int,
        *,
        key: str = "preview",
        turns: Mapping[str, int] | None = None,
    ) -> Awaitable[Evidence | None]:
        """One record of a sample (path relative to the project) through the unsaved transformation.

        `turns` are those to look at of the loops inside the record, by target path; without them the first, or those in
        which a rule fails.

        Of several calls with one `key` that wait, only the newest is carried out; the others return None. One that finds
        the agent idle has gone out when this returns.
        Raises, when awaited, the error of a sample, schema or plan that cannot be used.
        """
        values = {
            "folder": str(folder),
            "sample": sample,
            "record": record,
            "turns": turns,
        }
        # What has to be read and planned first may take its time; a person may stop it. After that only a script without
        # end takes so long.
        looked_at = self._worker.process_id, str(folder), sample
        limit = PREVIEW_LIMIT if looked_at in self._looked_at else FIRST_LIMIT
        number = self._next(key)
        told = self._told(transformation, values)
        sent = self._worker.ask_now("preview", told, limit=limit, name=key)

        async def previewed() -> Evidence | None:
            answer = await sent if sent is not None else {"again": True}
            if sent is not None and answer.get("again"):
                self._maps.forget()
            if answer.get("again"):
                found = await self._of_map(key, "preview", transformation, values, limit, number)
            else:
                found = answer if self._latest[key] == number else None
            if found is None:
                return None
            self._looked_at.add((self._worker.process_id, str(folder), sample))
            return self._maps.evidence(found)

        return _Sent(previewed)

    def stop_preview(self, key: str) -> None:
        """Give up the values asked for with a key, whether they are being worked out or wait for something else."""
        self._worker.stop(key)

    async def test(self, folder: Path, transformation: Transformation, sample: str) -> dict[str, Any] | None:
        """All records of a sample through the unsaved transformation: `records_in`, `records_out`, `failed`,
        `filtered`, `seconds`, `problems` and `unfit` (record, path, message: of the target's schema), `timings` (path, kind, count, seconds) and the start of the `document`."""
        values = {"folder": str(folder), "sample": sample}
        return await self._of_map("test", "test", transformation, values, READ_LIMIT)

    async def run_tests(
        self,
        folder: Path,
        ref: str,
        transformation: Transformation,
        tests: Mapping[str, str],
        *,
        take: bool = False,
    ) -> dict[str, Any] | None:
        """The golden tests (texts by reference) of an unsaved transformation; see agent.golden.run_golden."""
        values = {
            "folder": str(folder),
            "ref": ref,
            "tests": dict(tests),
            "take": take,
        }
        return await self._of_map("golden", "golden", transformation, values, READ_LIMIT)

    async def provenance(
        self,
        folder: Path,
        transformation: Transformation,
        sample: str,
        record: int,
        *,
        side: str,
        path: str,
        turns: Mapping[str, int] | None = None,
    ) -> Provenance | None:
        """Where the values at a target path came from (`side` target), or which values a source node went into.

        Of those in loops the ones of `turns` (by the loop's target path) are told, the others only counted.
        """
        values = {
            "folder": str(folder),
            "sample": sample,
            "record": record,
            "side": side,
            "path": path,
            "turns": dict(turns or {}),
        }
        answer = await self._of_map("provenance", "provenance", transformation, values, PREVIEW_LIMIT)
        return None if answer is None else msgspec.convert(answer, Provenance)

    async def ask(
        self,
        folder: Path,
        transformation: Transformation,
        sample: str,
        record: int,
        path: str,
        script: str,
        *,
        key: str = "ask",
    ) -> Answer | None:
        """What a script gives where the rule at a target path stands; None when a newer question took its place."""
        values = {"folder": str(folder), "sample": sample, "record": record, "path": path, "script": script}
        answer = await self._of_map(key, "ask", transformation, values, PREVIEW_LIMIT)
        return None if answer is None else msgspec.convert(answer, Answer)

    def try_script(self, folder: Path, script: str, **values: Any) -> Study:
        """A script run once in a process of its own; see agent.script_study for what it may be given."""
        study = Study("script", {"folder": str(folder), "script": script} | values, self._studies.discard)
        self._studies.add(study)
        return study

    def study(
        self, what: str, folder: Path, transformation: Transformation, sample: str, **values: Any
    ) -> Study:
        """A study of an unsaved transformation in a process of its own: `debug`, `coverage`, `records`, `versions`."""
        asked = {
            "folder": str(folder),
            "transformation": transformation_to_text(transformation),
            "sample": sample,
        }
        study = Study(what, asked | values, self._studies.discard)
        self._studies.add(study)
        return study

    async def read_schema(self, folder: Path, use: SchemaUse) -> None:
        """Parse a schema file of the project and keep it in a cache file that the window opens in an instant."""
        values = {"folder": str(folder), "schema": use.schema, "kind": use.kind}
        await self._worker.ask("schema", values, limit=READ_LIMIT)

    async def look_at(self, paths: Sequence[Path]) -> Intake:
        """What a project would take in of files, folders and zip archives; raises the error of a damaged archive."""
        answer = await self._worker.ask("look_at", {"paths": [str(path) for path in paths]}, limit=READ_LIMIT)
        return msgspec.convert(answer, Intake)

    async def fetch_schema(self, url: str, user: str = "", secret: str = "") -> Intake:
        """What a project would take in of the schema at an address; raises NotReachable, NotAllowed, BadInput."""
        values = {"url": url, "user": user, "secret": secret}
        return msgspec.convert(await self._worker.ask("fetch", values, limit=READ_LIMIT), Intake)

    async def infer(self, folder: Path, samples: Sequence[Path]) -> str:
        """Write the schema that all the samples fit into the project; its path there. Raises BadInput."""
        values = {"folder": str(folder), "paths": [str(path) for path in samples]}
        answer = await self._worker.ask("infer", values, limit=READ_LIMIT)
        return str(answer["file"])

    async def export(self, folder: Path, schema: str, form: str, root: str, target: Path) -> list[str]:
        """Write a schema of the project in another form (see `schema.export`), of one root or of all ("").

        The names of the files written, `target` first. Raises BadInput, TooLarge.
        """
        values = {"folder": str(folder), "schema": schema, "form": form, "root": root, "target": str(target)}
        answer = await self._worker.ask("export", values, limit=READ_LIMIT)
        return list(answer["files"])

    async def clashes(self, folder: Path, intake: Intake) -> tuple[str, ...]:
        """The paths in the project where what would be taken in finds another file."""
        values = {"folder": str(folder), "intake": msgspec.to_builtins(intake)}
        answer = await self._worker.ask("clashes", values, limit=READ_LIMIT)
        return tuple(answer["targets"])

    async def take_in(self, folder: Path, intake: Intake) -> None:
        """Copy what was looked at into the project; raises BadInput where a file cannot be written."""
        values = {"folder": str(folder), "intake": msgspec.to_builtins(intake)}
        await self._worker.ask("take_in", values, limit=READ_LIMIT)

    def _told(
        self, transformation: Transformation, values: Mapping[str, Any]
    ) -> Callable[[int], dict[str, Any]]:
        return lambda process: {**values, "map": self._maps.question(transformation, process)}

    def _next(self, key: str) -> int:
        """The number of a new question with this key: those before it are out of date."""
        self._worker.expect(key)
        number = self._latest[key] = self._latest.get(key, 0) + 1
        return number

    async def _of_map(
        self,
        key: str,
        what: str,
        transformation: Transformation,
        values: dict[str, Any],
        limit: float,
        number: int = 0,
    ) -> dict[str, Any] | None:
        """The newest answer about a map, of which only what has changed is sent; `number` as `_next` gave it."""
        number = number or self._next(key)
        told = self._told(transformation, values)
        answer = await self._newest(key, what, told, limit, number)
        if answer is not None and answer.get("again"):
            self._maps.forget()
            answer = await self._newest(key, what, told, limit, number)
        return answer

    async def _newest(
        self, key: str, what: str, values: Callable[[int], Mapping[str, Any]], limit: float, number: int
    ) -> dict[str, Any] | None:
        # A turn of the loop lets calls made together find out which of them is the newest.
        await asyncio.sleep(0)
        while self._worker.state == "busy" and self._latest[key] == number:
            self._worker.check(key)
            await asyncio.sleep(0.005)
        if self._latest[key] != number:
            return None
        answer = await self._worker.ask(what, values, limit=limit, name=key)
        return answer if self._latest[key] == number else None

    async def run(self, request: RunRequest) -> AsyncIterator[RunEvent]:
        """Run an operation in a process of its own; the last event has kind `ended`."""
        process = await asyncio.create_subprocess_exec(
            *python_command("studio.agent.run_process"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAXIMUM_LINE,
        )
        self._runs[request.id] = process
        try:
            async for event in self._events(request, process):
                self.run_event.emit(event)
                yield event
        finally:
            self._runs.pop(request.id, None)
            self._stopping.discard(request.id)
            await end_process(process)

    async def _events(
        self, request: RunRequest, process: asyncio.subprocess.Process
    ) -> AsyncIterator[RunEvent]:
        assert process.stdin is not None
        assert process.stdout is not None
        message = {
            "id": request.id,
            "folder": request.folder,
            "operation": request.operation,
            "variables": dict(request.variables),
            "overlay": dict(request.overlay),
            "confirmed": request.confirmed,
            "journal": str(self.journal.path),
            "language": language(),
        }
        with contextlib.suppress(ConnectionError):
            process.stdin.write(encode(message))
            await process.stdin.drain()
        ended = False
        while line := await process.stdout.readline():
            event = event_from_data(decode(line))
            ended = event.kind == "ended"
            yield event
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_PATIENCE)
        if not ended:
            yield self._gone(request, process.pid)

    def _gone(self, request: RunRequest, process: int) -> RunEvent:
        # It may have ended before it could put itself into the journal.
        self.journal.begin(request, process)
        if request.id in self._stopping:
            event = RunEvent(request.id, "ended", _("Stopped."), level="warning", state=RunState.CANCELLED)
            self.journal.add(event)
            return event
        text = _("The run's process ended without a word; what it had written so far is kept.")
        self.journal.lose(request.id, text)
        return RunEvent(request.id, "ended", text, level="error", state=RunState.LOST)

    async def cancel(self, run: str) -> None:
        """Ask one run to stop; its process is killed when it does not within a few seconds."""
        process = self._runs.get(run)
        if process is None or process.stdin is None:
            return
        self._stopping.add(run)
        with contextlib.suppress(ConnectionError):
            process.stdin.write(encode({"do": "stop"}))
            await process.stdin.drain()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), STOP_PATIENCE)
        if process.returncode is None:
            kill(process)

    async def close(self) -> None:
        """End the warm process and every run."""
        for run, process in tuple(self._runs.items()):
            self._stopping.add(run)
            await end_process(process)
        for study in tuple(self._studies):
            await study.end()
        await self._worker.close()
        self.journal.close()
