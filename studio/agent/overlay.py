"""Unsaved work on its way to a process that reads the project from disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.project.model import Project
from studio.project.texts import object_text, parsed, with_value


def overlay_of(project: Project, changed: Iterable[str]) -> dict[str, str | None]:
    """The changed objects (by id) as the texts their files would have now; None for one that was removed."""
    return {id: object_text(project, id) for id in changed}


def overlaid(project: Project, overlay: Mapping[str, str | None]) -> Project:
    """The project as read from disk, with the unsaved objects in their place."""
    for id, text in overlay.items():
        project = with_value(project, id, None if text is None else parsed(id, text.encode("utf-8")))
    return project
