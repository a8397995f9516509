"""The kinds of text in messages: what each may hold is checked on both sides and told in the API's description."""

from __future__ import annotations

import re
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from studio.protocol import limits


class Pattern:
    """A text matches this regular expression whole; FastAPI checks it and puts it into the API's description."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.whole = re.compile(expression)

    def matches(self, text: str) -> bool:
        """Whether the text is of this kind."""
        return self.whole.fullmatch(text) is not None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = handler(source)
        schema["pattern"] = self.expression
        return schema


class Exactly:
    """A whole number or a truth value itself, not a text or another number that could be read as one.

    JSON has one kind of number: 8.0 is a whole one.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = handler(source)
        schema["strict"] = True
        if schema["type"] != "int":
            return schema
        return {
            "type": "function-before",
            "function": {"type": "no-info", "function": _whole},
            "schema": schema,
        }


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


HASH = Pattern(r"^[0-9a-f]{64}$")
IDENTITY = Pattern(r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$")
# One line for people: no control characters, nothing invisible at either end.
LINE = Pattern(r"^[^\x00-\x20\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f])?$")
# Several lines for people: tabs and line ends are all the control characters there are.
LINES = Pattern(r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
FILE_NAME = Pattern(r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,127}$")
VARIABLE = Pattern(r"^[A-Za-z_][0-9A-Za-z_.]{0,127}$")
BASE64 = Pattern(r"^[0-9A-Za-z+/]+={0,2}$")

Hash = Annotated[str, HASH]  # SHA-256 of the plain bytes, in small hexadecimal digits
Identity = Annotated[str, IDENTITY]
Name = Annotated[str, MinLen(1), MaxLen(limits.NAME_CHARACTERS), LINE]
Message = Annotated[str, MaxLen(limits.MESSAGE_CHARACTERS), LINES]
Path = Annotated[str, MinLen(1), MaxLen(limits.PATH_BYTES), LINE]
FileName = Annotated[str, FILE_NAME]
Variable = Annotated[str, VARIABLE]
VariableValue = Annotated[str, MaxLen(limits.VARIABLE_CHARACTERS), LINES]
Flag = Annotated[bool, Exactly()]
Time = str  # UTC, ISO 8601, ends in Z

# What a request may hold: exactly these members (pydantic's settings, as plain data).
STRICT = {"extra": "forbid"}
