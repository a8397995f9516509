"""Hostile JavaScript: no end, too much, tricks with the engine's own functions, a child that is killed."""

from __future__ import annotations

import json
import sys
import threading

import psutil
import pytest

from studio.base.errors import Cancelled
from studio.script.errors import LimitReached, RunError
from studio.script.host import Limits, PlainHost
from studio.script.javascript import run as running
from studio.script.javascript.run import run_javascript
from studio.script.tree import Value


def limited(text: str, seconds: float = 60.0) -> Value:
    return run_javascript(text, PlainHost(limits=Limits(seconds=seconds)))


@pytest.fixture(autouse=True)
def nothing_stays() -> object:
    """Whatever a script does, its process and thread are gone afterwards."""
    yield
    assert [child for child in psutil.Process().children() if "javascript" in " ".join(child.cmdline())] == []
    assert [thread.name for thread in threading.enumerate() if thread.name == "javascript"] == []


@pytest.mark.parametrize(
    "text",
    [
        "while (true) {}",
        "for (;;) { try { for (;;) {} } catch (e) {} finally { for (;;) {} } }",
        "/^(a+)+$/.test('a'.repeat(50) + 'b')",
        "var a = []; a.length = 4294967295; a.sort()",
        "var p = Promise.resolve(); function again() { p.then(again); } again();",
        "Jitterbit.Sleep(100)",
        "try { Jitterbit.Sleep(100) } catch (e) { 'caught' }",
        "({get x() { while (true) {} }})",
        "throw {get message() { while (true) {} }}",
        "while (true) Jitterbit.Length('x')",
    ],
)
def test_what_has_no_end_is_ended(text: str) -> None:
    with pytest.raises(LimitReached, match="longer than"):
        limited(text, seconds=0.7)


@pytest.mark.parametrize(
    "text",
    [
        "var a = []; while (true) a.push(new Array(1000).fill(1))",
        "var s = 'x'; while (true) s += s",
        "new ArrayBuffer(2e9)",
        "'x'.repeat(500000000)",
        "function f() { return [f()]; } f()",
        "var o = {}; for (var i = 0; i < 1e5; i++) o = {o: o}; o",
        "JSON.parse('['.repeat(1000000))",
        "new Array(2000000)",
        "throw 'x'.repeat(100000000)",
    ],
)
def test_what_is_too_much_is_refused(text: str) -> None:
    with pytest.raises((LimitReached, RunError)):
        limited(text)


def test_a_script_that_goes_on_after_every_refusal_comes_to_its_end_too() -> None:
    with pytest.raises(LimitReached):
        limited(
            "var a = []; while (true) { try { while (true) a.push(new Array(1e6).fill(1)); } catch (e) {} }",
            3,
        )


def test_a_long_message_is_cut() -> None:
    with pytest.raises(RunError) as caught:
        limited("throw new Error('x'.repeat(1000000))")
    assert caught.value.message.endswith("x…")
    assert len(caught.value.message) < 2100


def test_the_log_has_its_limit() -> None:
    host = PlainHost(logged=["x"] * 99_990)
    with pytest.raises(LimitReached, match="log"):
        run_javascript("while (true) WriteToOperationLog('x')", host)


def test_a_message_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MAX_MESSAGE", 1 << 20)
    with pytest.raises(LimitReached, match="more than 1 MB"):
        limited("var a = 'x'.repeat(2000000); Jitterbit.Length(a)")


def test_a_script_can_be_stopped() -> None:
    host = PlainHost(stopped=lambda: True)
    with pytest.raises(Cancelled):
        run_javascript("while (true) {}", host)


def test_a_limit_cannot_be_caught() -> None:
    host = PlainHost(limits=Limits(steps=50))
    with pytest.raises(LimitReached, match="steps"):
        run_javascript("while (true) { try { Jitterbit.Length('x') } catch (e) {} }", host)


def test_a_killed_child_is_said_in_one_sentence() -> None:
    class Killer(PlainHost):
        def log(self, message: str) -> None:
            for child in psutil.Process().children():
                child.kill()

    with pytest.raises(LimitReached, match="ended by itself"):
        run_javascript("WriteToOperationLog('now'); 1", Killer(), file="a.js")


TRICKS = """
var evil = function () { return 'evil'; };
var lie = {value: evil, set: evil, get: evil};
[Object, Array, String, Number, Boolean, Date, RegExp, Error, Map, Set, Uint8Array, Function, Promise].forEach(
  function (type) {
    Object.getOwnPropertyNames(type.prototype).forEach(function (name) {
      if (name !== 'constructor' && name !== 'forEach') try { type.prototype[name] = evil; } catch (e) {}
    });
  });
Object.prototype.toJSON = evil;
['parse', 'stringify'].forEach(function (name) { JSON[name] = evil; });
Reflect.apply = Reflect.ownKeys = Object.defineProperty = Object.freeze = Array.isArray = evil;
globalThis.Proxy = globalThis.Error = globalThis.String = globalThis.Date = evil;
var $out = [1, {k: 'v'}, null];
Jitterbit.Left('abcdef', 2);
"""


def test_changed_built_ins_change_nothing_for_us() -> None:
    host = PlainHost()
    assert run_javascript(TRICKS, host) == "ab"
    assert host.variables == {"out": [1, {"k": "v"}, None]}


def test_there_is_no_way_to_the_computer() -> None:
    names = (
        "require process std os native begin both says fetch XMLHttpRequest Deno load print console".split()
    )
    found = limited(
        f"{json.dumps(names)}.filter(function (name) {{ return (0, eval)('typeof ' + name) !== 'undefined'; }})"
    )
    assert found == []
    assert limited("typeof (0, eval)('Jitterbit')") == "object"
    with pytest.raises(RunError, match="nothing called native"):
        limited("this.constructor.constructor('return native')()")


def test_modules_cannot_be_loaded() -> None:
    host = PlainHost()
    run_javascript(
        "var $said = 0; import('/etc/hostname').then(function () { $said = 'in'; }, function () { $said = 'no'; })",
        host,
    )
    assert host.variables["said"] == "no"


def test_the_members_of_jitterbit_cannot_be_replaced() -> None:
    assert limited("Jitterbit.Left = null; Jitterbit.x = 1; Jitterbit.Left('abc', 1)") == "a"
    with pytest.raises(RunError):
        limited("'use strict'; Jitterbit = 1")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_child_may_not_open_files_and_has_its_memory_bounded() -> None:
    seen: dict[str, str] = {}

    class Looker(PlainHost):
        def log(self, message: str) -> None:
            for child in psutil.Process().children():
                for kind in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NOFILE"):
                    seen[kind] = str(child.rlimit(getattr(psutil, kind))[1])

    run_javascript("WriteToOperationLog('look')", Looker())
    assert seen == {
        "RLIMIT_AS": str(running.SPACE),
        "RLIMIT_FSIZE": "0",
        "RLIMIT_CORE": "0",
        "RLIMIT_NOFILE": "3",
    }
