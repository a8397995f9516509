"""Cut, copy and paste of rules: within a map, from one map's tab to another's, and as text to and from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.mapping import address, clip
from studio.mapping.model import Mapping
from ui.canvas.link_index import Side

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# A text longer than this is not looked at on every change of the selection.
_LONGEST = 2_000_000


class RuleClipboard(QObject):
    """The system's clipboard holds the rules as the text of a map's file."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        # What was cut, so that putting it down takes it away: the text on the clipboard then, and the paths.
        self._cut: tuple[str, tuple[str, ...]] = ("", ())
        self._known: tuple[str, Mapping] = ("", Mapping())

    def copy(self, *, cut: bool) -> None:
        """Take the rules of the selected target rows, and all below them."""
        editor = self._editor
        paths = editor.canvas.selected(Side.TARGET) or (editor.canvas.path(Side.TARGET),)
        fragment = clip.copy(editor.map.mapping, paths, editor.map.trees.source)
        if not fragment.rules:
            return
        text = clip.as_text(fragment)
        QGuiApplication.clipboard().setText(text)
        self._cut = (text, paths) if cut else ("", ())
        rules = len(fragment.rules)
        said = ngettext(
            "{n} rule taken: select another node, here or in another map, and press Ctrl+V.",
            "{n} rules taken: select another node, here or in another map, and press Ctrl+V.",
            rules,
        )
        editor.desk.tell(said.format(n=rules))
        editor.desk.commands.refresh_soon()

    def reason(self) -> str:
        """Why nothing can be pasted, "" if something can."""
        return "" if self._fragment().rules else _("no rule was cut or copied")

    def moving(self) -> str:
        """The path of the one rule that was cut here, "" where it is not so."""
        text, paths = self._cut
        return paths[0] if len(paths) == 1 and text and text == QGuiApplication.clipboard().text() else ""

    def paste(self) -> None:
        """Put the rules on the selected target rows."""
        editor = self._editor
        fragment = self._fragment()
        goals = editor.canvas.selected(Side.TARGET) or (editor.canvas.path(Side.TARGET),)
        mapping = editor.map.mapping
        text, gone = self._cut
        if text and text == QGuiApplication.clipboard().text():
            mapping = clip.without(mapping, gone, editor.map.trees.target)
            self._cut = ("", ())
        places = clip.places_for(fragment, goals, editor.map.trees)
        pasted = clip.paste(mapping, fragment, places, editor.map.trees)
        if not pasted.paths:
            editor.desk.tell(_("There is no node here for any of these rules."))
            return
        name = address.name(pasted.paths[0])
        label = ngettext("Paste {n} rule on {name}", "Paste {n} rules on {name}", len(pasted.paths))
        editor.wishes.apply(label.format(n=len(pasted.paths), name=name), pasted.mapping, pasted.paths[0])
        if pasted.lost:
            lost = len(pasted.lost)
            said = ngettext("{n} rule has no node here.", "{n} rules have no node here.", lost)
            editor.desk.tell(said.format(n=lost))

    def _fragment(self) -> Mapping:
        text = QGuiApplication.clipboard().text()
        if text != self._known[0]:
            found = Mapping()
            if text and len(text) <= _LONGEST:
                try:
                    found = clip.from_text(text)
                except BadInput:
                    found = Mapping()
            self._known = (text, found)
        return self._known[1]
