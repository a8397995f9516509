"""Writing a script of the project: the completion and signatures of the rule bar, the project's objects in texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent

from studio.project.model import KINDS, Project
from studio.script import complete
from studio.script.cursor import Cursor, Where, locate
from studio.script.scope import Scope
from ui.bridge.project_tree import object_icon
from ui.editors.mapping.help import NOTHING, Completions, Item, Signature
from ui.editors.mapping.language import item_of, signature_of
from ui.editors.mapping.script_edit import ScriptEdit
from ui.editors.mapping.signature_box import HEIGHT

# Beyond this many characters only Ctrl+Space asks: every key would read the whole text.
LONG = 30_000
_GLOBAL = re.compile(r"\$([\w.:]+)")
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


class ScriptHelper:
    """Knows the language, the global variables of the project's scripts and what texts may name."""

    def __init__(self, project: Callable[[], Project], name: str) -> None:
        self._project = project
        self._name = name
        self._kept: tuple[object, object, Scope] | None = None

    def complete(self, text: str, cursor: int) -> Completions:
        """What may stand at the cursor."""
        where = locate(text, cursor)
        if where.where is Where.NOTHING:
            return self._in_text(text, cursor, where)
        found = complete.complete(text, cursor, self._scope())
        return Completions(
            found.start, found.end, tuple(item_of(each, {}) for each in found.items), found.typed
        )

    def signature(self, text: str, cursor: int) -> Signature | None:
        """The call around the cursor."""
        return signature_of(complete.signature(text, cursor))

    def _scope(self) -> Scope:
        """The scope, kept while the other scripts are the same: typing asks again and again."""
        project = self._project()
        kept = self._kept
        if kept is None or kept[0] is not project.scripts or kept[1] is not project.variables:
            used = (
                match[1]
                for name, text in project.scripts.items()
                if name != self._name
                for match in _GLOBAL.finditer(text)
            )
            scope = Scope(variables=tuple(dict.fromkeys([*project.variables, *used])))
            kept = self._kept = project.scripts, project.variables, scope
        return kept[2]

    def _in_text(self, text: str, cursor: int, where: Cursor) -> Completions:
        """The objects a text may name, where it begins with a tag or its function wants one."""
        line = text.rfind("\n", 0, cursor) + 1
        torn = _TORN.match(text[line:cursor])
        if torn is None or text[line:cursor].lstrip().startswith("//"):
            return NOTHING
        typed = torn[2]
        call = where.calls[-1] if where.calls else None
        name = call.name.lower() if call is not None and call.argument == 0 else ""
        if not typed.startswith("<") and name not in _NAMED and name != _TABLES:
            return NOTHING
        wanted = typed.lower()
        items = tuple(item for item in self._named(name) if wanted in item.text.lower())
        rest = _REST.match(text, cursor)
        return Completions(cursor - len(typed), rest.end() if rest else cursor, items, typed)

    def _named(self, function: str) -> Iterator[Item]:
        project = self._project()
        if function == _TABLES:
            for file in project.tables:
                table = file.removeprefix("tables/").removesuffix(".csv")
                yield Item(table, table, icon="table")
            return
        only = _NAMED.get(function)
        for kind in KINDS:
            if kind == only or only is None:
                for ref in project.of_kind(kind):
                    shown = f"{kind.capitalize()}/{ref}"
                    yield Item(shown, f"<TAG>{shown}</TAG>", icon=object_icon(project, f"{kind}/{ref}"))


class ScriptText(ScriptEdit):
    """The text of a whole script: Enter begins a line unless the list has something else to write."""

    def __init__(self, name: str, *, javascript: bool) -> None:
        super().__init__(name, every_call=javascript)
        self.enter_commits = False
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A word that is written out is left with the first Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.completing and self.is_written():
            self.close_list()
        super().keyPressEvent(event)

    def after_typing(self, typed: str) -> None:
        """Ask after each character, also where a text begins; not in a long script."""
        if self.document().characterCount() > LONG:
            self.close_list()
        elif typed and typed in "'\"<":
            self.complete()
        else:
            super().after_typing(typed)

    def show_signature_here(self) -> None:
        """Not in a long script."""
        if self.document().characterCount() <= LONG:
            super().show_signature_here()

    def signature_place(self) -> QPoint:
        """Above the line of the cursor, so that the list has the room below it; on the first lines under the text."""
        line = self.cursorRect()
        if line.top() < HEIGHT + 4:
            return super().signature_place()
        return self.viewport().mapToGlobal(QPoint(max(line.left(), self.viewport().width() // 2), line.top()))

    def _scrolled(self) -> None:
        self.close_list()
        self.show_signature_here()
