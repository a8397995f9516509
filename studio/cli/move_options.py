"""Options of weft move that ask something of the org's own rules, or of texts that are too long."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _

Cut = Annotated[
    bool,
    typer.Option(
        "--cut",
        help=_(
            "Cut texts to the length of their field; whole they are listed in the move's folder. Off: such rows fail."
        ),
    ),
]
Correlate = Annotated[
    str,
    typer.Option(
        help=_(
            "For an insert: a text field that gets a stamp of each row, by which its record is found again for certain."
        )
    ),
]
SaveDuplicates = Annotated[
    bool,
    typer.Option(
        "--save-duplicates",
        help=_("Save records that a duplicate rule only warns of (collections). Off: such rows fail."),
    ),
]
Assignment = Annotated[
    str,
    typer.Option(
        "--assignment-rule",
        help=_("An assignment rule's id; default or none with collections. Left out, the org decides."),
    ),
]
AllOrNone = Annotated[
    bool,
    typer.Option(
        "--all-or-none",
        help=_(
            "The up to 200 rows of a call succeed together or not at all (collections). Off: each for itself."
        ),
    ),
]


def assignment(text: str) -> str:
    """The rule as calls name it; raises BadInput for what is no id."""
    word = {"default": "TRUE", "none": "FALSE"}.get(text.lower())
    if text and word is None and not (text.isalnum() and len(text) in (15, 18)):
        raise BadInput(
            _("{text} is no assignment rule.").format(text=text),
            next_step=_("Give the rule's id, or default or none."),
        )
    return word or text
