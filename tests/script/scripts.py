"""Random scripts over a record with fields of every type, for comparing the judge with the compiler."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from studio.base.errors import WeftError
from studio.schema.model import Base
from studio.script.compile import Constants, PathCode, compile_script
from studio.script.evaluate import evaluate
from studio.script.host import Limits, PlainHost
from studio.script.parse import parse
from studio.script.tree import Path, Value
from studio.script.values import kind_of, text_of, typed

FIELDS: dict[str, tuple[Base, bool]] = {
    "t1": (Base.TEXT, False),
    "t2": (Base.TEXT, False),
    "n1": (Base.DECIMAL, False),
    "n2": (Base.DECIMAL, False),
    "i1": (Base.INTEGER, False),
    "f1": (Base.FLOAT, False),
    "b1": (Base.BOOLEAN, False),
    "d1": (Base.DATE, False),
    "d2": (Base.DATETIME, False),
    "an": (Base.DECIMAL, True),
    "ai": (Base.INTEGER, True),
    "at": (Base.TEXT, True),
    "ad": (Base.DATETIME, True),
}
_TEXTS = {
    Base.TEXT: ["", "a", "open", "5abc", "10", " x ", "true", "0", "-2.5", "ção", "2026-03-01"],
    Base.DECIMAL: [
        "1.50",
        "0",
        "-3.25",
        "100",
        "007",
        " 2 ",
        "",
        "  ",
        "n/a",
        "5x",
        "0.1",
        "99999999999999999999.5",
    ],
    Base.INTEGER: ["1", "0", "-3", "12", "007", "", "abc", "1_0"],
    Base.FLOAT: ["1.5", "1e3", "NaN", "INF", "", "x"],
    Base.BOOLEAN: ["true", "false", "1", "0", "", "yes"],
    Base.DATE: ["2026-03-01", "2026-12-31Z", "", "soon"],
    Base.DATETIME: ["2026-03-01T10:11:12", "2026-03-01T10:11:12.5+02:00", "", "x"],
}

Record = dict[str, "str | list[str | None] | None"]


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Texts for every field, some missing, some that do not fit the type; the arrays have the same length."""
    length = draw(st.integers(0, 3))
    record: Record = {}
    for name, (base, many) in FIELDS.items():
        text = st.sampled_from([None, *_TEXTS[base]])
        record[name] = draw(st.lists(text, min_size=length, max_size=length)) if many else draw(text)
    return record


_literals = st.sampled_from(
    ["0", "1", "2", "10", "0.5", "2.25", "'a'", "''", "'open'", "'5'", "' '", '"x y"', "true", "false", "Null()", "{}",
     "{1,2}", "{'a',{2}}", "Dict()", "Date('2026-03-01 10:00:00')"]
)  # fmt: skip
_leaves = st.one_of(
    _literals, st.sampled_from([f"[{name}]" for name in FIELDS]), st.sampled_from(["x", "y", "$g", "$h"])
)
_binary = st.sampled_from(["+", "-", "*", "/", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "&", "|"])
_one = ["ToUpper", "ToLower", "Trim", "Length", "IsNull", "String", "Int", "Double", "Bool", "Round", "RoundToInt",
        "Sum", "Count", "Max", "Min", "IsValid", "Date", "DayOfMonth", "LongDate", "IsInteger", "Quote", "StringLength",
        "Floor", "SumString", "ToProper", "GetKeys", "Eval1", "ResolveOneOf", "Base64Encode", "MD5"]  # fmt: skip
_two = ["Left", "Right", "Round", "IfNull", "IfEmpty", "If", "Equal", "Mod", "FormatDate", "Index", "Split", "LPad",
        "Eval", "FindByPos", "Exist", "InList", "Pow", "CountSubString", "TrimChars", "Case"]  # fmt: skip
_three = ["If", "Mid", "Replace", "LPadChar", "FindValue", "InList", "SumString", "DateAdd"]


