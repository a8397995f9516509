"""Types that do not go together: comparisons that convert, operations that fail, arrays taken for one value."""

from __future__ import annotations

import copy
import decimal
import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.script import tree
from studio.script.errors import RunError
from studio.script.facts import Facts, Problems, literal, numeric, samples, sure, type_name
from studio.script.functions import Argument, Function, find
from studio.script.host import PlainHost
from studio.script.kinds import (
    ANY,
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    DICTIONARY,
    NULL,
    NUMBER,
    TEXT,
    Kinds,
)
from studio.script.operators import binary, counted, get_entry, negative, opposite
from studio.script.tree import Value
from studio.script.values import EXACT, kind_of, truth_of

_COMPARING = ("==", "!=", "<", ">", "<=", ">=")
_ORDERING = ("<", ">", "<=", ">=")
_SCALARS = TEXT | NUMBER | BOOL
# What the types that functions declare take without a surprise.
_TAKEN = {
    "string": _SCALARS | DATE,
    "number": NUMBER | BOOL,
    "bool": _SCALARS,
    "date": DATE | TEXT,
    "array": ARRAY,
    "dictionary": DICTIONARY,
    "binary": BINARY,
}
_TYPICAL: dict[str, Value] = {
    "number": 1, "bool": True, "array": ["1"], "dictionary": {}, "binary": b"\0",
}  # fmt: skip
# Some function can read each of them.
_TEXTS = ("1", "00", "2026-03-01", "00000000-0000-4000-8000-000000000000")
_WANTED = {
    "string": TEXT, "number": NUMBER, "bool": BOOL, "date": DATE, "array": ARRAY, "dictionary": DICTIONARY,
    "binary": BINARY,
}  # fmt: skip
_MOST_TEXT = 200
_MOST_NUMBER = 10_000_000


def problems(facts: Facts) -> Problems:
    """Problems of types, in no order."""
    for node in facts.nodes:
        rule = _RULES.get(type(node))
        if rule is not None:
            yield from rule(facts, node)


def _assign(facts: Facts, node: tree.Assign) -> Problems:
    if node.operator == "=":
        return
    reason = _failure(node.operator[0], facts.kinds(node.target), facts.kinds(node.value))
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)


def _binary(facts: Facts, node: tree.Binary) -> Problems:
    if node.operator in ("&&", "||"):
        yield from _logical(facts, node)
        return
    null = next((side for side in (node.left, node.right) if facts.kinds(side) == NULL), None)
    if null is not None and node.operator in _COMPARING:
        yield facts.warning(node, _("Null is never equal to anything."), _("Write IsNull(…)."))
        return
    reason = _failure(node.operator, facts.kinds(node.left), facts.kinds(node.right))
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)
        return
    left, right = facts.sure(node.left), facts.sure(node.right)
    if null is not None:
        yield facts.note(null, _("This is always null here."), _("Give it a value first, or leave it out."))
    elif ARRAY in (left, right):
        yield from _broadcast(facts, node, left, right)
    elif node.operator in _COMPARING and left is not None and right is not None:
        yield from _comparison(facts, node, left, right)


def _failing(facts: Facts, node: tree.Node, operation: Callable[[Value], object], kinds: Kinds) -> Problems:
    reason = _always(operation, kinds)
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)


def _comparison(facts: Facts, node: tree.Binary, left: Kinds, right: Kinds) -> Problems:
    if left != right:
        types = {left: type_name(left), right: type_name(right)}
        message = _("This compares {one} with {other}.").format(one=types[left], other=types[right])
        if left | right == TEXT | NUMBER:
            text = node.left if left == TEXT else node.right
            mend = _(
                "The text counts as the number it begins with, other text as 0; write Double(…) to say so."
            )
            if numeric(text):
                mend = _("Write the number without quotes.")
            # Text in a field is what numbers in files mostly are: the language's way is meant.
            say = facts.note if isinstance(text, tree.Path) else facts.warning
            yield say(node, message, mend)
        elif left | right == DATE | NUMBER:
            yield facts.warning(node, message, _("The date counts as seconds since 1970."))
        else:
            yield facts.warning(
                node, message, _("One of them is converted; convert it yourself to say which.")
            )
    elif left == DICTIONARY and node.operator in _ORDERING:
        yield facts.warning(
            node,
            _("Dictionaries have no order: this is true only where both hold the same, and for <= and >=."),
            _("Compare one entry of each, or write ==."),
        )
    elif left == TEXT and node.operator in _ORDERING and (numeric(node.left) or numeric(node.right)):
        yield facts.warning(
            node,
            _('This compares two texts letter by letter: "10" comes before "9".'),
            _("Write the number without quotes."),
        )


