"""Which files of a project go to the repository and come from it.

The project's own folders and the plain files beside them; hidden files stay out on both sides (but for .gitignore):
among them are those that other programs obey, such as `.git/hooks`. A file of another folder belongs to it once it is
in the repository.
"""

from __future__ import annotations

import re
import unicodedata

from studio.project.model import FILES, KINDS

IGNORE_FILE = ".gitignore"
FOLDERS = frozenset({*KINDS, *FILES})
SAMPLES = "samples/"
# The short names under which Windows finds .git and .weft as well.
_SHORT = re.compile(r"(?:git|weft)~[0-9]", re.IGNORECASE)


def is_covered(path: str) -> bool:
    """Whether a file of this path is ever pushed or written by a pull."""
    if path.isascii() and "/." not in path and "~" not in path and path[:1] != ".":
        return True  # nearly all of them
    return path == IGNORE_FILE or not any(_hidden(part) for part in path.split("/"))


def _hidden(part: str) -> bool:
    """macOS takes no notice of invisible characters in names, so neither does this look at the first one."""
    if part.isascii():
        return part.startswith(".") or _SHORT.match(part) is not None
    seen = "".join(char for char in part if unicodedata.category(char) != "Cf")
    return seen.startswith(".") or _SHORT.match(seen) is not None


def is_pushed(path: str, *, samples: bool) -> bool:
    """Whether changes of this file leave the computer; without `samples` those of sample documents do not."""
    return is_covered(path) and (samples or not path.startswith(SAMPLES))
