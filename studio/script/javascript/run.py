"""Runs a JavaScript in a child process that can be killed, and answers for the world it sees."""

from __future__ import annotations

import contextlib
import decimal
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from studio.base.child import python_command
from studio.base.errors import NotHere, WeftError
from studio.base.i18n import _
from studio.script.errors import LimitReached, RunError, ScriptError
from studio.script.functions import FUNCTIONS, find, nearest
from studio.script.host import Host
from studio.script.javascript.exchange import from_data, to_data
from studio.script.javascript.messages import in_words, split_stack
from studio.script.javascript.source import AVAILABLE, STACK, bare, syntax_error
from studio.script.special import RULES
from studio.script.tree import Value
from studio.script.values import EXACT, MAX_ENTRIES, text_of

MEMORY = 256 << 20
"""Bytes the engine may use for a script's values."""
SPACE = 1 << 30
"""Bytes the whole child may use, where the system can hold it to that."""
MAX_MESSAGE = 64 << 20
"""Longest message a script may hand over, in bytes."""
ZONE = "UTC0"
"""JavaScript reads a date's hours in the computer's zone; ours have none. Windows does not listen: see zone.py."""
# How often a waiting parent looks whether it should stop, in seconds, and how often a host must be asked to look.
_LOOK = 0.05
_TICKS = 256

# Functions of the language that JavaScript has its own words for.
_OWN_WORDS = frozenset(RULES)
# Functions that change no variable, though they see them.
_READERS = frozenset(
    ("WriteToOperationLog", "Get", "GetVar", "TableLookup", "Sleep", "GetLastError", "DebugBreak")
)


def run_javascript(text: str, host: Host, *, file: str | None = None) -> Value:
    """What the script hands to SetScriptResult, else the value of its last statement; null where that is a function.

    Raises ScriptError with the place of what failed, LimitReached, NotHere where there is no engine, and whatever the
    host raises that is no RunError.
    """
    if not AVAILABLE:
        raise NotHere(
            _("JavaScript cannot run on this computer: there is no engine for it."),
            file=file,
            next_step=_("Write the script in Jitterbit Script, or run it on another computer."),
        )
    mistake = syntax_error(text, file)
    if mistake is not None:
        raise mistake
    child = _Child()
    try:
        with decimal.localcontext(EXACT):
            return _Run(host, file, child).run(bare(text))
    except ScriptError as error:
        error.file = error.file or file
        raise
    finally:
        child.end()


