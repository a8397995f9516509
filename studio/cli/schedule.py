"""weft schedule: commands of ours run by the system's own scheduler: printed for it, entered, listed, removed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from studio.base.cron import Times, parse
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import PASSPHRASE_FILE
from studio.cli.signed_in import say
from studio.moves.timed import schedulers
from studio.moves.timed.schedule import Job, cron_line, systemd_units, windows_command

# What an unattended run needs of this one's surroundings; secrets themselves are never written down.
_KEPT = ("WEFT_HOME", PASSPHRASE_FILE)
_SHOWN = 3
_RUNNABLE = frozenset({"move", "run", "transform", "test"})


class System(StrEnum):
    """The schedulers there are."""

    CRON = "cron"
    SYSTEMD = "systemd"
    WINDOWS = "windows"


class _Verbs(TyperGroup):
    """The verbs; what begins with none of them is a time, and is printed as it always was."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["print", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    group = typer.Typer(
        help=_("Commands of ours at set times, by the system's own scheduler."),
        cls=_Verbs,
        no_args_is_help=True,
    )
    loose = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    group.command(
        "print",
        help=_(
            "Print what makes the system run a command of ours at set times, e.g. schedule '30 6 * * 1-5' -- move …"
        ),
        context_settings=loose,
    )(schedule)
    group.command(
        "add",
        help=_("Enter a command of ours into the scheduler of this user, e.g. schedule add '@daily' run …"),
        context_settings=loose,
    )(add)
    group.command("list", help=_("The commands of ours that this user's schedulers have."))(listed)
    group.command("remove", help=_("Take a command of ours out of the scheduler."))(remove)
    app.add_typer(group, name="schedule")


TimesText = Annotated[
    str, typer.Argument(metavar="TIMES", help=_("Minute, hour, day, month, weekday, as cron has them."))
]
Command = Annotated[list[str], typer.Argument(metavar="COMMAND…", help=_("The command, without weft."))]
Name = Annotated[str, typer.Option(help=_("What the job is called."))]
Folder = Annotated[Path, typer.Option(help=_("The folder it runs in; this one when left out."))]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help=_("The file whose passphrase opens the file of secrets.")),
]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document at the end."))]


def schedule(
    times: TimesText,
    command: Command,
    system: Annotated[System, typer.Option("--for", help=_("The scheduler it is for."))] = System.WINDOWS
    if sys.platform == "win32"
    else System.CRON,
    name: Name = "",
    folder: Folder = Path(),
    passphrase_file: Passphrase = None,
    as_json: Json = False,
) -> int:
    """Print the line, the units or the command; nothing is entered anywhere."""
    when = parse(times)
    job = _job(command, name, folder, passphrase_file)
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
    _say_next(following)
    say(_todo(system, job))
    return 0


def add(
    times: TimesText,
    command: Command,
    system: Annotated[
        System | None, typer.Option("--for", help=_("The scheduler: cron, or else systemd, when left out."))
    ] = None,
    name: Name = "",
    folder: Folder = Path(),
    passphrase_file: Passphrase = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Take the place of a job of the same name."))
    ] = False,
    as_json: Json = False,
) -> int:
    """Enter the command into the scheduler of this user."""
    when = parse(times)
    job = _job(command, name, folder, passphrase_file)
    found = _scheduler(system)
    if not replace and any(one.name == job.name for one in _jobs()):
        raise BadInput(
            _("There is a scheduled job called {name} already.").format(name=job.name),
            next_step=_("Give another --name, or --replace."),
        )
    for other in schedulers.ALL:
        # The same job in two schedulers would run twice.
        if any(one.name == job.name for one in other.jobs()):
            other.remove(job.name)
    found.add(when, job)
    following = _following(when)
    if as_json:
        data = {"scheduler": found.name, "name": job.name, "next": [str(one) for one in following]}
        print(json.dumps(data))  # noqa: T201
        return 0
    print(_("{name} is entered ({scheduler}).").format(name=job.name, scheduler=found.name))  # noqa: T201
    _say_next(following)
    return 0


def listed(as_json: Json = False) -> int:
    """Print the commands of ours that are entered."""
    jobs = _jobs()
    if as_json:
        print(json.dumps([asdict(one) for one in jobs]))  # noqa: T201
        return 0
    for one in jobs:
        print(f"{one.name:<24} {one.scheduler:<8} {one.times:<20} {one.command}")  # noqa: T201
    if not jobs:
        say(_("No command of ours is scheduled for this user."))
    return 0


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The job, from weft schedule list."))],
) -> int:
    """Take a job out of the scheduler it is in."""
    there = [one for one in schedulers.ALL if any(job.name == name for job in one.jobs())]
    if not there:
        raise BadInput(
            _("There is no scheduled job called {name}.").format(name=name),
            next_step=_("See them with: weft schedule list"),
        )
    for one in there:
        one.remove(name)
    print(_("{name} is no longer scheduled.").format(name=name))  # noqa: T201
    return 0


def _jobs() -> list[schedulers.Entered]:
    return [job for one in schedulers.ALL for job in one.jobs()]


def _scheduler(system: System | None) -> schedulers.Scheduler:
    """The one asked for, else the first that this user has."""
    wanted = [one for one in schedulers.ALL if system is None or one.name == system.value]
    there = next((one for one in wanted if one.there()), None)
    if there is None:
        asked = system.value if system is not None else "cron, systemd"
        raise BadInput(
            _("No job can be entered for this user: there is none of {schedulers} on this computer.").format(
                schedulers=asked
            ),
            next_step=_(
                "Print the line or the command with weft schedule --for SYSTEM TIMES COMMAND…, and give it to the scheduler there is."
            ),
        )
    return there


def _job(command: list[str], name: str, folder: Path, passphrase_file: Path | None) -> Job:
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
    named = name or "-".join(Path(word).stem for word in words[:2])
    return Job(named, (*_program(), *words), folder.absolute(), variables)


def _say_next(following: list[datetime]) -> None:
    say(_("It runs next at: {times}.").format(times=", ".join(f"{one:%Y-%m-%d %H:%M}" for one in following)))


def _made(system: System, when: Times, job: Job) -> dict[str, str]:
    if system is System.SYSTEMD:
        return systemd_units(when, job)
    return {"": cron_line(when, job) if system is System.CRON else windows_command(when, job)}


def _todo(system: System, job: Job) -> str:
    if system is System.CRON:
        return _("Enter the line with: crontab -e, or let it be entered: weft schedule add")
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
