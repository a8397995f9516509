"""Regular expressions, splitting, masks and web addresses."""

from __future__ import annotations

import csv
import functools
import io
import urllib.parse
from typing import TYPE_CHECKING, Any

from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.base.patterns import pattern
from studio.script.errors import LimitReached, RunError
from studio.script.functions.arguments import array, text
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import check_entries, check_text_size, text_of

if TYPE_CHECKING:
    import regex
else:
    regex = Lazily("regex")

LONGEST_PATTERN = 10_000
PATTERN_SECONDS = 2.0
"""Longest one regular expression may work on one text."""


@functools.lru_cache(maxsize=256)
def compiled_pattern(expression: str, ignore_case: bool = False) -> Any:
    """The expression, ready to be used; those used lately are kept. Raises RunError."""
    if len(expression) > LONGEST_PATTERN:
        raise RunError(_("A regular expression may have {n} characters at most.").format(n=LONGEST_PATTERN))
    try:
        return regex.compile(expression, regex.IGNORECASE if ignore_case else 0)
    except (regex.error, RecursionError, OverflowError) as error:
        raise RunError(
            _("The regular expression {text} cannot be used: {reason}.").format(
                text=expression[:80], reason=error
            )
        ) from error


def too_slow(expression: str) -> LimitReached:
    """The error of an expression that works for too long on one text."""
    return LimitReached(
        _("The regular expression {text} takes longer than {n} seconds.").format(
            text=expression[:80], n=PATTERN_SECONDS
        ),
        next_step=_("Avoid repetitions inside repetitions, such as (a+)+."),
    )


def matches(string: str, expression: str, *, whole: bool = False, ignore_case: bool = False) -> bool:
    """Whether an expression matches somewhere in a text, or with `whole` all of it."""
    pattern = compiled_pattern(expression, ignore_case)
    find = pattern.fullmatch if whole else pattern.search
    try:
        return find(string, timeout=PATTERN_SECONDS) is not None
    except TimeoutError as error:
        raise too_slow(expression) from error


@function(
    "text",
    "RegExMatch(str: string, exp: string, var?...: string): number",
    N_("How many groups the expression's first match has, -1 without a match; they go to the named globals."),
    "RegExMatch('[abc]', '(.)(.*)(.)', 'open', 'inside')",
    "3",
    host=True,
)
def _match(host: Host, string: Value, expression: Value, *names: Value) -> int:
    pattern = compiled_pattern(text(expression))
    try:
        match = pattern.search(text(string), timeout=PATTERN_SECONDS)
    except TimeoutError as error:
        raise too_slow(text(expression)) from error
    if match is None:
        return -1
    for name, group in zip(names, match.groups(), strict=False):
        host.variables[text(name).removeprefix("$")] = group
    # Without groups the whole match counts, so that > 0 always means found.
    return max(1, len(match.groups()))


@function(
    "text",
    "RegExReplace(str: string, exp: string, format: string): string",
    N_("The text with every match of an expression replaced; $1 or \\1 in the format is the first group."),
    "RegExReplace('2026-03-01', '(\\d+)-(\\d+)-(\\d+)', '$3/$2/$1')",
    "'01/03/2026'",
)
def _replace(string: Value, expression: Value, replacement: Value) -> str:
    pattern, template = compiled_pattern(text(expression)), text(replacement)
    size = 0

    def fill(match: Any) -> str:
        nonlocal size
        filled = REFERENCE.sub(lambda reference: _group(match, reference), template)
        size += len(filled)
        check_text_size(size)
        return str(filled)

    try:
        return str(pattern.sub(fill, text(string), timeout=PATTERN_SECONDS))
    except TimeoutError as error:
        raise too_slow(text(expression)) from error


REFERENCE = pattern(r"[$\\](&|\d{1,2})|\$\{(\d{1,2})\}|\\(.)")


def _group(match: Any, reference: Any) -> str:
    number = reference[1] or reference[2]
    if number is None:
        return str(reference[3])
    index = 0 if number == "&" else int(number)
    return (match[index] or "") if index <= len(match.groups()) else ""


@function(
    "text",
    "Split(str: string, delimiter: string): array",
    N_("The parts of a text between the delimiters, as an array; an empty last part is left out."),
    "Split('a,b,c', ',')",
    "{'a', 'b', 'c'}",
)
def _split(string: Value, delimiter: Value) -> Value:
    whole_text, mark = text(string), text(delimiter)
    parts: list[Value] = list(whole_text.split(mark)) if mark else list(whole_text)
    if parts and parts[-1] == "":
        parts.pop()
    check_entries(len(parts))
    return parts


