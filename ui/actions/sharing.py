"""Repository: who is signed in and where, a project shared or copied from there, its versions, its deployments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.base.i18n import _
from studio.project.layout import file_of, id_of
from ui.actions.frame import Frame, workspace_of
from ui.actions.project import open_project
from ui.actions.repository import folder_of, free, push, shared, show_panel, signed_in, told
from ui.bridge import numbers
from ui.bridge.project_tree import object_name
from ui.bridge.why import hub
from ui.commands import Command
from ui.dialogs.ask import ask
from ui.dialogs.repository.copy import ask_copy
from ui.dialogs.repository.deploy import DeployDialog
from ui.dialogs.repository.history import HistoryDialog
from ui.dialogs.repository.opening import open_beside
from ui.dialogs.repository.places import ask_place
from ui.dialogs.repository.share import ask_share
from ui.dialogs.repository.sign_in import ask_sign_in


def commands(frame: Frame) -> list[Command]:
    """The commands about people, projects and environments."""
    group = _("Repository")

    def signing() -> str:
        return free(frame)

    def alone() -> str:
        if frame.session.workspace is None:
            return _("no project is open")
        if frame.session.repository.standing is not None:
            return _("this project is shared already")
        return signed_in(frame) or free(frame)

    def deployable() -> str:
        standing = frame.session.repository.standing
        empty = standing is not None and not standing.base
        return shared(frame) or (_("push the project first") if empty else "")

    return [
        Command(
            "repository.sign_in", _("Sign in…"), group, lambda: sign_in(frame), "sign-in", (), signing,
            hint=_("Sign in to your organization's server"),
        ),
        Command(
            "repository.choose", _("Organization and environment…"), group, lambda: choose(frame), "stack", (),
            lambda: signed_in(frame) or free(frame),
        ),
        Command(
            "repository.sign_out", _("Sign out…"), group, lambda: sign_out(frame), "sign-out", (),
            lambda: signed_in(frame) or free(frame),
        ),
        Command(
            "repository.share", _("Share this project…"), group, lambda: share(frame), "share-network", (), alone,
            hint=_("Put this project into the repository, for your colleagues"),
        ),
        Command(
            "repository.copy", _("Open from the repository…"), group, lambda: copy(frame), "cloud-arrow-down", (),
            lambda: free(frame), hint=_("Copy a project of the repository to this computer and open it"),
        ),
        Command(
            "repository.history", _("Versions…"), group, lambda: history(frame), "clock-counter-clockwise", (),
            lambda: shared(frame), hint=_("Every version in the repository: who changed what, and why"),
        ),
        Command(
            "repository.deploy", _("Deploy…"), group, lambda: deploy(frame), "rocket-launch", ("Ctrl+Alt+Y",), deployable,
            hint=_("Put the project, an object or the variables into an environment"),
        ),
        Command(
            "repository.promote", _("Promote…"), group, lambda: deploy(frame, promote=True), "arrow-fat-line-up", (),
            deployable, hint=_("Put what one environment holds into the next one"),
        ),
    ]  # fmt: skip


async def sign_in(frame: Frame) -> bool:
    """Ask for the server, and wait for the browser; tells whether somebody is signed in."""
    repository = frame.session.repository
    server = str(repository.account["server"]) if repository.account is not None else ""
    if not server and repository.standing is not None:
        server = repository.standing.server
    account = await ask_sign_in(frame.widget(), server, frame.session.errors.show, hub.examined.emit)
    if account is None:
        return False
    repository.account = account
    repository.offline = ""
    where = str(account["environment_name"]) or _("no environment yet")
    text = _("You are signed in as {name}: {organization}, {environment}.")
    frame.tell(
        text.format(name=account["name"], organization=account["organization_name"], environment=where)
    )
    repository.changed.emit()
    await repository.look(ask=True)
    frame.table.refresh_soon()
    return True


async def sign_out(frame: Frame) -> None:
    """Forget who is signed in, here and on the server."""
    repository = frame.session.repository
    account = repository.account
    assert account is not None
    title = _("Sign out of {server}?").format(server=account["server"])
    text = _("Your projects stay on this computer. You can go on working; to push or pull you sign in again.")
    if await ask(frame.widget(), title, text, _("Sign out"), _("Stay signed in"), primary=1) != 0:
        return
    gone = await told(frame, repository.do(_("Signing out …"), "sign_out", server=account["server"]))
    repository.account = None
    repository.changed.emit()
    frame.table.refresh_soon()
    if gone is not None and not gone["told"]:
        frame.notify(
            _("The server could not be told: end the session there too, on its page about your account.")
        )
    else:
        frame.tell(_("You are signed out."))


async def choose(frame: Frame) -> None:
    """Choose the organization and the environment to work in."""
    repository = frame.session.repository
    places = await told(frame, repository.do(_("Asking the server …"), "places"))
    if places is None or repository.account is None:
        return
    chosen = await ask_place(frame.widget(), repository.account, places)
    if chosen is None:
        return
    organization, environment = chosen
    values = {"organization": organization, "environment": environment}
    account = await told(frame, repository.do(_("Asking the server …"), "choose", **values))
    if account is not None:
        repository.account = account
        repository.changed.emit()
        where = str(account["environment_name"])
        text = _("You work in {organization}, {environment}.") if where else _("You work in {organization}.")
        frame.tell(text.format(organization=account["organization_name"], environment=where))


async def _signed_in(frame: Frame) -> bool:
    repository = frame.session.repository
    if repository.account is None and repository.known:
        # The window has only just been opened: nobody has asked yet.
        await frame.session.tasks.felt(repository.look())
    return repository.account is not None or await sign_in(frame)


async def share(frame: Frame) -> None:
    """Put the open project into the repository, and push it."""
    repository, workspace = frame.session.repository, workspace_of(frame)
    known = await told(frame, repository.do(_("Asking the server …"), "projects"))
    places = (
        await told(frame, repository.do(_("Asking the server …"), "environments"))
        if known is not None
        else None
    )
    if known is None or places is None or repository.account is None:
        return
    writable = [one for one in places if "write" in one["rights"]]
    name = workspace.project.name.strip() or workspace.folder.name
    wish = await ask_share(frame.widget(), name, repository.account, writable, known)
    if wish is None:
        return
    made = await told(frame, repository.do(_("Sharing …"), "share", folder=folder_of(frame), **wish))
    if made is None:
        return
    await repository.look(ask=True)
    show_panel(frame)
    text = _("{name} is shared now. Push it, and your colleagues can copy it.")
    if "project" in wish:
        text = _("This folder belongs to {name} now. Pull first: what is here and there is joined.")
        frame.notify(text.format(name=made["name"]))
        return
    frame.tell(text.format(name=made["name"]))
    await push(frame)


async def copy(frame: Frame) -> None:
    """Copy a project of the repository to this computer and open it."""
    if not await _signed_in(frame):
        return
    repository = frame.session.repository
    known = await told(frame, repository.do(_("Asking the server …"), "projects"))
    if known is None:
        return
    recent = frame.session.settings.recent
    near = str(Path(recent[0]).parent) if recent else str(Path.home())
    chosen = await ask_copy(frame.widget(), known, near)
    if chosen is None:
        return
    project, name, folder = chosen
    said = _("Copying {name} …").format(name=name)
    frame.tell(said)
    done = await told(frame, frame.session.tasks.felt(
        repository.do(said, "first_copy", project=project, folder=str(folder))
    ))  # fmt: skip
    if done is not None and await open_project(frame, folder):
        frame.tell(
            _("{name}, version {n}, is in {folder}.").format(
                name=name, n=numbers.count(done["number"]), folder=folder
            )
        )


def history(frame: Frame) -> None:
    """Show every version of the project."""
    repository, folder = frame.session.repository, folder_of(frame)

    names = _path_names(frame)

    def restored(_made: Mapping[str, Any]) -> None:
        frame.session.tasks.quietly(repository.look(ask=True))

    open_beside(
        frame.session,
        frame.widget(),
        lambda asked, tasks: HistoryDialog(frame.widget(), asked, tasks, folder, names, restored),
    )


def deploy(frame: Frame, *, promote: bool = False) -> None:
    """Ask what to deploy where, show what that changes, and do it."""
    repository, folder = frame.session.repository, folder_of(frame)
    standing = repository.standing
    front, names = _front(frame), _path_names(frame)

    def done(made: Mapping[str, Any]) -> None:
        frame.session.tasks.quietly(repository.look())
        where = made["environment"]
        if made.get("waits"):
            frame.notify(
                _("It is deployed to {environment} once the server is there again.").format(environment=where)
            )
        else:
            text = _("Version {n} runs in {environment} now.")
            frame.tell(text.format(n=numbers.count(made["number"]), environment=where))

    unpushed = standing.to_push if standing is not None else 0
    open_beside(
        frame.session,
        frame.widget(),
        lambda asked, tasks: DeployDialog(
            frame.widget(),
            asked,
            tasks,
            folder,
            front,
            names,
            done,
            promote=promote,
            unpushed=unpushed,
            base=standing.base if standing is not None else 0,
        ),
    )


def _front(frame: Frame) -> tuple[str, str]:
    """The file and the name of the object selected or in front, "" for none."""
    workspace, id = workspace_of(frame), frame.selected()
    if workspace.project.get(id) is not None:
        return file_of(id), object_name(workspace.project, id)
    return (id, id.rpartition("/")[2]) if id and (workspace.folder / id).is_file() else ("", "")


def _path_names(frame: Frame) -> Callable[[str], str]:
    """What the objects of files are called in the open project; "" for what is not there."""
    project = workspace_of(frame).project

    def name(path: str) -> str:
        id = id_of(path)
        return object_name(project, id) if id is not None and project.get(id) is not None else ""

    return name
