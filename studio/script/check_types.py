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
from studio.script.values import EXACT, truth_of

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
    "string": "1", "number": 1, "bool": True, "array": ["1"], "dictionary": {}, "binary": b"\0", "type": "1",
}  # fmt: skip
_WANTED = {
    "string": TEXT, "number": NUMBER, "bool": BOOL, "date": DATE, "array": ARRAY, "dictionary": DICTIONARY,
    "binary": BINARY,
}  # fmt: skip
_MOST_TEXT = 200
_MOST_NUMBER = 10_000_000


def problems(facts: Facts) -> Problems:
    """Problems of types, in no order."""
    for node in facts.nodes:
        match node:
            case tree.Binary():
                yield from _binary(facts, node)
            case tree.Unary():
                yield from _unary(facts, node)
            case tree.Index():
                yield from _index(facts, node)
            case tree.Increment():
                yield from _failing(facts, node, partial(counted, node.operator), facts.kinds(node.target))
            case tree.Assign(operator="+=" | "-="):
                reason = _failure(node.operator[0], facts.kinds(node.target), facts.kinds(node.value))
                if reason is not None:
                    yield facts.warning(node, reason.message, reason.next_step)
            case tree.Call() if node.name:
                yield from _call(facts, node)


def _binary(facts: Facts, node: tree.Binary) -> Problems:
    if node.operator in ("==", "!=") and any(_is_null(side) for side in (node.left, node.right)):
        yield facts.warning(node, _("Null is never equal to anything."), _("Write IsNull(…)."))
        return
    if node.operator in ("&&", "||"):
        yield from _logical(facts, node)
        return
    reason = _failure(node.operator, facts.kinds(node.left), facts.kinds(node.right))
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)
        return
    left, right = facts.sure(node.left), facts.sure(node.right)
    if ARRAY in (left, right):
        yield from _broadcast(facts, node, left, right)
    elif node.operator in _COMPARING and left is not None and right is not None:
        yield from _comparison(facts, node, left, right)


def _failing(facts: Facts, node: tree.Node, operation: Callable[[Value], object], kinds: Kinds) -> Problems:
    reason = _always(operation, kinds)
    if reason is not None:
        yield facts.warning(node, reason.message, reason.next_step)


def _is_null(node: tree.Expression) -> bool:
    return isinstance(node, tree.Call) and node.name.lower() == "null"


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
        if type in (ARRAY, DICTIONARY, DATE, BINARY) and type is not None:
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
    if node.operator == "-" and type == BOOL:
        yield facts.warning(node, _("A minus changes nothing here."), _("For the opposite, write !."))
    elif node.operator == "-" and type == TEXT:
        yield facts.warning(
            node,
            _("This makes a number of the text, and a text of the number again."),
            _("Write -Double(…)."),
        )


def _index(facts: Facts, node: tree.Index) -> Problems:
    target, key = facts.sure(node.target), facts.sure(node.key)
    if target is not None and target not in (ARRAY, DICTIONARY):
        reason = _always(lambda value: get_entry(value, 0), facts.kinds(node.target))
        if reason is not None:
            yield facts.warning(node, reason.message, _("Only arrays and dictionaries have entries."))
    elif target == ARRAY and key == TEXT and not numeric(node.key):
        yield facts.warning(
            node.key,
            _("An array has no entry of this name."),
            _("Write a number from 0, or make it with Dict()."),
        )
    elif target == ARRAY and _negative(node.key):
        yield facts.warning(node.key, _("An index is never negative."), _("Count from 0."))
    elif target == ARRAY:
        yield from _failing(facts, node.key, lambda value: get_entry(["1"], value), facts.kinds(node.key))
    elif target == DICTIONARY and facts.kinds(node.key) == NULL:
        yield facts.warning(node.key, _("A dictionary has no entry without a key."), _("Write a text."))


def _negative(node: tree.Expression) -> bool:
    value = literal(node)
    return isinstance(value, (int, float)) and value < 0


def _call(facts: Facts, node: tree.Call) -> Problems:
    function = find(node.name)
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
    given = facts.sure(node)
    if given is None or "node" in types:
        return
    taken = Kinds(0)
    for each in types:
        taken |= _TAKEN.get(each, ANY)
    odd = types == ["number"] and given == TEXT and isinstance(node, tree.Literal) and not numeric(node)
    if "type" not in types and (given & taken or (given == TEXT and taken & NUMBER and not odd)):
        return
    reason = "" if odd else _refusal(function, number, given)
    if reason is None:
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


@lru_cache(maxsize=4096)
def _refusal(function: Function, number: int, given: Kinds) -> str | None:
    """The error of a function that fails with such an argument and works with the usual one.

    Where nobody can try, its declaration is believed.
    """
    if function.run is None or function.wants_host:
        believed = given & (ARRAY | DICTIONARY | BINARY | DATE) and "type" not in function.arguments[-1].type
        return "" if believed else None
    declared = tuple(itertools.islice(function.each(), max(function.minimum, number + 1)))
    usual = [_TYPICAL.get(argument.type.split("|")[0], "1") for argument in declared]
    odd = [*usual]
    odd[number] = samples(given)[0]
    return _error(function, odd) if _error(function, usual) is None else None


def _error(function: Function, values: Sequence[Value]) -> str | None:
    """What a function says about some arguments; None when it works."""
    assert function.run is not None
    try:
        with decimal.localcontext(EXACT):
            function.run(*copy.deepcopy(values))
    except WeftError as error:
        return error.message
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return ""
    return None


def _constant(facts: Facts, function: Function, node: tree.Call) -> Problems:
    """A call with constants only that can but fail."""
    if not node.arguments or not isinstance(node.arguments[0], (tree.Literal, tree.Unary)):
        return
    if function.run is None or function.wants_host or not function.pure or "RegEx" in function.name:
        return
    values = [literal(argument) for argument in node.arguments]
    if (
        not values
        or None in values
        or any(isinstance(value, str) and len(value) > _MOST_TEXT for value in values)
    ):
        return
    if any(isinstance(value, (int, float)) and abs(value) > _MOST_NUMBER for value in values):
        return
    try:
        with decimal.localcontext(EXACT):
            function.run(*values)
    except RunError as error:
        yield facts.warning(
            node, _("This always fails: {reason}").format(reason=error.message), error.next_step
        )
    except (WeftError, ArithmeticError, ValueError, TypeError):
        return


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
