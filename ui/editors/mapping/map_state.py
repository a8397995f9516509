"""The map being edited: its trees, its scene and its problems, kept in step with the workspace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.errors import Problem, Severity, WeftError
from studio.mapping import address, check, edits, remap
from studio.mapping.evidence import Evidence
from studio.mapping.further import SOURCE, TARGET, MoreSchemas, trees_of
from studio.mapping.lines import Drawing, Linker
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, SchemaUse, Transformation
from studio.mapping.picking import let_in
from studio.mapping.tree import Tree, Trees
from studio.project import edits as project_edits
from studio.schema.model import Schema
from studio.workspace import Changes, Workspace
from ui.canvas.notes import Notes
from ui.canvas.scene import Scene, worst_by_path
from ui.canvas.shape import NO_SHAPE, Shape, source_shape_of, target_shape

# How long the check may work between two events, in seconds.
_SLICE = 0.012
# A map of more rules than this is checked when nobody has edited it for a moment (ms), and the values of the record are
# there or so long (seconds) in coming that nothing waits for them.
_LARGE, _LATER, _PATIENCE = 1_000, 150, 2.0
# A map of more rules than this is opened over several events.
_AT_ONCE = 300
# How often (ms) what waits for these values looks again.
HURRIED = 20


class MapState(QObject):
    """One transformation as the editor works on it.

    `changed` follows every new scene, `retreed` new trees (another schema; the scene is new too), `edited` an edit of
    this map by anybody, `coming` the transformation that an edit made here is about to bring, `mapping` is the project's, fitted to the target schema. A large map shows
    its trees at once and its rules when they are found: `opened` follows.
    """

    changed = Signal()
    retreed = Signal()
    edited = Signal()
    coming = Signal(object)
    opened = Signal()

    def __init__(self, workspace: Workspace, ref: str) -> None:
        super().__init__()
        self.workspace = workspace
        self.ref = ref
        self.transformation = self._current()
        self.errors: tuple[WeftError, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self.evidence: Evidence | None = None
        self.notes = Notes()
        # Tells whether values of the record are on their way.
        self.asked: Callable[[], bool] = lambda: False
        # What else a large map is looked at for before it is shown, a part at a time.
        self.looked_at: Callable[[Scene], Iterable[None]] = lambda _scene: ()
        self._schemas: tuple[Schema | None, Schema | None] = (None, None)
        self._work: Iterator[Problem | None] | None = None
        self._found: list[Problem] = []
        self._edited_at = time.perf_counter()
        self._checks = check.Memory()
        self._missing: frozenset[str] = frozenset()
        self._worst: Mapping[str, Problem] = {}
        self._scene: Scene | None = None
        self._shaped: tuple[object, ...] | None = None
        self._shape: Shape = NO_SHAPE
        self._source_shaped: tuple[object, ...] | None = None
        self._source_shape: Shape = NO_SHAPE
        self._pump = QTimer(self, interval=0)
        self._pump.timeout.connect(self._check_on)
        self._read_schemas()
        self.mapping = self.transformation.mapping
        self._drawing = Drawing((), ())
        self._warm = self._open() if len(self.mapping) > _AT_ONCE else None
        if self._warm is None:
            self.mapping = remap.fit(self.mapping, self.trees, self._fitting)
            self._drawing = self.linker.draw(self.mapping)
        self._start_check()
        self._show()
        # Before the window: its values are asked for first.
        self._unlisten = workspace.changed.connect(self._follow, first=True)

    # Editing

    def edit(self, label: str, mapping: Map) -> bool:
        """Make `mapping` the current one, as one step called `label`; tells whether anything differs."""
        if mapping == self.mapping:
            return False
        self.put(label, replace(self.transformation, mapping=mapping))
        return True

    def put(self, label: str, transformation: Transformation) -> None:
        """Make `transformation` the current state of this object; one that has gone is not brought back by it."""
        if self.workspace.project.get(self.ref) is None:
            return
        project = project_edits.put(self.workspace.project, self.ref, transformation)
        # The agent works on the values while the window does the rest.
        self.coming.emit(transformation)
        self.workspace.edit(label, project, initiator=self.initiator)

    @property
    def initiator(self) -> str:
        """Who this editor is in the workspace's signal."""
        return f"editor {self.ref}"

    def with_rule(self, rule: Rule) -> Transformation:
        """The transformation with one rule put, for a preview of what is being typed."""
        return replace(self.transformation, mapping=edits.put(self.mapping, rule, self.trees.target))

    def picks(self, side: str) -> tuple[str, ...]:
        """The addresses picked on a side (`source`, `target`) where the schema leaves it open."""
        return tuple(self.transformation.picks.get(side, ()))

    def show_evidence(self, evidence: Evidence | None) -> None:
        """Show the values of a record."""
        self.evidence = evidence
        self._show()

    def show_notes(self, notes: Notes) -> None:
        """Show what is noted at the rows besides the map."""
        if notes != self.notes:
            self.notes = notes
            self._show()

    @property
    def hurried(self) -> bool:
        """The values an edit gives are on their way: what is not wanted at once leaves them the processor."""
        return self.waits(_PATIENCE)

    def waits(self, patience: float) -> bool:
        """The values of a large map are on their way, and the edit is not longer ago than this (seconds)."""
        return self.large and self.asked() and time.perf_counter() - self._edited_at < patience

    @property
    def large(self) -> bool:
        """It has so many rules that what an edit leads to is done a part at a time."""
        return len(self.mapping) > _LARGE

    @property
    def busy(self) -> bool:
        """Links or problems of the map as it is now are still being worked out."""
        return self._pump.isActive()

    @property
    def opening(self) -> bool:
        """The rules of a large map are still being found: only its trees are shown."""
        return self._warm is not None

    def let_go(self) -> None:
        """Stop following the workspace."""
        self._pump.stop()
        self._unlisten()

    # Following

    def _current(self) -> Transformation:
        found = self.workspace.project.get(self.ref)
        assert isinstance(found, Transformation)
        return found

    def _follow(self, changes: Changes, _initiator: str) -> None:
        if self.workspace.project.get(self.ref) is None:
            return
        if changes.schemas:
            self._follow_schemas()
        if self.ref not in changes.objects:
            return
        before = self.transformation
        self.transformation = self._current()
        now = self.transformation
        if (before.source, before.target) != (now.source, now.target) or before.drawn != now.drawn:
            self._follow_schemas(drawn=before.drawn != now.drawn)
            return
        mapping, self.mapping = self.mapping, remap.fit(now.mapping, self.trees, self._fitting)
        self.mapping.take_over(mapping)
        # The values are asked for before anything else is done.
        self._edited_at = time.perf_counter()
        self.edited.emit()
        self._redraw()

    def _follow_schemas(self, *, drawn: bool = False) -> None:
        before = self._schemas
        self._read_schemas()
        if before != self._schemas or drawn:
            self._checks = check.Memory()
            self.mapping = remap.fit(self.transformation.mapping, self.trees, self._fitting)
            self._redraw(tell=False)
            self.retreed.emit()
            self.edited.emit()

    def _redraw(self, *, tell: bool = True) -> None:
        if self._warm is None:
            self._draw()
        self._start_check()
        self._show(tell=tell)

    def _draw(self) -> None:
        drawing = self.linker.draw(self.mapping)
        # The same lines stay the same object, by which the canvas knows that nothing is to be drawn anew.
        self._drawing = self._drawing if drawing == self._drawing else drawing

    def _read_schemas(self) -> None:
        errors: list[WeftError] = []
        transformation = self.transformation
        source = self._read(transformation.source, errors)
        target = self._read(transformation.target, errors)
        self.errors = tuple(errors)
        self._schemas = source, target
        sides = (transformation.sources, transformation.targets)
        more = [{name: self._read(use, errors) for name, use in uses.items()} for uses in sides]
        self.errors = tuple(errors)
        self._further = further = MoreSchemas(
            *({name: each for name, each in side.items() if each} for side in more)
        )
        self.trees = trees_of(transformation, source, target, further)
        self.linker = Linker(self.trees)
        self._fitting: set[str] = set()
        self._admitted: tuple[dict[str, bool], dict[str, bool]] = ({}, {})

    def trees_with(self, given: Transformation) -> Trees:
        """The trees as they are with the picks and drawn nodes of another state of this transformation."""
        return trees_of(given, *self._schemas, self._further)

    def _uses(self) -> Iterator[tuple[str, SchemaUse]]:
        """The further documents of both sides."""
        yield from self.transformation.sources.items()
        yield from self.transformation.targets.items()

    def _read(self, use: SchemaUse, errors: list[WeftError]) -> Schema | None:
        try:
            return self.workspace.schema(use)
        except WeftError as error:
            errors.append(error)
            return None

    # The scene

    @property
    def scene(self) -> Scene:
        """What the canvas is to show now."""
        assert self._scene is not None
        return self._scene

    def _show(self, *, tell: bool = True) -> None:
        self._scene = self._picture(self.mapping if self._warm is None else Map())
        if tell:
            self.changed.emit()

    @property
    def shape(self) -> Shape:
        """What the map adds to the target's tree."""
        self._show_target(self.scene)
        return self._shape

    @property
    def source_shape(self) -> Shape:
        """What the map adds to the source's tree."""
        self._show_source(self.scene)
        return self._source_shape

    def _picture(self, mapping: Map) -> Scene:
        """The scene of now with the rules of `mapping`; what it shares with the one before is not made again."""
        scene = Scene(
            self.trees,
            mapping,
            self._drawing,
            self._missing,
            self._worst,
            self.evidence,
            (
                _prefixes(self._schemas[0], *self._further.sources.values()),
                _prefixes(self._schemas[1], *self._further.targets.values()),
            ),
            frozenset(map(address.plain, self.picks(TARGET))),
            {name: use.schema for name, use in self._uses()},
            self.notes,
        )
        if self._scene is not None:
            scene.take_over(self._scene)
        return scene

    def _show_target(self, scene: Scene) -> None:
        parked: dict[str, tuple[Rule, ...]] = {}
        for rule in scene.mapping.parked:
            under = remap.shown_under(rule, self.trees)
            if under is not None:
                parked[under] = (*parked.get(under, ()), rule)
        target, picks = self.trees.target, self.picks(TARGET)
        shaped = target, scene.paths, parked, picks
        if self._shaped is None or self._shaped != shaped:
            self._shaped = shaped
            self._shape = target_shape(scene.ruled_above, parked, picks, self._let_in(target))

    def _let_in(self, tree: Tree) -> Callable[[str], bool]:
        known = self._admitted[tree is self.trees.target]
        return lambda path: known[path] if path in known else known.setdefault(path, let_in(tree, path))

    def _show_source(self, scene: Scene) -> None:
        source, picks = self.trees.source, self.picks(SOURCE)
        shaped = source, picks, scene.drawing
        if self._source_shaped is None or any(
            one is not other for one, other in zip(self._source_shaped, shaped, strict=True)
        ):
            self._source_shaped = shaped
            self._source_shape = source_shape_of(scene.linked_above, picks, self._let_in(source))

    # Opening and checking, a slice at a time

    def _open(self) -> Iterator[None]:
        """Find, fit and draw the rules of a large map little by little."""
        yield from remap.look_up(self.transformation.mapping, self.trees)
        self.mapping = remap.fit(self.transformation.mapping, self.trees, self._fitting)
        yield
        yield from self.linker.warm(self.mapping)
        self._drawing = self.linker.draw(self.mapping)
        yield
        self.mapping.numbering.clashes("")
        yield
        scene = self._picture(self.mapping)
        for _part in scene.prepared():
            yield
        for tree, paths in (
            (self.trees.target, scene.ruled_above),
            (self.trees.source, scene.linked_above),
        ):
            known = self._let_in(tree)
            for number, path in enumerate(paths):
                known(path)
                if number % 200 == 199:
                    yield
        self._show_target(scene)
        yield
        self._show_source(scene)
        yield
        yield from self.looked_at(scene)
        self._scene = scene

    def _start_check(self) -> None:
        self._work = check.scan(self.mapping, self.trees, object=self.ref, memory=self._checks)
        self._found = []
        large = len(self.mapping) > _LARGE
        if self._warm is None and not large and self._slice(self._check_step):
            self._checked()
        else:
            # Of a large map the values of the record come first, and what is typed next.
            self._pump.start(_LATER if large and self._warm is None else 0)

    def _check_on(self) -> None:
        if self._warm is None and self.hurried:
            self._pump.setInterval(HURRIED)
            return
        self._pump.setInterval(0)
        if self._warm is not None:
            if self._slice(self._warm_step):
                self._warm = None
                self._draw()
                self._show()
                self.opened.emit()
        elif self._slice(self._check_step):
            self._pump.stop()
            self._checked()
            self._show()

    def _slice(self, step: Callable[[], bool]) -> bool:
        """Work for a moment; tells whether all is done."""
        until = time.perf_counter() + _SLICE
        while time.perf_counter() < until:
            if step():
                return True
        return False

    def _warm_step(self) -> bool:
        return self._warm is None or next(self._warm, self) is self

    def _check_step(self) -> bool:
        assert self._work is not None
        try:
            problem = next(self._work)
        except StopIteration:
            return True
        if problem is not None:
            self._found.append(problem)
        return len(self._found) >= check.MOST_PROBLEMS

    def _checked(self) -> None:
        self._pump.stop()
        self.problems = tuple(self._found)
        wanting = [problem for problem in self.problems if isinstance(problem, check.MissingRule)]
        self._missing = frozenset(problem.path for problem in wanting if problem.path)
        others = [p for p in self.problems if p not in wanting and p.severity is not Severity.NOTE]
        self._worst = worst_by_path(others)


def _prefixes(*schemas: Schema | None) -> Mapping[str, str]:
    """The prefixes of the schemas of one side; where they differ the main document's counts."""
    found: dict[str, str] = {}
    for schema in reversed(schemas):
        if schema is not None:
            found |= {address: prefix for prefix, address in schema.namespaces.items() if prefix}
    return found
