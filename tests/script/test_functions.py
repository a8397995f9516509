"""What single functions give, beyond the published cases: examples, nulls, limits, errors."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from studio.base import i18n
from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.errors import LimitReached, RunError, Unavailable
from studio.script.evaluate import evaluate
from studio.script.functions import FUNCTIONS, find, nearest
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.tree import Value

NOW = datetime(2026, 3, 1, 17, 30, 5, 678_000)


def host() -> PlainHost:
    tables = {"countries": {"BR": {"code": "BR", "name": "Brazil", "dial": "55"}}, "plain": {"a": "first"}}
    return PlainHost(tables=tables, clock=lambda: NOW)


def run(text: str) -> Value:
    """The value, which judge and compiler must agree on."""
    judged = evaluate(parse(text), host())
    compiled = compile_script(parse(text))(host())
    assert compiled == judged or judged != judged
    return judged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Left('abc', -1) + Right('abc', 0) + Mid('abcdef', 2, 2)", "cd"),
        ("ToUpper(Null()) + Trim(Null())", ""),
        ('ToProper("o\'hara JONES")', "O'hara Jones"),
        ("Index('a/b/c', '/', 2)", 3),
        ("Index('abc', 'x')", -1),
        ("Round(1.005, 2)", "1.01"),
        ("Round(-2.5)", "-3"),
        ("Round(1.5, 3)", "1.500"),
        ("Round(-0.001, 2)", "0.00"),
        ("RoundToInt(-2.5)", -3),
        ("FormatDate('2026-03-01 17:05:09', 'dd.mm.yy HH:MM:SS')", "01.03.26 17:05:09"),
        ("FormatDate(Null(), 'yyyy')", None),
        ("FormatDate('', 'yyyy')", ""),
        ("CVTDate('01.03.26', 'dd.mm.yy', 'yyyy-mm-dd')", "2026-03-01"),
        ("DateAdd('mm', 1, '2026-01-31')", "2026-02-28 00:00:00"),
        ("DateAdd('HH', -1, '2026-01-01')", "2025-12-31 23:00:00"),
        ("Format('#,##0.00', 1234567.891)", "1,234,567.89"),
        ("Format('000', 7) + Format('0.##', 1.50) + Format('dd/mm', '2026-03-01')", "0071.501/03"),
        ("ConvertTimeZone('2026-03-01 12:00:00', 'UTC', 'America/Sao_Paulo')", "2026-03-01 09:00:00"),
        ("GetUTCFormattedDateTime('2026-03-01 22:30:00', 'America/Sao_Paulo')", "2026-03-02T01:30:00.000Z"),
        ("GeneralDate('2026-03-01 12:05:06')", "03/01/2026 12:05:06 PM"),
        ("String(Now())", "2026-03-01 17:30:05"),
        ("String(Now_())", "2026-03-01 17:30:05.678"),
        ("SumString({'a','b'})", "a;b;"),
        ("SumString({'a','b'}, ', ', true)", "a, b"),
        ("SumCSV({'a','b, c',Null()})", 'a,"b, c",'),
        ("Max({3,9,4}) - Min({3,9,Null()})", 6),
        ("Count({1,Null(),2})", 2),
        ("FindByPos(-1, {1,2,3})", 3),
        ("FindByPos(4, {1,2,3})", None),
        ("FindValue('b', {'a','b'}, {10,20})", 20),
        ("Exist(2, {1,'2'})", True),
        ("ResolveOneOf({Null(),'x'})", "x"),
        ("Sum({'0.1','0.2', 0.3})", Decimal("0.6")),
        ("Sum({})", 0),
        ("SplitCSV('1,\"a, b\",3')", ["1", "a, b", "3"]),
        ("ReadArrayString('{1,{2,3}}', 'int')", [1, [2, 3]]),
        ("RegExReplace('2026-03-01', '(\\d+)-(\\d+)-(\\d+)', '$3/$2/$1')", "01/03/2026"),
        ("RegExMatch('abc', 'x')", -1),
        ("InList('b', 'a', 'b')", 2),
        ("InitCounter($n, 5); $n++; Get('n')", 6),
        ("Set('a', {1,2}); Set('a', 9, 1); Get('a', 1)", 9),
        ("GetName($total)", "total"),
        ("Base64Encode('abc') + MD5('abc')", "YWJj900150983cd24fb0d6963f7d28e17f72"),
        ("Base64Decode('YWJj') == HexToBinary('616263')", True),
        ('SQLEscape("O\'Hara")', "O''Hara"),
        ("TableLookup('countries', 'BR')", "Brazil"),
        ("TableLookup('countries', 'BR', 'dial') + TableLookup('plain', 'a')", "55first"),
        ("TableLookup('countries', 'XX', '', 'none')", "none"),
        ("TableLookup('countries', Null())", None),
        ("Eval(1/0, 'no')", "no"),
        ("Eval(5, 'no')", "5"),
        ("Eval(RaiseError('boo'), GetLastError())", "boo"),
        ("IsValid(1/0); GetLastError()", "Division by 0."),
        ("true | (1/0)", True),
        ("x = 5; y = x; y++; x", 5),
        ("a = {1,2}; b = a; b += 1; a", [1, 2]),
        ("a = {1}; b = a; b[0] = 5; a", [5]),
        ("i = 0; s = ''; While(i < 3, s += i; i++); s", "012"),
        ("10 / 4", 2.5),
        ("7 / 7", 1),
        ("2 ^ 300 > 2 ^ 299", True),
        ("String(0.1 + 0.2) + String(1.0)", "0.300000000000000041"),
        ("String(0.0000001)", "0.0000001"),
        ("Date('2026-03-01T10:00:00+02:00') - Date('2026-03-01')", 8 * 3600),
        ("Date('1-Mar-26') == Date('March 1, 2026')", True),
        ("Date('3/1/2026 5:06 PM') == Date('2026-03-01 17:06')", True),
        ("URLDecode('http://h/p?Name=J%C3%B3', 'Name')", "Jó"),
    ],
)
def test_values(text: str, expected: Value) -> None:
    assert run(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "HexToBinary(5)", "Date('tomorrow')", "Date('13/1/2026')", "Round(1, -1)", "Log(0)", "Sqrt(-1)", "10 ^ 400",
        "(-8) ^ 0.5", "FormatDate(5, 'yyyy')", "CVTDate('x', 'dd', 'mm')", "DateAdd('week', 1, '2026-01-01')",
        "ConvertTimeZone('2026-01-01', 'Mars', 'UTC')", "RegExMatch('a', '(')", "Case(true, 1, false)", "Nonsense(1)",
        "Left('a')", "TableLookup('cities', 'a')", "TableLookup('countries', 'BR', 'mayor')", "InitCounter(5)",
        "ReadArrayString('1,2')", "unset", "Base64Decode('*')", "{1} + {1,2}", "{1}[-1]", "'a'[0]", "Null() * Null()",
        "DBLookup('x', 'select 1')", "GetInstance()", "[a/b]", "Date('9999-12-31') + 10000000", "Int({})",
    ],
)  # fmt: skip
def test_errors_are_raised_alike_with_a_place(text: str) -> None:
    with pytest.raises(RunError) as judged:
        evaluate(parse("1;\n " + text), host())
    with pytest.raises(RunError) as compiled:
        compile_script(parse("1;\n " + text))(host())
    assert judged.value.message == compiled.value.message
    assert (judged.value.line, compiled.value.line) == (2, 2)
    assert judged.value.column is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = 'a'; While(true, x = x + x)",
        "x = LPad('', 16000001)",
        "x = {}; x[20001] = 1",
        "x = {1}; While(true, x = {x, x})" + "; String(x)",
        "Replace(LPad('', 1000000), ' ', LPad('', 100))",
        "RegExMatch('" + ",".join(map(str, range(31))) + "', '^(.*?,){25}P')",
        "x = {1}; n = 0; While(n < 45, x = {x, x}; n++); x + 1",
    ],
)
def test_no_script_takes_all_memory_or_time(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.script.functions.patterns.PATTERN_SECONDS", 0.1)
    monkeypatch.setattr("studio.script.values.MAX_ENTRIES", 20_000)
    for engine in (evaluate, lambda script, given: compile_script(script)(given)):
        with pytest.raises(WeftError):
            engine(parse(text), host())


def test_an_array_may_hold_itself() -> None:
    for text in (
        "x = {1}; x[0] = x; String(x)",
        "x = {1}; x[0] = x; x + 1",
        "x = {1}; x[0] = x; Equal(x, {x})",
    ):
        with pytest.raises(RunError):
            evaluate(parse(text), host())


def test_loops_end_at_the_limit_and_can_be_stopped() -> None:
    given = host()
    with pytest.raises(RunError, match="50000 times"):
        evaluate(parse("$n = 0; While(true, $n++)"), given)
    assert given.variables["n"] == 50_000
    stopped = PlainHost(stopped=lambda: True)
    with pytest.raises(WeftError, match="stopped"):
        compile_script(parse("While(true, 1)"))(stopped)


def test_a_limit_cannot_be_caught_by_the_script() -> None:
    with pytest.raises(LimitReached):
        evaluate(parse("Eval(LPad('', 99000000), 'caught')"), host())


def test_every_function_is_known_and_says_what_it_does() -> None:
    assert len(FUNCTIONS) == 241
    available = [function for function in FUNCTIONS.values() if function.available]
    assert len(available) > 130
    for function in FUNCTIONS.values():
        assert function.explanation.endswith(".")
        assert function.minimum <= function.maximum
        assert function.name in function.signature
    assert find("TOUPPER") is FUNCTIONS["ToUpper"]
    assert nearest("Upper") == "ToUpper"
    assert nearest("Xyzzy") is None


def test_only_a_slip_of_the_keys_is_taken_for_another_name() -> None:
    slips = {
        "Lenght": "Length",
        "Rihgt": "Right",
        "Lft": "Left",
        "Rond": "Round",
        "RunOperaton": "RunOperation",
    }
    assert {wrong: nearest(wrong) for wrong in slips} == slips
    for wrong in ("Foo", "Bar", "Rep", "Go"):
        assert nearest(wrong) is None


def test_functions_of_the_surroundings_are_asked_there() -> None:
    given = PlainHost(answers={"recordcount": lambda: 7, "runscript": lambda name: f"ran {name}"})
    assert evaluate(parse("RunScript('x') + RecordCount()"), given) == "ran x7"
    assert compile_script(parse("RunScript('x') + RecordCount()"))(given) == "ran x7"
    with pytest.raises(Unavailable, match="DBLookup"):
        evaluate(parse("DBLookup('a', 'b')"), given)


def test_argument_lists_fill_variables() -> None:
    given = PlainHost(answers={"argumentlist": lambda: ["a", 2]})
    for engine in (evaluate, lambda script, host: compile_script(script)(host)):
        assert engine(parse("ArgumentList(x, $y, z); x + $y + IsNull(z)"), given) == "a21"


def test_documentation_follows_the_language() -> None:
    assert FUNCTIONS["Left"].explanation == "The first n characters."
    assert i18n.language() == "en"


@pytest.mark.parametrize("text", ["0 ^ -1", "Pow(0, -1)", "x = 0; x ^ -0.5", "Pow('0', '-2')", "{1, 0} ^ -1"])
def test_zero_has_no_negative_powers(text: str) -> None:
    for engine in (evaluate, lambda script, given: compile_script(script)(given)):
        with pytest.raises(RunError, match="Division by 0"):
            engine(parse(text), host())
