"""Repository: signing in, sharing a project, pull and push, versions, deployments. Nothing here waits for the network
without Stop, and being offline is a sentence, not a dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.base.errors import NotReachable, WeftError
from studio.base.i18n import _, ngettext
from ui.actions import project
from ui.actions.frame import REPOSITORY, Frame, with_project, workspace_of
from ui.bridge import numbers
from ui.bridge.asking import code_of
from ui.bridge.project_tree import object_name
from ui.bridge.repository import ObjectState
from ui.commands import Command
from ui.dialogs.ask import ask
from ui.dialogs.repository.push import ask_push
from ui.panels.repository import change_words, mark_of

IDS = (
    "repository.sign_in", "repository.choose", "repository.sign_out", "",
    "repository.show", "repository.pull", "repository.push", "repository.conflicts", "",
    "repository.history", "repository.deploy", "repository.promote", "",
    "repository.share", "repository.copy",
)  # fmt: skip


# A few rows of the panel, below its head.
_ROOM = 212


def commands(frame: Frame) -> list[Command]:
    """The commands about a shared project."""
    group = _("Repository")
    shared, free = _shared(frame), _free(frame)

    def push_reason() -> str:
        return shared() or free() or _nothing_to_push(frame)

    return [
        Command(
            "repository.show", _("What changed"), group, lambda: show(frame), "cloud", ("Ctrl+Alt+S",), with_project(frame),
            hint=_("What changed here and in the repository since the last pull"),
        ),
        Command(
            "repository.pull", _("Pull"), group, lambda: pull(frame), "cloud-arrow-down", ("Ctrl+Alt+G",),
            lambda: shared() or free(), lambda: _counted(_("Pull"), waiting(frame)[1]),
            hint=_("Bring what others have pushed here, and join it with yours"),
        ),
        Command(
            "repository.push", _("Push…"), group, lambda: push(frame), "cloud-arrow-up", ("Ctrl+Alt+U",), push_reason,
            lambda: _counted(_("Push…"), waiting(frame)[0]),
            hint=_("Keep what you have changed in the repository, for everybody"),
        ),
    ]  # fmt: skip


def waiting(frame: Frame) -> tuple[int, int]:
    """How many objects are to be pushed, and to be pulled."""
    standing = frame.session.repository.standing
    return (standing.to_push, standing.to_pull) if standing is not None else (0, 0)


def _counted(text: str, count: int) -> str:
    return f"{text} ({numbers.count(count)})" if count else text


def signed_in(frame: Frame) -> str:
    """A `when`: somebody is signed in."""
    return "" if frame.session.repository.account is not None else _("nobody is signed in")


def _shared(frame: Frame) -> Callable[[], str]:
    def when() -> str:
        if frame.session.workspace is None:
            return _("no project is open")
        if frame.session.repository.standing is None:
            return _("this project is not shared")
        return signed_in(frame)

    return when


def shared(frame: Frame) -> str:
    """A `when`: the open project is shared and somebody is signed in."""
    return _shared(frame)()


def _free(frame: Frame) -> Callable[[], str]:
    return lambda: _("something is going on with the repository") if frame.session.repository.doing else ""


def free(frame: Frame) -> str:
    """A `when`: nothing is going on."""
    return _free(frame)()


def _nothing_to_push(frame: Frame) -> str:
    standing, workspace = frame.session.repository.standing, frame.session.workspace
    if standing is None or workspace is None:
        return _("this project is not shared")
    if standing.undecided:
        return _("there are changes to decide first")
    if standing.head is not None and standing.head > standing.base:
        return _("pull first: there is something newer in the repository")
    return "" if standing.to_push or workspace.dirty else _("nothing has changed here")


def folder_of(frame: Frame) -> str:
    """The folder of the open project, as the process is told of it."""
    return str(workspace_of(frame).folder)


def name_in(frame: Frame) -> Callable[[str], str]:
    """What objects are called in the open project."""
    open_project = workspace_of(frame).project
    return lambda id: object_name(open_project, id)


def show(frame: Frame) -> None:
    """Bring the panel to the front, and look again."""
    show_panel(frame)
    repository = frame.session.repository
    frame.session.tasks.quietly(repository.look(ask=True))


async def told(frame: Frame, work: Any) -> Any:
    """What `work` gives; None where the server was not reached, which is said without a dialog."""
    try:
        return await work
    except NotReachable as error:
        frame.notify(f"{error.message} {error.next_step}".strip())
    return None


async def pull(frame: Frame) -> bool:
    """Bring what is newer in the repository here; tells whether it came."""
    if not await _saved_before_pull(frame):
        return False
    show_panel(frame)
    repository = frame.session.repository
    done = await told(frame, repository.do(_("Pulling …"), "pull", folder=folder_of(frame)))
    if done is None:
        return False
    frame.session.check_outside()
    # What has to be read stays until it is; what is to be decided has a window of its own and stands in the panel, and
    # would be said here long after it was.
    say = frame.notify if done["taken"] or done["joined"] or done["problems"] else frame.tell
    shown = {**done, "undecided": 0} if done["taken"] or done["joined"] else done
    say("\n".join([pulled_text(shown), *done["problems"]]))
    if done["undecided"] and "repository.conflicts" in frame.table:
        await repository.look()
        frame.table.run("repository.conflicts")
    return True


async def _saved_before_pull(frame: Frame) -> bool:
    project.commit_all(frame)
    workspace = workspace_of(frame)
    if not workspace.dirty or workspace.read_only:
        return True
    text = ngettext(
        "{n} object has unsaved changes. Saved, it is joined with what comes; unsaved, it stays as you see it.",
        "{n} objects have unsaved changes. Saved, they are joined with what comes; unsaved, they stay as you see them.",
        len(workspace.unsaved),
    ).format(n=numbers.count(len(workspace.unsaved)))
    buttons = (_("Save and pull"), _("Pull without saving"), _("Cancel"))
    answer = await ask(frame.widget(), _("Save before pulling?"), text, *buttons)
    if answer == 0:
        project.save(frame)
        return not workspace.dirty
    return answer == 1


def pulled_text(done: Mapping[str, Any]) -> str:
    """What a pull did, in sentences."""
    authors = ", ".join(done["authors"])
    taken, joined, undecided = int(done["taken"]), int(done["joined"]), int(done["undecided"])
    if not (taken or joined or undecided):
        return _("Nothing new: you have version {n}.").format(n=numbers.count(done["number"]))
    parts = []
    if taken:
        text = ngettext("{n} object came from {who}.", "{n} objects came from {who}.", taken)
        parts.append(text.format(n=numbers.count(taken), who=authors or _("the repository")))
    if joined:
        text = ngettext(
            "{n} object of {who} was joined with yours.",
            "{n} objects of {who} were joined with yours.",
            joined,
        )
        parts.append(text.format(n=numbers.count(joined), who=authors or _("others")))
    if undecided:
        text = ngettext(
            "{n} change is for you to decide; both versions are kept.",
            "{n} changes are for you to decide; both versions are kept.",
            undecided,
        )
        parts.append(text.format(n=numbers.count(undecided)))
    return " ".join(parts)


def show_panel(frame: Frame) -> None:
    """Where what is going on is seen, and stopped."""
    frame.panel("bottom").show()
    frame.make_room(_ROOM)
    frame.bottom.show_page(REPOSITORY)


async def push(frame: Frame) -> bool:
    """Keep what changed here in the repository; tells whether it is there."""
    project.commit_all(frame)
    workspace = workspace_of(frame)
    standing = frame.session.repository.standing
    objects = [one for one in standing.objects if one.here] if standing is not None else []
    unsaved = len(workspace.unsaved)
    repository = frame.session.repository
    message = await ask_push(
        frame.widget(), objects, unsaved, name_in(frame), words_of, repository.unsent_message
    )
    if message is None:
        return False
    # Until it is sent it is there again when somebody was faster, or nobody was reached.
    repository.unsent_message = message
    if workspace.dirty:
        project.save(frame)
        if workspace.dirty:
            return False
    return await _push(frame, message)


def words_of(state: ObjectState) -> tuple[str, str, str]:
    """The icon of an object to be pushed, its colour, and what happened to it."""
    icon, tone = mark_of(state)
    return icon, tone, change_words().get(state.here, "")


async def _push(frame: Frame, message: str) -> bool:
    show_panel(frame)
    repository = frame.session.repository
    work = repository.do(_("Pushing …"), "push", folder=folder_of(frame), message=message)
    try:
        done = await told(frame, work)
    except WeftError as error:
        if code_of(error) != "revision_conflict":
            raise
        await _pull_first(frame, error)
        return False
    if done is None:
        return False
    repository.unsent_message = ""
    if done["warnings"]:
        frame.notify("\n".join(done["warnings"]))
    if not done["made"]:
        frame.tell(_("The repository has it already: nothing was pushed."))
        return True
    frame.tell(_("Version {n} is in the repository.").format(n=numbers.count(done["number"])))
    return True


async def _pull_first(frame: Frame, error: WeftError) -> None:
    text = _(
        "{what} Pull brings it here and joins it with yours; then push again. Nothing is lost meanwhile."
    )
    title = _("Somebody was faster")
    buttons = (_("Pull now"), _("Later"))
    if await ask(frame.widget(), title, text.format(what=error.message), *buttons) == 0:
        await pull(frame)
