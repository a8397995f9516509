"""The options of weft move, for its parser. What moves needs none of it, and none of it is loaded for a usual move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.base.i18n import _
from studio.moves.model import Api, Before, Blank, Duplicates

Org = Annotated[str, typer.Option("--org", help=_("An org's name, practice, or an address."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document at the end."))]
YesProduction = Annotated[
    str,
    typer.Option(
        "--yes-production",
        metavar="ORG",
        help=_("Confirm a move that needs it, by the name or the id of the org it goes to."),
    ),
]
Object = Annotated[str, typer.Argument(metavar="OBJECT", help=_("The object's API name."))]
Key = Annotated[str, typer.Option(help=_("The field records are found by."))]
MapFile = Annotated[Path | None, typer.Option("--map", help=_("A transformation, or a .sdl field map."))]
BlankOption = Annotated[
    Blank, typer.Option("--blank", help=_("What empty cells do: leave the field, or empty it."))
]
DuplicatesOption = Annotated[
    Duplicates, typer.Option("--duplicates", help=_("Which of the rows that name the same record are sent."))
]
Hold = Annotated[bool, typer.Option("--hold", help=_("Keep rows back that would certainly fail."))]
ApiOption = Annotated[
    Api,
    typer.Option(
        "--api",
        help=_(
            "What carries the rows: Bulk API jobs, or collections of 200 rows a call; auto takes collections up "
            "to 1,000 rows and for undelete."
        ),
    ),
]
BeforeImage = Annotated[
    Before,
    typer.Option(
        "--before-image",
        "--before",
        help=_(
            "Keep the records as they are before they are changed, so that the move can be undone; auto does up "
            "to 200,000 rows."
        ),
    ),
]
ChunkRows = Annotated[int, typer.Option(help=_("Rows per job; 0 chooses."), min=0)]
Parallel = Annotated[int, typer.Option(help=_("Jobs at a time."), min=1, max=15)]
Results = Annotated[Path | None, typer.Option(help=_("The folder for the result files."))]
Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help=_(
            "A delimited file whose first line names its columns, a workbook (.xlsx), JSON (lines or an array), a Parquet file, any of them packed (.gz), a database, or connection:NAME."
        ),
    ),
]
Sheet = Annotated[str, typer.Option(help=_("The workbook's sheet; the first that holds rows when left out."))]
HeaderRow = Annotated[
    int, typer.Option(help=_("The row of the sheet that names its columns; 0 finds it."), min=0)
]
NoHeader = Annotated[
    bool,
    typer.Option("--no-header", help=_("The file's first line is a row; its columns are called A, B, C.")),
]
TableName = Annotated[str, typer.Option("--table", help=_("The database's table or view."))]
Query = Annotated[str, typer.Option(help=_("A query of the database, whose rows are read."))]
Encoding = Annotated[str, typer.Option(help=_("The file's encoding, when it is not recognised."))]
Delimiter = Annotated[str, typer.Option(help=_("The file's delimiter, when it is not recognised."))]
Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help=_(
            "The file to write (.csv, .xlsx, .jsonl, .parquet, .db, .duckdb), the address of a database, or connection:NAME."
        ),
    ),
]
TargetTable = Annotated[
    str, typer.Option("--table", help=_("The table or sheet to write; the object's name when left out."))
]
Style = Annotated[
    str,
    typer.Option(
        "--csv",
        metavar="STYLE",
        help=_(
            "How a CSV file is written: comma, semicolon, tab or bar; excel (or excel,tab) for a spreadsheet."
        ),
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help=_("Replace a table that is there."))]
Zone = Annotated[
    str,
    typer.Option(
        "--zone", help=_("The zone of times without an offset, such as America/Sao_Paulo; UTC when left out.")
    ),
]
DateFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--date-format",
        metavar="COLUMN=FORMAT",
        help=_(
            "How a column's dates are written: DD/MM/YYYY, MM/DD/YYYY, EXCEL, UNIX …; recognised when left out."
        ),
    ),
]
NumberFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--number-format",
        metavar="COLUMN=FORMAT",
        help=_("How a column's numbers are written: 1.234,56 or 1,234.56; recognised when left out."),
    ),
]
Fixes = Annotated[
    list[str] | None,
    typer.Option(
        "--fix",
        metavar="FIELD=FIX",
        help=_(
            "Mend a field's values in all rows: trim, cut, default:VALUE, map:OLD>NEW, empty, date:FORMAT, number:FORMAT, "
            "yes-no, drop, keep-first; * for every field."
        ),
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=EXPRESSION",
        help=_(
            'What a field becomes in every row, beside the field map: Name=ToUpper([company]), or Type="Customer".'
        ),
    ),
]
LookUp = Annotated[
    bool,
    typer.Option(
        "--look-up",
        help=_(
            "Ask the org before whether the records that rows name are there; rows that name others are held back."
        ),
    ),
]
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
Incremental = Annotated[
    bool,
    typer.Option(
        "--incremental",
        help=_("Ask only for what has changed since the last time, deleted records too, and merge it by Id."),
    ),
]
SaveAs = Annotated[
    Path | None,
    typer.Option(
        "--save-as",
        metavar="PROJECT/operations/NAME",
        help=_(
            "Save the move as an operation with a map that opens in the canvas, and send nothing; weft run does it."
        ),
    ),
]
