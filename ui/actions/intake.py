"""Files, folders and archives taken into the open project: dropped on the window, or chosen in a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.project.intake import Intake, Piece, beside, samples_as_schemas, without_samples
from ui.actions.frame import Frame, workspace_of
from ui.dialogs.address import ask_address
from ui.dialogs.ask import ask, ask_files, ask_folder

FILTER = "*.xsd *.wsdl *.dtd *.json *.yaml *.yml *.csv *.tsv *.txt *.xml *.zip *.cpy *.cbl *.edi *.x12 *.avsc *.parquet *.proto *.desc *.xlsx"


def paths_of(urls: Sequence[QUrl]) -> list[Path]:
    """The files and folders on this computer among things dropped."""
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


async def import_schema(frame: Frame) -> None:
    """Ask for files and take them in."""
    known = _("Schemas and samples ({patterns})").format(patterns=FILTER)
    files = await ask_files(frame.widget(), _("Import schemas"), known + ";;" + _("All files (*)"))
    if files:
        await take(frame, files)


async def import_folder(frame: Frame) -> None:
    """Ask for a folder and take in what schemas there are in it."""
    folder = await ask_folder(frame.widget(), _("Import a folder of schemas"))
    if folder is not None:
        await take(frame, [folder])


async def import_address(frame: Frame) -> None:
    """Ask for an address, fetch what is there with all it imports, and take it in."""
    asked = await ask_address(frame.widget())
    if asked is None:
        return
    frame.tell(_("Fetching {url}…").format(url=asked.url.partition("?")[0]))
    agent = frame.session.agent
    await _finish(
        frame, await frame.session.tasks.felt(agent.fetch_schema(asked.url, asked.user, asked.secret))
    )


async def take(frame: Frame, given: Sequence[Path], *, samples: str = "") -> tuple[str, ...]:
    """Take files in, asking what is not plain, and open the first; the paths in the project of what was opened.

    `samples` decides without asking what becomes of samples: `schemas`.
    """
    if frame.session.workspace is None:
        frame.notify(_("Open a project first, or make a new one: schemas are kept in projects."))
        return ()
    frame.tell(ngettext("Looking at {n} file…", "Looking at {n} files…", len(given)).format(n=len(given)))
    intake = await frame.session.tasks.felt(frame.session.agent.look_at(given))
    frame.tell("")
    if intake.samples and samples == "schemas":
        intake = samples_as_schemas(intake)
    elif intake.samples:
        decided = await _decide_samples(frame, intake)
        if decided is None:
            return ()
        if decided is intake:
            return await _infer(frame, intake)
        intake = decided
    return await _finish(frame, intake)


async def _finish(frame: Frame, intake: Intake) -> tuple[str, ...]:
    """Copy what is decided, asking about files of the same names, and open it."""
    folder = workspace_of(frame).folder
    clashes = await frame.session.agent.clashes(folder, intake) if intake.pieces else ()
    if clashes:
        settled = await _settle(frame, intake, folder, clashes)
        if settled is None:
            return ()
        intake = settled
    if intake.pieces:
        await frame.session.tasks.felt(frame.session.agent.take_in(folder, intake))
        _opened(frame, intake)
    if intake.refused:
        raise _refusal(intake)
    return intake.starts


async def _decide_samples(frame: Frame, intake: Intake) -> Intake | None:
    """Samples may be used as they are, or as the schema of what occurs in them; the intake itself: make one of all."""
    count = len(intake.samples)
    title = ngettext("A sample document", "{n} sample documents", count).format(n=count)
    names = ", ".join(Path(file).name for file in intake.samples[:6]) + (" …" if count > 6 else "")
    text = _("{names}: shall maps be tried with it, or shall its structure be a schema?").format(names=names)
    several = count > 1 and not intake.pieces
    answers = [_("Use as sample"), _("One schema of all") if several else _("Use as schema")]
    if intake.starts:
        answers.append(_("Leave it out"))
    answer = await ask(frame.widget(), title, text, *answers, _("Cancel"))
    if answer == 0:
        pieces = tuple(Piece(file, f"samples/{Path(file).name}") for file in intake.samples)
        starts = intake.starts or tuple(piece.target for piece in pieces)
        return Intake((*intake.pieces, *pieces), starts, (), intake.refused)
    if answer == 1:
        return intake if several else samples_as_schemas(intake)
    return without_samples(intake) if intake.starts and answer == 2 else None


async def _infer(frame: Frame, intake: Intake) -> tuple[str, ...]:
    """One schema that all the samples fit, opened."""
    workspace = workspace_of(frame)
    samples = [Path(file) for file in intake.samples]
    made = await frame.session.tasks.felt(frame.session.agent.infer(workspace.folder, samples))
    workspace.check_outside()
    frame.open_object(made)
    return (made,)


async def _settle(frame: Frame, intake: Intake, folder: Path, clashes: Sequence[str]) -> Intake | None:
    """Other files of the same names: written over, or ours put beside them."""
    names = ", ".join(clashes[:6]) + (" …" if len(clashes) > 6 else "")
    title = ngettext(
        "The project already has another file of this name",
        "The project already has {n} other files of these names",
        len(clashes),
    ).format(n=len(clashes))
    text = _(
        "{names}. Maps that use a replaced schema keep their rules; those that lose their node are parked."
    )
    answer = await ask(
        frame.widget(), title, text.format(names=names), _("Keep both"), _("Replace"), _("Cancel")
    )
    if answer == 0:
        return beside(intake, folder)
    return intake if answer == 1 else None


def _opened(frame: Frame, intake: Intake) -> None:
    workspace_of(frame).check_outside()
    count = len(intake.pieces)
    told = ngettext("{n} file was taken into the project.", "{n} files were taken into the project.", count)
    frame.tell(told.format(n=count))
    if intake.starts:
        frame.open_object(intake.starts[0])


def _refusal(intake: Intake) -> BadInput:
    first = intake.refused[0]
    if len(intake.refused) == 1:
        return BadInput(first.reason, file=first.file)
    names = ", ".join(Path(one.file).name for one in intake.refused[:6])
    return BadInput(
        _("{n} files are nothing that can be read as a schema or sample: {names}.").format(
            n=len(intake.refused), names=names
        ),
        next_step=_("The first one: {reason}").format(reason=first.reason),
    )
