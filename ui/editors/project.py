"""The editor of the project itself: its name, what it is for, and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _, ngettext
from studio.project import edits
from studio.project.model import PROJECT, Project
from studio.workspace import Changes, Workspace
from ui import theme
from ui.bridge import numbers
from ui.bridge.project_tree import groups, object_ids
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.editors.forms import LABELS, WIDEST, Form
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import Line, Text

Variables = Mapping[str, str]


class ProjectEditor(Editor):
    """What stands in `project.yaml`. Every change is one edit of the project."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._form = Form()
        self._rows: dict[str, QLineEdit] = {}
        self._card = Card("cube")
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(_("Project and variables"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._unlisten = workspace.changed.connect(self._change)
        self._build()

    def title(self) -> str:
        """The project's name."""
        return self.workspace.project.name.strip() or self.workspace.folder.name

    def inspector(self) -> QWidget:
        """What the project holds."""
        return self._card

    def summary(self) -> str:
        """How many variables there are."""
        count = len(self.workspace.project.variables)
        return ngettext("{n} variable", "{n} variables", count).format(n=count)

    def go_to(self, path: str) -> None:
        """To the value of a variable."""
        field = self._rows.get(path.removeprefix("variables/"))
        if field is not None:
            field.setFocus()
            field.selectAll()

    def commit(self) -> None:
        """Write what is being typed."""
        self._form.commit()
        for field in tuple(self._rows.values()):
            if field.isModified():
                field.setModified(False)
                field.editingFinished.emit()

    def let_go(self) -> None:
        """Stop following."""
        self._unlisten()

    def _change(self, changes: Changes, initiator: str) -> None:
        if PROJECT in changes.objects and initiator != PROJECT:
            # What is being typed is not lost with the fields.
            self.commit()
            self._build()
        self._show_facts()
        self.renamed.emit()
        self.summarised.emit()

    def _build(self) -> None:
        project = self.workspace.project
        page = QFrame()
        page.setProperty("band", "base")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(Text(_("Project"), step=fonts.TITLE, weight=600))
        self._form = Form()
        self._form.text(_("Name"), project.name, lambda text: self._edit(replace(self._project, name=text)))
        self._form.paragraph(
            _("Description"),
            project.description,
            lambda text: self._edit(replace(self._project, description=text)),
        )
        column.addWidget(self._form)
        column.addWidget(Line())
        column.addWidget(Text(_("Variables"), step=fonts.TITLE, weight=600))
        hint = _("Scripts read a variable as $name. Passwords belong into a connection, not here.")
        column.addWidget(Text(hint, "text2", wrap=True))
        column.addWidget(self._variables(project.variables))
        column.addStretch(1)
        self._scroll.setWidget(page)
        self._show_facts()

    def _variables(self, variables: Variables) -> QWidget:
        holder = QWidget()
        holder.setMaximumWidth(LABELS + 16 + WIDEST)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        self._rows = {}
        for row, (name, value) in enumerate(variables.items()):
            called = self._field(name, _("Name of {variable}").format(variable=name))
            called.editingFinished.connect(partial(self._rename, name, called))
            holds = self._field(value, _("Value of {variable}").format(variable=name))
            holds.editingFinished.connect(partial(self._set, name, holds))
            self._rows[name] = holds
            grid.addWidget(called, row, 0)
            grid.addWidget(holds, row, 1)
            remove = icon_button(
                "x", _("Remove {variable}").format(variable=name), partial(self._remove, name)
            )
            grid.addWidget(remove, row, 2)
        foot = QHBoxLayout()
        foot.addWidget(button(_("Add a variable"), self._add, icon="plus", small=True))
        foot.addStretch(1)
        grid.addLayout(foot, len(variables), 0, 1, 3)
        return holder

    def _field(self, text: str, name: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.setFont(theme.mono())
        field.setMinimumHeight(metrics.FIELD)
        field.setCursorPosition(0)
        return field

    def _show_facts(self) -> None:
        project = self.workspace.project
        counts = [(group.title, len(object_ids(project, group.kind))) for group in groups()]
        facts = [(title, numbers.count(count)) for title, count in counts if count]
        facts.append((_("Folder"), str(self.workspace.folder)))
        self._card.show_facts(self.title(), _("Project"), project.description, _("Holds"), facts)

    # Edits.

    @property
    def _project(self) -> Project:
        return self.workspace.project

    def _edit(self, project: Project) -> None:
        changed = edits.put(self._project, PROJECT, project)
        self.workspace.edit(_("Edit {name}").format(name=self.title()), changed, initiator=PROJECT)

    def _edit_variables(self, variables: Variables, then: str = "") -> None:
        self._edit(replace(self._project, variables=variables))
        # The fields are in the middle of an event of their own now.
        QTimer.singleShot(0, self, partial(self._again, then))

    def _again(self, then: str) -> None:
        self._build()
        self.go_to(then)

    def _set(self, name: str, field: QLineEdit) -> None:
        field.setModified(False)
        old = self._project.variables
        if name in old and old[name] != field.text():
            self._edit(replace(self._project, variables={**old, name: field.text()}))

    def _rename(self, name: str, field: QLineEdit) -> None:
        new, old = field.text().strip(), self._project.variables
        if new == name or name not in old:
            return
        if not new or new in old:
            field.setText(name)
            self.desk.tell(
                _("There already is a variable of this name.") if new else _("A variable needs a name.")
            )
            return
        self._edit_variables({(new if key == name else key): value for key, value in old.items()})

    def _remove(self, name: str) -> None:
        self._edit_variables({key: value for key, value in self._project.variables.items() if key != name})

    def _add(self) -> None:
        self.commit()
        old = self._project.variables
        name = next(n for n in map("variable{}".format, range(1, len(old) + 2)) if n not in old)
        self._edit_variables({**old, name: ""}, name)
