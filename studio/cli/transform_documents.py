"""The further documents of `weft transform`: --input NAME=FILE and --output NAME=FILE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.failures import ENDINGS
from studio.engine.plan import Plan
from studio.mapping.model import Transformation


def named(given: Iterable[str] | None, option: str) -> dict[str, Path]:
    """The files of an option that is given as NAME=FILE, several times; raises BadInput."""
    found: dict[str, Path] = {}
    for text in given or []:
        name, mark, file = text.partition("=")
        if not (name and mark and file) or name in found or file == "-":
            raise BadInput(
                _("{option} {text} is not a name and a file, each name once.").format(
                    option=option, text=text
                ),
                next_step=_("Write {option} NAME=FILE.").format(option=option),
            )
        found[name] = Path(file)
    return found


def further_outputs(plan: Plan, output: Path | None, given: Mapping[str, Path]) -> dict[str, Path | BinaryIO]:
    """Where the further targets go: the files given, else beside the main one (`out.xml` → `out.audit.jsonl`).

    A target that has neither is not there.
    """
    found: dict[str, Path | BinaryIO] = dict(given)
    for each in plan.outputs:
        if each.name not in found and output is not None:
            ending = ENDINGS.get(each.document.format, ".txt")
            found[each.name] = output.with_name(f"{output.stem}.{each.name}{ending}")
    return found


def further_inputs(
    folder: Path, transformation: Transformation, given: Mapping[str, Path], tell: Callable[[str], object]
) -> dict[str, Path]:
    """The documents of the further sources; `tell` is told which are the project's own, because none was given."""
    if not (given or transformation.sources):
        return {}
    # Only here: it loads what knows the whole project.
    from studio.project.further import further_documents

    found = further_documents(folder, transformation, given)
    for name, path in found.items():
        if name not in given:
            text = _("{name} is read from {file}; --input {name}=FILE gives another one.")
            tell(text.format(name=name, file=path))
    return found