def _broadcast(facts: Facts, node: tree.Binary, left: Kinds | None, right: Kinds | None) -> Problems:
    """An operation with an array is done for every entry."""
    if node.operator in _COMPARING:
        yield facts.warning(
            node,
            _("This compares every entry of the array and gives an array."),
            _("Compare one entry, as in values[0], or use Count, Exist or InList."),
        )
    elif node.operator == "+" and TEXT in (left, right):
        yield facts.warning(
            node,
            _("This joins the text to every entry of the array."),
            _("Write SumString(values) or String(values) for one text."),
        )
    elif left != right:
        yield facts.note(
            node,
            _("This is done with every entry of the array and gives an array."),
            _("For one number, write Sum(values) or take one entry, as in values[0]."),
        )


def _logical(facts: Facts, node: tree.Binary) -> Problems:
    sides = [(side, facts.sure(side)) for side in (node.left, node.right)]
    if all(isinstance(side, tree.Literal) and type == TEXT for side, type in sides):
        yield facts.warning(
            node, _("This joins two conditions, not two texts."), _("To join texts, write +.")
        )
        return
    for side, type in sides:
        if facts.kinds(side) == NULL:
            yield facts.warning(side, _("As a condition null is always false."), _("Write IsNull(…)."))
        elif type == TEXT:
            yield facts.note(
                side,
                _("As a condition a text is true when it begins with a number other than 0, or is true."),
                _("Compare it with something."),
            )
        elif type in (ARRAY, DICTIONARY, DATE, BINARY) and type is not None:
            yield facts.warning(
                side,
                _("As a condition {type} is always false.").format(type=type_name(type)),
                _("Compare it with something."),
            )


def _unary(facts: Facts, node: tree.Unary) -> Problems:
    kinds = facts.kinds(node.operand)
    operation = opposite if node.operator == "!" else negative
    reason = _always(operation, kinds)
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)
        return
    type = facts.sure(node.operand)
    if type == ARRAY:
        yield facts.note(
            node,
            _("This is done with every entry of the array and gives an array."),
            _("For one number, write Sum(values) or take one entry, as in values[0]."),
        )
    elif node.operator == "!" and kinds == NULL:
        yield facts.warning(node, _("This is always true: null counts as false."), _("Write IsNull(…)."))
    elif node.operator == "!" and type == TEXT:
        yield facts.note(
            node,
            _("A text counts as true when it begins with a number other than 0, or is true."),
            _("Compare it with something, or write IfEmpty(…)."),
        )
    elif node.operator == "-" and type == BOOL:
        yield facts.warning(node, _("A minus changes nothing here."), _("For the opposite, write !."))
    elif node.operator == "-" and type == TEXT:
        yield facts.warning(
            node,
            _("This makes a number of the text, and a text of the number again."),
            _("Write -Double(…)."),
        )


def _counting(facts: Facts, node: tree.Increment) -> Problems:
    kinds = facts.kinds(node.target)
    reason = _always(partial(counted, node.operator), kinds)
    type = facts.sure(node.target)
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)
    elif type == TEXT:
        yield facts.warning(
            node, _("This counts the number in a text and gives text again."), _("Write Double(…) first.")
        )
    elif type == BOOL:
        yield facts.warning(
            node, _("Counting true or false up gives true, down the opposite."), _("Set it, or write !.")
        )
    elif type == ARRAY:
        yield facts.note(node, _("This counts every entry of the array."), _("Count one entry: ++values[0]."))