@function(
    "text",
    "SplitCSV(str: string, delimiter?: string, qualifier?: string): array",
    N_("The columns of one delimited line as an array; quotes are removed."),
    "SplitCSV('1,\"a, b\",3')",
    "{'1', 'a, b', '3'}",
)
def _split_csv(string: Value, delimiter: Value = ",", qualifier: Value = '"') -> Value:
    mark, quote = text(delimiter) or ",", text(qualifier)[:1]
    if len(mark) != 1 or mark == quote or mark in "\r\n":
        raise RunError(_("{text} cannot be the delimiter of SplitCSV.").format(text=mark))
    options: dict[str, Any] = (
        {"quotechar": quote, "doublequote": True} if quote else {"quoting": csv.QUOTE_NONE}
    )
    try:
        rows = list(csv.reader(io.StringIO(text(string), newline=""), delimiter=mark, **options))
    except csv.Error as error:
        raise RunError(_("The line cannot be split: {reason}.").format(reason=error)) from error
    return list(rows[0]) if rows else []


def csv_line(values: list[Value]) -> str:
    """The values as one line of comma-separated columns, quoted where needed, without a line end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if value is None else text_of(value) for value in values])
    return out.getvalue()


@function(
    "text",
    "URLEncode(url: string, encodingOption?: number): string",
    N_("The text with every character that an address may not hold written as %XX."),
    "URLEncode('a b&c')",
    "'a%20b%26c'",
)
def _url_encode(string: Value, _option: Value = 0) -> str:
    whole_text = text(string)
    check_text_size(len(whole_text) * 3)
    return urllib.parse.quote(whole_text.encode("utf-8", "surrogatepass"), safe="-_.!~*'()")


_ADDRESS = pattern(r"([A-Za-z][A-Za-z0-9+.\-]*):[/\\]*(.?)")
_WITH_HOST = frozenset({"http", "https", "ftp", "ws", "wss"})


def _query(function_name: str, url: Value) -> list[tuple[str, str]]:
    whole_url = text(url)
    begin = _ADDRESS.match(whole_url)
    if begin is None or (begin[1].lower() in _WITH_HOST and begin[2] in ("", "?", "#")):
        raise RunError(
            _("{function}: {url} is not an address.").format(function=function_name, url=whole_url)
        )
    query = whole_url.partition("#")[0].partition("?")[2]
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(_decoded(name), _decoded(value)) for name, _equals, value in pairs]


def _decoded(part: str) -> str:
    return urllib.parse.unquote(part.replace("+", " "))


@function(
    "text",
    "URLDecode(url: string, paramName: string): string",
    N_("The value of one parameter of an address, decoded; empty when it is missing."),
    "URLDecode('http://host/?name=John%20Smith', 'name')",
    "'John Smith'",
)
def _url_decode(url: Value, name: Value) -> str:
    wanted = text(name)
    return next((value for key, value in _query("URLDecode", url) if key == wanted), "")


@function(
    "text",
    "ParseURL(url: string): array",
    N_("The values of all parameters of an address, decoded, as an array."),
    "ParseURL('http://host/?a=1&b=2')",
    "{'1', '2'}",
)
def _parse_url(url: Value) -> Value:
    return [value for _name, value in _query("ParseURL", url)]


@function(
    "general",
    "ReadArrayString(arrayString: string, type?: string): array",
    N_("The array written in a text such as {1,{2,3}}; type is string, int, double or bool."),
    "ReadArrayString('{1,2,3}', 'int')",
    "{1, 2, 3}",
)
def _read_array(string: Value, kind: Value = "string") -> Value:
    from_text = _ENTRY.get(text(kind).lower())
    if from_text is None:
        raise RunError(_("ReadArrayString knows no type {type}.").format(type=text(kind)))
    stack: list[list[Value]] = [[]]
    whole_text = text(string)
    for token in _ARRAY_TOKEN.finditer(whole_text):
        if token[0] == "{":
            stack.append([])
            check_entries(len(stack) * 1000)
        elif token[0] == "}" and len(stack) > 1:
            done = stack.pop()
            stack[-1].append(done)
        elif token[0] == "}":
            break
        elif token["quoted"] is not None:
            stack[-1].append(from_text(token["quoted"].replace('""', '"')))
        elif token["plain"] is not None and token["plain"].strip():
            stack[-1].append(from_text(token["plain"].strip()))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise RunError(_("{text} is not written like an array.").format(text=whole_text[:80]))
    return array("ReadArrayString", stack[0][0])


_ARRAY_TOKEN = pattern(r'[{}]|"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^{},"]+)')
_ENTRY: dict[str, Any] = {
    "string": str,
    "int": lambda entry: _number(entry, int),
    "integer": lambda entry: _number(entry, int),
    "long": lambda entry: _number(entry, int),
    "double": lambda entry: _number(entry, float),
    "float": lambda entry: _number(entry, float),
    "bool": lambda entry: entry.lower() in ("1", "t", "true"),
}


def _number(entry: str, kind: type) -> Value:
    try:
        return kind(entry)  # type: ignore[no-any-return]
    except ValueError as error:
        raise RunError(_("{text} is not a number.").format(text=entry[:80])) from error
