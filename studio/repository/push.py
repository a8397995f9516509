"""Push: what changed here becomes a revision of the repository, once, whatever is cut or killed on the way.

Order of writes, each step durable before the next:

1. pushing.json: what is pushed, from which revision, under which idempotency key;
2. contents travel: packs of small ones, large ones as uploads that go on where they were cut;
3. pushing.json with its mark, then the one request that makes the revision (studio.repository.pushing says what a
   later push makes of it);
4. the objects of the new base beside the project, then state.json and the end of pushing.json in one commit.

Nothing of the project's own files is ever written by a push.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import BadInput, Problem
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.project.commit import commit, pending
from studio.project.folder import require_project, tidy
from studio.project.layout import id_of
from studio.protocol import limits
from studio.protocol.manifests import BadManifest, Content, check, difference, hash_of, tree_hash
from studio.protocol.packs import Packed, packed
from studio.protocol.projects import NewUpload, Revision
from studio.repository import pushing as begun_push
from studio.repository import state as states
from studio.repository.client import new_key
from studio.repository.contents import Contents
from studio.repository.files import Held, look
from studio.repository.gathering import needed
from studio.repository.link import Link, require_link
from studio.repository.looking_secret import looking_secret
from studio.repository.pushing import Pushing, pushing_of
from studio.repository.refusals import ContentsMissing, Refused, RevisionConflict, SignedOut
from studio.repository.state import State, state_of
from studio.repository.status import pushed_manifest
from studio.repository.turn import turn
from studio.repository.undecided import undecided

if TYPE_CHECKING:
    from studio.repository.client import Repository

# Plain bytes in one pack: what a cut costs at most.
_PACK = 16 * 1024**2
_ATTEMPTS = 4


@dataclass(frozen=True)
class Pushed:
    """What a push did: the revision that holds the folder's state now (None: nothing was ever pushed and there is
    nothing to push), whether this push made it, counts of paths, of requests and of bytes of contents as they
    travelled. `warnings` name what looks like a secret in the files that were pushed."""

    revision: Revision | None
    made: bool = False
    put: int = 0
    removed: int = 0
    requests: int = 0
    bytes_sent: int = 0
    warnings: tuple[Problem, ...] = ()


class PullFirst(BadInput):
    """Others pushed meanwhile: their revision must be pulled before one's own is made from it."""


class _Changed(Exception):
    """A file is not any more what it was when the push was planned."""


async def push(
    folder: Path, repository: Repository, message: str = "", *, progress: Progress | None = None
) -> Pushed:
    """Make a revision of what the folder holds now. Raises PullFirst where others were faster, BadInput where a file
    breaks a rule (before anything travels) or conflicts are undecided, Cancelled, and as the client does."""
    require_project(folder)
    async with turn(folder):
        if pending(folder):
            tidy(folder)
        work = _Push(folder, repository, require_link(folder), progress or Progress())
        earlier = await work.finish_earlier()
        for _attempt in range(_ATTEMPTS):
            try:
                return await work.once(message, earlier)
            except _Changed:
                begun_push.forget(folder)
        raise BadInput(
            _("Files keep changing while they are being pushed."),
            file=folder,
            next_step=_("Push again when nothing writes to the project."),
        )


