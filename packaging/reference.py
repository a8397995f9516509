"""Writes docs/reference from the code, in English and Portuguese; with --check only tells whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.base import i18n
from studio.script.reference_pages import function_pages, variable_pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
ENDINGS = {"en": ".md", "pt_BR": ".pt_BR.md"}
PAGES = {"functions": function_pages, "variables": variable_pages}


def pages() -> dict[Path, str]:
    """The text of every page, by its file."""
    before = i18n.language()
    made = {}
    try:
        for language, ending in ENDINGS.items():
            i18n.use_language(language)
            made |= {FOLDER / f"{name}{ending}": text() for name, text in PAGES.items()}
    finally:
        i18n.use_language(before)
    return made


def stale() -> list[Path]:
    """The files that differ from what the code says now."""
    return [
        file
        for file, text in pages().items()
        if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or only look."""
    if "--check" in arguments:
        names = [file.name for file in stale()]
        print("\n".join(names) or "The reference is up to date.")
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
