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
from studio.repository.plain_secrets import LARGEST, shapes_in

_FOLDERS = ("connections", "environments", "endpoints", PROJECT_FILE)


def looking_secret(folder: Path, paths: Iterable[str]) -> Iterator[Problem]:
    """A warning for each place in these files whose name says that it holds a secret, and that is no reference, and for
    each line that holds what has the shape of one."""
    for path in sorted(paths):
        try:
            if (folder / path).stat().st_size > LARGEST:
                continue
            content = read_bytes(folder / path, path)
        except (BadInput, OSError):
            continue
        yield from _by_name(path, content)
        for line, kind in shapes_in(content):
            yield Problem(
                Severity.WARNING,
                _("This looks like {kind}, and everybody who may read the project can read it.").format(
                    kind=kind
                ),
                file=path,
                line=line,
                object=id_of(path),
                mend=_(
                    "Take it out, make it worthless where it is used, and keep the new one in the key store."
                ),
            )


def _by_name(path: str, content: bytes) -> Iterator[Problem]:
    id = id_of(path)
    if id is None or path.partition("/")[0] not in _FOLDERS:
        return
    try:
        data = read(content, file=path).plain()
    except BadInput:
        return
    for keys in credentials(data):
        yield Problem(
            Severity.WARNING,
            _("This looks like a secret, and everybody who may read the project can read it."),
            file=path,
            object=id,
            path="/".join(keys),
            mend=_("Move it to the key store, name it under secrets:, and change it where it is used."),
        )
