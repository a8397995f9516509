"""Pull: what others pushed is brought into the folder, merged with what changed here; nothing of either is lost.

Order of writes, each step durable before the next:

1. contents that came, and every side of what clashes, beside the project (names by hash: harmless if it ends there);
2. the project's files, the new base (state.json), the list of conflicts and the end of an old push, in one commit
   (studio.project.commit): all of them are old or all are new, whatever kills the process, so that files and base
   never disagree. Before it writes, the commit finds out whether a file it replaces is still the one that was merged;
   where somebody saved meanwhile, the merge is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.base.system_errors import unreadable
from studio.project.commit import KEPT, Outdated, commit, digest, pending
from studio.project.create import fresh_folder
from studio.project.folder import require_project, tidy
from studio.project.layout import PROJECT_FILE, id_of
from studio.project.lock import LOCAL
from studio.protocol.manifests import BadManifest, Content, Manifest, applied, check, tree_hash
from studio.protocol.packs import Packed
from studio.protocol.projects import Pull, Revision, contents
from studio.repository import state as states
from studio.repository import undecided as book
from studio.repository.alone import PATH as ALONE
from studio.repository.alone import Joined, alone_of
from studio.repository.alone import content_of as alone_content
from studio.repository.contents import kept_form
from studio.repository.covered import is_covered
from studio.repository.fetching import Fetched, fetch, fetched
from studio.repository.files import Held, look, paths_under
from studio.repository.gathering import gathered, needed
from studio.repository.link import Link, keep_link, require_link
from studio.repository.merging import Merged, merge_files, wanted
from studio.repository.pushing import PATH as PUSHING
from studio.repository.pushing import pushing_of
from studio.repository.refusals import NotARepository
from studio.repository.state import State, state_of
from studio.repository.turn import turn

if TYPE_CHECKING:
    from studio.repository.client import Repository

_ATTEMPTS = 8


@dataclass(frozen=True)
class Pulled:
    """What a pull did; paths. `revision` is the one the files come from now (None: nothing was pushed yet).

    `taken` are as in the repository now, `joined` hold changes of both sides, `moved` are those whose changes followed
    a renamed object. `undecided` counts the conflicts waiting now, `clashed` the paths where this pull found some.
    `left_out` are files of the repository that are never written here (hidden ones); `problems` is to be told.
    """

    revision: Revision | None
    taken: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    undecided: int = 0
    clashed: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


async def pull(folder: Path, repository: Repository, *, progress: Progress | None = None) -> Pulled:
    """Bring what is new in the repository into the folder. Raises BadInput with nothing changed where a file cannot be
    written or looked at, Cancelled, and as the client does."""
    require_project(folder)
    async with turn(folder):
        return await _pull(folder, repository, progress or Progress())


async def copy(
    repository: Repository, project: str, folder: Path, *, progress: Progress | None = None
) -> Pulled:
    """A first copy of a project of the repository in a new or empty folder; all of it or nothing. Raises BadInput."""
    with fresh_folder(folder) as work:
        account = repository.account
        keep_link(work, Link(account.server, account.organization, project))
        async with turn(work):
            found = await _pull(work, repository, progress or Progress())
        if found.revision is None:
            raise BadInput(
                _("Nothing was pushed to this project yet."),
                next_step=_("Push it from where it is: weft push"),
            )
        if not (work / PROJECT_FILE).is_file():
            raise BadInput(
                _("What the repository holds is no project: there is no project.yaml."),
                next_step=_("Look at its history, and restore a revision that is one."),
            )
    return found


async def _pull(folder: Path, repository: Repository, progress: Progress) -> Pulled:
    problems = tidy(folder) if pending(folder) else ()
    link = require_link(folder)
    state, answer = await _asked(folder, link, repository)
    head = answer.head
    if head is None:
        if state.revision is not None:
            raise _lost(repository)
        return Pulled(None, undecided=len(book.undecided(folder)), problems=problems)
    if head.id == state.revision:
        return Pulled(head, undecided=len(book.undecided(folder)), problems=problems)
    base, theirs = _sides(state, answer, head, repository)
    store = fetched(folder)
    for attempt in range(_ATTEMPTS):
        try:
            found = await _merge(folder, repository, link, base, theirs, head, store, progress)
            break
        except Outdated:
            if attempt == _ATTEMPTS - 1:
                raise
    left_out = tuple(path for path in sorted(theirs) if not is_covered(path))
    store.clear()
    store.kept.tidy(needed(folder, theirs))
    return Pulled(
        head,
        tuple(found.taken),
        tuple(found.joined),
        len(book.undecided(folder)),
        tuple(dict.fromkeys(clash.path for clash in found.clashes)),
        found.moved,
        left_out,
        (*problems, *map(_uncommented, found.uncommented)),
    )


async def _asked(folder: Path, link: Link, repository: Repository) -> tuple[State, Pull]:
    """The base, and what leads from it to the head; a push whose answer never came is the base where it counted."""
    state, begun = state_of(folder), pushing_of(folder)
    answer = await repository.pull(link.project, state.revision)
    if begun is None or not begun.asked or answer.head is None or answer.head.id == state.revision:
        return state, answer
    if begun.parent == state.revision:
        page = await repository.revisions(link.project, after=str(begun.number + 2), limit=1)
        if page.items and begun.is_revision(page.items[0]):
            state = states.at(page.items[0], begun.after(state))
            commit(folder, {states.PATH: states.content_of(state), PUSHING: None})
            answer = await repository.pull(link.project, state.revision)
    return state, answer


def _sides(state: State, answer: Pull, head: Revision, repository: Repository) -> tuple[Manifest, Manifest]:
    """Base and theirs. Where the repository does not know our base any more (it was set back), there is none: nothing
    counts as taken away by others, and what differs is a conflict."""
    known = state.manifest if answer.base is not None else {}
    try:
        theirs = applied(known, contents(answer.put), answer.remove)
        check(theirs, known)
    except BadManifest as error:
        raise _strange(repository, error.message) from error
    if tree_hash(theirs) != head.tree:
        raise _strange(repository, _("the files do not add up to the revision"))
    return known, theirs


async def _merge(
    folder: Path,
    repository: Repository,
    link: Link,
    base: Manifest,
    theirs: Manifest,
    head: Revision,
    store: Fetched,
    progress: Progress,
) -> Merged:
    held = look(folder, base.keys() | theirs.keys(), progress=progress)
    _need_known(held, base.keys() | theirs.keys())
    mine = held.contents
    await fetch(repository, link.project, wanted(base, mine, theirs), store, progress)
    found = merge_files(base, mine, theirs, store.read, partial(_here, folder, mine))
    _check_names(mine, found)
    listed = gathered(folder, found, head, base, theirs, partial(_theirs, folder, store, mine, theirs))
    progress.check()
    _keep_sides(folder, store, mine, theirs, found)
    changes: dict[str, bytes | Path | None] = {
        path: _source(folder, store, mine, value) for path, value in found.changes.items()
    }
    for path in found.uncommented:
        changes[f"{LOCAL}/{KEPT}/{path}"] = _here(folder, mine, path)
    changes[states.PATH] = states.content_of(states.at(head, theirs))
    if listed is not None:
        changes[book.PATH] = book.content_of(listed)
    if found.clashes:
        both = dict.fromkeys((*(clash.path for clash in found.clashes), *found.joined))
        beside = alone_of(
            (path for path in both if path in mine), base, theirs, store.read, partial(_here, folder, mine)
        )
        changes[ALONE] = alone_content(Joined(states.state_of(folder).number, beside))
    if pushing_of(folder) is not None:
        changes[PUSHING] = None
    digests = {path: mine[path].hash if path in mine else None for path in found.changes}
    commit(folder, changes, guard=partial(book.need_unchanged, folder, digests))
    return found


def _uncommented(path: str) -> Problem:
    return Problem(
        Severity.NOTE,
        _("This file held comments, which are not kept where it was merged with what others changed."),
        file=path,
        object=id_of(path),
        mend=_("Your version is in .weft/kept; write as a note what is to stay."),
    )


def _here(folder: Path, mine: Manifest, path: str) -> bytes:
    """A file of the folder as it was looked at; raises Outdated where it is another one by now."""
    try:
        data = (folder / path).read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise unreadable(path, error) from error
    if digest(data) != mine[path].hash:
        raise Outdated(
            _("This file was changed while it was being merged."), file=path, next_step=_("Pull again.")
        )
    return data


def _theirs(folder: Path, store: Fetched, mine: Manifest, theirs: Manifest, path: str) -> bytes | None:
    """What the repository has at a path, which may be what is here."""
    content = theirs.get(path)
    if content is None:
        return None
    return store.read(content) if content in store else _here(folder, mine, path)


def _source(
    folder: Path, store: Fetched, mine: Manifest, value: Content | bytes | None
) -> bytes | Path | None:
    if not isinstance(value, Content):
        return value
    if value in store:
        return store.source(value)
    return next(_here(folder, mine, path) for path, content in mine.items() if content == value)


def _keep_sides(folder: Path, store: Fetched, mine: Manifest, theirs: Manifest, found: Merged) -> None:
    """Every side of a clash, and the objects of the new base, beside the project."""
    wanted = {content.hash: content for path, content in theirs.items() if id_of(path) is not None}
    for clash in found.clashes:
        sides = () if clash.keys else (clash.mine, clash.theirs)
        wanted |= {side.hash: side for side in sides if side is not None}
    here = {content.hash: path for path, content in mine.items()}

    def brought() -> Iterator[Packed]:
        for content in wanted.values():
            if content.hash in store.kept:
                continue
            if content in store:
                yield kept_form(store.read(content), content.hash)
            elif content.hash in here:
                yield kept_form(_here(folder, mine, here[content.hash]), content.hash)

    store.kept.add_packed(brought())


def _need_known(held: Held, paths: set[str]) -> None:
    """Nothing is brought where it is not known what stands there."""
    unknown = next(paths_under(sorted(paths), held.problems), None)
    if unknown is not None:
        problem = held.problems[0]
        raise BadInput(problem.message, file=problem.file, next_step=problem.mend)


def _check_names(mine: Manifest, found: Merged) -> None:
    """Raise BadInput where what comes and what is here cannot stand beside each other on every system."""
    after = dict(mine)
    for path, value in found.changes.items():
        if value is None:
            after.pop(path, None)
        else:
            after[path] = value if isinstance(value, Content) else Content(digest(value), len(value))
    try:
        check(after, mine)
    except BadManifest as error:
        raise BadInput(
            error.message,
            file=error.path,
            next_step=_("Rename your own file here, then pull again; nothing was changed."),
        ) from error


def _strange(repository: Repository, reason: str) -> NotARepository:
    return NotARepository(
        _("What {server} sent cannot be used: {reason}.").format(
            server=repository.account.server, reason=reason.rstrip(".")
        ),
        next_step=_("Tell whoever runs the server; nothing was changed here."),
    )


def _lost(repository: Repository) -> BadInput:
    return BadInput(
        _("{server} has no revision of this project any more.").format(server=repository.account.server),
        next_step=_("Tell whoever runs the server; your files are as they were."),
    )
