"""Generated code: what it is for typed fields, where errors are placed, when the judge is asked instead."""

from __future__ import annotations

import decimal
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.schema.model import Base
from studio.script.compile import Constants, Generated, PathCode, TooDeep, compile_script, generate
from studio.script.errors import RunError, ScriptError
from studio.script.evaluate import evaluate
from studio.script.host import PlainHost
from studio.script.kinds import Kinds
from studio.script.parse import parse
from studio.script.tree import Path, Script, Value
from studio.script.values import exact_arithmetic, typed

BASES = {
    "qty": Base.DECIMAL,
    "price": Base.DECIMAL,
    "placed": Base.DATE,
    "name": Base.TEXT,
    "note": Base.TEXT,
}


def path_code(path: Path) -> PathCode:
    name = path.steps[-1].name
    return PathCode(f"row[{name!r}]", BASES[name], many=len(path.steps) > 1)


def made(text: str) -> tuple[Generated, Constants]:
    constants = Constants()
    return generate(parse(text), path_code, constants), constants


def run(text: str, **row: object) -> Value:
    generated, constants = made(text)
    lines = ["def run(H, row):", *("    " + line for line in generated.statements)]
    lines.append(f"    return {generated.expression}")
    space = dict(constants.names)
    exec("\n".join(lines), space)
    with exact_arithmetic():
        value: Value = space["run"](PlainHost(), row)
    return value


def test_texts_are_joined_and_compared_in_place() -> None:
    generated, _constants = made("[name] + ', ' + [note]")
    assert generated.statements == ()
    assert "s_" not in generated.expression
    assert generated.is_text
    generated, _constants = made("If([name] == 'x', ToUpper(Left([note], 3)), '-')")
    assert generated.statements == ()
    assert "s_" not in generated.expression


def test_decimals_take_the_short_way_and_stay_exact() -> None:
    generated, _constants = made("[qty] * [price]")
    assert generated.statements[0].startswith("try: ")
    assert generated.kinds.only(Kinds.DECIMAL | Kinds.INT)
    assert run("[qty] * [price]", qty="3", price="0.10") == Decimal("0.30")
    assert run("[qty] * [price]", qty=None, price="0.10") == 0
    assert run("Round([qty] * [price] * 1.1, 2)", qty="3", price="0.15") == "0.50"
    with pytest.raises(RunError):
        run("[qty] * [price]", qty="three", price="0.10")


def test_arrays_of_fields_are_added_up_without_values_in_between() -> None:
    rows = {"qty": ["1", "2"], "price": ["0.10", "0.25"]}
    assert run("Sum([line/qty] * [line/price])", **rows) == Decimal("0.60")
    assert run("Sum([line/qty] * [line/price])", qty=["1", None], price=["0.10", "1"]) == Decimal("0.10")
    with pytest.raises(RunError, match="same size"):
        run("Sum([line/qty] * [line/price])", qty=["1"], price=[])


def test_an_array_of_the_source_is_not_changed_by_the_script() -> None:
    names = ["a", "b"]
    assert run("x = [line/name]; x[0] = 'z'; x", name=names) == ["z", "b"]
    assert names == ["a", "b"]


def test_constants_are_computed_once() -> None:
    generated, _constants = made("ToUpper('a') + (2 * 3)")
    assert generated.expression == "'A6'"
    assert generated.constant
    assert run("If(1 > 2, [name], 'no')", name="x") == "no"


def test_dates_are_remembered_by_their_text() -> None:
    assert run("FormatDate([placed], 'dd/mm/yyyy')", placed="2026-03-01") == "01/03/2026"
    assert run("FormatDate([placed], 'dd/mm/yyyy')", placed=None) is None
    generated, _constants = made("FormatDate([placed], 'dd/mm/yyyy')")
    assert generated.expression.endswith("[row['placed']]")


def test_later_lines_do_not_overtake_earlier_values() -> None:
    assert run("x = 1; x + (x = 5) + x") == 11
    assert run("x = 1; {x, x++, x}") == [1, 1, 2]
    assert run("$g = 1; String($g) + ($g = 2) + $g") == "122"


