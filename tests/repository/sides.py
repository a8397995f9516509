"""The three sides of a merge as folders in memory: files by path, and random independent edits of them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from studio.project.layout import file_of
from studio.project.model import Project
from studio.project.texts import object_text
from studio.protocol.manifests import Content, hash_of
from studio.repository.merging import Merged, merge_files
from tests.project.examples import random_edit

Files = Mapping[str, bytes]


def files_of(project: Project) -> dict[str, bytes]:
    """A project's files."""
    return {file_of(id): (object_text(project, id) or "").encode() for id in project.objects()}


def manifest_of(files: Files) -> dict[str, Content]:
    """Their manifest."""
    return {path: Content(hash_of(data), len(data)) for path, data in files.items()}


def merge(base: Files, mine: Files, theirs: Files) -> tuple[dict[str, bytes], Merged]:
    """What the folder holds after a merge, and the merge."""
    known = {hash_of(data): data for side in (base, mine, theirs) for data in side.values()}
    merged = merge_files(
        manifest_of(base),
        manifest_of(mine),
        manifest_of(theirs),
        lambda content: known[content.hash],
        lambda path: mine[path],
    )
    after = dict(mine)
    for path, value in merged.changes.items():
        if value is None:
            after.pop(path, None)
        else:
            after[path] = value if isinstance(value, bytes) else known[value.hash]
    return after, merged


def edited(start: Project, seed: int, count: int) -> Project:
    """The project after some random edits."""
    chance = random.Random(seed)
    for _edit in range(count):
        start = random_edit(start, chance)[1]
    return start
