"""Running golden tests: each through the engine that users have, then through the watching judge for coverage."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.checked import transform_checked
from studio.engine.compile import compile_plan
from studio.engine.failures import ENDINGS, Failure
from studio.engine.golden.compare import Comparison
from studio.engine.golden.coverage import Coverage, Noted, coverage_of
from studio.engine.golden.documents import PLAIN, Tree, tree_of, tree_of_items
from studio.engine.golden.files import load_test
from studio.engine.golden.model import Difference, Expected, GoldenTest, Kind, Outcome, State
from studio.engine.plan import Document, Output, Plan
from studio.engine.run import check_plan, transform
from studio.mapping.model import Transformation
from studio.project.commit import inside
from studio.project.folder import load_object, load_transformation, problem_of, read_bytes
from studio.project.further import further_documents
from studio.project.model import PROJECT
from studio.project.schemas import Schemas
from studio.project.tables import Tables

_LARGEST = 64 << 20


@dataclass
class Bench:
    """What the tests of one project share: schemas, tables, plans and the coverage of each map.

    `unsaved` are transformations that go over those on disk, by reference, `texts` those of tests.
    """

    folder: Path
    unsaved: Mapping[str, Transformation] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = Tables(self.folder)
        self._schemas = Schemas(self.folder)
        self._plans: dict[str, tuple[Transformation, Plan]] = {}
        found = load_object(self.folder, PROJECT)
        self._variables: dict[str, str] = dict(found.variables) if found is not None else {}

    def plan(self, ref: str) -> tuple[Transformation, Plan]:
        """A transformation and its plan; raises BadInput where there is none, or none that can run."""
        if ref not in self._plans:
            made = self._transformation(ref)
            source, target = self._schemas.get(made.source), self._schemas.get(made.target)
            plan = compile_plan(made, source, target, self.tables, further=self._schemas.more(made))
            try:
                check_plan(plan)
            except BadInput as error:
                if error.file is None:
                    # Lines of a rule's problem count inside its script.
                    error.file, error.line, error.column = f"transformations/{ref}.yaml", None, None
                raise
            self._plans[ref] = made, plan
            self.coverage[ref] = coverage_of(plan)
        return self._plans[ref]

    def reading(self, ref: str, name: str = "") -> Plan:
        """A plan whose source is a target of a transformation, the main one where none is named: to read what it makes."""
        made, _plan = self.plan(ref)
        use = made.targets[name] if name else made.target
        schema = self._schemas.get(use)
        return compile_plan(Transformation(made.name, use, use), schema, schema)

    def test(self, ref: str) -> GoldenTest:
        """A test; raises BadInput with the file and line of what is wrong with it."""
        return load_test(self.folder, ref, self.texts.get(ref))

    def variables(self, test: GoldenTest) -> dict[str, Any]:
        """The project's variables with those of a test over them."""
        return {**self._variables, **test.variables}

    def _transformation(self, ref: str) -> Transformation:
        if ref in self.unsaved:
            return self.unsaved[ref]
        relative = f"transformations/{ref}.yaml"
        file = inside(self.folder, relative)
        if not file.is_file():
            raise BadInput(
                _("There is no transformation called {name}.").format(name=ref),
                next_step=_("Move the test to the folder of the transformation that it tries."),
            )
        return load_transformation(file)


def run_test(bench: Bench, ref: str, *, progress: Progress | None = None) -> Outcome:
    """One test; what cannot be run is an outcome too. Raises Cancelled."""
    transformation, _slash, name = ref.rpartition("/")
    try:
        return _Trial(bench, bench.test(ref), progress or Progress()).outcome()
    except RecursionError:
        error: WeftError = BadInput(_("The documents are nested too deeply to be compared."))
    except WeftError as found:
        if found.exit_code not in (2, 3):
            raise
        error = found
    problem = replace(problem_of(error, f"tests/{ref}"), severity=Severity.ERROR)
    if problem.file is None:
        problem = replace(problem, file=f"tests/{ref}.yaml")
    return Outcome(ref, transformation, name, State.BROKEN, problem=problem)