def _call(name: str, arguments: list[str]) -> str:
    return f"Eval({arguments[0]}, 'failed')" if name == "Eval1" else f"{name}({', '.join(arguments)})"


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, _binary, inner),
        st.builds("{} {} {}".format, inner, _binary, inner),
        st.builds("{}({})".format, st.sampled_from(["!", "-"]), inner),
        st.builds(lambda name, one: _call(name, [one]), st.sampled_from(_one), inner),
        st.builds(lambda name, one, two: _call(name, [one, two]), st.sampled_from(_two), inner, inner),
        st.builds(lambda name, *three: _call(name, list(three)), st.sampled_from(_three), inner, inner, inner),
        st.builds("{{{}, {}}}".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({} {} {})".format, st.sampled_from(["x", "y", "$g", "x[0]", "$h[y]"]),
                  st.sampled_from(["=", "+=", "-="]), inner),
        st.builds("({} {} {})".format, st.sampled_from(["x", "y", "$g"]), st.sampled_from(["=", "="]), inner),
        st.sampled_from(["x++", "++y", "$g--", "--x", "y++", "++$h[0]"]),
        st.builds("FormatDate({}, 'dd/mm/yyyy HH:MM')".format, inner),
        st.builds("Round({}, 2)".format, inner),
        st.builds("Left({}, 2)".format, inner),
        st.builds("Set('g', {})".format, inner),
        st.builds("If({}; {}, {}; {})".format, inner, inner, inner, inner),
        st.builds("While(($i += 1) < 4, {})".format, inner),
    )  # fmt: skip


_numbers = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["[n1]", "[n2]", "[i1]", "[f1]", "1", "2", "0.5", "10", "x", "$g"]),
        st.builds("({} {} {})".format, _numbers, st.sampled_from(["+", "-", "*", "/", "+", "*"]), _numbers),
        st.builds("{} {} {}".format, _numbers, st.sampled_from(["+", "-", "*"]), _numbers),
        st.builds("Sum({})".format, _arrays),
        st.builds("Count({})".format, st.sampled_from(["[an]", "[at]", "[ad]"])),
        st.builds("IfNull({}, {})".format, _numbers, _numbers),
        st.builds("If({}, {}, {})".format, _conditions, _numbers, _numbers),
        st.builds("Double({})".format, _words),
        st.builds("Length({})".format, _words),
        st.builds("(x = {})".format, _numbers),
        st.builds("(-{})".format, st.sampled_from(["[n1]", "[i1]", "x"])),
        st.sampled_from(["x++", "++x", "($g += [n1])", "(x -= 2)"]),
        st.builds("Int({})".format, _numbers),
    )
)
_arrays = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            ["[an]", "[ai]", "{1, 2, 3}", "[an] * [ai]", "[an] + [an]", "[ai] * 2", "[an] - [n1]", "[at]"]
        ),
        st.builds(
            "{} {} {}".format, st.sampled_from(["[an]", "[ai]"]), st.sampled_from(["+", "-", "*"]), _numbers
        ),
    )
)
_words = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["[t1]", "[t2]", "'a'", "' - '", "[n1]", "[d1]", "y", "[b1]"]),
        st.builds("{} + '-' + {}".format, _words, _words),
        st.builds("({} + {})".format, _words, _words),
        st.builds("{}({})".format, st.sampled_from(["ToUpper", "Trim", "String", "Quote"]), _words),
        st.builds("Left({}, {})".format, _words, st.sampled_from(["1", "3", "[i1]"])),
        st.builds("Mid({}, 1, 2)".format, _words),
        st.builds("{}({}, 4)".format, st.sampled_from(["LPad", "RPad"]), _words),
        st.builds(
            "LPadChar({}, {}, {})".format,
            _words,
            st.sampled_from(["'0'", "''", "'xy'", "[t1]"]),
            st.sampled_from(["4", "0", "[i1]"]),
        ),
        st.builds(
            "Replace({}, {}, {})".format,
            _words,
            st.sampled_from(["'a'", "'-'", "''", "[t1]"]),
            st.sampled_from(["'b'", "''", "'ab'"]),
        ),
        st.builds("Round({}, {})".format, _numbers, st.sampled_from(["0", "2", "3", "[i1]"])),
        st.builds("FormatDate({}, 'yyyy/mm')".format, st.sampled_from(["[d1]", "[d2]", "[t1]"])),
        st.builds("Eval({}, 'none')".format, _numbers),
        st.builds("IfEmpty({}, {})".format, _words, _words),
        st.builds("Case({}, {}, {}, {})".format, _conditions, _words, _conditions, _words),
        st.builds("(y = {})".format, _words),
        st.builds("SumString({}, ',', true)".format, _arrays),
    )
)
_conditions = st.deferred(
    lambda: st.one_of(
        st.builds("{} {} {}".format, _numbers, st.sampled_from(["<", ">", "==", "!=", ">="]), _numbers),
        st.builds("{} {} {}".format, _words, st.sampled_from(["==", "!=", "<"]), _words),
        st.builds(
            "[t1] {} {}".format, st.sampled_from(["==", "!=", ">"]), st.sampled_from(["'open'", "[t2]", "5"])
        ),
        st.builds("({}) {} ({})".format, _conditions, st.sampled_from(["&&", "||"]), _conditions),
        st.builds("!({})".format, _conditions),
        st.sampled_from(["[b1]", "[t1]", "IsNull([n1])", "[b1] == true", "IsNull([t2])"]),
    )
)
_usual = st.one_of(_numbers, _words, _conditions, _arrays)

