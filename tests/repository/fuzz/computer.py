"""One person's computer: a real project folder, a real workspace with unsaved work, and what must be in them."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.base.errors import BadInput
from studio.project import folder
from studio.project.commit import finish
from studio.project.layout import file_of, id_of
from studio.project.merge import Conflict, decided
from studio.project.model import Project
from studio.project.texts import object_text
from studio.workspace import Workspace
from tests.project.perils import failing_at, steps
from tests.repository.fuzz import hands
from tests.repository.fuzz.facts import NONE, Facts, met, of_files, of_value, same

# What a program that died was writing: the next opening removes it.
_PART = re.compile(r"\.[0-9a-f]{8}\.part$")


class Killed(BaseException):
    """The program is gone: nothing it would still have done happens."""


@dataclass(frozen=True)
class Peril:
    """What happens at the so-manieth change of the disk: death, or with `code` an error, of this and all later ones."""

    at: int
    code: int = 0
    lasting: bool = False


@contextmanager
def in_peril(peril: Peril | None, place: Path) -> Iterator[list[int]]:
    """Work below `place` in peril; gives the count of changes. Whoever is dead changes nothing more."""
    if peril is None:
        yield [0]
    elif peril.code:
        with failing_at(peril.at, peril.code, lasting=peril.lasting, within=place) as count:
            yield count
    else:
        count = [0]

        def step() -> None:
            count[0] += 1
            if count[0] > peril.at:
                raise Killed

        with steps(step, within=place):
            yield count


class Computer:
    """A folder and a workspace; every method does something and returns what is wrong afterwards.

    `files` is what the model says is on the disk; `seen` what was there when the workspace last looked; `work` what its
    unsaved state holds (objects only), None while no workspace has ever been open. `deed` is called with the facts before
    and after a deliberate act.
    """

    def __init__(self, name: str, place: Path, deed: Callable[[Facts, Facts], None]) -> None:
        self.name, self.place, self.deed = name, place, deed
        self.workspace: Workspace | None = None
        self.files: dict[str, bytes] = self.on_disk()
        self.seen: Facts = NONE
        self.work: Facts | None = None
        self.steps = [0]

    def on_disk(self) -> dict[str, bytes]:
        """The files that are there, but for those of this computer alone."""
        found: dict[str, bytes] = {}
        start = len(os.fspath(self.place)) + 1
        for parent, folders, names in os.walk(self.place):
            if ".weft" in folders:
                folders.remove(".weft")
            for name in names:
                if not _PART.search(name):
                    found[f"{parent}/{name}"[start:]] = Path(parent, name).read_bytes()
        return found

    def quiet(self, what: str) -> list[str]:
        """Nothing has changed on the disk."""
        found = self.on_disk()
        if found == self.files:
            return []
        wrong = same(of_files(self.files), of_files(found), what)
        odd = sorted(name for name in self.files.keys() ^ found.keys())
        changed = sorted(name for name in self.files.keys() & found.keys() if self.files[name] != found[name])
        return [*wrong, f"{what}: files differ: {odd} {changed}"]

    # The workspace.

    def open(self) -> list[str]:
        """Open the project, or have it open; unsaved work is there again."""
        if self.workspace is not None:
            return []
        self.workspace = Workspace.open(self.place)
        self.files = self.on_disk()  # opening finishes a save that was interrupted: only that may differ
        now, before = self._objects(self.files), self.work
        wrong = []
        if before is not None:
            wrong = met(self.seen, before, now, self._state(), self._told())
        self.seen, self.work = now, self._state()
        return [f"opening: {each}" for each in wrong]

    def close(self) -> list[str]:
        """Close it in order; unsaved work stays unsaved."""
        if self.workspace is not None:
            self.settle(random.Random(1))
            self.workspace.close()
            self.workspace = None
        return []

    def crash(self) -> None:
        """The program is killed between two things it does."""
        workspace, self.workspace = self.workspace, None
        if workspace is None:
            return
        journal = workspace._keeper._journal
        if journal is not None:
            journal._db.close()
        if workspace._lock is not None:
            workspace._lock._stream.close()

    def edit(self, chance: random.Random, mark: str, count: int) -> list[str]:
        """So many edits, none saved."""
        wrong = self.open()
        assert self.workspace is not None
        for number in range(count):
            before = self._state()
            after = hands.edited(self.workspace.project, chance, f"{mark}n{number}")
            self.workspace.edit("Edit", after)
            self.work = self._state()
            self.deed(before, self.work)
            wrong += same(_facts(after), self.work, "an edit")
        return wrong

    def history(self, chance: random.Random) -> list[str]:
        """Undo or redo."""
        wrong = self.open()
        assert self.workspace is not None
        before = self._state()
        for _each in range(chance.randrange(1, 4)):
            chance.choice([self.workspace.undo, self.workspace.redo])()
        self.work = self._state()
        self.deed(before, self.work)
        return wrong

    def look(self) -> list[str]:
        """The window comes to the front: what changed outside is taken in."""
        wrong = self.open()
        assert self.workspace is not None
        assert self.work is not None
        self.workspace.check_outside()
        now = self._objects(self.files)
        wrong += met(self.seen, self.work, now, self._state(), self._told())
        self.seen, self.work = now, self._state()
        return [f"taking in: {each}" for each in wrong] + self.quiet("taking in")

    def save(self, chance: random.Random, peril: Peril | None = None) -> list[str]:
        """Save, in peril."""
        wrong = self.look()
        wrong += self.settle(chance)
        assert self.workspace is not None
        assert self.work is not None
        wanted = {path: data for path, data in self.files.items() if id_of(path) is None}
        wanted |= _texts(self.workspace.project)
        try:
            with in_peril(peril, self.place) as self.steps:
                self.workspace.save()
        except Killed:
            self.crash()
            return wrong + self._after_death(wanted)
        except BadInput:
            if peril is None:
                raise
            return wrong + self._after_error(wanted)
        self.files = self.on_disk()
        # Members of an object may stand in another order: who only moved some has changed nothing.
        wrong += same(of_files(wanted), of_files(self.files), "a save")
        self.seen = self._objects(self.files)
        return wrong

    def _after_death(self, wanted: dict[str, bytes]) -> list[str]:
        """All old or all new, and the work is there."""
        old, work = self.files, self.work
        workspace = Workspace.open(self.place)
        self.workspace = workspace
        found = self.on_disk()
        wrong = (
            [] if found in (old, wanted) else ["killed while saving: neither old nor new", *self.quiet("it")]
        )
        state = self._state()
        assert work is not None
        wrong += same(work, state, "killed while saving, unsaved work")
        self.files, self.seen, self.work = found, self._objects(found), state
        return wrong

    def _after_error(self, wanted: dict[str, bytes]) -> list[str]:
        """Nothing has changed, or all of it; and the next save writes it."""
        finish(self.place)
        workspace, found = self.workspace, self.on_disk()
        assert workspace is not None
        assert self.work is not None
        wrong = [] if found in (self.files, wanted) else ["an error in saving: neither old nor new"]
        wrong += same(self.work, self._state(), "an error in saving, unsaved work")
        workspace.save()
        self.files = self.on_disk()
        self.seen = self._objects(self.files)
        return wrong + ([] if self.files == wanted else ["saved after an error: not what was wanted"])

    def settle(self, chance: random.Random) -> list[str]:
        """Decide every conflict between unsaved work and the disk, mine or theirs."""
        wrong: list[str] = []
        workspace = self.workspace
        assert workspace is not None
        for conflict in workspace.conflicts:
            before = self._state()
            # A part of an object that was deleted here since has no place to stand in.
            gone = conflict.path and workspace.project.get(conflict.object) is None
            if chance.random() < 0.5 and not gone:
                wrong += self._theirs(workspace, conflict)
            workspace.settle(conflict)
            self.work = self._state()
            self.deed(before | _sides(conflict), self.work)
        return wrong

    def _theirs(self, workspace: Workspace, conflict: Conflict) -> list[str]:
        try:
            after = decided(workspace.project, conflict, conflict.theirs)
        except BadInput as error:
            return [f"cannot be decided: {error}"]
        workspace.edit("Decide", after)
        path = file_of(conflict.object)
        wanted = of_value(path, conflict.path, conflict.theirs)
        missing = wanted - self._state()
        return [f"decided, and not there: {sorted(missing)[:4]}"] if missing else []

    # What others write: an editor, another program.

    def outside(self, chance: random.Random, mark: str) -> list[str]:
        """Another program edits the folder's objects and saves them."""
        loaded = folder.load(self.place).project
        after = hands.edited(loaded, chance, mark)
        folder.save(self.place, after, loaded)
        return self._written()

    def other_files(self, chance: random.Random, mark: str) -> list[str]:
        """A file that holds no object is written, made or removed."""
        path = self.place / chance.choice(hands.FILES)
        if path.exists() and chance.random() < 0.25:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(hands.content(chance, mark))
        return self._written()

    def written_over(self, path: str, chance: random.Random, mark: str) -> list[str]:
        """This very file is written by another program."""
        (self.place / path).parent.mkdir(parents=True, exist_ok=True)
        (self.place / path).write_bytes(hands.content(chance, mark))
        return self._written()

    def _written(self) -> list[str]:
        before, self.files = of_files(self.files), self.on_disk()
        self.deed(before, of_files(self.files))
        return []

    # What is where.

    def facts(self) -> Facts:
        """What the files say."""
        return of_files(self.files)

    def holds(self) -> Facts:
        """Everything that can be found on this computer: files, unsaved work, conflicts with it."""
        return self.facts() | (self.work or NONE) | self._told()

    def _state(self) -> Facts:
        assert self.workspace is not None
        return _facts(self.workspace.project)

    def _told(self) -> Facts:
        workspace = self.workspace
        return (
            NONE if workspace is None else NONE.union(*(_sides(conflict) for conflict in workspace.conflicts))
        )

    def _objects(self, files: dict[str, bytes]) -> Facts:
        return of_files({path: data for path, data in files.items() if id_of(path) is not None})


def _sides(conflict: Conflict) -> Facts:
    path = file_of(conflict.object)
    return of_value(path, conflict.path, conflict.mine) | of_value(path, conflict.path, conflict.theirs)


def _texts(project: Project) -> dict[str, bytes]:
    return {file_of(id): (object_text(project, id) or "").encode() for id in project.objects()}


def _facts(project: Project) -> Facts:
    return of_files(_texts(project))