def _index(facts: Facts, node: tree.Index) -> Problems:
    target, key = facts.sure(node.target), facts.sure(node.key)
    if target not in (ARRAY, DICTIONARY):
        reason = _always(lambda value: get_entry(value, 0), facts.kinds(node.target))
        if reason is not None:
            yield facts.warning(node, reason.message, _("Only arrays and dictionaries have entries."))
    elif target == ARRAY:
        yield from _array_index(facts, node.key, key)
    elif facts.kinds(node.key) == NULL:
        yield facts.warning(node.key, _("A dictionary has no entry without a key."), _("Write a text."))
    elif key in (ARRAY, DICTIONARY, BINARY):
        yield facts.warning(node.key, _("This key is made a text."), _("Write a text or a number."))


def _array_index(facts: Facts, node: tree.Expression, key: Kinds | None) -> Problems:
    if numeric(node):
        yield facts.warning(
            node, _("An array has no entry of this name."), _("Write the number without quotes.")
        )
    elif key == TEXT:
        yield facts.warning(
            node,
            _("An array has no entry of this name."),
            _("Write a number from 0, or make it with Dict()."),
        )
    elif _negative(node):
        yield facts.warning(node, _("An index is never negative."), _("Count from 0."))
    elif key in (BOOL, DATE) or facts.kinds(node) == NULL:
        yield facts.note(node, _("This index is made a number."), _("Write a number from 0."))
    else:
        yield from _failing(facts, node, lambda value: get_entry(["1"], value), facts.kinds(node))


def _negative(node: tree.Expression) -> bool:
    value = literal(node)
    return isinstance(value, (int, float)) and value < 0


def _call(facts: Facts, node: tree.Call) -> Problems:
    function = find(node.name) if node.name else None
    if function is None or not function.minimum <= len(node.arguments) <= function.maximum:
        return
    if function.name in ("If", "While", "Case"):
        step = 2 if function.name == "Case" else len(node.arguments)
        for condition in node.arguments[::step]:
            reason = _always(truth_of, facts.kinds(condition))
            if reason is not None:
                yield facts.warning(
                    condition, reason.message, reason.next_step or _("Compare one entry of it.")
                )
        return
    if function.lazy:
        return
    wrong = False
    for number, (argument, declared) in enumerate(zip(node.arguments, function.each(), strict=False)):
        for found in _argument(facts, function, number, argument, declared):
            wrong = True
            yield found
    if not wrong:
        yield from _constant(facts, function, node)


def _argument(
    facts: Facts, function: Function, number: int, node: tree.Expression, declared: Argument
) -> Problems:
    types = declared.type.split("|")
    if facts.kinds(node) == NULL:
        yield from _null_argument(facts, function, number, node)
        return
    given = facts.sure(node)
    if given is None or "node" in types or (given == TEXT and "type" in types):
        return
    taken = Kinds(0)
    for each in types:
        taken |= _TAKEN.get(each, ANY)
    odd = types == ["number"] and given == TEXT and isinstance(node, tree.Literal) and not numeric(node)
    if "type" not in types and (given & taken & TEXT or (given == TEXT and taken & NUMBER and not odd)):
        return
    reason = "" if odd else _refusal(function, number, given, bool(given & taken))
    if reason is None:
        if given & (ARRAY | DICTIONARY) and types == ["string"]:
            message = _("{function} makes a text of {given} here.").format(
                function=function.name, given=type_name(given)
            )
            yield facts.note(node, message, function.signature)
        return
    if "type" in types:
        yield facts.warning(node, _("This always fails: {reason}").format(reason=reason), function.signature)
        return
    wanted = _("{one} or {other}") if len(types) > 1 else "{one}"
    names = [type_name(_WANTED[each]) for each in types if each in _WANTED]
    yield facts.warning(
        node,
        _("{function} wants {wanted} here, not {given}.").format(
            function=function.name,
            wanted=wanted.format(one=names[0], other=names[-1]),
            given=type_name(given),
        ),
        function.signature,
    )


def _null_argument(facts: Facts, function: Function, number: int, node: tree.Expression) -> Problems:
    """Null where the function refuses it, or where it is a key that no dictionary has."""
    if _refuses_null(function, number):
        yield facts.warning(
            node, _("{function} refuses null here.").format(function=function.name), function.signature
        )
    elif function.name in ("RemoveKey", "HasKey") and number == 1:
        yield facts.warning(node, _("A dictionary has no entry without a key."), _("Write a text."))


