"""Text functions. Positions count from 0, lengths are in characters, null counts as empty text."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import N_, _
from studio.script.errors import LimitReached
from studio.script.functions.arguments import text, whole
from studio.script.functions.registry import function
from studio.script.tree import Value
from studio.script.values import check_text_size

_WORK = 50_000_000
"""Most characters compared in looking for a text."""
SPACE = " \t\n\r\f\v"
"""What the Trim functions take away."""


def _count(value: Value) -> int:
    return max(0, whole(value))


@function(
    "text",
    "Left(str: string, n: number): string",
    N_("The first n characters."),
    "Left('cockroach', 4)",
    "'cock'",
)
def _left(string: Value, n: Value) -> str:
    return text(string)[: _count(n)]


@function(
    "text",
    "Right(str: string, n: number): string",
    N_("The last n characters."),
    "Right('peacock', 4)",
    "'cock'",
)
def _right(string: Value, n: Value) -> str:
    count = _count(n)
    return text(string)[-count:] if count else ""


@function(
    "text",
    "Mid(str: string, m: number, n: number): string",
    N_("n characters from position m on; the first character is at 0."),
    "Mid('order-2041', 6, 4)",
    "'2041'",
)
def _mid(string: Value, m: Value, n: Value) -> str:
    start = _count(m)
    return text(string)[start : start + _count(n)]


@function("text", "ToUpper(str: string): string", N_("The text in capitals."), "ToUpper('abc')", "'ABC'")
def _upper(string: Value) -> str:
    return text(string).upper()


@function("text", "ToLower(str: string): string", N_("The text in small letters."), "ToLower('ABC')", "'abc'")
def _lower(string: Value) -> str:
    return text(string).lower()


@function(
    "text",
    "ToProper(str: string): string",
    N_("Every word with a capital first letter and small letters after it."),
    "ToProper('jane DOE')",
    "'Jane Doe'",
)
def _proper(string: Value) -> str:
    return "".join(
        char.lower() if at and _in_word(whole_text, at - 1) else char.upper()
        for whole_text in (text(string),)
        for at, char in enumerate(whole_text)
    )


def _in_word(string: str, at: int) -> bool:
    return string[at].isalnum() or string[at] in "'’"


@function(
    "text",
    "Trim(str: string): string",
    N_("The text without white space at its ends."),
    "Trim('  x ')",
    "'x'",
)
def _trim(string: Value) -> str:
    return text(string).strip(SPACE)


@function(
    "text", "LTrim(str: string): string", N_("The text without leading white space."), "LTrim('  x')", "'x'"
)
def _ltrim(string: Value) -> str:
    return text(string).lstrip(SPACE)


@function(
    "text", "RTrim(str: string): string", N_("The text without trailing white space."), "RTrim('x  ')", "'x'"
)
def _rtrim(string: Value) -> str:
    return text(string).rstrip(SPACE)


_STRIP = {"lr": str.strip, "l": str.lstrip, "r": str.rstrip}


def _without(string: str, chars: str, sides: str) -> str:
    """The text without any of the characters at its left (l), right (r) or both ends, in one look at each."""
    if len(chars) <= 64:
        return _STRIP[sides](string, chars)
    unwanted = frozenset(chars)
    start, end = 0, len(string)
    if "l" in sides:
        while start < end and string[start] in unwanted:
            start += 1
    if "r" in sides:
        while end > start and string[end - 1] in unwanted:
            end -= 1
    return string[start:end]


@function(
    "text",
    "TrimChars(str: string, trimChars: string): string",
    N_("The text without the given characters at its ends."),
    "TrimChars('--x-', '-')",
    "'x'",
)
def _trim_chars(string: Value, chars: Value) -> str:
    return _without(text(string), text(chars), "lr")


@function(
    "text",
    "LTrimChars(str: string, trimChars: string): string",
    N_("The text without the given characters at its start."),
    "LTrimChars('0042', '0')",
    "'42'",
)
def _ltrim_chars(string: Value, chars: Value) -> str:
    return _without(text(string), text(chars), "l")


@function(
    "text",
    "RTrimChars(str: string, trimChars: string): string",
    N_("The text without the given characters at its end."),
    "RTrimChars('12.50', '0')",
    "'12.5'",
)
def _rtrim_chars(string: Value, chars: Value) -> str:
    return _without(text(string), text(chars), "r")


def _padding(string: str, char: str, n: Value) -> str:
    count = _count(n)
    check_text_size(count)
    return char * (count - len(string))


@function(
    "text",
    "LPad(str: string, n: number): string",
    N_("The text filled with blanks on the left, or cut, to n characters."),
    "LPad('42', 6)",
    "'    42'",
)
def _lpad(string: Value, n: Value) -> str:
    whole_text = text(string)
    return _padding(whole_text, " ", n) + whole_text[: _count(n)]


@function(
    "text",
    "LPadChar(str: string, padChar: string, n: number): string",
    N_("The text filled with a character on the left, or cut, to n characters."),
    "LPadChar('42', '0', 6)",
    "'000042'",
)
def _lpad_char(string: Value, char: Value, n: Value) -> str:
    whole_text = text(string)
    return _padding(whole_text, text(char)[:1], n) + whole_text[: _count(n)]


@function(
    "text",
    "RPad(str: string, n: number): string",
    N_("The text filled with blanks on the right, or cut, to n characters."),
    "RPad('42', 6)",
    "'42    '",
)
def _rpad(string: Value, n: Value) -> str:
    whole_text = text(string)
    return whole_text[: _count(n)] + _padding(whole_text, " ", n)


@function(
    "text",
    "RPadChar(str: string, padChar: string, n: number): string",
    N_("The text filled with a character on the right, or cut, to n characters."),
    "RPadChar('42', '.', 6)",
    "'42....'",
)
def _rpad_char(string: Value, char: Value, n: Value) -> str:
    whole_text = text(string)
    return whole_text[: _count(n)] + _padding(whole_text, text(char)[:1], n)


@function(
    "text",
    "Truncate(str: string, firstChars: number, lastChars: number): string",
    N_("The text without so many characters at its start and at its end."),
    "Truncate('[abc]', 1, 1)",
    "'abc'",
)
def _truncate(string: Value, first: Value, last: Value) -> str:
    whole_text = text(string)
    return whole_text[_count(first) : max(0, len(whole_text) - _count(last))]


@function(
    "text",
    "Replace(str: string, old: string, new: string): string",
    N_("The text with every occurrence of one text replaced by another."),
    "Replace('Monday', 'Mon', 'Sun')",
    "'Sunday'",
)
def _replace(string: Value, old: Value, new: Value) -> str:
    whole_text, before, after = text(string), text(old), text(new)
    if not before:
        return whole_text
    if len(after) > len(before):
        check_text_size(len(whole_text) + whole_text.count(before) * (len(after) - len(before)))
    return whole_text.replace(before, after)


@function(
    "text",
    "Index(str: string, subStr: string, n?: number): number",
    N_("Where a text begins inside another, from 0; -1 if it does not. n asks for the n-th occurrence."),
    "Index('a/b/c', '/', 2)",
    "3",
)
def _index(string: Value, part: Value, n: Value = 1) -> int:
    wanted = max(1, whole(n))
    for number, at in enumerate(_places(text(string), text(part)), 1):
        if number == wanted:
            return at
    return -1


@function(
    "text",
    "CountSubString(str: string, subStr: string): number",
    N_("How often a text occurs inside another, overlaps included."),
    "CountSubString('Mississippi', 'iss')",
    "2",
)
def _count_sub_string(string: Value, part: Value) -> int:
    wanted = text(part)
    return sum(1 for _at in _places(text(string), wanted)) if wanted else 0


def _places(string: str, part: str) -> Iterator[int]:
    """Where a part begins in a text, overlaps included; looking for long ones that are everywhere stops the script."""
    work, at = 0, string.find(part)
    while at >= 0:
        yield at
        work += len(part)
        if work > _WORK:
            raise LimitReached(_("A text occurs in another too often to be counted."))
        at = string.find(part, at + 1)


@function(
    "text",
    "StringLength(str: string|array): number",
    N_("How many characters the text has; for an array, an array of such numbers."),
    "StringLength('abc')",
    "3",
)
def _string_length(string: Value) -> Value:
    if isinstance(string, list):
        return [len(text(entry)) for entry in string]
    return len(text(string))


@function(
    "text", "Quote(str: string): string", N_("The text between single quotes."), "Quote('abc')", "'\\'abc\\''"
)
def _quote(string: Value) -> str:
    return f"'{text(string)}'"


@function(
    "text", "DQuote(str: string): string", N_("The text between double quotes."), "DQuote('abc')", "'\"abc\"'"
)
def _dquote(string: Value) -> str:
    return f'"{text(string)}"'


@function(
    "text",
    "IsValidString(str: string): bool",
    N_("Whether every character is printable ASCII, a tab or a line end."),
    "IsValidString('abc')",
    "true",
)
def _is_valid_string(string: Value) -> bool:
    return all(" " <= char <= "~" or char in "\t\r\n" for char in text(string))
