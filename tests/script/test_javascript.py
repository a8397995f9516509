"""JavaScript beside Jitterbit Script: values, shared variables, functions, and errors with their place."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import NotHere, Severity
from studio.script.errors import LimitReached, RunError, ScriptError
from studio.script.host import PlainHost
from studio.script.javascript import run as running
from studio.script.javascript import source
from studio.script.javascript.exchange import SAFE, from_data, to_data
from studio.script.javascript.messages import in_words, split_stack
from studio.script.javascript.run import run_javascript
from studio.script.javascript.source import bare, is_javascript, problems
from studio.script.tree import Value


def value(text: str, /, **variables: Value) -> Value:
    return run_javascript(text, PlainHost(variables=dict(variables)))


def after(text: str, **variables: Value) -> dict[str, Value]:
    host = PlainHost(variables=dict(variables))
    run_javascript(text, host)
    return dict(host.variables)


def error(text: str, **variables: Value) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        run_javascript(text, PlainHost(variables=dict(variables)), file="scripts/a.js")
    assert caught.value.file == "scripts/a.js"
    return caught.value


# --- values ----------------------------------------------------------------------------------------------------------

VALUES: list[tuple[str, Value]] = [
    ("null", None),
    ("undefined", None),
    ("true", True),
    ("1 + 1", 2),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("9007199254740991", SAFE),
    ("10n ** 20n", 10**20),
    ("-1 / 0", float("-inf")),
    ("'é' + '\\u2028' + '\\ud83d\\ude00'", "é\u2028😀"),
    ("new Date(Date.UTC(2024, 0, 31, 23, 59, 58, 120))", datetime(2024, 1, 31, 23, 59, 58, 120000)),
    ("new Date(2024, 0, 31, 23)", datetime(2024, 1, 31, 23)),
    ("[1, [null, 'a'], {}]", [1, [None, "a"], {}]),
    ("({b: 1, a: {c: [true]}})", {"b": 1, "a": {"c": [True]}}),
    ("new Uint8Array([0, 1, 254, 255])", b"\x00\x01\xfe\xff"),
    ("new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", b"\x02\x03"),
    ("new Map([['k', 1]])", {"k": 1}),
    ("new Set([1, 'b'])", [1, "b"]),
    ("new String('boxed')", "boxed"),
    ("({kept: 1, left: function () {}})", {"kept": 1}),
    ("(function () {})", None),
    ("var o = {}; Object.defineProperty(o, '__proto__', {value: 1, enumerable: true}); o", {"__proto__": 1}),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_what_a_script_gives(text: str, expected: Value) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_values_go_in_and_come_back_as_they_were() -> None:
    given: dict[str, Value] = {
        "none": None,
        "truth": False,
        "whole": -12,
        "large": 12345678901234567890,
        "number": 0.5,
        "text": 'a"b\\c\n\u2028\x00\ud800',
        "date": datetime(1999, 12, 31, 23, 59, 59, 7000),
        "binary": bytes(range(256)),
        "array": [1, [None, "x"], b"\x00"],
        "dictionary": {"__proto__": 1, "b": {"c": [datetime(1, 1, 1)]}, "toJSON": "x"},
    }
    names = ", ".join(f"{name}: ${name}" for name in given)
    assert value(f"({{{names}}})", **given) == given
    # Looking at them makes no new values of them.
    host = PlainHost(variables=dict(given))
    run_javascript(f"[{', '.join(f'${name}' for name in given)}].length", host)
    assert all(host.variables[name] is given[name] for name in given)


def test_numbers_are_numbers() -> None:
    assert value("typeof $d + ($d + 1)", d=Decimal("1.10")) == "number2.1"
    assert value("typeof $n", n=Decimal("12345678901234567890")) == "bigint"
    assert value("$n + ''", n=Decimal("12345678901234567890")) == "12345678901234567890"
    assert value("isNaN($n)", n=float("nan")) is True


def test_a_date_has_the_hours_it_has_in_our_scripts() -> None:
    given = datetime(2024, 7, 1, 3, 4, 5)
    assert value("[$d.getHours(), $d.getUTCHours(), $d.getTimezoneOffset()]", d=given) == [3, 3, 0]


DATES = """
var d = new Date(2024, 6, 1, 3, 4, 5, 6), e = new Date($d);
e.setHours(23); e.setMonth(0, 31);
[
  d, d.getHours(), d.getDate(), d.getDay(), d.getTimezoneOffset(), d.toDateString(), typeof Date(), d.getTime(),
  new Date('2024-07-01T03:04:05'), new Date('2024-07-01'), new Date('2024-07-01T03:04:05+02:00'),
  new Date('July 1, 2024 03:04:05'), Date.parse('2024-07-01T00:00:00Z'), Date.UTC(2024, 6, 1), new Date(99, 0).getFullYear(),
  e, $d.getHours(), d instanceof Date, Object.prototype.toString.call(d), new Date(2024, 0).toTimeString().slice(0, 8),
  isNaN(new Date('nonsense')), d.constructor === Date, new Date(d) - d, d.toISOString(), JSON.stringify(d)
]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process cannot be chosen there")
@pytest.mark.parametrize("zone", ["EST5EDT", "AAA-13:30", "BBB+11:45"])
def test_dates_are_the_same_whatever_the_zone_of_the_engine(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = datetime(2024, 7, 1, 3, 4, 5)
    expected = value(DATES, d=given)
    assert isinstance(expected, list)
    assert expected[0] == datetime(2024, 7, 1, 3, 4, 5, 6000)
    monkeypatch.setattr(running, "ZONE", zone)
    assert value(DATES, d=given) == expected


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text()
        | st.binary()
        | st.datetimes().map(lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000)),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_the_data_between_the_two_says_the_same(given: Value) -> None:
    assert from_data(to_data(given)) == given


