"""The process that checks: reads one request a line, writes one problem a line, and an end."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from studio.base import i18n
from studio.base.child import end_with_parent
from studio.base.errors import BadInput, Problem, TooLarge, WeftError
from studio.base.i18n import _
from studio.base.system_errors import unreadable
from studio.schema.validate.report import error_data, problem_data

# What a request asks for, to the module and function that answer it; each module loads its libraries when needed.
_ANSWERS = {
    "strict": ("strict", "check_schema"),
    "document": ("document", "check_document"),
}


def main(megabytes: int, requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""
    _limit_memory(megabytes)
    end_with_parent()
    warnings.simplefilter("ignore")
    for line in requests:
        request = json.loads(line)
        i18n.use_language(request.pop("language"))
        for answer in _answers(request):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    limit = request.pop("limit", None)
    try:
        for problem in islice(_problems(request), limit):
            yield {"problem": problem_data(problem)}
    except WeftError as error:
        yield {"error": error_data(error)}
    except MemoryError:
        yield {"error": error_data(_too_large(request))}
    except RecursionError:
        yield {"error": error_data(_too_deep(request))}
    except OSError as error:
        yield {"error": error_data(_unreadable(error))}
    except Exception as error:  # a library that stumbles must not take the process with it
        yield {"error": error_data(_stumbled(request, error))}
    else:
        yield {"end": True}


def _problems(request: dict[str, Any]) -> Iterator[Problem]:
    module, name = _ANSWERS[request.pop("do")]
    found: Iterator[Problem] = getattr(importlib.import_module(f"studio.schema.validate.{module}"), name)(
        **request
    )
    return found


def _file(request: dict[str, Any]) -> str | None:
    return request.get("instance") or request.get("schema")


def _too_large(request: dict[str, Any]) -> TooLarge:
    return TooLarge(
        _("The check needs more memory than it may have."),
        file=_file(request),
        next_step=_("Check a smaller document, or a smaller part of the schema."),
    )


def _too_deep(request: dict[str, Any]) -> TooLarge:
    return TooLarge(
        _("The document or the schema is nested too deeply to be checked."),
        file=_file(request),
        next_step=_("Check a smaller document, or a smaller part of the schema."),
    )


def _unreadable(error: OSError) -> BadInput:
    return unreadable(Path(error.filename) if isinstance(error.filename, str) else None, error)


def _stumbled(request: dict[str, Any], error: Exception) -> BadInput:
    return BadInput(
        _("The library that checks could not go on: {reason}.").format(
            reason=" ".join(f"{type(error).__name__} {error}".split())[:200].rstrip(".")
        ),
        file=_file(request),
        next_step=_("Check whether the schema is in order: weft schema FILE"),
    )


def _limit_memory(megabytes: int) -> None:
    """Let the system end what takes more than this: Linux counts a process's own data, others do not."""
    if sys.platform != "linux":
        return
    resource = importlib.import_module("resource")
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * 1024 * 1024
    if hard in (resource.RLIM_INFINITY, -1) or wanted <= hard:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.stdin, sys.stdout)