expressions = st.recursive(_leaves, _expressions, max_leaves=12)
_usual_scripts = st.lists(_usual, min_size=1, max_size=4).map(
    lambda parts: "; ".join(["x = 3; y = 'b'", *parts])
)
scripts = st.one_of(
    _usual_scripts, _usual_scripts, st.lists(expressions, min_size=1, max_size=4).map("; ".join)
)


@dataclass
class Outcome:
    """What a run came to: the value's kind and text, or the error, and the globals afterwards."""

    value: tuple[str, str] | None
    error: str | None
    variables: dict[str, tuple[str, str]]


def shown(value: Value) -> tuple[str, str]:
    """Kind and text."""
    return kind_of(value), text_of(value)


LIMITS = Limits(iterations=50)


def judged(text: str, record: Record) -> Outcome:
    """What the judge makes of it."""

    def read(path: Path) -> Value:
        name = path.steps[0].name
        base, given = FIELDS[name][0], record[name]
        return [typed(each, base) for each in given] if isinstance(given, list) else typed(given, base)

    return _outcome(lambda host: evaluate(parse(text), host), PlainHost(reader=read, limits=LIMITS))


def compiled(text: str, record: Record) -> Outcome:
    """What generated code makes of it, with every field a variable of known type."""

    def path_code(path: Path) -> PathCode:
        base, many = FIELDS[path.steps[0].name]
        return PathCode(f"H.record[{path.steps[0].name!r}]", base, many)

    host = PlainHost(limits=LIMITS)
    host.record = record  # type: ignore[attr-defined]
    return _outcome(lambda given: compile_script(parse(text), path_code)(given), host)


def _outcome(run: object, host: PlainHost) -> Outcome:
    value, error = None, None
    try:
        value = shown(run(host))  # type: ignore[operator]
    except WeftError as caught:
        error = caught.message
    variables = {}
    for name, each in host.variables.items():
        try:
            variables[name] = shown(each)
        except WeftError as caught:
            variables[name] = ("unprintable", caught.message)
    return Outcome(value, error, variables)


__all__ = [
    "FIELDS",
    "Constants",
    "Outcome",
    "Record",
    "compiled",
    "expressions",
    "judged",
    "records",
    "scripts",
]
