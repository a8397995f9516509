"""Random single calls of functions, as scripts: arguments of the declared types, and now and then of any other."""

from __future__ import annotations

import random

from studio.script.functions import FUNCTIONS, Function

PRELUDE = "d = Dict(); d['a'] = 1; d['b c'] = 'x'; "

_LETTERS = "abcABC xyz019.,;:/-_+*()[]{}<>!?&%$#@=~^|\\t\\n'éçÃß€"
VALUES: dict[str, tuple[str, ...]] = {
    "string": (
        "''", "'a'", "'abc'", "'Mississippi'", "'iss'", "'  two words '", "'10'", "'-2.5'", "'5abc'", "'true'", "'t'",
        "'0'", "'a,b;c'", "','", "'aaa'", "'aa'", "'Ação é ß'", "'€'", "'a\\tb\\n'", "'\"q\"'", "'2024-02-29'",
        "'2024-02-29 13:05:09'", "'1/13/24'", "'0aFf'", "'416263'", "'yyyy-mm-dd'",
        "'2f46dad9-e5c2-457e-b1fd-ad1b49b99aff'", "'http://h.example/p?a=1&b=x%20y'", "'[abc]+'", "'(.)(b)?'", "'-'",
        "'__'", "'JANE doe-smith'", "'.5'", "'1e3'", "' 7'",
    ),
    "number": ("0", "1", "2", "3", "-1", "-3", "7", "10", "0.5", "-0.5", "1.5", "2.5", "-2.5", "1.005", "3.14159", "100",
               "1234.678", "0.001", "5000", "-5000"),
    "bool": ("true", "false"),
    "date": ("Date('2024-02-29')", "Date('2024-12-31 23:59:59')", "Date('2001-01-01 00:00:00')",
             "Date('1999-07-04 12:30:00')", "Date(0)"),
    "array": ("{}", "{1,2,3}", "{'b','a'}", "{3,'10',true}", "{{1,2},{3,4}}", "{{'x',2},{'y',1}}", "{Null(),1}",
              "{'a','bc',''}"),
    "dictionary": ("d", "Dict()"),
    "binary": ("HexToBinary('00ff10')", "HexToBinary('')", "HexToBinary('ba4df00dba4df00dba4df00dba4df00d')"),
    "null": ("Null()",),
}  # fmt: skip
_ANY = tuple(VALUES)
PADDING = ("LPad", "LPadChar", "RPad", "RPadChar")
CALLED = [
    function for function in FUNCTIONS.values() if function.run is not None and not function.takes_nodes
]


def argument(random: random.Random, types: str) -> str:
    """An argument of one of the types (`type` is any), one in eight of any type at all."""
    kinds = types.split("|")
    kind = random.choice(kinds)
    if kind in ("type", "node") or random.random() < 0.125:
        kind = random.choice(_ANY)
    if kind == "string" and random.random() < 0.4:
        text = "".join(random.choices(_LETTERS, k=random.randrange(8)))
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if kind == "number" and random.random() < 0.4:
        return str(random.choice((random.randrange(-20, 40), round(random.uniform(-1e3, 1e3), 3))))
    return random.choice(VALUES[kind])


def call(random: random.Random, function: Function) -> str:
    """One call, with as many arguments as the function takes."""
    most = min(function.maximum, function.minimum + 3)
    count = random.randint(function.minimum, most)
    given = [
        argument(random, declared.type)
        for declared, _place in zip(function.each(), range(count), strict=False)
    ]
    if function.name in PADDING:
        given[-1] = str(random.randrange(12))  # the package fills for ever to any other length
    return f"{function.name}({', '.join(given)})"
