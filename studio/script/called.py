"""RunScript: scripts of a project that run one another, with arguments of their own and the globals of the run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from studio.base.i18n import _
from studio.script.errors import LimitReached, RunError
from studio.script.evaluate import evaluate
from studio.script.host import Host
from studio.script.javascript.run import run_javascript
from studio.script.javascript.source import is_javascript
from studio.script.parse import parse
from studio.script.special import as_text
from studio.script.system_variables import DEFAULTS
from studio.script.tree import Value
from studio.script.values import text_of, whole_of

NESTING = "jitterbit.scripting.nesting.max"
_TAG = re.compile(r"\s*(?:<TAG>)?\s*(?:scripts/)?(.*?)\s*(?:</TAG>)?\s*\Z", re.IGNORECASE | re.DOTALL)
_DEEPEST = 40


class Scripts(Protocol):
    """The scripts there are."""

    def script_ref(self, name: str) -> str | None:
        """The reference of the script of a name, None where there is none."""

    @property
    def scripts(self) -> Mapping[str, str]:
        """The text of each by its reference."""


class CalledScripts:
    """Answers RunScript and ArgumentList for a host."""

    def __init__(self, host: Host, scripts: Scripts) -> None:
        self._host = host
        self._scripts = scripts
        self._arguments: list[tuple[Value, ...]] = []

    def answers(self) -> Mapping[str, Callable[..., Value]]:
        """The functions by lower-case name, as hosts take them."""
        return {
            "runscript": self.run,
            "argumentlist": lambda: list(self._arguments[-1] if self._arguments else ()),
        }

    def run(self, identity: Value, *arguments: Value) -> Value:
        """The text of what a script gives; it reads its arguments as `_1`, `_2` … or takes them with ArgumentList.

        Raises RunError where there is no such script, and LimitReached where scripts run one another too deeply.
        """
        match = _TAG.match(text_of(identity))
        name = match[1] if match is not None else ""
        ref = self._scripts.script_ref(name)
        if ref is None:
            raise RunError(
                _("There is no script called {name}.").format(name=name or "?"),
                next_step=_("Name a script of the project, such as <TAG>Scripts/Price</TAG>."),
            )
        wanted = self._host.variables.get(NESTING, DEFAULTS[NESTING])
        most = min(whole_of(wanted), _DEEPEST)
        if len(self._arguments) >= most:
            raise LimitReached(
                _("Scripts run one another more than {n} deep.").format(n=most),
                next_step=_("Set ${name} for more, {most} at most.").format(name=NESTING, most=_DEEPEST),
            )
        self._arguments.append(arguments)
        try:
            return as_text(self._value(ref, arguments))
        finally:
            self._arguments.pop()

    def _value(self, ref: str, arguments: tuple[Value, ...]) -> Value:
        text = self._scripts.scripts[ref]
        self._host.tick()
        if is_javascript(text, ref):
            return run_javascript(text, self._host, file=ref)
        given = {f"_{number}": value for number, value in enumerate(arguments, start=1)}
        return evaluate(parse(text, file=ref), self._host, given)
