"""What the names of SQL's types mean, whichever database wrote them."""

from __future__ import annotations

import re

from studio.schema.model import Base

_WORD = re.compile(r"[A-Z_]+[0-9]*")
_BASES: tuple[tuple[re.Pattern[str], Base], ...] = tuple(
    (re.compile(pattern), base)
    for pattern, base in (
        (
            r"U?(TINY|SMALL|MEDIUM|BIG|HUGE)?INT([0-9]+|EGER)?\Z|U(TINY|SMALL|BIG|HUGE)?INTEGER\Z",
            Base.INTEGER,
        ),
        (r"(SMALL|BIG)?SERIAL[0-9]?\Z|YEAR\Z|VARINT\Z|BIGNUM\Z", Base.INTEGER),
        (r"(NUMERIC|DECIMAL|DEC|NUMBER|SMALLMONEY|MONEY)\Z", Base.DECIMAL),
        (r"(REAL|FLOAT[0-9]*|DOUBLE)\Z", Base.FLOAT),
        (r"BOOL(EAN)?\Z", Base.BOOLEAN),
        (r"(TIMESTAMP(TZ|_[A-Z]+)?|(SMALL)?DATETIME(2|OFFSET)?)\Z", Base.DATETIME),
        (r"DATE\Z", Base.DATE),
        (r"TIME(TZ|_NS)?\Z", Base.TIME),
        (r"(TINY|MEDIUM|LONG)?BLOB\Z|BYTEA\Z|(VAR)?BINARY\Z|IMAGE\Z|RAW\Z|BIT\Z", Base.BINARY),
    )
)


def sql_base(name: str) -> Base:
    """What a value of a type is: `VARCHAR(20)` a text, `NUMERIC(9, 2)` a decimal; a text where nobody knows."""
    word = _WORD.match(name.strip().upper())
    if word is None:
        return Base.TEXT
    return next((base for pattern, base in _BASES if pattern.match(word[0])), Base.TEXT)