@pytest.mark.parametrize("data", [{"x": 1}, {"d": "1"}, {"b": 5}, {"o": 1}, {"i": "1" * 5000}, {"n": "two"}])
def test_data_that_is_no_value_is_refused(data: object) -> None:
    with pytest.raises(RunError):
        from_data(data)


# --- variables -------------------------------------------------------------------------------------------------------


def test_variables_are_shared_both_ways() -> None:
    assert after("$total = $total + 1; var $made = [1]; local = 5; var other = 6; $ = 7", total=1) == {
        "total": 2,
        "made": [1],
    }


def test_what_is_changed_inside_a_variable_is_shared_too() -> None:
    given: dict[str, Value] = {"a": 1, "b": [1, 2]}
    assert after("$o.b.push(3); delete $o.a; $o.c = $o.b", o=given) == {"o": {"b": [1, 2, 3], "c": [1, 2, 3]}}


def test_a_function_sees_what_the_script_has_set_and_the_script_what_it_sets() -> None:
    assert value("var $x = 1; $y = 2; [Jitterbit.Get('x'), Jitterbit.Get('y')]", y=0) == [1, 2]
    assert value("Jitterbit.Set('x', 5); $x", x=1) == 5
    assert value("var $x = 1; Jitterbit.Set('x', 5); $x") == 5
    assert value("Jitterbit.Set('made', 5); $made") == 5
    assert value("Jitterbit.Set('list', 9, 1); $list", list=[1, 2]) == [1, 9]


def test_names_with_dots_go_through_get_and_set() -> None:
    text = "Jitterbit.SetVar('$a.b', {k: [1]}); Jitterbit.GetVar('$a.b').k[0] + Jitterbit.GetVar('c.d')"
    host = PlainHost(variables={"c.d": 2})
    assert run_javascript(text, host) == 3
    assert host.variables == {"a.b": {"k": [1]}, "c.d": 2}
    assert value("Jitterbit.GetVar('$nobody')") is None


def test_variables_set_before_an_error_stay_set() -> None:
    host = PlainHost()
    with pytest.raises(RunError):
        run_javascript("var $x = 1; nothing()", host)
    assert host.variables == {"x": 1}


def test_a_promise_is_waited_for() -> None:
    assert after("(async function () { await null; $x = 2; })(); 1", x=1) == {"x": 2}


def test_functions_among_the_variables_are_the_script_s_own() -> None:
    assert after("var $double = function (n) { return 2 * n; }; var $x = $double(4);") == {"x": 8}


# --- functions -------------------------------------------------------------------------------------------------------


def test_functions_of_the_language_are_called_by_any_letter_case() -> None:
    assert value("Jitterbit.ToUpper('abc') + Jitterbit.dbLOOKUP.length") == "ABC0"
    assert value("Jitterbit.FormatDate(new Date(Date.UTC(2024, 0, 2)), 'yyyy-mm-dd')") == "2024-01-02"
    assert value("Jitterbit.Split('a,b', ',')") == ["a", "b"]


def test_the_log_and_the_result_have_names_of_their_own() -> None:
    host = PlainHost()
    text = "WriteToOperationLog('one'); Jitterbit.WriteToOperationLog([1, null]); SetScriptResult({a: 1}); 5"
    assert run_javascript(text, host) == {"a": 1}
    assert host.logged == ["one", "{1,null}"]


def test_a_value_table_is_looked_up() -> None:
    host = PlainHost(tables={"countries": {"BR": "Brazil"}})
    assert run_javascript("Jitterbit.TableLookup('countries', 'BR')", host) == "Brazil"