def test_the_first_error_is_the_one_raised() -> None:
    for text in (
        "{Date('x'), [qty] / [price]}",
        "Equal(Date('x'), [qty] / [price])",
        "{Date('x')}[[qty] / [price]]",
    ):
        with pytest.raises(RunError, match="not a date"):
            run(text, qty="1", price="0")


def test_nesting_too_deep_for_python_is_left_to_the_judge() -> None:
    text = "1"
    for _turn in range(30):
        text = f"Eval(While(false, {text}); {text[:1]} + $x, 2)" if _turn % 2 else f"Eval({text} + $x, 2)"
    script = parse(text)
    assert compile_script(script)(PlainHost()) is not None


def test_deep_blocks_are_refused_by_name() -> None:
    text = "$x"
    for _turn in range(45):
        text = f"If($x == 1, $x = 2; {text}, $x)"
    with pytest.raises(TooDeep):
        generate(parse(text), path_code, Constants())
    assert compile_script(parse(text))(PlainHost(variables={"x": 5})) == 5


def test_long_chains_compile() -> None:
    assert run(" + ".join(["[name]"] * 3000), name="ab") == "ab" * 3000
    assert run(" + ".join(["[qty]"] * 3000), qty="0.5") == 1500


PLACED = (
    "x = 1;\ny = If(x > 0,\n  1 / (x - 1),\n  2);\ny",
    "$a = 5; 'text' + Left('abc', 2) + ($a / 0) + 'ção'",
    "$t = 'ação: ' + String(1 / $none); 2",
    "If({1,2},\n 'x', 'y')",
    "Case($a == 1, 2, Dict(), 3)",
    "While(Date('soon') == $x, 2)",
    "i = 0; While(i < 5, i++; If(i == 3, Date('soon')))",
    "{1, 2, Dict()[Null()]}",
    "$d = Dict(); $d[Null()] = 1",
    "$d = 5; $d[1] += 2",
    "$n = Null();\n $n++",
    "ToUpper(\n  x)",
    "$x + \n $y * (1 - true)",
    "Round($q * 'a', 2)",
    "!(Date('2026-01-01'))",
    "-Dict()",
    "1; Foo(2)",
    "true && ($a / 0 == 1)",
    "IfNull(Null(), 1 / 0)",
    "Eval(1 / 0,\n 2 / 0)",
    "RegExMatch('a', '(')",
    "{1,2} + {1,2,3}",
    "[name] + 1",
    "a = 1; b = {a, a, 3}[-1]",
    "Length(Left(Date('x'), 3))",
)


@pytest.mark.parametrize("text", PLACED)
def test_errors_stand_where_the_judge_puts_them(text: str) -> None:
    script = parse(text)
    places = []
    for run in (lambda host: evaluate(script, host), compile_script(script)):
        with pytest.raises(ScriptError) as caught:
            run(PlainHost())
        places.append((caught.value.line, caught.value.column, caught.value.message))
    assert places[0] == places[1]


def test_generated_code_for_others_has_no_signs_of_places() -> None:
    generated, _constants = made("Case([qty] / 0 > 1, $a[0], true, -[price]) + ToUpper([name])")
    assert not any(
        sign in line for line in (*generated.statements, generated.expression) for sign in "\x02\x03\x04"
    )


def test_only_scripts_that_reckon_with_decimals_set_their_context() -> None:
    def digits(text: str) -> str:
        return str(compile_script(parse(text), lambda _path: PathCode("'1'", Base.DECIMAL))(PlainHost()))

    before = decimal.getcontext()
    assert digits("[x] / 3") == "0.3333333333333333333333333333"
    assert (
        digits("[x] * 10000000000000000000000000000000000000001 * 1.5")
        == "15000000000000000000000000000000000000001.5"
    )
    assert digits("$a = [x]; $a * 10000000000000000000000000000000000000001 * 1.5").startswith(
        "1500000000000000"
    )
    assert decimal.getcontext() is before


