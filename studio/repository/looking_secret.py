"""What looks like a secret in files about to be pushed; the project's format holds none, but a person may have put one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.yaml_read import read
from studio.project.check_objects import credentials
from studio.project.folder import read_bytes
from studio.project.layout import PROJECT_FILE, id_of

_FOLDERS = ("connections", "environments", "endpoints", PROJECT_FILE)


def looking_secret(folder: Path, paths: Iterable[str]) -> Iterator[Problem]:
    """A warning for each place in these files whose name says that it holds a secret, and that is no reference."""
    for path in sorted(paths):
        id = id_of(path)
        if id is None or path.partition("/")[0] not in _FOLDERS:
            continue
        try:
            data = read(read_bytes(folder / path, path), file=path).plain()
        except BadInput:
            continue
        for keys in credentials(data):
            yield Problem(
                Severity.WARNING,
                _("This looks like a secret, and everybody who may read the project can read it."),
                file=path,
                object=id,
                path="/".join(keys),
                mend=_("Move it to the key store, name it under secrets:, and change it where it is used."),
            )