class _Child:
    """The process, and its lines as they come."""

    def __init__(self) -> None:
        environment = {**os.environ, "TZ": ZONE}
        self.process = subprocess.Popen(
            python_command("studio.script.javascript.child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="javascript", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline(MAX_MESSAGE + 1):
            self.lines.put(line)
            if len(line) > MAX_MESSAGE:
                return
        self.lines.put(b"")

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line; a child that has gone is noticed when its answer does not come."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
            self.process.stdin.flush()

    def end(self) -> None:
        """Kill it if it still runs, and wait until it and its pipes are gone."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self.process.stdout.close()
        with contextlib.suppress(OSError):
            self.process.stdin.close()


class _Run:
    def __init__(self, host: Host, file: str | None, child: _Child) -> None:
        self.host = host
        self.file = file
        self.child = child
        self.until = time.monotonic() + host.limits.seconds

    def run(self, text: str) -> Value:
        """Start the script and answer until it ends."""
        self.child.send(self._request(text))
        for message in self._messages():
            match message.get("do"):
                case "get":
                    self.child.send({"value": to_data(self.host.variables.get(message["name"]))})
                case "missing":
                    self.child.send({"value": _missing(message["name"])})
                case "call":
                    self.child.send(self._answer(message))
                case "end":
                    return self._end(message)
                case "memory":
                    raise self._too_much()
        raise self._gone()

    def _request(self, text: str) -> dict[str, Any]:
        return {
            "text": text,
            "functions": sorted((FUNCTIONS.keys() - _OWN_WORDS) | {"GetVar", "SetVar"}),
            "variables": sorted(self.host.variables),
            "says": {
                "noValue": _("A function or a symbol is no value that can be handed over."),
                "tooDeep": _("The array is nested too deeply, or holds itself."),
                "entries": MAX_ENTRIES,
                "tooMany": _("An array grows beyond {limit} entries.").format(limit=MAX_ENTRIES),
                "noDate": _("The date is not valid."),
            },
            "memory": MEMORY,
            "space": SPACE,
            "stack": STACK,
            "seconds": max(1, round(self.host.limits.seconds)),
        }

    def _messages(self) -> Iterator[dict[str, Any]]:
        """What the child says, until it has gone; stops at the time limit and when the host says so."""
        while True:
            try:
                line = self.child.lines.get(timeout=_LOOK)
            except queue.Empty:
                line = None
            if time.monotonic() > self.until:
                raise self._too_long()
            for _tick in range(_TICKS if line is None else 1):
                self.host.tick()
            if line is None:
                continue
            if not line:
                return
            if len(line) > MAX_MESSAGE:
                raise LimitReached(
                    _("The script hands over more than {limit} MB at once.").format(limit=MAX_MESSAGE >> 20),
                    file=self.file,
                )
            yield json.loads(line)

    def _answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What a function gives, or the message of its error, which the script can catch."""
        try:
            self._set(message["set"])
            before = self._variables() if message["name"] not in _READERS else None
            value = self._call(message["name"], [from_data(entry) for entry in message["arguments"]])
            stale = [] if before is None else self._stale(before)
            return {"value": to_data(value), "stale": stale}
        except RunError as error:
            return {"error": f"{error.message} {error.next_step}".rstrip()}

    def _call(self, name: str, arguments: list[Value]) -> Value:
        if name in ("GetVar", "SetVar"):
            return self._variable(name, arguments)
        function = find(name)
        assert function is not None, name  # the child offers no others
        if not function.minimum <= len(arguments) <= function.maximum:
            raise RunError(function.count_message(len(arguments)))
        return function(self.host, arguments)

    def _variable(self, name: str, arguments: list[Value]) -> Value:
        wanted = 1 if name == "GetVar" else 2
        if len(arguments) != wanted:
            raise RunError(
                _("{function} needs the name of a variable.").format(function=name)
                if not arguments
                else _("{function} is called with too few or too many values.").format(function=name)
            )
        variable = text_of(arguments[0]).removeprefix("$")
        if name == "SetVar":
            self.host.variables[variable] = arguments[1]
        return self.host.variables.get(variable)

    def _set(self, changed: Mapping[str, Any]) -> None:
        for name, data in changed.items():
            self.host.variables[name] = from_data(data)

    def _variables(self) -> dict[str, tuple[Value, Any]]:
        """Each variable and, where it may be changed from within, what it holds."""
        return {
            name: (value, to_data(value) if isinstance(value, (list, dict)) else None)
            for name, value in self.host.variables.items()
        }

    def _stale(self, before: Mapping[str, tuple[Value, Any]]) -> list[str]:
        """The variables that a call has changed."""
        nothing: tuple[Value, Any] = (None, None)
        after = self._variables()
        return [
            name
            for name, (value, held) in after.items()
            if name not in before or before[name][0] is not value or before[name][1] != held
        ] + [name for name in before if after.get(name, nothing) is nothing]

    def _end(self, message: Mapping[str, Any]) -> Value:
        self._set(message["set"])
        if "error" not in message:
            return from_data(message["value"])
        said, line, column = split_stack(f"{message['error']}\n{message['stack']}")
        raise RunError(in_words(said), file=self.file, line=line, column=column)

    def _gone(self) -> WeftError:
        """The child ended without a word: killed, most likely for its memory."""
        code = self.child.process.wait()
        return LimitReached(
            _("The script's process ended by itself with code {code}.").format(code=code),
            file=self.file,
            next_step=_("It may have used too much memory; keep fewer or shorter values."),
        )

    def _too_long(self) -> LimitReached:
        seconds = self.host.limits.seconds
        return LimitReached(_("The script runs longer than {n} seconds.").format(n=seconds), file=self.file)

    def _too_much(self) -> LimitReached:
        return LimitReached(
            _("The script uses too much memory."),
            file=self.file,
            next_step=_("Keep fewer or shorter values in variables and arrays."),
        )


def _missing(name: str) -> str:
    """What to tell about a member of Jitterbit that is not there."""
    function = find(name)
    if function is not None and function.name in _OWN_WORDS:
        return _("{name} belongs to Jitterbit Script; JavaScript has its own words for it.").format(
            name=function.name
        )
    near = function.name if function is not None else nearest(name)
    said = _("There is no function {name}.").format(name=name)
    return f"{said} " + _("Did you mean {name}?").format(name=near) if near else said
