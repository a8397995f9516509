"""`weft test`: the golden tests of a project, what differs, and what of its maps they exercise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from studio.base.atomic import write_bytes
from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.cli.printable import printable
from studio.engine.golden.coverage import Coverage
from studio.engine.golden.files import missing, refs
from studio.engine.golden.model import Outcome, State
from studio.engine.golden.report import document, junit, line, total
from studio.engine.golden.running import Bench, run_test
from studio.engine.golden.update import update
from studio.project.folder import project_at

# So many differences of a test are printed, and so many of the points that no test exercises.
_SHOWN = 20
_COLOURS = {State.PASSED: "green", State.DIFFERS: "red", State.BROKEN: "red", State.UPDATED: "yellow"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test", help=_("Run the golden tests of a project, and say what they exercise."))(run)


def run(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help=_("The project's folder."))],
    update_expected: Annotated[
        bool,
        typer.Option("--update", help=_("Write what is found as what is expected, and show what changed.")),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help=_("Only the tests of this transformation, or this test; several times.")
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help=_("Write the results as JUnit XML."))
    ] = None,
) -> int:
    """Run them; 0 when all passed, 1 when some differ, 2 when some could not be run."""
    folder = project_at(project)
    chosen = _chosen(folder, only or [])
    bench = Bench(folder)
    outcomes = [run_test(bench, ref) for ref in chosen]
    if update_expected:
        outcomes = update(bench, outcomes)
    if junit_file is not None:
        write_bytes(junit_file, junit(outcomes))
    if as_json:
        typer.echo(json.dumps(document(outcomes, bench.coverage), ensure_ascii=False, indent=2))
    else:
        _print(outcomes, bench.coverage)
    return _code(outcomes)


def _chosen(folder: Path, only: Sequence[str]) -> list[str]:
    known = refs(folder)
    if not only:
        return known
    chosen = []
    for name in only:
        wanted = name.strip("/").removeprefix("tests/").removesuffix(".yaml")
        found = [ref for ref in known if ref == wanted or ref.startswith(f"{wanted}/")]
        if not found:
            raise missing(folder, name)
        chosen += found
    return list(dict.fromkeys(chosen))


def _code(outcomes: Sequence[Outcome]) -> int:
    states = {outcome.state for outcome in outcomes}
    if State.BROKEN in states:
        return BadInput.exit_code
    return 1 if State.DIFFERS in states else 0


def _print(outcomes: Sequence[Outcome], coverage: Mapping[str, Coverage]) -> None:
    words = {
        State.PASSED: _("passed"),
        State.DIFFERS: _("differs"),
        State.BROKEN: _("not run"),
        State.UPDATED: _("updated"),
    }
    for outcome in outcomes:
        typer.secho(words[outcome.state], fg=_COLOURS[outcome.state], bold=True, nl=False)
        typer.echo(f" {outcome.ref}")
        for text in _lines(outcome):
            typer.echo(printable(f"  {text}"))
    for ref, found in coverage.items():
        typer.echo(_("{name}: {counts}").format(name=ref, counts=_counted(found.counts())))
        _list(found)
    if len(coverage) > 1:
        typer.echo(_("All maps: {counts}").format(counts=_counted(total(coverage.values()))))
    typer.echo(_summary(outcomes), err=True)


def _lines(outcome: Outcome) -> list[str]:
    problem = outcome.problem
    if problem is not None:
        return [f"{problem.place}: {problem.message} {problem.mend}".rstrip()]
    lines = [line(each) for each in outcome.differences[:_SHOWN]]
    left = len(outcome.differences) + outcome.more - len(lines)
    return [*lines, _("and {n} more").format(n=left)] if left else lines


def _counted(counts: Mapping[str, tuple[int, int]]) -> str:
    rule, condition = counts["rule"], counts["condition"]
    branch, node = counts["branch"], counts["node"]
    return _(
        "rules {rules}, sides of conditions {conditions}, branches {branches}, target nodes {nodes}"
    ).format(
        rules="{}/{}".format(*rule),
        conditions="{}/{}".format(*condition),
        branches="{}/{}".format(*branch),
        nodes="{}/{}".format(*node),
    )


def _list(coverage: Coverage) -> None:
    words = {
        "rule": _("rule not run"),
        "condition": _("condition never"),
        "branch": _("branch not taken"),
        "node": _("never written"),
    }
    left = coverage.missing()
    for point in left[:_SHOWN]:
        typer.echo(f"  {words[point.part]}: {point.path} {point.label}".rstrip())
    if len(left) > _SHOWN:
        typer.echo("  " + _("and {n} more").format(n=len(left) - _SHOWN))


def _summary(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return _("The project has no tests. A test is a file tests/TRANSFORMATION/NAME.yaml.")
    passed = sum(outcome.state in (State.PASSED, State.UPDATED) for outcome in outcomes)
    text = ngettext("{passed} of {n} test passed.", "{passed} of {n} tests passed.", len(outcomes))
    return text.format(passed=passed, n=len(outcomes))
