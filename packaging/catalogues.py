"""Building hook: whoever builds a wheel, from whatever checkout, gets the catalogues the program loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(folder: Path) -> list[Path]:
    """Make every `.mo` below a folder from the `.po` beside it; returns what was made."""
    made = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as read, target.open("wb") as written:
            write_mo(written, read_po(read, locale=source.parent.parent.name))
        made.append(target)
    return made


class Catalogues(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs (`tool.hatch.build.hooks.custom`)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile."""
        compile_catalogues(Path(self.root) / "resources" / "translations")