@given(
    st.sampled_from(
        [
            r"([A-Z]+)-([0-9]+)",
            r"^\s*(\w+)\s+(\d{2,4})$",
            "a|b(c)",
            r"[^0-9.]",
            "(?:x)y?z*",
            r"\d+?5",
            "(a)|(b)",
            "o.*?e",
        ]
    ),
    st.text(st.sampled_from("AB-12 .abcxyzoe5\n\tç\x1f"), max_size=30),
    st.sampled_from(["", "-", "$1", "<$2|$1>", "\\1\\&", "${1}x", "\\$", "$9"]),
)
def test_ready_expressions_give_what_the_functions_give(expression: str, text: str, template: str) -> None:
    for call in (
        f"RegExMatch($t, {expression!r}, 'a', '$b')",
        f"RegExReplace($t, {expression!r}, {template!r})",
    ):
        script = parse(call.replace("\\\\", "\\"))
        hosts = PlainHost(variables={"t": text}), PlainHost(variables={"t": text})
        assert compile_script(script)(hosts[0]) == evaluate(script, hosts[1])
        assert hosts[0].variables == hosts[1].variables


@given(st.floats(-2e6, 2e6) | st.integers(-(10**7), 10**7).map(lambda n: n / 1000), st.integers(0, 4))
def test_floats_are_rounded_as_the_function_does(value: float, places: int) -> None:
    script = parse(f"Round($x, {places})")
    variables: dict[str, Value] = {"x": value}
    assert compile_script(script)(PlainHost(variables=variables)) == evaluate(
        script, PlainHost(variables=variables)
    )


def test_joined_text_as_a_condition_is_taken_by_its_truth() -> None:
    for text in (
        "true && 'x ' + $a",
        "If('0' + $a, 1, 2)",
        "false || $a + 'y'",
        "!($a + 'z')",
        "Case('1' + $a, 1, true, 2)",
    ):
        script = parse(text)
        host = PlainHost(variables={"a": "abc"})
        value = compile_script(script)(host)
        assert not isinstance(value, str)
        assert value == evaluate(script, host)


def test_an_entry_is_found_before_its_value_is_computed() -> None:
    for text, expected in (
        ("a = {1, 2}; i = 0; a[i] = i++; {a, i}", [[0, 2], 1]),
        ("$d = Dict(); $d['x'] += AddToDict($d, 'x', 5); $d", {"x": True}),
        ("a = {1}; b = a; a[0] += (b[0] = 5); a", [10]),
    ):
        script = parse(text)
        assert evaluate(script, PlainHost()) == compile_script(script)(PlainHost()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-'x'", "-0"), ("-'-x'", "0"), ("-'-0'", "0"), ("-'-2.5a'", "2.5"), ("-'3'", "-3")],
)
def test_the_negative_of_text_is_text(text: str, expected: str) -> None:
    assert compile_script(parse(text))(PlainHost()) == evaluate(parse(text), PlainHost()) == expected


