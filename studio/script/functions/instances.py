"""Functions over the instances of a repeated node, given as an array; one value is one instance."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.arithmetic import equal_values
from studio.script.functions.arguments import instances, text, whole
from studio.script.functions.numbers import sum_of
from studio.script.functions.patterns import csv_line
from studio.script.functions.registry import declare, function
from studio.script.operators import binary
from studio.script.tree import Value
from studio.script.values import check_text_size, truth_of


@function(
    "instance",
    "Sum(de: array): number",
    N_("The total of all instances; exact for decimals, nulls left out."),
    "Sum([lines/line/qty] * [lines/line/price])",
    "9.5",
)
def _sum(values: Value) -> Value:
    return sum_of(instances(values))


@function(
    "instance",
    "Count(de: array): number",
    N_("How many instances have a value."),
    "Count([lines/line/@sku])",
    "2",
)
def _count(values: Value) -> int:
    return sum(value is not None for value in instances(values))


def _extreme(operator: str, values: Value) -> Value:
    best: Value = None
    for value in instances(values):
        if value is not None and (best is None or binary(operator, value, best) is True):
            best = value
    return best


@function(
    "instance",
    "Max(de: array): type",
    N_("The largest of all instances; null without any."),
    "Max({3, 9, 4})",
    "9",
)
def _max(values: Value) -> Value:
    return _extreme(">", values)


@function(
    "instance",
    "Min(de: array): type",
    N_("The smallest of all instances; null without any."),
    "Min({3, 9, 4})",
    "3",
)
def _min(values: Value) -> Value:
    return _extreme("<", values)


@function(
    "instance",
    "FindByPos(pos: number, de: array): type",
    N_("The instance at a position from 1; a negative position counts from the end."),
    "FindByPos(2, {'a', 'b', 'c'})",
    "'b'",
)
def _find_by_position(position: Value, values: Value) -> Value:
    found, at = instances(values), whole(position)
    index = at - 1 if at > 0 else len(found) + at
    return found[index] if at != 0 and 0 <= index < len(found) else None


def _equals(left: Value, right: Value) -> bool:
    return not isinstance(left, list) and not isinstance(right, list) and equal_values(left, right)


@function(
    "instance",
    "Exist(v: type, de: array): bool",
    N_("Whether a value is among the instances."),
    "Exist('b', {'a', 'b'})",
    "true",
)
def _exist(wanted: Value, values: Value) -> bool:
    return any(_equals(wanted, value) for value in instances(values))


@function(
    "instance",
    "FindValue(v: type, de1: array, de2: array): type",
    N_("The second element's value at the instance where the first one has the given value, else null."),
    "FindValue('b', {'a', 'b'}, {10, 20})",
    "20",
)
def _find_value(wanted: Value, keys: Value, values: Value) -> Value:
    pairs = zip(instances(keys), instances(values), strict=False)
    return next((value for key, value in pairs if _equals(wanted, key)), None)


@function(
    "instance",
    "ResolveOneOf(de: array): type",
    N_("The first instance that is not null."),
    "ResolveOneOf({Null(), 'b'})",
    "'b'",
)
def _resolve(values: Value) -> Value:
    return next((value for value in instances(values) if value is not None), None)


@function(
    "instance",
    "SumString(de: array, delimiter?: string, omitLast?: bool): string",
    N_("All instances joined, each followed by the delimiter (a semicolon if none is given)."),
    "SumString({'a', 'b'}, ', ', true)",
    "'a, b'",
)
def _sum_string(values: Value, delimiter: Value = ";", omit_last: Value = False) -> str:
    parts, mark = [text(value) for value in instances(values)], text(delimiter)
    check_text_size(sum(map(len, parts)) + len(mark) * len(parts))
    joined = mark.join(parts)
    return joined if truth_of(omit_last) or not parts else joined + mark


@function(
    "instance",
    "SumCSV(de: array): string",
    N_("All instances as one comma-separated line."),
    "SumCSV({'a', 'b, c'})",
    "'a,\"b, c\"'",
)
def _sum_csv(values: Value) -> str:
    return csv_line(instances(values))


declare(
    "instance",
    "GetInstance(): type",
    N_("The array entry that this target instance is made from (see each: and SetInstances)."),
    "GetInstance()",
    "'first entry'",
    pure=False,
)
declare(
    "instance",
    "SetInstances(nodeName: string, de: type): null",
    N_(
        "Gives a target node the array entries it is made from, one instance each; for the condition of a node around it. "
        "The node has no loop of its own; its rules read the entry with GetInstance. Giving the array as the node's `each` "
        "does the same."
    ),
    "SetInstances('line', {1, 2})",
    "null",
    fails=N_("No mapped node of that name, without a loop of its own, is below the rule."),
    pure=False,
)
declare(
    "instance",
    "SortInstances(nodeName: string, sourceDataElements1?: array, more?...: type): null",
    N_(
        "Sets the order in which a target node's instances are made, by one or more arrays of keys, each with whether it "
        "goes up; for the condition of a node around it. Giving the loop a sort order does the same."
    ),
    "SortInstances('line', [lines/line/@sku], true)",
    "null",
    fails=N_("No looping node of that name is below the rule, or there are not as many keys as instances."),
    pure=False,
)
declare(
    "instance",
    "CountSourceRecords(): number",
    N_(
        "How many source records feed the target node: the turns of the nearest loop. All records are then held in memory."
    ),
    "CountSourceRecords()",
    "5",
    pure=False,
)