class _Trial:
    """One test being run."""

    def __init__(self, bench: Bench, test: GoldenTest, progress: Progress) -> None:
        self._bench = bench
        self._test = test
        self._progress = progress
        self._failed: list[Failure] = []
        self._misfits: list[Problem] = []

    def outcome(self) -> Outcome:
        """Run and compare; raises BadInput."""
        test = self._test
        transformation, plan = self._bench.plan(test.transformation)
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="weft-test-") as place:
            source = self._input(Path(place))
            target = Path(place) / "output"
            options = self._options()
            outputs: Mapping[str, io.BytesIO] = options["outputs"]
            stats = transform_checked(
                plan, transformation, self._bench.folder, source, target, told=self._misfits.append,
                failures=self._failed.append, **options,
            )  # fmt: skip
            seconds = time.perf_counter() - started
            made = read_bytes(target, _("what the map made"), _LARGEST)
            self._cover(plan, source, Path(place) / "covered")
        further = {name: stream.getvalue() for name, stream in outputs.items()}
        found, more = self._differences(plan, made, further)
        return Outcome(
            ref=test.ref,
            transformation=test.transformation,
            name=test.name,
            state=State.DIFFERS if found else State.PASSED,
            differences=tuple(found),
            records=stats.records_in,
            seconds=round(seconds, 3),
            more=more,
            document=made,
            outputs=further,
            failures=tuple(Expected(each.record, each.path, each.reason) for each in self._failed),
        )

    def _options(self) -> dict[str, Any]:
        now = self._test.now
        clock: Callable[[], Any] | None = None if now is None else (lambda: now)
        folder = self._bench.folder
        given = {name: inside(folder, file) for name, file in self._test.inputs.items()}
        transformation, plan = self._bench.plan(self._test.transformation)
        return {
            "further": further_documents(folder, transformation, given),
            "outputs": {each.name: io.BytesIO() for each in plan.outputs},
            "variables": self._bench.variables(self._test),
            "progress": self._progress,
            "log": lambda _line: None,
            "clock": clock,
        }

    def _input(self, place: Path) -> Path:
        test = self._test
        if test.input_text is not None:
            file = place / "input"
            file.write_bytes(test.input_text.encode("utf-8", "replace"))
            return file
        file = inside(self._bench.folder, test.input)
        if not file.is_file():
            raise _no_file(test, test.input, _("The test's input is missing."))
        return file

    def _cover(self, plan: Plan, source: Path, target: Path) -> None:
        noted = Noted()
        transform(
            plan,
            source,
            target,
            engine="interpret",
            judge=noted.judge(),
            failures=lambda _one: None,
            **self._options(),
        )
        self._bench.coverage[self._test.transformation].add(coverage_of(plan, noted))

    # Comparing

    def _differences(
        self, plan: Plan, made: bytes, further: Mapping[str, bytes]
    ) -> tuple[list[Difference], int]:
        test = self._test
        found = self._failures() + [
            Difference(Kind.SCHEMA, problem.path or "", problem.record, None, problem.message)
            for problem in self._misfits
        ]
        wanted = self._expected()
        compared, more = self._compared(
            Output("", plan.target, plan.root, plan.tops), wanted, made, test.expected
        )
        for output in plan.outputs:
            file = test.outputs.get(output.name, "")
            some, left = self._compared(output, self._file(file), further[output.name], file)
            compared += [replace(each, path=f"{output.name}::{each.path}") for each in some]
            more += left
        for name in test.outputs:
            if name not in further:
                raise BadInput(
                    _("The map has no further target {name}.").format(name=name),
                    file=test.file,
                    next_step=_("Take it out of the outputs, or name it as the map does."),
                )
        return found + compared, more

    def _compared(
        self, output: Output, wanted: bytes | None, made: bytes, file: str
    ) -> tuple[list[Difference], int]:
        """How a target differs from what is wanted of it, None for nothing yet."""
        if wanted is None:
            return [Difference(Kind.MISSING, "", None, file or None, None)], 0
        test, name = self._test, output.name
        comparison = Comparison(
            [each for each in test.ignore if each.document == name],
            [each for each in test.tolerances if each.pattern.document == name],
            [tuple(_steps(top.target.path)) for top in output.tops],
        )
        read = self._reader(output)
        compared = comparison.compare(read(wanted, file or test.file), read(made, _("what the map made")))
        return compared, comparison.more

    def _reader(self, output: Output) -> Callable[[bytes, str], Tree]:
        """What makes trees of a target's documents."""
        if output.document.format in PLAIN:
            return lambda data, name: tree_of(data, output.document, name)
        reading = self._bench.reading(self._test.transformation, output.name)
        return lambda data, name: tree_of_items(data, reading, name)

    def _expected(self) -> bytes | None:
        """The expected document; None where there is none yet."""
        test = self._test
        if test.expected_text is not None:
            return test.expected_text.encode("utf-8", "replace")
        return self._file(test.expected)

    def _file(self, name: str) -> bytes | None:
        """A file of the project; None where none is named, or it is not there."""
        file = inside(self._bench.folder, name) if name else None
        return read_bytes(file, name, _LARGEST) if file is not None and file.is_file() else None

    def _failures(self) -> list[Difference]:
        """Records that failed without being expected to, and the other way round."""
        left = list(self._failed)
        found = []
        for wanted in self._test.failures:
            match = next((each for each in left if _is(wanted, each)), None)
            if match is not None:
                left.remove(match)
            else:
                found.append(
                    Difference(
                        Kind.FAILURE, wanted.path or "", wanted.record, wanted.reason or _("a failure"), None
                    )
                )
        found += [Difference(Kind.FAILURE, each.path, each.record, None, each.reason) for each in left]
        return found


def _is(wanted: Expected, failure: Failure) -> bool:
    return (
        wanted.record in (None, failure.record)
        and wanted.path in (None, failure.path)
        and wanted.reason in failure.reason
    )


def _no_file(test: GoldenTest, name: str, message: str) -> BadInput:
    return BadInput(
        f"{message} ({name})", file=test.file, next_step=_("Put the file back, or name another one.")
    )


def _steps(path: str) -> list[str]:
    """The names of a target path as places have them: without numbers, prefixes and types."""
    steps = path.strip("/").split("/")
    return [step.partition("[")[0].rpartition(":")[2].partition("~")[0] for step in steps]


def ending(plan: Plan) -> str:
    """The ending that a file of the target's format has."""
    return ending_of(plan.target)


def ending_of(document: Document) -> str:
    """The ending that a file of a format has."""
    return ENDINGS.get(document.format, ".txt")
