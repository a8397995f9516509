"""Arrays and dictionaries. Both are shared between variables, not copied."""

from __future__ import annotations

import functools
import math
from decimal import Decimal

from studio.base.i18n import N_, _
from studio.script.arithmetic import aligned, same
from studio.script.errors import RunError
from studio.script.functions.arguments import array, dictionary, text
from studio.script.functions.registry import declare, function
from studio.script.operators import key_of
from studio.script.tree import Value
from studio.script.values import Number, check_entries, number_of, truth_of, whole_of


def _new_array() -> Value:
    return []


def _new_dictionary() -> Value:
    return {}


declare("array", "Array(): array", N_("A new, empty array."), "Array()", "{}", run=_new_array, pure=False)
declare(
    "array", "Collection(): array", N_("The same as Array."), "Collection()", "{}", run=_new_array, pure=False
)
declare(
    "array",
    "Dict(): dictionary",
    N_("A new, empty dictionary."),
    "Dict()",
    "[]",
    run=_new_dictionary,
    pure=False,
)
declare("array", "Map(): dictionary", N_("The same as Dict."), "Map()", "[]", run=_new_dictionary, pure=False)


@function(
    "array",
    "AddToDict(dict: dictionary, key: type, arg: type): bool",
    N_("Sets an entry of a dictionary; true when the key is new."),
    "d = Dict(); AddToDict(d, 'BR', 'Brazil')",
    "true",
    pure=False,
)
def _add(target: Value, key: Value, value: Value) -> bool:
    entries, name = dictionary("AddToDict", target), key_of(key)
    new = name not in entries
    check_entries(len(entries) + 1)
    entries[name] = value
    return new


@function(
    "array",
    "CollectValues(dict: dictionary, names: array): array",
    N_("The values of a dictionary for the given keys, in their order; null for a missing key."),
    "d = Dict(); d['a'] = 1; CollectValues(d, {'a', 'b'})",
    "{1, null}",
    pure=False,
)
def _collect(target: Value, names: Value) -> Value:
    entries = dictionary("CollectValues", target)
    return [entries.get(key_of(name)) for name in array("CollectValues", names)]


@function(
    "array",
    "GetKeys(dict: dictionary): array",
    N_("The keys of a dictionary, in the order they were set."),
    "d = Dict(); d['a'] = 1; GetKeys(d)",
    "{'a'}",
    pure=False,
)
def _keys(target: Value) -> Value:
    return list(dictionary("GetKeys", target))


@function(
    "array",
    "HasKey(dict: dictionary, key: string): bool",
    N_("Whether a dictionary has the key."),
    "d = Dict(); d['a'] = 1; HasKey(d, 'a')",
    "true",
    pure=False,
)
def _has_key(target: Value, key: Value) -> bool:
    return key_of(key) in dictionary("HasKey", target)


@function(
    "array",
    "MapCache(dict: dictionary, key: string, value: string): type",
    N_("The value of a key; where it is missing, the third argument is stored first."),
    "d = Dict(); MapCache(d, 'a', 'first')",
    "'first'",
    pure=False,
)
def _map_cache(target: Value, key: Value, value: Value) -> Value:
    entries, name = dictionary("MapCache", target), key_of(key)
    if name not in entries:
        check_entries(len(entries) + 1)
        entries[name] = text(value)
    return entries[name]


@function(
    "array",
    "RemoveKey(dict: dictionary, key: string): bool",
    N_("Removes an entry of a dictionary; false when there was none."),
    "d = Dict(); d['a'] = 1; RemoveKey(d, 'a')",
    "true",
    pure=False,
)
def _remove_key(target: Value, key: Value) -> bool:
    entries = dictionary("RemoveKey", target)
    if key is None or key_of(key) not in entries:
        return False
    del entries[key_of(key)]
    return True


@function(
    "array",
    "ReduceDimension(arrayMultiD: array): array",
    N_("The array with its innermost arrays joined into those around them."),
    "ReduceDimension({{1,2},{3}})",
    "{1, 2, 3}",
    pure=False,
)
def _reduce(value: Value) -> Value:
    return _merged(array("ReduceDimension", value), 0, [0])


def _merged(entries: list[Value], depth: int, seen: list[int]) -> list[Value]:
    """`seen` holds the number of entries looked at: arrays may hold one another many times over."""
    if depth > 50:
        raise RunError(_("The array is nested too deeply, or holds itself."))
    seen[0] += len(entries)
    check_entries(seen[0])
    inner = [entry for entry in entries if isinstance(entry, list)]
    if len(inner) != len(entries) or not entries:
        raise RunError(_("ReduceDimension needs an array of arrays."))
    if any(isinstance(part, list) for entry in inner for part in entry):
        return [_merged(entry, depth + 1, seen) for entry in inner]
    check_entries(sum(len(entry) for entry in inner))
    return [part for entry in inner for part in entry]


@function(
    "array",
    "SortArray(arrayToSort: array, index?: number|bool, isAscending?: bool): null",
    N_(
        "Sorts an array in place by the numbers its entries begin with; index sorts arrays by one of their entries."
    ),
    "a = {3, 1, 2}; SortArray(a, false); a",
    "{3, 2, 1}",
    pure=False,
)
def _sort(value: Value, first: Value = True, second: Value = None) -> Value:
    entries = array("SortArray", value)
    by_index = bool(entries) and isinstance(entries[0], list) and not isinstance(first, bool)
    ascending = truth_of(second) if by_index and second is not None else (by_index or truth_of(first))
    index = whole_of(first) if by_index else 0

    def key(entry: Value) -> Number:
        if by_index:
            inner = array("SortArray", entry)
            entry = inner[index] if 0 <= index < len(inner) else None
        return 0 if isinstance(entry, (list, dict, bytes)) else number_of(entry)

    keyed = [(key(entry), entry) for entry in entries]
    order = functools.cmp_to_key(_compare)
    keyed.sort(key=lambda pair: order(pair[0]), reverse=not ascending)
    entries[:] = [entry for _number, entry in keyed]
    return None


def _compare(left: Number, right: Number) -> int:
    first, second = aligned(left, right)
    return (first > second) - (first < second)


@function(
    "logic",
    "Equal(arg1: type, arg2: type): bool",
    N_("Whether two values, or two arrays entry by entry, are equal; null equals null here."),
    "Equal({1, {2}}, {1, {2}})",
    "true",
    pure=False,
)
def _equal(left: Value, right: Value) -> bool:
    return same(left, right)


@function(
    "general",
    "Length(x: type): number",
    N_("Characters of a text, entries of an array or dictionary, bytes of binary data; 0 for null."),
    "Length('abc')",
    "3",
)
def _length(value: Value) -> int:
    return len(value) if isinstance(value, (list, dict, bytes)) else len(text(value))


@function(
    "general",
    "IsInteger(x: type): bool",
    N_("Whether a value is a whole number, or text written as one."),
    "IsInteger(3.5)",
    "false",
)
def _is_integer(value: Value) -> bool:
    if isinstance(value, str):
        digits = value.strip().removeprefix("-")
        return digits.isascii() and digits.isdigit()
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return math.isfinite(value) and value == int(value)
