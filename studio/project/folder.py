"""A project's folder: finding it, reading it, writing it."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import MAX_BYTES, Node, read
from studio.mapping.model import Transformation
from studio.project.objects import read_transformation

PROJECT_FILE = "project.yaml"


def load_transformation(file: Path) -> Transformation:
    """The transformation in `file`; raises BadInput naming the file and line where it cannot be read."""
    return read_transformation(read_yaml(file), file.stem)


def find_project(file: Path) -> Path | None:
    """The nearest folder, from `file` upwards, that holds project.yaml."""
    start = file.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / PROJECT_FILE).is_file()), None)


def read_yaml(file: Path, shown: str | None = None) -> Node:
    """The YAML document in `file`, called `shown` in messages; raises BadInput."""
    return read(read_bytes(file, shown), file=shown or str(file))


def read_bytes(file: Path, shown: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """The file's content, a little more than `limit` bytes at most; raises BadInput where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise BadInput(
            _("There is no such file."), file=shown or file, next_step=_("Check the name and the folder.")
        ) from None
    except IsADirectoryError:
        raise BadInput(
            _("This is a folder, not a file."), file=shown or file, next_step=_("Name a file inside it.")
        ) from None
    except OSError as error:
        raise BadInput(
            _("The file could not be read: {reason}.").format(reason=error.strerror or str(error)),
            file=shown or file,
            next_step=_("Check that you may read it."),
        ) from error
