"""A script of a few lines beside other things: the help of a script's editor without the numbers of its lines."""

from __future__ import annotations

from collections.abc import Callable

from studio.project.model import Project
from ui.editors.script_help import ScriptHelper, ScriptText


class ShortText(ScriptText):
    """`project` answers the project whose variables and objects may be named."""

    def __init__(self, name: str, project: Callable[[], Project]) -> None:
        super().__init__(name, javascript=False)
        self.helper = ScriptHelper(project, name)

    def gutter_width(self) -> int:
        """No numbers."""
        return 0
