"""The schedulers of the user on this computer: jobs of ours entered into a crontab or as systemd units, listed, removed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from studio.base import atomic
from studio.base.cron import Times
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves.timed.schedule import Job, cron_line, systemd_units

_MARK = "# weft: "
_SECONDS = 30


@dataclass(frozen=True)
class Entered:
    """A job of ours as it stands in a scheduler (`cron` or `systemd`): its times there, and what it runs."""

    name: str
    scheduler: str
    times: str
    command: str


class Scheduler(Protocol):
    """Where jobs can be entered. What it does is done for this user only; raises BadInput where the system refuses."""

    name: str

    def there(self) -> bool:
        """The user has it."""

    def jobs(self) -> list[Entered]:
        """Our jobs in it, by name."""

    def add(self, times: Times, job: Job) -> None:
        """Enter a job, in the place of one of the same name."""

    def remove(self, name: str) -> None:
        """Take a job out."""


class Crontab:
    """The user's crontab: a line of ours follows a comment with the job's name; all others stay as they are."""

    name = "cron"

    def there(self) -> bool:
        """The user has it."""
        return shutil.which("crontab") is not None

    def jobs(self) -> list[Entered]:
        """Our jobs in it, by name."""
        lines = self._lines() if self.there() else []
        found = []
        for mark, line in pairwise(lines):
            if mark.startswith(_MARK):
                words = line.split(None, 5)
                at = 1 if line.startswith("@") else 5
                found.append(
                    Entered(mark[len(_MARK) :].strip(), self.name, " ".join(words[:at]), " ".join(words[at:]))
                )
        return sorted(found, key=lambda one: one.name)

    def add(self, times: Times, job: Job) -> None:
        """Enter a job, in the place of one of the same name."""
        self._write([*_without(self._lines(), job.name), f"{_MARK}{job.name}", cron_line(times, job)])

    def remove(self, name: str) -> None:
        """Take a job out."""
        self._write(_without(self._lines(), name))

    def _lines(self) -> list[str]:
        found = _told(["crontab", "-l"])
        # A user without a crontab is told so, with an error code.
        if found.returncode and "no crontab" not in found.stderr.lower():
            raise _refused("crontab", found.stderr)
        return found.stdout.splitlines() if not found.returncode else []

    def _write(self, lines: Sequence[str]) -> None:
        found = _told(["crontab", "-"], "".join(f"{line}\n" for line in lines))
        if found.returncode:
            raise _refused("crontab", found.stderr)


def _without(lines: Sequence[str], name: str) -> list[str]:
    """The lines without a job's comment and the line behind it."""
    left: list[str] = []
    skip = 0
    for line in lines:
        if line.startswith(_MARK) and line[len(_MARK) :].strip() == name:
            skip = 2
        if skip:
            skip -= 1
        else:
            left.append(line)
    return left


class UserUnits:
    """The user's own systemd: a service and a timer for each job."""

    name = "systemd"

    def there(self) -> bool:
        """The user has it."""
        if shutil.which("systemctl") is None:
            return False
        return _told(["systemctl", "--user", "show-environment"]).returncode == 0

    def jobs(self) -> list[Entered]:
        """Our jobs in it, by name."""
        found = []
        for timer in sorted(_units().glob("weft-*.timer")):
            calendar = _values(timer, "OnCalendar")
            command = _values(timer.with_suffix(".service"), "ExecStart")
            found.append(
                Entered(timer.stem.removeprefix("weft-"), self.name, "; ".join(calendar), " ".join(command))
            )
        return found

    def add(self, times: Times, job: Job) -> None:
        """Enter a job, in the place of one of the same name."""
        folder = _units()
        made = [folder / name for name in systemd_units(times, job)]
        earlier = {path: path.read_bytes() if path.exists() else None for path in made}
        atomic.make_folder(folder)
        for name, text in systemd_units(times, job).items():
            atomic.write_text(folder / name, text)
        try:
            self._ask("daemon-reload")
            self._ask("enable", "--now", f"weft-{job.name}.timer")
            self._ask("restart", f"weft-{job.name}.timer")
        except BadInput:
            for path, before in earlier.items():
                if before is None:
                    path.unlink(missing_ok=True)
                else:
                    atomic.write_bytes(path, before)
            raise

    def remove(self, name: str) -> None:
        """Take a job out."""
        timer = _units() / f"weft-{name}.timer"
        if self.there():
            with suppress(BadInput):
                self._ask("disable", "--now", timer.name)
        timer.unlink(missing_ok=True)
        timer.with_suffix(".service").unlink(missing_ok=True)
        if self.there():
            self._ask("daemon-reload")

    def _ask(self, *words: str) -> None:
        found = _told(["systemctl", "--user", *words])
        if found.returncode:
            raise _refused("systemctl", found.stderr)


def _units() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "systemd" / "user"


def _values(unit: Path, key: str) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        lines = unit.read_text(encoding="utf-8").splitlines()
        return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]
    return []


def _told(words: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words, input=text, capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _refused(words[0], str(error)) from error


def _refused(program: str, said: str) -> BadInput:
    return BadInput(
        _("The system's scheduler refuses ({program}): {reason}.").format(
            program=program, reason=" ".join(said.split()).rstrip(".") or "?"
        ),
        next_step=_("Print what is to be entered with weft schedule TIMES COMMAND…, and enter it by hand."),
    )


ALL: tuple[Scheduler, ...] = (Crontab(), UserUnits())
