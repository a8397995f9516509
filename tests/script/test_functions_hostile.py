"""Scripts that try to get out, to go on for ever or to take everything."""

from __future__ import annotations

import builtins
import socket
import subprocess
from collections.abc import Callable

import pytest

from studio.base.errors import Cancelled, WeftError
from studio.script.compile import compile_script
from studio.script.errors import LimitReached, RunError, ScriptError
from studio.script.evaluate import evaluate
from studio.script.host import Limits, PlainHost
from studio.script.parse import parse
from tests.script.both import ENGINES, error, run

engines = pytest.mark.parametrize("engine", list(ENGINES))


# Getting out


@pytest.mark.parametrize(
    "text",
    ["x.__class__", "'a'.format(1)", "(1).real", "x = 1; x.y", "__import__('os')", "open('/etc/passwd')", "exec('1')",
     "eval.__globals__", "{1}.append(2)", "lambda: 1", "[x for x in {1}]", "import os", "@x", "`ls`", "$x.__class__()",
     "globals()", "getattr(1, 'real')", "print(1)", "$__builtins__['open']('/etc/passwd')"],
)  # fmt: skip
def test_python_is_no_part_of_the_language(text: str) -> None:
    for engine in ENGINES.values():
        with pytest.raises(ScriptError):
            engine(parse(text), PlainHost())


@pytest.mark.parametrize(
    "name",
    ["H", "run", "s_truth", "s_join", "s_RunError", "None_", "__builtins__", "__import__", "__name__", "self", "host",
     "lambda", "class", "import", "def", "return", "print", "exec", "open", "g_world", "n1", "c1", "e1", "decimal"],
)  # fmt: skip
def test_a_variable_may_be_called_like_anything_inside(name: str) -> None:
    text = f"{name} = 5; ${name} = 'g'; If({name} == 5, {name}++); t = 'x' + {name}; {{{name}, ${name}, t}}"
    assert run(text, PlainHost) == [6, "g", "x6"]


@pytest.mark.parametrize(
    "text",
    ["{0.__class__}", "{0}", "%s%n", "{x.__init__.__globals__}", "\\x41", '"""', "'''", "\\", "#{1}", "${1}", "\\1",
     "\ud800", "\x00", "\u2028", "*/", "</trans>", "f'{1}'", "N'); import os; ('"],
)  # fmt: skip
def test_texts_stay_texts(text: str) -> None:
    def make() -> PlainHost:
        return PlainHost(variables={"t": text})

    written = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    assert run(f"$t == {written}", make) is True
    assert run(f"Replace('a', 'a', {written})", make) == text
    assert run("FormatDate('2026-03-01', $t)", make) == text
    assert run("$d = Dict(); $d[$t] = 1; GetKeys($d)", make) == [text]
    with pytest.raises(RunError) as raised:
        evaluate(parse("RaiseError($t)"), make())
    assert raised.value.message == text


def test_names_of_python_are_no_variables() -> None:
    assert run("{Get('__class__'), Get('variables'), $__dict__, Get('logged')}", PlainHost) == [None] * 4
    assert run("Set('__class__', 5); Get('__class__')", PlainHost) == 5
    assert run("d = Dict(); d['__class__']", PlainHost) is None


def test_no_function_opens_files_connections_or_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("a script reached out")

    scripts = [
        "ConvertTimeZone('2026-01-01', '/etc/passwd', 'UTC')", "ConvertTimeZone('2026-01-01', '../../etc/passwd', 'UTC')",
        "GetUTCFormattedDate('2026-01-01', 'America')", "SelectNodes('file:///etc/passwd', '//x')",
        "GetNodeValue('<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>')", "ReadFile('/etc/passwd')", "FileList('/')",
        "DBLookup('x', 'y')", "RunPlugin('ls')", "RunScript('../x')", "TableLookup('../x', 'y')",
        "SelectNodes('<a/>', \"document('file:///etc/passwd')\")", "Base64EncodeFile('/etc/passwd')",
        "SendSystemEmail('a', 'b', 'c')", "WriteFile('x', 'y')", "LDAPConnect('127.0.0.1', 'a', 'b')",
    ]  # fmt: skip
    parsed = [parse(text) for text in scripts]
    made = [compile_script(script) for script in parsed]
    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "gethostbyaddr", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    for script, compiled in zip(parsed, made, strict=True):
        with pytest.raises(WeftError):
            evaluate(script, PlainHost())
        with pytest.raises(WeftError):
            compiled(PlainHost())


# Going on for ever

LOOPS = (
    "While(true, 1)",
    "While(true, While(true, 1))",
    "Eval(While(true, 1), While(true, 2))",
    "IsValid(While(true, Eval(While(true, 1), 'caught')))",
    "While(true, If(true, Case(true, While(true, x = 1))))",
    "While(IsValid(While(true, 1)) || true, 1)",
)
_UNLIMITED = "$jitterbit.scripting.while.max_iterations = 10 ^ 15; "


