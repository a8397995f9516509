"""Generated code: what it is for typed fields, where errors are placed, when the judge is asked instead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.schema.model import Base
from studio.script.compile import Constants, Generated, PathCode, TooDeep, compile_script, generate
from studio.script.errors import RunError
from studio.script.host import PlainHost
from studio.script.kinds import Kinds
from studio.script.parse import parse
from studio.script.tree import Path, Value
from studio.script.values import exact_arithmetic

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


def test_errors_are_placed_on_the_statement() -> None:
    script = parse("x = 1;\ny = If(x > 0,\n  1 / (x - 1),\n  2);\ny")
    with pytest.raises(RunError) as caught:
        compile_script(script)(PlainHost())
    assert caught.value.line in (2, 3)


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
