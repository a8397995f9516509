"""General functions: null, variables by name, lists, random values, value tables, log and errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from studio.base.i18n import N_
from studio.base.lazily import Lazily
from studio.script.arithmetic import equal_values
from studio.script.errors import RunError
from studio.script.functions.arguments import finite, text, whole
from studio.script.functions.registry import declare, function
from studio.script.host import Host
from studio.script.operators import get_entry, set_entry
from studio.script.tree import Value
from studio.script.values import check_text_size, text_of, truth_of

if TYPE_CHECKING:
    import platform
    import random
    import uuid
else:
    random = Lazily("random")
    platform = Lazily("platform")
    uuid = Lazily("uuid")

LAST_ERROR = "jitterbit.operation.last_error"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@function("general", "Null(): null", N_("Nothing: an optional target stays out."), "Null()", "null")
def _null() -> Value:
    return None


@function("general", "IsNull(x: type): bool", N_("Whether there is no value."), "IsNull(Null())", "true")
def _is_null(value: Value) -> bool:
    return value is None


@function(
    "general",
    "InList(x: type, arg?...: type): number",
    N_("The place, from 1, of the first argument equal to x; 0 when there is none."),
    "InList('b', 'a', 'b', 'c')",
    "2",
)
def _in_list(wanted: Value, *values: Value) -> int:
    for place, value in enumerate(values, 1):
        if not isinstance(wanted, list) and not isinstance(value, list) and equal_values(wanted, value):
            return place
    return 0


@function(
    "general",
    "Get(name: string|array, index?...: number): type",
    N_("The global variable of that name, or one entry of it."),
    "$greeting = 'hello'; Get('greeting')",
    "'hello'",
    host=True,
)
def _get(host: Host, name: Value, *indexes: Value) -> Value:
    value = name if isinstance(name, (list, dict)) else host.variables.get(_variable(name))
    for index in indexes:
        value = get_entry(value, index)
    return value


@function(
    "general",
    "Set(name: string|array, value: type, index?...: number): type",
    N_("Sets the global variable of that name, or one entry of it, and gives the value."),
    "Set('greeting', 'hello')",
    "'hello'",
    host=True,
)
def _set(host: Host, name: Value, value: Value, *indexes: Value) -> Value:
    if not indexes and not isinstance(name, (list, dict)):
        host.variables[_variable(name)] = value
        return value
    if isinstance(name, (list, dict)):
        target: Value = name
    else:
        target = host.variables.setdefault(_variable(name), [])
    for index in indexes[:-1]:
        target = get_entry(target, index)
    if indexes:
        set_entry(target, indexes[-1], value)
    return value


def _variable(name: Value) -> str:
    return text(name).removeprefix("$")


@function("general", "GUID(): string", N_("A new random UUID."), "Length(GUID())", "36", pure=False)
def _guid() -> str:
    return str(uuid.uuid4())


@function(
    "general",
    "Random(min: number, max: number): number",
    N_("A random whole number between two others, both included."),
    "r = Random(1, 6); r >= 1 && r <= 6",
    "true",
    pure=False,
)
def _random(least: Value, most: Value) -> int:
    low, high = sorted((whole(least), whole(most)))
    return random.randint(low, high)


@function(
    "general",
    "RandomString(len: number, chars?: string): string",
    N_("A random text of a length, from letters and digits or the given characters."),
    "Length(RandomString(8))",
    "8",
    pure=False,
)
def _random_string(length: Value, chars: Value = _LETTERS) -> str:
    count, letters = max(0, whole(length)), text(chars)
    check_text_size(count)
    return "".join(random.choices(letters, k=count)) if letters else ""


@function(
    "general", "Sleep(seconds: number): null", N_("Waits so many seconds."), "Sleep(0.01)", "null", host=True
)
def _sleep(host: Host, seconds: Value) -> Value:
    until = time.monotonic() + finite(seconds)
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.02))
        host.tick()
    return None


@function(
    "general",
    "TableLookup(table: string, key: type, column?: string, default?: type): type",
    N_("The value of a key in a value table of the project; the default, else null, where it is missing."),
    "TableLookup('countries', 'BR')",
    "'Brazil'",
    host=True,
)
def _lookup(host: Host, table: Value, key: Value, column: Value = None, default: Value = None) -> Value:
    if key is None:
        return default
    if type(key) is str and type(table) is str and column is None:
        found, value = host.lookup(table, key, None)
        return value if found else default
    name = None if column is None or column == "" else text(column)
    found, value = host.lookup(text(table), text(key), name)
    return value if found else default


@function(
    "general",
    "GetServerName(): string",
    N_("The name of this computer."),
    "Length(GetServerName()) > 0",
    "true",
    pure=False,
)
def _server() -> str:
    return platform.node()


@function(
    "log",
    "WriteToOperationLog(message: string): string",
    N_("Adds a line to the operation's log and gives it back."),
    "WriteToOperationLog('Order ' + [@id])",
    "'Order 2041'",
    host=True,
)
def _write_log(host: Host, message: Value) -> str:
    line = text_of(message)
    host.log(line)
    return line


@function(
    "log",
    "GetLastError(): string",
    N_("The text of the latest error; empty without one."),
    "Eval(1 / 0, 'failed'); GetLastError()",
    "'Division by 0.'",
    host=True,
)
def _last_error(host: Host) -> str:
    return text(host.variables.get(LAST_ERROR))


@function(
    "log",
    "SetLastError(message: string): null",
    N_("Keeps a text as the latest error."),
    "SetLastError('No price'); GetLastError()",
    "'No price'",
    host=True,
)
def _set_last_error(host: Host, message: Value) -> Value:
    host.variables[LAST_ERROR] = text(message)
    return None


@function(
    "log",
    "ResetLastError(): null",
    N_("Forgets the latest error."),
    "SetLastError('No price'); ResetLastError(); GetLastError()",
    "''",
    host=True,
)
def _reset_last_error(host: Host) -> Value:
    host.variables[LAST_ERROR] = ""
    return None


@function(
    "log",
    "RaiseError(message: string): null",
    N_("Stops the script with an error; in a mapping, the record fails."),
    "Eval(If([qty] > 10, RaiseError('Too many')), 'refused')",
    "'refused'",
    host=True,
)
def _raise(host: Host, message: Value) -> Value:
    host.variables[LAST_ERROR] = text(message)
    raise RunError(text(message))


@function(
    "log",
    "DebugBreak(booleanExpression?: bool): bool",
    N_(
        "Halts a run that is followed step by step where the condition holds, and gives the condition. Elsewhere it does nothing."
    ),
    "DebugBreak([qty] > 100)",
    "false",
    host=True,
)
def _debug_break(host: Host, condition: Value = True) -> bool:
    wanted = truth_of(condition)
    if wanted:
        host.pause()
    return wanted


@function(
    "instance",
    "AutoNumber(): number",
    N_(
        "The running number of the instance being made, as TargetInstanceCount gives it; kept for older scripts."
    ),
    "AutoNumber()",
    "2",
    host=True,
)
def _auto_number(host: Host) -> Value:
    return host.ask("TargetInstanceCount", ())


for _name, _gives, _doc in (
    ("RecordCount", "2", N_("The number of the target record being made, from 1.")),
    ("SourceInstanceCount", "3", N_("The number of the current instance of the source loop.")),
    ("TargetInstanceCount", "2", N_("The number of the current instance of the target loop.")),
):
    declare("instance", f"{_name}(): number", _doc, f"{_name}()", _gives, pure=False)
