"""The last step of an export that is no CSV file as the org writes it: the whole answer, which lies in the move's folder, becomes the target."""

from __future__ import annotations

from pathlib import Path

from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.session import Org
from studio.moves.places import place_of
from studio.moves.targets import delimited
from studio.moves.targets.columns import columns_of, object_of
from studio.moves.targets.kinds import Answer, Column, Format, format_of, write

# What the org's answer is called in the move's folder.
FILE = "answer.csv"


async def deliver(
    org: Org, soql: str, answer: Path, count: int, final: str, table: str, style: str = ""
) -> None:
    """Write the answer of a query, of so many rows, to where it belongs; `style` is that of a CSV file.

    Raises BadInput, TooLarge, NotReachable.
    """
    header = DelimitedFile.open(answer, encoding="utf-8", delimiter=",").header
    place = place_of(final)
    if isinstance(place, Path) and format_of(place) is Format.CSV:
        delimited.write(Answer(answer, tuple(map(Column, header)), count), place, delimited.Style.read(style))
        return
    columns = await columns_of(org, soql, header)
    write(format_of(place), Answer(answer, columns, count), place, table)


def table_name(table: str, soql: str) -> str:
    """What the table or the sheet is called where nothing is said: as the object is."""
    return table or object_of(soql) or "answer"
