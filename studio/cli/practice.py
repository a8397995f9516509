"""`weft practice`: the practice Salesforce org on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import Cancelled
from studio.base.i18n import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("practice", help=_("A practice Salesforce org on this computer, for trying loads out."))(
        practice
    )


def practice(
    port: Annotated[
        int, typer.Option(help=_("The port to listen on; 0 takes a free one. HTTPS takes the next."))
    ] = 0,
    https: Annotated[
        bool, typer.Option("--https", help=_("Listen with TLS, too, by an authority made for it."))
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help=_("Keep the records in this folder."), file_okay=False)
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help=_("Fail on purpose: NAME[=VALUE][,on=METHOD PATH]…"))
    ] = None,
    object_file: Annotated[
        list[Path] | None, typer.Option("--object", help=_("Add the custom objects of this table."))
    ] = None,
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help=_("Show the faults there are, and end."))
    ] = False,
    records: Annotated[
        int,
        typer.Option(
            min=0,
            max=10_000_000,
            help=_("Put this many made-up records in; with --data, once."),
        ),
    ] = 0,
    empty: Annotated[bool, typer.Option("--empty", help=_("Start without the sample customers."))] = False,
) -> int:
    """Run the practice org until stopped; prints one JSON line when ready."""
    from studio.practice import faults
    from studio.practice.program import serve
    from studio.practice.server import PracticeOrg

    if list_faults:
        for name, kind in faults.KINDS.items():
            typer.echo(f"{name:20} {kind.does} ({kind.value:g})")
        return 0
    org = PracticeOrg(
        data=data,
        port=port,
        https=https,
        objects=object_file or (),
        faults=[faults.parse(text) for text in fault or ()],
        seed=not empty,
        records=records,
    )
    asyncio.run(serve(org, with_parent=False))
    return Cancelled.exit_code
