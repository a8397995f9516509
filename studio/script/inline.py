"""The commonest functions as Python in place of a call; each rule gives None where the call is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from studio.script.code import Code, Writer, as_fast
from studio.script.functions.numbers import MAX_PLACES, round_text
from studio.script.kinds import ARRAY, BOOL, DECIMAL, FLOAT, INT, NULL, NUMBER, TEXT, Kinds
from studio.script.runtime import rounder

Rule = Callable[[Writer, Sequence[Code]], "Code | None"]
_FEW_PLACES = 4
_NO_EXPONENT = 6
_FLAT = NULL | BOOL | NUMBER | TEXT | Kinds.DATE


def _plain(writer: Writer, code: Code) -> tuple[str, Code]:
    """The text of an argument as an expression that can be followed by a method or a slice."""
    code = writer.settled(code) if code.composite else code
    if code.text is None and not code.kinds.only(_FLAT):
        code = writer.steady(code)
        return f"({code.value} if type({code.value}) is str else s_plain({code.value}))", code
    return code.plain, code


def _method(call: str) -> Rule:
    def rule(writer: Writer, arguments: Sequence[Code]) -> Code | None:
        if not arguments[0].kinds.only(_FLAT):
            return None
        text, code = _plain(writer, arguments[0])
        return Code(f"{text}.{call}", TEXT, depth=code.depth + 1, bounded=code.bounded)

    return rule


def _count(code: Code) -> int | None:
    """A constant number of characters."""
    if not code.known or isinstance(code.constant, bool) or not isinstance(code.constant, (int, float)):
        return None
    return max(0, int(code.constant))


def _left(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    count = _count(arguments[1])
    if count is None:
        return None
    text, code = _plain(writer, arguments[0])
    return Code(f"{text}[:{count}]", TEXT, depth=code.depth + 1, bounded=code.bounded)


def _right(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    count = _count(arguments[1])
    if not count:
        return None
    text, code = _plain(writer, arguments[0])
    return Code(f"{text}[-{count}:]", TEXT, depth=code.depth + 1, bounded=code.bounded)


def _mid(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    start, count = _count(arguments[1]), _count(arguments[2])
    if start is None or count is None:
        return None
    text, code = _plain(writer, arguments[0])
    return Code(f"{text}[{start}:{start + count}]", TEXT, depth=code.depth + 1, bounded=code.bounded)


def _padded(method: str) -> Rule:
    def rule(writer: Writer, arguments: Sequence[Code]) -> Code | None:
        count = _count(arguments[-1])
        char = arguments[1].constant if len(arguments) == 3 and arguments[1].known else " "
        if count is None or count > 1000 or not isinstance(char, str) or not char:
            return None
        if len(arguments) == 3 and not arguments[1].known:
            return None
        text, code = _plain(writer, arguments[0])
        return Code(f"{text}.{method}({count}, {char[0]!r})[:{count}]", TEXT, depth=code.depth + 1)

    return rule


def _replace(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    old, new = arguments[1], arguments[2]
    if old.kinds != TEXT or new.kinds != TEXT or not old.known or not new.known:
        return None
    if not 0 < len(old.constant) >= len(new.constant):
        return None
    text, code = _plain(writer, arguments[0])
    return Code(f"{text}.replace({old.value}, {new.value})", TEXT, depth=code.depth + 1, bounded=code.bounded)


def _length(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    if not arguments[0].kinds.only(_FLAT):
        return None
    text, code = _plain(writer, arguments[0])
    return Code(f"len({text})", INT, depth=code.depth + 1)


def _is_null(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    code = writer.settled(arguments[0]) if arguments[0].composite else arguments[0]
    return Code(f"({code.value} is None)", BOOL, depth=code.depth + 1)


def _string(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    code = arguments[0]
    if code.kinds == TEXT:
        return code
    value = writer.use(code)
    return Code(f"s_text({value})", TEXT, depth=code.depth + 1, bounded=code.bounded)


def _double(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    code = arguments[0]
    value = writer.use(code)
    return Code(f"s_double({value})", NUMBER, depth=code.depth + 1)


def _round(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    places = _count(arguments[1]) if len(arguments) > 1 else 0
    if places is None or places > MAX_PLACES or (len(arguments) > 1 and arguments[1].constant < 0):
        return None
    code = arguments[0]
    short = code.loose or as_fast(code)
    if short is None or not (code.sure or code.kinds & DECIMAL):
        return _rounded(writer, code, places)
    unit = writer.constants.add(Decimal(1).scaleb(-places), ("unit", places))
    run = writer.constants.add(round_text, ("function", "Round"))
    shown = f"s_round({short}, {unit})"
    if code.sure and code.composite and places <= _NO_EXPONENT:
        # What was reckoned is a decimal, and its text has no exponent.
        name = writer.constants.fresh()
        rounded = f"str(({short}).quantize({unit}, s_HALF_UP))"
        shown = f"({name} if ({name} := {rounded})[0] != '-' else s_unsigned({name}))"
    return Code(
        f"{run}({code.value}, {places})", TEXT, fast=shown, composite=True,
        depth=code.depth + 1,
    )  # fmt: skip


def _rounded(writer: Writer, code: Code, places: int) -> Code | None:
    """`Round` of what may be a float."""
    if not code.kinds & FLOAT or places > _FEW_PLACES:
        return None
    run = writer.constants.add(rounder(places), ("rounder", places))
    return Code(f"{run}({writer.use(code)})", TEXT, depth=code.depth + 1)


def _sum(_writer: Writer, arguments: Sequence[Code]) -> Code | None:
    code = arguments[0]
    if code.items is None or not code.kinds.only(ARRAY):
        return None
    if code.items.leaf:
        variable, source = code.items.along[0]
        fast = f"sum([n for {variable} in {source} if (n := {code.items.element}) is not None])"
    else:
        fast = f"sum({code.items.loop()})"
    return Code(f"s_sum({code.value})", DECIMAL | INT, fast=fast, composite=True, depth=1)


def _number_of_instances(writer: Writer, arguments: Sequence[Code]) -> Code | None:
    many = arguments[0].many
    if many is None:
        return None
    name = writer.constants.fresh("i")
    return Code(f"sum([{name} is not None for {name} in {many}])", INT, depth=1)


INLINED: dict[str, Rule] = {
    "ToUpper": _method("upper()"),
    "ToLower": _method("lower()"),
    "Trim": _method("strip(s_SPACE)"),
    "LTrim": _method("lstrip(s_SPACE)"),
    "RTrim": _method("rstrip(s_SPACE)"),
    "Left": _left,
    "Right": _right,
    "Mid": _mid,
    "LPad": _padded("rjust"),
    "LPadChar": _padded("rjust"),
    "RPad": _padded("ljust"),
    "RPadChar": _padded("ljust"),
    "Replace": _replace,
    "Length": _length,
    "IsNull": _is_null,
    "String": _string,
    "Double": _double,
    "Float": _double,
    "Round": _round,
    "Sum": _sum,
    "Count": _number_of_instances,
}
