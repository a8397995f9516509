"""What people bring along from other languages and from word processors, and how it is written here."""

from __future__ import annotations

import re
from typing import NamedTuple

from studio.base.i18n import N_, _
from studio.base.patterns import pattern


class Foreign(NamedTuple):
    """A spelling the language lacks: how to write it, and the operator it stands for (empty: none)."""

    mend: str
    operator: str = ""


_SIGNS: dict[str, Foreign] = {
    "===": Foreign(N_("To compare, write ==."), "=="),
    "!==": Foreign(N_("To say unequal, write !=."), "!="),
    "<>": Foreign(N_("To say unequal, write !=."), "!="),
    "≠": Foreign(N_("To say unequal, write !=."), "!="),
    "=>": Foreign(N_("To say at least, write >=."), ">="),
    "≥": Foreign(N_("To say at least, write >=."), ">="),
    "=<": Foreign(N_("To say at most, write <=."), "<="),
    "≤": Foreign(N_("To say at most, write <=."), "<="),
    ":=": Foreign(N_("To set a variable, write =."), "="),
    "*=": Foreign(N_("Write the variable again: a = a * b."), "+="),
    "/=": Foreign(N_("Write the variable again: a = a / b."), "+="),
    "%=": Foreign(N_("For a remainder, write Mod(a, b)."), "+="),
    "**": Foreign(N_("For a power, write ^."), "^"),
    "??": Foreign(N_("Write IfNull(value, instead)."), "||"),
    "?": Foreign(N_("Write If(condition, then, else)."), "||"),
    ":": Foreign(N_("A dictionary is made with Dict() and filled with d['key'] = value."), "||"),
    "%": Foreign(N_("For a remainder, write Mod(a, b)."), "*"),
    "×": Foreign(N_("To multiply, write *."), "*"),
    "÷": Foreign(N_("To divide, write /."), "/"),
    "–": Foreign(N_("This is a dash; write the minus sign -."), "-"),
    "—": Foreign(N_("This is a dash; write the minus sign -."), "-"),
    "−": Foreign(N_("This is a dash; write the minus sign -."), "-"),
    ".": Foreign(N_("To join texts, write +; functions are called as ToUpper(text)."), "+"),
    "；": Foreign(N_("Write a plain semicolon."), ";"),
    "，": Foreign(N_("Write a plain comma."), ","),
    "（": Foreign(N_("Write a plain bracket."), "("),
    "）": Foreign(N_("Write a plain bracket."), ")"),
    "#": Foreign(N_("A comment begins with //.")),
    "\\": Foreign(N_("Only inside a text does a backslash mean something.")),
    "@": Foreign(N_("A field of the source stands in square brackets: [@id].")),
    "\ufeff": Foreign(N_("Delete the invisible character here.")),
    "\u200b": Foreign(N_("Delete the invisible character here.")),
    "\u200c": Foreign(N_("Delete the invisible character here.")),
    "\u200d": Foreign(N_("Delete the invisible character here.")),
    "\u2060": Foreign(N_("Delete the invisible character here.")),
}  # fmt: skip
_SIGN = pattern("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)))

QUOTES = "“”„‟‘’‚‛«»‹›`´"
"""Characters that a person takes for quotes and the language does not."""
_QUOTED = pattern(rf"[{QUOTES}]([^{QUOTES}\n]*)[{QUOTES}]")

# Words that stand between two operands elsewhere, and their operators.
JOINING = {"and": "&&", "or": "||", "mod": "*", "eq": "==", "ne": "!=", "is": "==", "like": "=="}
_JOINING_MENDS = {
    "and": N_("Write && for and."),
    "or": N_("Write || for or."),
    "mod": N_("For a remainder, write Mod(a, b)."),
    "eq": N_("To compare, write ==."),
    "ne": N_("To say unequal, write !=."),
    "is": N_("To compare, write ==; for null write IsNull(value)."),
    "like": N_("Write RegExMatch(text, expression) or Index(text, part)."),
}
_DECLARED = N_("Variables are not declared; write name = value.")
_ELSE = N_("Give If a third argument: If(condition, then, else).")
_LOOP = N_("Write While(condition, statements).")
_LEADING = {
    **dict.fromkeys(("var", "let", "const", "int", "string", "double", "bool", "dim", "local", "set"), _DECLARED),
    **dict.fromkeys(("else", "elseif", "elif", "elsif", "then"), _ELSE),
    **dict.fromkeys(("if", "unless"), N_("If is a function: If(condition, then, else).")),
    **dict.fromkeys(("for", "foreach", "do", "loop", "while", "until"), _LOOP),
    **dict.fromkeys(("switch", "case", "select"), N_("Write Case(condition, value, condition, value, true, value).")),
    **dict.fromkeys(("try", "catch", "finally"), N_("Write Eval(expression, value after an error).")),
    **dict.fromkeys(("throw", "raise"), N_("Write RaiseError(message).")),
    **dict.fromkeys(
        ("function", "def", "sub", "lambda"), N_("Put the function into a script and call it with RunScript.")
    ),
    **dict.fromkeys(("end", "endif", "fi", "begin", "done"), N_("Leave the word out; brackets end a call.")),
    **dict.fromkeys(("import", "include", "require", "using"), N_("All functions are at hand; leave it out.")),
    "return": N_("Leave the word out; the value of the last statement is the result."),
    "not": N_("Write ! for not."),
    "new": N_("Leave the word out; write Dict() or Array()."),
    "print": N_("Write WriteToOperationLog(text)."),
    "echo": N_("Write WriteToOperationLog(text)."),
}  # fmt: skip

_FUNCTIONS = {
    "print": "WriteToOperationLog", "println": "WriteToOperationLog", "echo": "WriteToOperationLog",
    "log": "WriteToOperationLog", "alert": "WriteToOperationLog", "writeline": "WriteToOperationLog",
    "len": "Length", "strlen": "Length", "substr": "Mid", "substring": "Mid", "slice": "Mid",
    "upper": "ToUpper", "ucase": "ToUpper", "touppercase": "ToUpper", "lower": "ToLower", "lcase": "ToLower",
    "tolowercase": "ToLower", "proper": "ToProper", "indexof": "Index", "instr": "Index", "find": "Index",
    "tostring": "String", "str": "String", "text": "String", "parseint": "Int", "toint": "Int", "cint": "Int",
    "parsefloat": "Double", "todouble": "Double", "tonumber": "Double", "number": "Double", "float": "Double",
    "isempty": "IfEmpty", "coalesce": "IfNull", "nvl": "IfNull", "ifnone": "IfNull", "iif": "If",
    "switch": "Case", "foreach": "While", "for": "While", "throw": "RaiseError", "raise": "RaiseError",
    "try": "Eval", "iferror": "Eval", "padleft": "LPad", "lpadstart": "LPad", "padright": "RPad",
    "modulo": "Mod", "power": "Pow", "ceil": "Ceiling", "trunc": "Int",
    "today": "Now", "getdate": "Now", "sysdate": "Now", "datetime": "Date", "todate": "Date",
    "vlookup": "TableLookup", "lookup": "TableLookup", "uuid": "GUID", "newguid": "GUID",
    "regexp_replace": "RegExReplace", "concatenate": "SumString", "concat": "SumString", "join": "SumString",
}  # fmt: skip

# Words that other languages have for what is written otherwise here.
_VALUES = {
    "null": N_("Write Null()."), "none": N_("Write Null()."), "nil": N_("Write Null()."),
    "nothing": N_("Write Null()."), "undefined": N_("Write Null()."), "empty": N_("Write ''."),
    "true": N_("Write true in small letters."), "false": N_("Write false in small letters."),
}  # fmt: skip


def sign_at(text: str, offset: int) -> tuple[str, Foreign] | None:
    """The foreign sign that begins at an offset."""
    match = _SIGN.match(text, offset)
    return (match[0], _SIGNS[match[0]]) if match else None


def mend_of(foreign: Foreign) -> str:
    """How to write it, in the user's language."""
    return _(foreign.mend)


def quoted_at(text: str, offset: int) -> tuple[str, int]:
    """The text between typographic quotes from an offset on, and where it ends: at most at the line's end."""
    match = _QUOTED.match(text, offset)
    if match is not None:
        return match[1], match.end()
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return text[offset + 1 : end], end


def joining(word: str) -> str | None:
    """How to write a word that joins two values in other languages."""
    mend = _JOINING_MENDS.get(word.lower())
    return _(mend) if mend else None


def leading(word: str) -> str | None:
    """How to write a statement that begins with a word of other languages."""
    mend = _LEADING.get(word.lower())
    return _(mend) if mend else None


def value_word(word: str) -> str | None:
    """How to write a value that other languages have a word for."""
    mend = _VALUES.get(word.lower())
    return _(mend) if mend else None


def function_for(name: str) -> str | None:
    """The function that does what one of this name does elsewhere."""
    return _FUNCTIONS.get(name.lower())
