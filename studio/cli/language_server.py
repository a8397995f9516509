"""`weft script --lsp`: the language server over stdin and stdout, one message after the other."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from studio import __version__
from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.project.folder import find_project, load
from studio.project.layout import PROJECT_FILE
from studio.project.model import KINDS
from studio.script.functions import FUNCTIONS
from studio.script.language_server import PARSE_ERROR, Beside, LanguageServer, Message, error_of
from studio.script.references import Sort, occurrences
from studio.script.scope import Scope

MOST_BYTES = 20_000_000
"""Largest message, in bytes."""
_MOST_HEADER = 8_192
_MOST_TEXT = 4_000_000  # bytes of a file that is looked through
# How long a project read from its folder counts as it is, in seconds.
_FRESH = 2.0


def serve(given: IO[bytes] | None = None, out: IO[bytes] | None = None) -> int:
    """Answer until the client says exit or hangs up; gives the exit code. Raises BadInput for broken framing."""
    given, out = given or sys.stdin.buffer, out or sys.stdout.buffer
    server = LanguageServer(Scopes().of, __version__, beside)
    for content in messages(given):
        try:
            answers = server.handle(json.loads(content))
        except (ValueError, RecursionError):
            answers = [error_of(None, PARSE_ERROR, _("The message is not JSON."))]
        for answer in answers:
            send(out, answer)
        if server.done is not None:
            return server.done
    return 0


def messages(given: IO[bytes]) -> Iterator[bytes]:
    """The contents of the messages of a stream, until it ends. Raises BadInput where no message begins."""
    while True:
        size = None
        while line := given.readline(_MOST_HEADER):
            name, _colon, value = line.partition(b":")
            if not line.strip():
                break
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                size = int(value)
        if not line:
            return
        if size is None or size > MOST_BYTES:
            raise BadInput(
                _("A message must begin with Content-Length and have at most {n} bytes.").format(
                    n=MOST_BYTES
                ),
                next_step=_("Start weft script --lsp from an editor."),
            )
        content = given.read(size)
        if len(content) < size:
            return
        yield content


def send(out: IO[bytes], message: Message) -> None:
    """Write one message."""
    content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    out.write(b"Content-Length: %d\r\n\r\n" % len(content))
    out.write(content)
    out.flush()


class Scopes:
    """What the documents of a project may refer to; a project is read again when it may have changed."""

    def __init__(self) -> None:
        self._known: dict[Path | None, tuple[float, Scope]] = {}

    def of(self, uri: str) -> Scope:
        """The scope of a document by its address."""
        project = find_project(path_of(uri))
        read, scope = self._known.get(project, (0.0, Scope()))
        if not read or time.monotonic() - read > _FRESH:
            scope = _scope(project)
            self._known[project] = time.monotonic(), scope
        return scope


def beside(uri: str) -> Beside:
    """What shares the global variables of a document: its project's scripts, and what else names variables."""
    folder = find_project(path_of(uri))
    if folder is None:
        return Beside()
    scripts = {each.as_uri(): _text(each) for each in sorted((folder / "scripts").rglob("*.jb"))}
    others = [*folder.rglob("*.yaml"), *(folder / "scripts").rglob("*.js")]
    found = {each.relative_to(folder).as_posix(): _text(each) for each in sorted(others)}
    with contextlib.suppress(WeftError, OSError):
        found[PROJECT_FILE] = " ".join(f"${name}" for name in load(folder).project.variables)
    return Beside(scripts, found)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8") if file.stat().st_size <= _MOST_TEXT else ""
    except (OSError, UnicodeDecodeError):
        return ""


def path_of(uri: str) -> Path:
    """The file of a `file:` address; the current folder for another."""
    parts = urlsplit(uri)
    return Path(url2pathname(unquote(parts.path))) if parts.scheme == "file" else Path.cwd()


def _scope(folder: Path | None) -> Scope:
    offered = frozenset(name.lower() for name in FUNCTIONS)
    if folder is None:
        return Scope(offered=offered, alone=True)
    try:
        project = load(folder).project
    except (WeftError, OSError):
        return Scope(offered=offered)
    given = dict.fromkeys(project.variables)
    for text in project.scripts.values():
        given |= {
            each.name.name: None for each in occurrences(text) if each.sets and each.name.sort is Sort.GLOBAL
        }
    objects = {kind: tuple(project.of_kind(kind)) for kind in KINDS}
    return Scope(variables=tuple(given), offered=offered, objects=objects, alone=True)