@pytest.mark.parametrize(
    "script",
    [
        "$x = 1; a = $x; $x = 2; a + $x + $x",
        "$x + ($x = 5) + $x",
        "If(IsNull($x), $x = 3, $x = 4); $x + $x",
        "$x = 0; While($x < 3, $x++; $y = $x + $x); $x + $y",
        "$d = Dict(); $d['a'] = $d; $d['b'] = 1; $d = 7; $d + $d",
        "$x = 'a'; Set('x', 'b'); $x + $x",
        "$x = 'a-1'; RegExMatch($x, '([a-z])-([0-9])', 'x', 'y'); $x + $x + $y",
        "$x = 1; Eval($x = $x + RaiseError('no'), $x = 2) + $x + $x",
        "IsValid($x = 5) + $x + $x",
        "$x = 1; $x > 0 && ($x = 5) > 2; $x + $x",
        "$x = 1; IfNull($y, $x = 9) + $x",
        "$x++ + $x + ++$x",
        "InitCounter($x, 4); $x + $x",
        "$x = {1, 2}; $x[0] = $x[1] + $x[1]; $x",
        "Case($s == 'a', 1, $s == 'b', $s = 'c', $s == 'c', 3); $s + $s",
    ],
)
def test_globals_read_more_than_once(script: str) -> None:
    parsed = parse(script)
    for variables in ({}, {"x": 3, "s": "b"}):
        seen = []
        for engine in (evaluate, lambda parsed, host: compile_script(parsed)(host)):
            host = PlainHost(variables=dict(variables))
            try:
                value = repr(engine(parsed, host))
            except ScriptError as error:
                value = error.message
            seen.append((value, repr(host.variables)))
        assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "script", ["'a' + $d + -$d", "'a' + $d + ToUpper($e) + $d", "'a' + $t + $d + -$d", "$t + 'a' + $e + $t"]
)
def test_of_two_mistakes_in_joined_texts_the_first_is_told(script: str) -> None:
    parsed = parse(script)
    said = []
    for engine in (evaluate, lambda parsed, host: compile_script(parsed)(host)):
        with pytest.raises(ScriptError) as raised:
            engine(parsed, PlainHost(variables={"d": {}, "t": "t", "e": b"\0"}))
        said.append((raised.value.message, raised.value.column))
    assert said[0] == said[1]


_FIELD_TEXTS = [None, "", " ", "0", "1.50", "-2", "1e3", "abc", "12x", "99999999999999999999", "+5"]
Texts = dict[str, list[str | None]]


def embedded(script: Script, one: Texts, many: Texts) -> Value:
    """The value of a script over the fields of a row, each `one` of a single text, and over repeated ones."""
    constants = Constants()

    def code(path: Path) -> PathCode:
        name = path.steps[-1].name
        if len(path.steps) > 1:
            return PathCode(f"many[{name!r}]", BASES[name], many=True)
        return PathCode(f"one[{name!r}][0]", BASES[name])

    generated = generate(script, code, constants)
    lines = ["def run(H, one, many):", *("    " + line for line in generated.statements)]
    space = dict(constants.names)
    exec("\n".join([*lines, f"    return {generated.expression}"]), space)
    with exact_arithmetic():
        value: Value = space["run"](PlainHost(), one, many)
    return value


def judged(script: Script, one: Texts, many: Texts) -> Value:
    """The same by the judge."""

    def read(path: Path) -> Value:
        name = path.steps[-1].name
        if len(path.steps) > 1:
            return [typed(text, BASES[name]) for text in many[name]]
        return typed(one[name][0], BASES[name])

    return evaluate(script, PlainHost(reader=read))


@pytest.mark.parametrize(
    "script",
    [
        "[qty] + [price] + [qty]",
        "[price] + [price] + 'x' + [qty]",
        "[qty] + [price] - [price] + 1.5",
        "[lines/qty][0] + [lines/qty][1] + [lines/qty][2]",
        "[lines/qty][1] * 2 + [price]",
        "[lines/name][0] + '-' + [lines/name][7]",
        "If([lines/qty][0] + [price] + [qty] > 2, [lines/qty][0], [lines/name][1])",
        "FormatDate([lines/placed][0], 'dd.mm.yyyy') + [lines/qty][9]",
    ],
)  # fmt: skip
def test_sums_of_fields_and_entries_of_repeated_ones_are_the_judges(script: str) -> None:
    parsed = parse(script)
    for first, second in itertools.product(_FIELD_TEXTS, repeat=2):
        one: Texts = {"qty": [first], "price": [second]}
        many: Texts = {
            "qty": [first, second, first],
            "name": [second, first],
            "placed": ["2026-03-01", first],
        }
        seen = []
        for engine in (judged, embedded):
            try:
                seen.append(repr(engine(parsed, one, many)))
            except ScriptError as error:
                seen.append(error.message)
        assert seen[0] == seen[1], (first, second)
