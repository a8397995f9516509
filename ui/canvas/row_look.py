"""How a row looks, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """What to paint in a row.

    Roles are colour roles. `letter` is a loop's index; `pill` the number of links that end inside; `state` and
    `mark` the state in words (for people who hear the row) and its icon with role; `tint` the row's ground. `gutter` is
    an icon with role at the row's left edge, `framed` draws a line around the row.
    """

    icon: str
    name: str
    prefix: str = ""
    icon_role: str = "text2"
    name_role: str = "text"
    weight: int = 400
    italic: bool = False
    struck: bool = False
    note: str = ""
    picker: str = ""
    letter: int | None = None
    pill: int = 0
    mark: tuple[str, str] | None = None
    value: str = ""
    value_role: str = "text3"
    value_italic: bool = False
    tint: str = ""
    state: str = ""
    hint: str = ""
    gutter: tuple[str, str] | None = None
    framed: bool = False
