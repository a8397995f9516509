"""weft schedule: the exact line or unit by which the system's own scheduler runs a command of ours."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from studio.base.cron import Times, parse
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import PASSPHRASE_FILE
from studio.cli.signed_in import say
from studio.moves.schedule import Job, cron_line, systemd_units, windows_command

# What an unattended run needs of this one's surroundings; secrets themselves are never written down.
_KEPT = ("WEFT_HOME", PASSPHRASE_FILE)
_SHOWN = 3
_RUNNABLE = frozenset({"move", "run", "transform", "test"})


class System(StrEnum):
    """The schedulers there are."""

    CRON = "cron"
    SYSTEMD = "systemd"
    WINDOWS = "windows"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "schedule",
        help=_(
            "Print what makes the system run a command of ours at set times, e.g. schedule '30 6 * * 1-5' -- move …"
        ),
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )(schedule)


def schedule(
    times: Annotated[
        str, typer.Argument(metavar="TIMES", help=_("Minute, hour, day, month, weekday, as cron has them."))
    ],
    command: Annotated[list[str], typer.Argument(metavar="COMMAND…", help=_("The command, without weft."))],
    system: Annotated[System, typer.Option("--for", help=_("The scheduler it is for."))] = System.WINDOWS
    if sys.platform == "win32"
    else System.CRON,
    name: Annotated[str, typer.Option(help=_("What the job is called."))] = "",
    folder: Annotated[Path, typer.Option(help=_("The folder it runs in; this one when left out."))] = Path(),
    passphrase_file: Annotated[
        Path | None,
        typer.Option("--passphrase-file", help=_("The file whose passphrase opens the file of secrets.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document at the end."))] = False,
) -> int:
    """Print the line, the units or the command; nothing is entered anywhere."""
    when = parse(times)
    words = command[1:] if command[0] == "weft" else command
    if not words or words[0] not in _RUNNABLE:
        raise BadInput(
            _("{word} is not run by a schedule.").format(word=words[0] if words else "weft"),
            next_step=_("Give one of: {names}.").format(names=", ".join(sorted(_RUNNABLE))),
        )
    variables = {key: os.environ[key] for key in _KEPT if os.environ.get(key)}
    if passphrase_file is not None:
        if not passphrase_file.is_file():
            raise BadInput(
                _("There is no such file."),
                file=passphrase_file,
                next_step=_("Name the file with the passphrase."),
            )
        variables[PASSPHRASE_FILE] = str(passphrase_file.absolute())
    job = Job(name or "-".join(words[:2]), (*_program(), *words), folder.absolute(), variables)
    made = _made(system, when, job)
    following = _following(when)
    if as_json:
        data = {"for": system.value, "name": job.name, "text": made, "next": [str(one) for one in following]}
        print(json.dumps(data))  # noqa: T201
        return 0
    for file, text in made.items():
        if file:
            print(f"# {file}")  # noqa: T201
        print(text.rstrip("\n"))  # noqa: T201
    say(_("It runs next at: {times}.").format(times=", ".join(f"{one:%Y-%m-%d %H:%M}" for one in following)))
    say(_todo(system, job))
    return 0


def _made(system: System, when: Times, job: Job) -> dict[str, str]:
    if system is System.SYSTEMD:
        return systemd_units(when, job)
    return {"": cron_line(when, job) if system is System.CRON else windows_command(when, job)}


def _todo(system: System, job: Job) -> str:
    if system is System.CRON:
        return _("Enter the line with: crontab -e")
    if system is System.SYSTEMD:
        return _(
            "Save both files in ~/.config/systemd/user, then: systemctl --user enable --now {timer}"
        ).format(timer=f"weft-{job.name}.timer")
    return _("Run the command in a command prompt.")


def _following(when: Times) -> list[datetime]:
    found: list[datetime] = []
    at: datetime | None = datetime.now()
    while at is not None and len(found) < _SHOWN:
        at = when.following(at)
        if at is not None:
            found.append(at)
    return found


def _program() -> list[str]:
    """The command itself, by its whole path: schedulers know little of PATH."""
    found = shutil.which("weft")
    return [found] if found else [sys.executable, "-m", "studio"]