@engines
@pytest.mark.parametrize("text", LOOPS)
def test_loops_end_at_the_limit_of_steps_and_nothing_catches_it(engine: str, text: str) -> None:
    host = PlainHost(limits=Limits(steps=2_000))
    with pytest.raises(LimitReached, match="2000 steps"):
        ENGINES[engine](parse(_UNLIMITED + text), host)


@engines
@pytest.mark.parametrize("text", LOOPS)
def test_loops_can_be_stopped_and_nothing_catches_it(engine: str, text: str) -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(Cancelled):
        ENGINES[engine](parse(_UNLIMITED + text), PlainHost(stopped=stopped))


@engines
def test_loops_end_at_the_limit_of_seconds(engine: str) -> None:
    host = PlainHost(limits=Limits(seconds=-1.0))
    with pytest.raises(LimitReached, match="seconds"):
        ENGINES[engine](parse(_UNLIMITED + "Eval(While(true, 1), 'caught')"), host)


@engines
def test_the_script_may_set_how_often_a_loop_turns(engine: str) -> None:
    name = "$jitterbit.scripting.while.max_iterations"
    for limit in ("7", "'7'", "7.9"):
        with pytest.raises(RunError, match="repeated 7 times"):
            ENGINES[engine](parse(f"{name} = {limit}; While(true, 1)"), PlainHost())
    assert ENGINES[engine](parse(f"{name} = 60000; i = 0; While(i < 55000, i++); i"), PlainHost()) == 55_000
    with pytest.raises(RunError):
        ENGINES[engine](parse(f"{name} = {{1}}; While(true, 1)"), PlainHost())


# Nesting


def _nested(inner: Callable[[str], str], depth: int) -> str:
    text = "1"
    for _turn in range(depth):
        text = inner(text)
    return text


@engines
@pytest.mark.parametrize("depth", [30, 300, 5_000])
@pytest.mark.parametrize(
    "inner",
    ["Eval({}, 2)", "Eval(RaiseError('x'), {})", "If(true, {}, 0)", "({})", "-({})", "!({})", "{{{}}}", "1 + ({})",
     "IsValid({})", "IfNull({}, 2)", "While(false, {})", "x[{}]", "Case(false, 1, true, {})", "ToUpper({})"],
)  # fmt: skip
def test_any_nesting_is_answered_or_refused(engine: str, inner: str, depth: int) -> None:
    text = "x = {1,1}; " + _nested(inner.format, depth)
    try:
        ENGINES[engine](parse(text), PlainHost())
    except ScriptError:
        return


def test_both_engines_agree_on_deep_nesting() -> None:
    assert run(_nested("Eval({}, 2)".format, 12), PlainHost) == "1"
    assert run(_nested("Eval(RaiseError('x'), {})".format, 12), PlainHost) == "1"
    assert run(" + ".join(["1"] * 2_000), PlainHost) == 2_000
    assert run("x = 0; " + "x += 1; " * 800 + "x", PlainHost) == 800


# Taking everything


@pytest.mark.parametrize(
    "text",
    [
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); y = {1}; n = 0; While(n < 45, y = {y, y}; n++); Equal(x, y)",
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); ReduceDimension(x)",
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); Max(x)",
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); SHA256(x)",
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); x == x",
        "x = RPadChar('', 'a', 2000000); CountSubString(x, Left(x, 1000000))",
        "x = RPadChar('', 'a', 2000000); Index(x, Left(x, 1000000), 900000)",
        "d = Dict(); d['a'] = d; String(d)",
        "d = Dict(); d['a'] = d; Equal(d, d)",
        "x = {}; x[0] = x; SumString(x)",
        "RegExMatch('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a|aa)+$')",
        "RegExReplace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a|aa)+$', 'x')",
        "RegExMatch('a', RPadChar('', '(', 4900) + RPadChar('', ')', 4900))",
        "RegExMatch('a', RPadChar('', 'a', 10001))",
    ],
)
def test_large_work_inside_one_function_ends(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.script.functions.patterns.PATTERN_SECONDS", 0.1)
    monkeypatch.setattr("studio.script.values.MAX_ENTRIES", 20_000)
    assert error(text, PlainHost).message


def test_trimming_many_kinds_of_characters_is_quick() -> None:
    text = (
        "x = ''; i = 0; While(i < 300, x += HexToString(StringToHex('a')); i++); LTrimChars(x + 'b', x + 'c')"
    )
    assert run(text, PlainHost) == "b"
    many = "".join(chr(0x4E00 + number) for number in range(20_000))

    def make() -> PlainHost:
        return PlainHost(variables={"many": many, "t": many[-1] * 500_000 + "-" + many[-1]})

    assert run("{LTrimChars($t, $many) == '-' + Right($t, 1), TrimChars($t, $many)}", make) == [True, "-"]
    assert run("Length(RTrimChars($t, $many))", make) == 500_001
