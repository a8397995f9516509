"""`weft transform`: one transformation over one input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli.tracing import show_timings, show_trace
from studio.cli.transform_documents import named
from studio.cli.transform_workers import workers_of
from studio.cli.transforming import Asked, check_input, no_input, perform, plan_of, show
from studio.engine.address import place_of
from studio.engine.explain import explain
from studio.engine.run import ENGINES, check_plan
from studio.engine.timings import Timings, timing_judge
from studio.mapping.model import ON_FAILURE
from studio.project.further import further_documents


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("transform", help=_("Run one transformation over one input."))(run)


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=_("The transformation."))],
    input: Annotated[
        str | None,
        typer.Argument(
            metavar="INPUT", help=_("The document to read, or the address of a database; - is stdin.")
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option("-o", "--to", help=_("The file to write, or the address of a database; - is stdout.")),
    ] = "-",
    engine: Annotated[
        str, typer.Option(help=_("One of: {names}.").format(names=", ".join(ENGINES)))
    ] = "auto",
    further_input: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            help=_(
                "A further source, as NAME=FILE; without it the sample that the transformation names for it, or its schema"
                " where that is data itself."
            ),
        ),
    ] = None,
    further_output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            help=_(
                "A further target, as NAME=FILE; without it the file beside the main one: out.xml, out.NAME.csv."
            ),
        ),
    ] = None,
    failures: Annotated[
        Path | None,
        typer.Option(
            help=_(
                "Where records that fail are listed: CSV, or JSON lines by its ending. The records themselves go beside it"
                " (NAME.records.…), as a document that can be run again. Without it beside the output; with output to stdout"
                " each is told on stderr."
            )
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option(help=_("Stop at the first record that fails: the policy stop."))
    ] = False,
    policy: Annotated[
        str | None,
        typer.Option(
            help=_("What becomes of records that fail, whatever the transformation says: {names}.").format(
                names=", ".join(ON_FAILURE)
            )
        ),
    ] = None,
    jobs: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help=_(
                "Map parts of the input in N processes, or one for each core; same output, bytes and failures."
            ),
        ),
    ] = "1",
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="dask://HOST:PORT",
            help=_("Map parts of the input on a Dask cluster, which sees the same files as this computer."),
        ),
    ] = None,
    shared: Annotated[
        Path | None,
        typer.Option(
            help=_("The folder where a cluster puts parts of the output; beside the output without it.")
        ),
    ] = None,
    stats: Annotated[bool, typer.Option(help=_("Print one JSON line about the run on stderr."))] = False,
    explain_plan: Annotated[
        bool, typer.Option("--explain", help=_("Print the plan; nothing is run."))
    ] = False,
    trace_path: Annotated[
        str | None,
        typer.Option("--trace", metavar="TARGET_PATH", help=_("Print where the values of a node come from.")),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help=_("Trace only the record with this number; first is the first that has a value."),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print what --trace and --timings find as JSON."))
    ] = False,
    timings: Annotated[
        bool,
        typer.Option("--timings", help=_("Print on stderr how often each rule ran and how long it took.")),
    ] = False,
) -> int:
    """Compile the transformation with its project's schemas and tables, then run, explain or trace it."""
    if record is not None and trace_path is None:
        raise BadInput(
            _("--record is of use with --trace only."),
            next_step=_("Add --trace TARGET_PATH, or leave it out."),
        )
    if strict and policy not in (None, "stop"):
        raise BadInput(
            _("--strict and --policy {name} say different things.").format(name=policy),
            next_step=_("Leave out one of them."),
        )
    if not explain_plan:
        check_input(input)
    planned = plan_of(file)
    _transformation, _folder, plan, variables = planned
    if explain_plan:
        typer.echo(explain(plan), nl=False)
        return 1 if plan.errors else 0
    if trace_path is not None:
        show(plan)
        check_plan(plan)
        if input is None:
            raise no_input()
        further = further_documents(planned[1], planned[0], named(further_input, "--input"))
        return show_trace(
            plan, place_of(input), trace_path, record, as_json, variables=variables, further=further
        )
    with workers_of(jobs, cluster, shared) as workers:
        asked = Asked(
            file,
            input,
            output,
            engine,
            failures,
            strict=strict,
            policy=policy,
            stats=stats,
            workers=workers,
            further=tuple(further_input or ()),
            outputs=tuple(further_output or ()),
        )
        if not timings:
            return perform(asked, planned)
        measured = Timings(planned[2])
        code = perform(replace(asked, judge=timing_judge(measured)), planned)
        show_timings(measured, as_json)
        return code