@lru_cache(maxsize=4096)
def _refuses_null(function: Function, number: int) -> bool:
    """The function fails with null in a place and works with the usual arguments."""
    if not _can_try(function):
        return False
    places = tuple(itertools.islice(function.each(), max(function.minimum, number + 1)))
    for text in _TEXTS:
        usual = [_TYPICAL.get(argument.type.split("|")[0], text) for argument in places]
        if _error(function, usual) is None:
            usual[number] = None
            return _error(function, usual) is not None
    return False


@lru_cache(maxsize=4096)
def _refusal(function: Function, number: int, given: Kinds, declared: bool) -> str | None:
    """The error of a function that fails with such an argument and works with the usual one.

    Where nobody can try, its declaration is believed; `declared` says that it allows such arguments.
    """
    if not _can_try(function):
        believed = given & (ARRAY | DICTIONARY | BINARY | DATE) and "type" not in function.arguments[-1].type
        return "" if believed and not declared else None
    places = tuple(itertools.islice(function.each(), max(function.minimum, number + 1)))
    for text in _TEXTS:
        usual = [_TYPICAL.get(argument.type.split("|")[0], text) for argument in places]
        if _error(function, usual) is None:
            usual[number] = value = samples(given)[0]
            reason = _error(function, usual)
            # What is allowed may fail for this value only; it is the type's fault where the error names it.
            return None if declared and reason is not None and kind_of(value) not in reason else reason
    return None


def _can_try(function: Function) -> bool:
    """Running the function once changes nothing and asks nobody."""
    return function.run is not None and (not function.wants_host or function.family == "conversion")


def _error(function: Function, values: Sequence[Value]) -> str | None:
    """What a function says about some arguments; None when it works."""
    try:
        with decimal.localcontext(EXACT):
            function(PlainHost(), copy.deepcopy(values))
    except WeftError as error:
        return error.message
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return ""
    return None


def _constant(facts: Facts, function: Function, node: tree.Call) -> Problems:
    """A call with constants only that can but fail."""
    if not node.arguments or not isinstance(node.arguments[0], (tree.Literal, tree.Unary)):
        return
    if not _can_try(function) or not function.pure or "RegEx" in function.name or _tried(facts, node):
        return
    values = [literal(argument) for argument in node.arguments]
    if None in values or any(isinstance(value, str) and len(value) > _MOST_TEXT for value in values):
        return
    if any(isinstance(value, (int, float)) and abs(value) > _MOST_NUMBER for value in values):
        return
    reason = _error(function, values)
    if reason:
        yield facts.warning(node, _("This always fails: {reason}").format(reason=reason), function.signature)


def _tried(facts: Facts, node: tree.Call) -> bool:
    """The call stands where an error is expected."""
    return any(
        call.start < node.start < call.end and call.name.lower() in ("isvalid", "eval")
        for call in facts.calls
    )


def _always(operation: Callable[[Value], object], kinds: Kinds) -> RunError | None:
    """The error that an operation on one value ends in whatever it is, null aside; None when it can succeed."""
    type = sure(kinds)
    for value in (None,) if kinds == NULL else samples(type) if type is not None else ():
        try:
            operation(value)
        except RunError as error:
            return error
    return None


@lru_cache(maxsize=4096)
def _failure(operator: str, left: Kinds, right: Kinds) -> RunError | None:
    """The error that an operation ends in whatever its values are, None when it can succeed."""
    if (left | right) & ARRAY:
        return None
    error: RunError | None = None
    with decimal.localcontext(EXACT):
        for first, second in itertools.product(_values(left), _values(right)):
            try:
                binary(operator, first, second)
            except RunError as caught:
                error = caught
            else:
                return None
    return error


def _values(kinds: Kinds) -> tuple[Value, ...]:
    """One value of each kind; text that does not fit a field's type is left out where the type has values."""
    if kinds == NULL:
        return (None,)
    rest = kinds & ~(TEXT | NULL)
    return samples(rest if rest and kinds != ANY else kinds)


_RULES: dict[type, Callable[..., Problems]] = {
    tree.Binary: _binary,
    tree.Unary: _unary,
    tree.Index: _index,
    tree.Increment: _counting,
    tree.Assign: _assign,
    tree.Call: _call,
}
