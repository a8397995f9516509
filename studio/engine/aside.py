"""The failures of a run on their way to disk: the list, and the document of the failed records, which runs again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from studio.base.atomic import discard
from studio.base.lazily import Lazily
from studio.engine.cut.kinds import cutter
from studio.engine.cut.wanted import Cut, Found, Place
from studio.engine.failures import Failure, FailureFile, Whereabouts, records_beside
from studio.engine.plan import Plan, Top
from studio.engine.several import all_tops
from studio.engine.sources import open_source
from studio.engine.stopping import RecordStopped
from studio.engine.streams import on_disk, target

if TYPE_CHECKING:
    import shutil
    import tempfile

    from studio.engine.cut import units as cut_of_units
else:
    cut_of_units = Lazily("studio.engine.cut.units")
    tempfile = Lazily("tempfile")
    shutil = Lazily("shutil")

_IN_MEMORY = 1 << 20


class Aside:
    """Takes failures while a run goes on and writes them when it ends.

    They wait in temporary files, one per outermost loop, since where a record stands in the input and what it holds is
    looked up once, at the end: the input is read again. `path` is the list; `always` says that it is written without
    failures too.
    """

    def __init__(self, plan: Plan, path: Path, always: bool, stack: contextlib.ExitStack) -> None:
        self._plan = plan
        self._path = path
        self._always = always
        self._stack = stack
        self._records = records_beside(path, plan.source.format)
        self._waiting: dict[int, BinaryIO] = {}
        self._places = places_of(plan)
        tops = [top for number, top in enumerate(all_tops(plan)) if number in self._places]
        self._cutter = cutter(plan, _apart(self._places), tops)
        self._written = self._cut = False

    def add(self, failure: Failure) -> None:
        """Keep one."""
        place = self._places.get(failure.top)
        if place is not None:
            for number in failure.nodes:
                place.shown.add(number)
                if not failure.nulled:
                    place.kept.add(number)
        if failure.top not in self._waiting:
            self._waiting[failure.top] = self._stack.enter_context(_spool())
        self._waiting[failure.top].write(json.dumps(astuple(failure)).encode() + b"\n")

    def finish(self, stream: BinaryIO, name: str, check: Callable[[], object]) -> None:
        """Write everything to files that appear when the stack is closed."""
        if not self._waiting and not self._always:
            return
        self._written = True
        listed = self._stack.enter_context(target(self._path))
        FailureFile(listed, self._path).begin()
        with contextlib.ExitStack() as own:
            lists: list[_List] = []
            for number in sorted(self._waiting):
                out = own.enter_context(_spool()) if lists else listed
                file = FailureFile(out, self._path)
                lists.append(_List(self._failures(number), self._places.get(number), file))
            self._look_up(stream, name, check, lists)
            for each in lists:
                each.finish()
            for each in lists[1:]:
                each.file.stream.seek(0)
                shutil.copyfileobj(each.file.stream, listed)
        on_disk(listed)

    def settle(self) -> None:
        """After the run: remove what an earlier one left beside the output and this one has not written."""
        if not self._written:
            discard(self._path)
        if not self._cut:
            discard(self._records)

    @property
    def _has_records(self) -> bool:
        """There are records that can stand in a document of their own."""
        regular = self._path.is_file() or not self._path.exists()
        cuts = self._cutter is not None
        return regular and cuts and any(place.kept.count for place in self._places.values())

    @property
    def _shows(self) -> Top | None:
        """The outermost loop whose records are read again one by one, where nothing can be cut out of the input."""
        tops = self._plan.tops
        plain = (
            len(tops) == 1
            and (tops[0].streams or tops[0].arranges)
            and not tops[0].gathers
            and self._plan.passes != "whole"
        )
        return tops[0] if plain else None

    def _failures(self, number: int) -> Iterator[Failure]:
        """The failures of an outermost loop, in the order of the document; several targets have one run each."""
        waiting = self._waiting[number]
        waiting.seek(0)
        found = map(_failure, waiting)
        ordered = self._plan.passes != "whole" and not any(top.arranges for top in self._plan.tops)
        if ordered and not self._plan.outputs:
            return found
        return iter(sorted(found, key=lambda failure: (failure.nodes[:1], failure.record)))

    def _look_up(self, stream: BinaryIO, name: str, check: Callable[[], object], lists: list[_List]) -> None:
        """Read the input again: the records beside the list, and the list with what they hold."""
        places = _apart(self._places)
        if not any(place.shown.count for place in places):
            return
        document = _Late(self._stack, self._records) if self._has_records else None

        def found(found: Found) -> None:
            for each in lists:
                each.found(found)

        cut = Cut(places, document.write if document is not None else len, found, check)
        if self._cutter is not None:
            self._cutter(stream, name, cut)
        elif self._shows is not None:
            cut_of_units.show_units(open_source(self._plan, stream, name, whole=True), self._shows, cut)
        if document is not None and document.stream is not None:
            self._cut = True
            on_disk(document.stream)


class _Late:
    """A file that is opened when something is written to it."""

    def __init__(self, stack: contextlib.ExitStack, path: Path) -> None:
        self.stream: BinaryIO | None = None
        self._stack = stack
        self._path = path

    def write(self, data: bytes) -> None:
        """Write."""
        if self.stream is None and data:
            self.stream = self._stack.enter_context(target(self._path))
        if self.stream is not None:
            self.stream.write(data)


class _List:
    """The failures of one outermost loop, written as their records are found."""

    def __init__(self, failures: Iterator[Failure], place: Place | None, file: FailureFile) -> None:
        self.file = file
        self._failures = failures
        self._place = place
        self._next = next(failures, None)

    def found(self, found: Found) -> None:
        """A record that was looked for."""
        if found.place is not self._place:
            return
        where = Whereabouts(found.path, found.line, found.text)
        while self._next is not None and (not self._next.nodes or self._next.nodes[0] <= found.number):
            here = self._next.nodes[:1] == (found.number,)
            self._put(where if here else Whereabouts())

    def finish(self) -> None:
        """No more records are found."""
        while self._next is not None:
            self._put(Whereabouts())

    def _put(self, where: Whereabouts) -> None:
        assert self._next is not None
        self.file.add(self._next, where)
        self._next = next(self._failures, None)


class _Seen(Exception):
    """What was looked for is found."""


def line_of(
    plan: Plan, record: RecordStopped, stream: BinaryIO, name: str, check: Callable[[], object]
) -> int | None:
    """The line of the input in which a record begins that has ended a run; None where there are no lines."""
    place = places_of(plan).get(record.top)
    cuts = cutter(plan, (place,), all_tops(plan)[record.top : record.top + 1]) if place is not None else None
    if place is None or cuts is None or not record.node:
        return None
    place.shown.add(record.node)
    lines: list[int | None] = []

    def found(found: Found) -> None:
        lines.append(found.line)
        raise _Seen

    with contextlib.suppress(_Seen):
        cuts(stream, name, Cut((place,), len, found, check))
    return lines[0] if lines else None


def places_of(plan: Plan) -> dict[int, Place]:
    """Where the records of each outermost loop stand in the input, as far as they can be cut out of it."""
    found: dict[tuple[str, ...], Place] = {}
    places: dict[int, Place] = {}
    for number, top in enumerate(all_tops(plan)):
        loop = top.target.loop
        if loop is None or top.further:
            continue
        if loop.source is not None and top.chain and not top.chain[-1].startswith("@"):
            places[number] = found.setdefault(top.chain, _place(plan, top.chain))
    return places


def _apart(places: dict[int, Place]) -> tuple[Place, ...]:
    """The places, each once."""
    return tuple({place.chain: place for place in places.values()}.values())


def _place(plan: Plan, chain: tuple[str, ...]) -> Place:
    shapes = [plan.shape.at(chain[:length]) for length in range(1, len(chain) + 1)]
    arrays = [plan.source.format == "lines" or plan.source.entries]
    arrays += [shape is not None and shape.entries for shape in shapes]
    entries = tuple(
        plan.source.format != "xml" and key == "item" and array
        for key, array in zip(chain, arrays, strict=False)
    )
    return Place(chain, tuple(shape is not None and shape.repeats for shape in shapes), entries)


def _spool() -> BinaryIO:
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # closed by who asked


def _failure(line: bytes) -> Failure:
    found = Failure(*json.loads(line))
    return replace(found, nodes=tuple(found.nodes))
