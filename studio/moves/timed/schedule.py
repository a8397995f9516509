"""A command as it is entered into the scheduler of a system: a line for cron, units for systemd, a task for Windows."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from studio.base.cron import DAYS, Times
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ALL = {"minutes": range(60), "hours": range(24), "days": range(1, 32), "months": range(1, 13)}


@dataclass(frozen=True)
class Job:
    """What is run, where, with which variables, and what it is called."""

    name: str
    words: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadInput(
                _("{name} is no name for a scheduled job.").format(name=self.name),
                next_step=_("Use letters, digits, dots and hyphens."),
            )
        if any("\n" in word or "\r" in word for word in self.words):
            raise BadInput(
                _("A scheduled command stands on one line."), next_step=_("Take the line breaks out of it.")
            )


def cron_line(times: Times, job: Job) -> str:
    """The line of a crontab; what the command says goes into a log beside it."""
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in job.variables.items())
    log = shlex.quote(f"{job.name}.log")
    command = f"cd {shlex.quote(str(job.folder))} && {given}{' ' if given else ''}{shlex.join(job.words)}"
    # A bare percent sign ends the command in a crontab.
    return f"{times.text} {command} >> {log} 2>&1".replace("%", "\\%")


def systemd_units(times: Times, job: Job) -> dict[str, str]:
    """The two units by file name. A run that was missed while the computer slept is made up for once."""
    words = " ".join(_unit_word(word) for word in job.words)
    lines = [f'Environment="{name}={_unit_text(value)}"' for name, value in job.variables.items()]
    service = [
        "[Unit]",
        f"Description=Weft: {job.name}",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={str(job.folder).replace('%', '%%')}",
        *lines,
        f"ExecStart={words}",
    ]
    calendar = [f"OnCalendar={one}" for one in on_calendar(times)]
    timer = [
        "[Unit]", f"Description=Weft: {job.name}", "", "[Timer]", *calendar, "Persistent=true", "",
        "[Install]", "WantedBy=timers.target",
    ]  # fmt: skip
    return {
        f"weft-{job.name}.service": "\n".join(service) + "\n",
        f"weft-{job.name}.timer": "\n".join(timer) + "\n",
    }


def on_calendar(times: Times) -> list[str]:
    """The times as systemd writes them; two of them where days and weekdays are both chosen, of which either will do."""
    clock = f"{_list(times.hours, 'hours', 2)}:{_list(times.minutes, 'minutes', 2)}:00"
    months = _list(times.months, "months", 2)
    by_day = f"*-{months}-{_list(times.days, 'days', 2)} {clock}"
    names = ",".join(DAYS[day].capitalize() for day in (1, 2, 3, 4, 5, 6, 0) if day in times.weekdays)
    by_weekday = f"{names} *-{months}-* {clock}"
    if times.any_weekday:
        return [by_day]
    return [by_weekday] if times.any_day else [by_day, by_weekday]


def windows_command(times: Times, job: Job) -> str:
    """The command that makes the task; raises BadInput for times that one task of the Task Scheduler does not have."""
    variables = "".join(f"set {name}={value}&& " for name, value in job.variables.items())
    command = f'cd /d "{job.folder}" && {variables}{subprocess.list2cmdline(job.words)}'
    inner = subprocess.list2cmdline(["cmd", "/c", command])
    return subprocess.list2cmdline(
        ["schtasks", "/Create", "/F", "/TN", f"Weft\\{job.name}", *_windows_times(times), "/TR", inner]
    )


def _windows_times(times: Times) -> list[str]:
    every_month = len(times.months) == 12
    minute_step, hour_step = _step(times.minutes, 60), _step(times.hours, 24)
    all_days = times.any_day and times.any_weekday and every_month
    if all_days and len(times.hours) == 24 and minute_step:
        return ["/SC", "MINUTE", "/MO", str(minute_step), "/ST", "00:00"]
    if len(times.minutes) == 1:
        minute = min(times.minutes)
        if all_days and len(times.hours) > 1 and hour_step:
            return ["/SC", "HOURLY", "/MO", str(hour_step), "/ST", f"00:{minute:02}"]
        if len(times.hours) == 1:
            start = ["/ST", f"{min(times.hours):02}:{minute:02}"]
            if all_days:
                return ["/SC", "DAILY", *start]
            if times.any_day and every_month:
                names = ",".join(DAYS[day].upper() for day in sorted(times.weekdays))
                return ["/SC", "WEEKLY", "/D", names, *start]
            if times.any_weekday and len(times.days) == 1:
                months = ",".join(_MONTHS[month - 1] for month in sorted(times.months))
                more = [] if every_month else ["/M", months]
                return ["/SC", "MONTHLY", "/D", str(min(times.days)), *more, *start]
    raise BadInput(
        _("One task of Windows cannot have the times {text}.").format(text=times.text),
        next_step=_(
            "Make a task for each time of day, on all days, on days of the week or on one day of the month."
        ),
    )


def _step(found: Iterable[int], whole: int) -> int:
    """The distance of times that go evenly round from 0; 0 where they do not."""
    numbers = sorted(found)
    step = numbers[1] - numbers[0] if len(numbers) > 1 else whole
    even = numbers == list(range(0, whole, step)) and whole % step == 0
    return step if even and len(numbers) > 1 else 0


def _list(found: Iterable[int], name: str, digits: int) -> str:
    numbers = sorted(found)
    if numbers == list(_ALL[name]):
        return "*"
    return ",".join(f"{number:0{digits}}" for number in numbers)


def _unit_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def _unit_word(word: str) -> str:
    text = _unit_text(word).replace("$", "$$")
    return text if text and re.fullmatch(r"[\w./:=@%+,-]+", text) else f'"{text}"'
