"""python -m studio.script.stylesheet_child: applies a style sheet to XML texts and ends; it reads and writes no files.

One line of JSON on standard input holds the texts, one line on standard output the results or what is wrong.
"""

from __future__ import annotations

import json
import os
import sys
from types import ModuleType
from typing import Any

from lxml import etree

from studio.base.child import end_with_parent

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
_DENIED = ("read_file", "write_file", "create_dir", "read_network", "write_network")
_NOTHING = etree.XSLTAccessControl(**dict.fromkeys(_DENIED, False))


def main() -> None:
    """Serve one call."""
    end_with_parent()
    asked = json.loads(sys.stdin.buffer.readline())
    limit(asked["space"], asked["seconds"])
    try:
        said = {"results": applied(asked["style"], asked["documents"])}
    except (etree.LxmlError, ValueError) as error:
        said = {"error": [str(error)]}
    except MemoryError:
        said = {"memory": []}
    sys.stdout.buffer.write(json.dumps(said).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)


def limit(space: int, seconds: int) -> None:
    """No more than so much memory and processor time, no file to write or open; where the system can."""
    if resource is None:
        return
    limits = {"AS": space, "FSIZE": 0, "CORE": 0, "NOFILE": 3, "CPU": seconds + 5}
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (value, value))
            except (ValueError, OSError):
                continue  # not enforced here; the parent's clock still holds


def applied(style: str, documents: list[str]) -> list[str]:
    """What the style sheet makes of each document. Raises lxml's errors, and ValueError for what is not allowed."""
    sheet = _parsed(style)
    for element in sheet.iter(f"{_XSL}import", f"{_XSL}include"):
        raise ValueError(f"xsl:{element.tag.removeprefix(_XSL)}")
    transform = etree.XSLT(sheet, access_control=_NOTHING)
    return [str(transform(_parsed(document))) for document in documents]


def _parsed(text: str) -> Any:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("<!DOCTYPE")
    return etree.fromstring(text.encode("utf-8"), etree.XMLParser(**_SAFE))


if __name__ == "__main__":
    main()