class _Push:
    def __init__(self, folder: Path, repository: Repository, link: Link, progress: Progress) -> None:
        self.folder, self.repository, self.link, self.progress = folder, repository, link, progress
        self.contents = Contents(folder)
        self.requests = self.sent = self.done = 0

    async def finish_earlier(self) -> Revision | None:
        """The revision of a push whose end was not known, None where there was none or it never counted."""
        begun = pushing_of(self.folder)
        if begun is None or not begun.asked:
            return None  # one that never asked is gone on with: its uploads are known
        if begun.parent != state_of(self.folder).revision:
            begun_push.forget(self.folder)
            return None
        self.requests += 1
        try:
            made = await self.repository.push(self.link.project, begun.parent, begun.push, begun.key)
        except RevisionConflict:
            self.requests += 1
            page = await self.repository.revisions(self.link.project, after=str(begun.number + 2), limit=1)
            found = page.items[0] if page.items and begun.is_revision(page.items[0]) else None
            if found is None:
                begun_push.forget(self.folder)
                return None
            made = found
        except SignedOut:
            raise
        except Refused:
            begun_push.forget(self.folder)
            return None
        self._made(begun, state_of(self.folder), made)
        return made

    async def once(self, message: str, earlier: Revision | None) -> Pushed:
        """One try, from looking at the files to the revision. Raises _Changed where a file did not stay as it was."""
        state = state_of(self.folder)
        held = look(self.folder, state.manifest, progress=self.progress)
        after = self._checked(state, held)
        told = difference(state.manifest, after)
        if not told:
            return await self._nothing(state, earlier)
        self._need_decided()
        put = told.added | told.changed
        warnings = tuple(looking_secret(self.folder, put))
        before = pushing_of(self.folder)
        begun = Pushing(
            new_key(),
            state.revision,
            state.number,
            {path: (content.hash, content.size) for path, content in put.items()},
            told.removed,
            tree_hash(after),
            message[: limits.MESSAGE_CHARACTERS],
            uploads={} if before is None else before.uploads,
        )
        begun = begun_push.keep(self.folder, begun)
        made = await self._send(begun, state)
        return Pushed(made, True, len(put), len(told.removed), self.requests, self.sent, warnings)

    def _checked(self, state: State, held: Held) -> dict[str, Content]:
        """What the revision will hold. Raises BadInput naming the first file it may not."""
        for problem in held.problems:
            raise BadInput(problem.message, file=problem.file, next_step=problem.mend)
        after = pushed_manifest(state.manifest, held, samples=self.link.samples)
        try:
            check(after, state.manifest)
        except BadManifest as error:
            raise BadInput(error.message, file=error.path, next_step=error.next_step) from error
        return after

    async def _nothing(self, state: State, earlier: Revision | None) -> Pushed:
        """Nothing to push: what there is to say of the revision the files are."""
        begun_push.forget(self.folder)
        made = earlier
        if made is None and state.revision is not None:
            self.requests += 1
            made = await self.repository.revision(self.link.project, state.revision)
        return Pushed(made, earlier is not None, requests=self.requests)

    def _need_decided(self) -> None:
        waiting = undecided(self.folder)
        if waiting:
            raise BadInput(
                ngettext(
                    "{n} conflict is not decided yet.", "{n} conflicts are not decided yet.", len(waiting)
                ).format(n=len(waiting)),
                file=waiting[0].path,
                path="/".join(waiting[0].keys) or None,
                next_step=_("Decide with: weft conflicts list PROJECT"),
            )

    async def _send(self, begun: Pushing, state: State) -> Revision:
        """Bring what is missing, then ask for the revision."""
        project = self.link.project
        for attempt in range(_ATTEMPTS):
            self.progress.check()
            self.requests += 1
            try:
                missing = await self.repository.missing(project, begun.parent, begun.change)
                begun = await self._bring(begun, missing.pack, missing.uploads)
                self.progress.check()
                begun = begun_push.marked(self.folder, begun)
                self.requests += 1
                made = await self.repository.push(project, begun.parent, begun.push, begun.key)
            except RevisionConflict as error:
                begun_push.forget(self.folder)
                raise _pull_first(error) from error
            except ContentsMissing:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            except Refused as error:
                if not isinstance(error, SignedOut):
                    begun_push.forget(self.folder)
                raise
            self._made(begun, state, made)
            return made
        raise AssertionError

    async def _bring(self, begun: Pushing, small: tuple[str, ...], large: tuple[str, ...]) -> Pushing:
        """The contents the repository asked for, small ones first; what is being brought can be stopped."""
        self.done, total = 0, len(small) + len(large)
        paths = {content.hash: path for path, content in begun.contents.items()}
        sizes = {content.hash: content.size for content in begun.contents.values()}
        for batch in _batches(small, sizes):
            packs = [self._packed(paths[digest], digest) for digest in batch]
            self.requests += 1
            await self.repository.send_pack(self.link.project, lambda packs=packs: packs, self._going)  # type: ignore[misc]
            self.contents.add_packed(one for one in packs if self._is_base(paths[one.hash], one.hash))
            self._report(len(batch), total)
        for digest in large:
            begun = await self._upload(begun, paths[digest], Content(digest, sizes[digest]))
            self._report(1, total)
        return begun

    async def _upload(self, begun: Pushing, path: str, content: Content) -> Pushing:
        known = begun.uploads.get(content.hash, "")

        def began(upload: str) -> None:
            nonlocal begun
            begun = begun_push.keep(
                self.folder, replace(begun, uploads={**begun.uploads, content.hash: upload})
            )

        self.requests += 1
        with (self.folder / path).open("rb") as stream:
            new = NewUpload(content.hash, content.size)
            try:
                await self.repository.upload(self.link.project, new, stream, self._going, known, began)
            except Refused as error:
                if error.code == "upload_differs":
                    raise _Changed from error
                raise
        return begun

    def _packed(self, path: str, digest: str) -> Packed:
        self.progress.check()
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise _Changed from error
        if hash_of(data) != digest:
            raise _Changed
        return packed(data, digest)

    def _is_base(self, path: str, digest: str) -> bool:
        return id_of(path) is not None and digest not in self.contents

    def _going(self, count: int) -> None:
        self.sent += count
        self.progress.check()

    def _report(self, more: int, total: int) -> None:
        self.done += more
        text = ngettext("{n} file sent", "{n} files sent", self.done).format(n=self.done)
        self.progress.report(self.done, total, text)

    def _made(self, begun: Pushing, state: State, made: Revision) -> None:
        """The revision is made: the folder's files come from it now."""
        after = begun.after(state)
        self.contents.add_packed(self._not_kept(begun.contents))
        commit(
            self.folder,
            {states.PATH: states.content_of(states.at(made, after)), begun_push.PATH: None},
        )
        self.contents.tidy(needed(self.folder, after))

    def _not_kept(self, put: Mapping[str, Content]) -> Iterator[Packed]:
        """Objects of the new base that the repository had already; one that changed again is fetched when needed."""
        for path, content in put.items():
            if self._is_base(path, content.hash):
                try:
                    yield self._packed(path, content.hash)
                except _Changed:
                    continue


def _batches(digests: tuple[str, ...], sizes: Mapping[str, int]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for digest in digests:
        if batch and size + sizes[digest] > _PACK:
            yield batch
            batch, size = [], 0
        batch.append(digest)
        size += sizes[digest]
    if batch:
        yield batch


def _pull_first(error: RevisionConflict) -> PullFirst:
    now = error.conflict
    return PullFirst(
        _("Revision {number} by {name} came first.").format(number=now.number, name=now.author_name)
        if now.number
        else error.message,
        next_step=_("Pull, then push again: your changes are still yours."),
    )