def test_errors_of_functions_can_be_caught() -> None:
    assert value("try { Jitterbit.RaiseError('no price'); } catch (e) { e.message }") == "no price"
    text = "try { Jitterbit.Left('a'); } catch (e) { e instanceof Error && e.message }"
    assert value(text) == "Left takes 2 arguments, not 1."


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("\n\n  missing()", 3, 3, "There is nothing called missing."),
        ("var a;\n a.b.c", 2, 2, "b cannot be read: the value before it is undefined."),
        ("var a = null;\na.b = 1", 2, 1, "b cannot be set: the value before it is null."),
        ("function f() {\n  throw new Error('own words');\n}\nf()", 2, 13, "own words"),
        ("\n  Jitterbit.RaiseError('no price')", 2, 13, "no price"),
        (" Jitterbit.ToUppr('a')", 1, 2, "There is no function ToUppr. Did you mean ToUpper?"),
        ("Jitterbit.If(1, 2)", 1, 1, "If belongs to Jitterbit Script; JavaScript has its own words for it."),
        ("\n JSON.parse('{')", 2, 7, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
        ("1;\neval('1 +')", 2, 1, "The script ends too early."),
        ("throw {code: 7}", None, None, '{"code":7}'),
        ("throw 'stopped here'", None, None, "stopped here"),
        ("var $x = {}; $x.x = $x;", None, None, "The array is nested too deeply, or holds itself."),
        ("SetScriptResult(new Date('no date'))", None, None, "The date is not valid."),
        ("new Date(8.64e15)", None, None, "The date leaves the years 1 to 9999."),
    ],
)
def test_what_fails_is_said_with_its_place(
    text: str, line: int | None, column: int | None, message: str
) -> None:
    found = error(text)
    assert (found.line, found.column, found.message) == (line, column, message)
    assert isinstance(found, RunError)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("var a = ;", 1, 9, "; is not expected here."),
        ("1;\n2 2", 2, 3, "; is missing here."),
        ("\nfunction f() {", 2, 15, "The script ends too early."),
        ("let a; let a;", 1, 13, "This name is taken already."),
        ("return 1", 1, 1, "return stands outside a function."),
        ("\0", 1, 1, "unexpected character"),
        ("(" * 100_000, None, None, "The script is nested too deeply."),
        (" " * 1_000_001, None, None, "The script is longer than 1000000 characters."),
    ],
)
def test_what_does_not_read_is_found_without_running(
    text: str, line: int | None, column: int | None, message: str
) -> None:
    (problem,) = problems(text, file="scripts/a.js", object="scripts/a.js")
    assert (problem.severity, problem.file, problem.object) == (
        Severity.ERROR,
        "scripts/a.js",
        "scripts/a.js",
    )
    assert (problem.line, problem.column, problem.message) == (line, column, message)
    assert (found := error(text)).message == message
    assert (found.line, found.column) == (line, column)


def test_looking_for_problems_runs_nothing() -> None:
    assert problems("while (true) {}") == ()
    assert problems("WriteToOperationLog('x'); throw 1") == ()


def test_what_the_engine_says_is_said_in_our_words() -> None:
    assert in_words("ReferenceError: x is not defined") == "There is nothing called x."
    assert in_words("TypeError: some words of the engine") == "some words of the engine"
    assert in_words("no kind: at all") == "no kind: at all"


def test_the_engine_s_own_frames_are_no_places() -> None:
    said = "Error: no\n    at get (<input>:1000200:3)\n    at <eval> (<input>:4:7)\n"
    assert split_stack(said) == ("Error: no", 4, 7)
    assert split_stack("Error: no") == ("Error: no", None, None)


# --- which scripts are JavaScript ------------------------------------------------------------------------------------


def test_the_vendor_s_tags_are_taken_off_in_place() -> None:
    text = "<javascript>\n var x = 1;\n  x.y.z\n</javascript>\n"
    assert is_javascript(text)
    assert bare(text).splitlines()[1:3] == [" var x = 1;", "  x.y.z"]
    assert (error(text).line, error(text).column) == (3, 3)
    assert value("<javascript>1 + 1</javascript>") == 2
    assert bare("'<javascript>'") == "'<javascript>'"


def test_the_name_tells_too() -> None:
    assert is_javascript("1", "scripts/a.js")
    assert is_javascript("1", "A.JS")
    assert not is_javascript("1", "scripts/a.jb")
    assert not is_javascript("<trans>1</trans>")


def test_a_limit_of_the_language_is_one_here_too() -> None:
    with pytest.raises(LimitReached, match="16000000"):
        value("'x'.repeat(17000000)")


def test_where_there_is_no_engine_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "AVAILABLE", False)
    monkeypatch.setattr(running, "AVAILABLE", False)
    (problem,) = problems("1", file="scripts/a.js")
    assert (problem.severity, problem.file) == (Severity.WARNING, "scripts/a.js")
    assert "no engine" in problem.message
    with pytest.raises(NotHere, match="no engine"):
        value("1")
