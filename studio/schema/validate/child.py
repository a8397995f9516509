"""The process that checks: started when first asked, killed when it takes too long or nobody listens any more."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import IO, Any

from studio.base.child import python_command
from studio.base.errors import Problem, TooLarge
from studio.base.i18n import _, language
from studio.schema.validate.report import error_from, problem_from

_MODULE = "studio.schema.validate.worker"


class Checker:
    """Sends requests to a process of its own, one after the other, and gives the problems as they are found.

    A request may take `seconds` of wall time, and the process `megabytes` of memory (kept by the system where it can:
    Linux). What goes beyond is ended with TooLarge, and the next request starts a new process.
    """

    def __init__(self, *, seconds: float = 120.0, megabytes: int = 1024) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def ask(self, request: Mapping[str, Any]) -> Iterator[Problem]:
        """The problems one request finds, as they come; raises what the process reports, and TooLarge."""
        process = self._running()
        late = threading.Event()
        timer = threading.Timer(self._seconds, _end, (process, late))
        timer.daemon = True
        timer.start()
        finished = False
        try:
            for answer in self._exchange(process, request):
                if "problem" in answer:
                    yield problem_from(answer["problem"])
                    continue
                finished = True
                if "error" in answer:
                    raise error_from(answer["error"])
                break
            if not finished:
                raise self._gone(request, late.is_set())
        finally:
            timer.cancel()
            if not finished:
                self.close()

    def close(self) -> None:
        """End the process, if there is one, and wait until it has gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            _close(stream)
        process.wait()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                python_command(_MODULE, str(self._megabytes)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A library that crashes writes there; what matters comes as an answer or as the end of answers.
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        return self._process

    def _exchange(
        self, process: subprocess.Popen[str], request: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({**request, "language": language()}) + "\n")
            process.stdin.flush()
        except OSError:
            return
        for line in process.stdout:
            yield json.loads(line)

    def _gone(self, request: Mapping[str, Any], late: bool) -> TooLarge:
        file = request.get("instance") or request.get("schema")
        if late:
            return TooLarge(
                _("The check was stopped after {seconds} s.").format(seconds=round(self._seconds)),
                file=file,
                next_step=_("Check a smaller document, or a smaller part of the schema."),
            )
        return TooLarge(
            _(
                "The check needed more than {megabytes} MB of memory, or the library that checks crashed."
            ).format(megabytes=self._megabytes),
            file=file,
            next_step=_("Check a smaller document, or a smaller part of the schema."),
        )


def _end(process: subprocess.Popen[str], late: threading.Event) -> None:
    late.set()
    process.kill()


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        try:
            stream.close()
        except OSError:
            return
