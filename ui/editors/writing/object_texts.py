"""What texts inside scripts may name: the project's objects in `<TAG>`, operations, scripts and value tables of calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from studio.project import names
from studio.project.model import KINDS, Project
from studio.script.cursor import Cursor
from ui.bridge.project_tree import object_icon
from ui.editors.mapping.help import NOTHING, Completions, Item

# A text that has not ended before the cursor.
_TORN = re.compile(r"""(?:[^"'\n]|"[^"\n]*"|'[^'\n]*')*(["'])([^"'\n]*)$""")
_REST = re.compile(r"""[\w ./-]*(?:</TAG>)?(?=["'])""", re.IGNORECASE)
# The functions whose first argument names an object, and its kind.
_NAMED = {
    "runoperation": "operations",
    "runscript": "scripts",
    "canceloperation": "operations",
    "waitforoperation": "operations",
}
_TABLES = "tablelookup"
# The functions whose first argument names a global variable.
_VARIABLES = ("get", "set", "getvar", "setvar")


class ProjectNames:
    """Offers what the project has; kept while the project is the same, because typing asks again and again."""

    def __init__(self, project: Callable[[], Project]) -> None:
        self._project = project
        self._kept: tuple[Project, tuple[str, ...]] | None = None

    def variables(self) -> tuple[str, ...]:
        """The global variables that are named anywhere in the project."""
        project = self._project()
        if self._kept is None or self._kept[0] is not project:
            self._kept = project, names.variables(project)
        return self._kept[1]

    def offer(self, text: str, cursor: int, where: Cursor) -> Completions:
        """What the text around the cursor may name, where it begins with a tag or its function wants a name."""
        line = text.rfind("\n", 0, cursor) + 1
        torn = _TORN.match(text[line:cursor])
        if torn is None or text[line:cursor].lstrip().startswith("//"):
            return NOTHING
        typed = torn[2]
        call = where.calls[-1] if where.calls else None
        name = call.name.lower() if call is not None and call.argument == 0 else ""
        if not typed.startswith("<") and name not in (*_NAMED, *_VARIABLES, _TABLES):
            return NOTHING
        wanted = typed.lower()
        items = tuple(item for item in self._named(name, typed) if wanted in item.text.lower())
        rest = _REST.match(text, cursor)
        return Completions(cursor - len(typed), rest.end() if rest else cursor, items, typed)

    def _named(self, function: str, typed: str) -> Iterator[Item]:
        project = self._project()
        if function == _TABLES:
            for file in project.tables:
                table = file.removeprefix("tables/").removesuffix(".csv")
                yield Item(table, table, icon="table")
            return
        if function in _VARIABLES and not typed.startswith("<"):
            for variable in self.variables():
                yield Item(variable, variable, icon="sliders-horizontal")
            return
        only = _NAMED.get(function)
        for kind in KINDS:
            if kind == only or only is None:
                for ref in project.of_kind(kind):
                    shown = f"{kind.capitalize()}/{ref}"
                    yield Item(shown, f"<TAG>{shown}</TAG>", icon=object_icon(project, f"{kind}/{ref}"))
