"""The documents of a transformation's further sources, where a run or a preview is given none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.mapping.model import Transformation
from studio.project.commit import inside
from studio.project.edits import own_samples


def further_documents(
    folder: Path, transformation: Transformation, given: Mapping[str, Path] | None = None
) -> dict[str, Path]:
    """The files by the names of the sources: those given, else the `sample` each names, else its schema if it is data.

    A source without any of them is not there. Raises BadInput where a file is outside the project's folder.
    """
    found = dict(given or {})
    for name, use in transformation.sources.items():
        own = (use.sample,) if use.sample else own_samples(use.schema)
        if name not in found and own:
            found[name] = inside(folder, own[0])
    return found
