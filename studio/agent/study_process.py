"""python -m studio.agent.study_process: one study of a map (debugging, coverage, records, versions), told line by line on stdout."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from studio.agent.debug_study import DebugStudy
from studio.agent.run import error_to_data
from studio.agent.sample_studies import CoverageStudy, RecordsStudy
from studio.agent.script_study import ScriptStudy
from studio.agent.version_study import VersionStudy
from studio.agent.wire import Wire
from studio.base import i18n
from studio.base.child import end_with_parent
from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress


class _Study(Protocol):
    """What a study is: it takes what is said to it meanwhile, and gives a result."""

    def told(self, message: Mapping[str, Any]) -> None:
        """Take a message."""

    def run(self) -> dict[str, Any]:
        """Do all of it."""


_STUDIES: Mapping[str, Callable[..., _Study]] = {
    "debug": DebugStudy,
    "coverage": CoverageStudy,
    "records": RecordsStudy,
    "script": ScriptStudy,
    "versions": VersionStudy,
}


def main() -> None:
    """Serve one request and end."""
    end_with_parent()
    wire = Wire()
    messages = wire.messages()
    asked = next(messages, None)
    if asked is None:
        return
    i18n.use_language(asked.get("language"))
    progress = Progress()
    waiting: list[_Study] = []

    def listen() -> None:
        for message in messages:
            if message.get("do") == "stop":
                progress.stop()
            for study in waiting:
                study.told(message)

    try:
        study = _STUDIES[asked["do"]](asked, wire.send, progress)
        waiting.append(study)
        threading.Thread(target=listen, name="said", daemon=True).start()
        wire.send({"event": "ended", "result": study.run()})
    except Cancelled:
        wire.send({"event": "ended", "stopped": True})
    except WeftError as error:
        wire.send({"event": "ended", "error": error_to_data(error)})
    except RecursionError:
        deep = WeftError(_("The map or its schema is nested too deeply."))
        wire.send({"event": "ended", "error": error_to_data(deep)})
    sys.stderr.flush()
    # The listener sits in a read of standard input that the interpreter could not take away from it.
    os._exit(0)


if __name__ == "__main__":
    main()
