"""weft schedule: times as cron has them, and what each system's scheduler is given."""

from __future__ import annotations

import json
import random
import shlex
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from studio.base.cron import parse
from studio.base.errors import BadInput
from studio.cli.main import run
from studio.moves.timed.schedule import Job, cron_line, on_calendar, systemd_units, windows_command

JOB = Job(
    "nightly",
    ("/opt/weft", "move", "export", "SELECT Id FROM A WHERE N LIKE '%$x'", "o.csv"),
    Path("/d ir"),
    {},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 6 * * 1-5", ["2026-01-05 06:30", "2026-01-06 06:30", "2026-01-07 06:30"]),
        ("*/20 22-23 * * *", ["2026-01-02 22:00", "2026-01-02 22:20", "2026-01-02 22:40"]),
        ("0 0 29 feb *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 12 13 * fri", ["2026-01-09 12:00", "2026-01-13 12:00", "2026-01-16 12:00"]),
        ("5 4 * * sun,7", ["2026-01-04 04:05", "2026-01-11 04:05"]),
        ("@monthly", ["2026-02-01 00:00", "2026-03-01 00:00"]),
    ],
)
def test_next_times(text: str, expected: list[str]) -> None:
    at: datetime | None = datetime(2026, 1, 2, 21, 59, 30)
    for wanted in expected:
        assert at is not None
        at = parse(text).following(at)
        assert f"{at:%Y-%m-%d %H:%M}" == wanted


def test_next_times_against_a_plain_search() -> None:
    order = random.Random(3)
    for _turn in range(40):
        minute, hour = order.choice(["*", "*/7", "3,50-55/2"]), order.choice(["*", "5", "8-18/3"])
        day, weekday = order.choice(["*", "*/5", "1,31"]), order.choice(["*", "mon", "0-3/2"])
        times = parse(f"{minute} {hour} {day} * {weekday}")
        at = datetime(2026, 1, 1) + timedelta(minutes=order.randrange(500_000))
        found = times.following(at)
        step = at + timedelta(minutes=1)
        while not (times.on(step) and step.hour in times.hours and step.minute in times.minutes):
            step += timedelta(minutes=1)
        assert found == step


@pytest.mark.parametrize(
    "text", ["", "1 2 3 4", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *",
             "*/0 * * * *", "5-1 * * * *", "* * 30 2 *", "1- * * * *", "9999999999 * * * *"]
)  # fmt: skip
def test_times_that_cannot_be(text: str) -> None:
    with pytest.raises(BadInput, match="is no time of a schedule"):
        parse(text)


def test_what_each_system_is_given() -> None:
    line = cron_line(parse("30 6 * * 1-5"), JOB)
    assert line.startswith("30 6 * * 1-5 cd '/d ir' && /opt/weft move export ")
    assert "\\%" in line
    shell = line.split("&& ", 1)[1].split(" >>")[0].replace("\\%", "%")
    assert tuple(shlex.split(shell)) == JOB.words
    units = systemd_units(parse("30 6 * * 1-5"), JOB)
    assert "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 06:30:00\n" in units["weft-nightly.timer"]
    assert "LIKE '%%$$x'\" o.csv" in units["weft-nightly.service"]
    # Cron takes a day or a weekday when both are chosen; systemd would want both.
    assert on_calendar(parse("0 0 1 * mon")) == ["*-*-01 00:00:00", "Mon *-*-* 00:00:00"]
    given = {
        "*/15 * * * *": "/SC MINUTE /MO 15 /ST 00:00",
        "5 */6 * * *": "/SC HOURLY /MO 6 /ST 00:05",
        "5 6 * * *": "/SC DAILY /ST 06:05",
        "5 6 * * 1,3": "/SC WEEKLY /D MON,WED /ST 06:05",
        "5 6 15 1,7 *": "/SC MONTHLY /D 15 /M JAN,JUL /ST 06:05",
    }
    for text, wanted in given.items():
        assert wanted in windows_command(parse(text), JOB)
    for text in ("*/7 * * * *", "5 6,9 * * *", "5 6 1 * 1"):
        with pytest.raises(BadInput, match="One task of Windows"):
            windows_command(parse(text), JOB)


def test_from_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    secret = tmp_path / "pass phrase"
    secret.write_text("x")
    words = [
        "schedule",
        "--for",
        "systemd",
        "--name",
        "accounts",
        "--passphrase-file",
        str(secret),
        "--folder",
        str(tmp_path),
    ]
    code = run(
        [
            *words,
            "--json",
            "0 3 * * *",
            "move",
            "export",
            "SELECT Id FROM Account",
            "a.csv",
            "--org",
            "prod",
            "--incremental",
        ]
    )
    found = json.loads(capsys.readouterr().out)
    assert code == 0
    service = found["text"]["weft-accounts.service"]
    assert 'move export "SELECT Id FROM Account" a.csv --org prod --incremental' in service
    assert f'Environment="WEFT_VAULT_PASSPHRASE_FILE={secret}"' in service
    assert len(found["next"]) == 3
    assert run([*words, "0 3 * * *", "studio"]) == 2
    assert "studio is not run by a schedule" in capsys.readouterr().err
    assert run(["schedule", "--for", "cron", "--name", "a b", "0 3 * * *", "move", "status"]) == 2
    assert "no name for a scheduled job" in capsys.readouterr().err
