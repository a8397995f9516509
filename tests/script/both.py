"""Running a script in both engines, which must agree."""

from __future__ import annotations

from collections.abc import Callable

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.examples import example_host
from studio.script.host import Host, PlainHost
from studio.script.parse import parse
from studio.script.tree import Script, Value

Run = Callable[[Script, Host], Value]
ENGINES: dict[str, Run] = {
    "judge": evaluate,
    "compiled": lambda script, host: compile_script(script)(host),
}


def run(text: str, make: Callable[[], PlainHost] = example_host) -> Value:
    """The value, which judge and compiler agree on; each gets a host of its own."""
    judged, compiled = (engine(parse(text), make()) for engine in ENGINES.values())
    assert repr(compiled) == repr(judged)
    return judged


def error(text: str, make: Callable[[], PlainHost] = example_host) -> WeftError:
    """The error, which both raise with the same message."""
    errors: list[WeftError] = []
    for engine in ENGINES.values():
        try:
            value = engine(parse(text), make())
        except WeftError as raised:
            errors.append(raised)
        else:
            raise AssertionError(f"gave {value!r}")
    assert errors[0].message == errors[1].message
    return errors[0]
