"""Commands killed at every one of their writes: a server is there whole or not at all, and nothing sealed is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from cloud.audit.verify import verify
from cloud.command.opening import opened
from cloud.config import NAME, load
from cloud.store.backup import look
from cloud.store.keys import master_key
from cloud.store.rotation import every_chain, sealed_columns
from cloud.store.rotation import opened as transaction_of
from studio.base.errors import BadInput
from tests.cloud.conftest import FULL
from tests.cloud.test_commands import done, set_up, weft_cloud

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="commands are killed with SIGKILL, where there is one"
)
ROOT = Path(__file__).resolve().parent.parent.parent
Run = Callable[..., int]


@pytest.fixture(scope="module")
def killed() -> Iterator[Run]:
    """`killed(at, *words)` runs a command and kills it at a write; how it ended (-9: killed)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cloud.killed_command"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip

    def run(at: int, *words: str | Path) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([at, [str(word) for word in words]]) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield run
    process.communicate("")


def moments(run: Callable[[int], int], step: int = 5) -> Iterator[int]:
    """Every moment at which the command can be killed, one after the other, until it ends by itself."""
    for at in range(1, 500, 1 if FULL else step):
        ended = run(at)
        assert ended in (0, -9), f"ended with {ended} at {at}"
        yield at
        if ended == 0:
            return
    raise AssertionError("the command never ends")


def fine(folder: Path) -> None:
    """Everything sealed opens, every chain is whole, there is somebody to begin with."""
    with opened(folder) as server:
        for org in every_chain(server.database):
            with transaction_of(server.database, org) as transaction:
                assert verify(transaction, server.envelope) is None
                for table, column in sealed_columns(org):
                    for row in transaction.rows(select(table).where(column.is_not(None))):
                        keys = [
                            str(getattr(row, key.name))
                            for key in table.primary_key.columns
                            if key.name != "org_id"
                        ]
                        value = getattr(row, column.name)
                        server.envelope.open(org, f"{table.name}.{column.name}", "/".join(keys), bytes(value))
        assert len(every_chain(server.database)) == 2


def test_init(killed: Run, tmp_path: Path) -> None:
    folder = tmp_path / "server"
    half = whole = 0
    for _at in moments(lambda at: killed(at, "init", "--email", "a@example.com", "--folder", folder)):
        if (folder / NAME).exists():
            whole += 1
            fine(folder)
        else:
            half += 1
            with pytest.raises(BadInput, match="no server in this folder"):
                load(folder)
            begun = (folder / "weft.db").exists()
            again = weft_cloud("init", "--email", "a@example.com", "--folder", folder)
            if begun:
                assert isinstance(again.exception, BadInput), again.exception
                assert "was cut off" in str(again.exception)
            else:
                assert again.exit_code == 0, again.output
                fine(folder)
        shutil.rmtree(folder, ignore_errors=True)
    assert half > 2
    assert whole >= 1


def test_a_rotation(killed: Run, tmp_path: Path) -> None:
    """Wherever it is cut off, everything opens, and the next rotation ends what was begun."""
    made = set_up(tmp_path / "made")
    folder = tmp_path / "server"
    count = 0

    def rotate(at: int) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        return killed(at, "key", "rotate", "--grace", "0", "--folder", folder)

    for _at in moments(rotate, 11):
        fine(folder)
        count += 1
    done("key", "rotate", "--grace", "0", "--folder", folder)
    fine(folder)
    assert count > 3


def test_a_backup(killed: Run, tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    file = tmp_path / "weft.backup"
    cut = 0
    for _at in moments(lambda at: killed(at, "backup", file, "--folder", folder)):
        if file.exists():
            look(file, master_key("file:master.key", folder))
            file.unlink()
        else:
            cut += 1
        fine(folder)
    assert cut > 1


def test_a_restore(killed: Run, tmp_path: Path) -> None:
    made = set_up(tmp_path / "made")
    file = tmp_path / "weft.backup"
    done("backup", file, "--folder", made)
    folder = tmp_path / "server"
    half = 0

    def put_back(at: int) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy2(made / "master.key", folder)
        return killed(at, "restore", file, "--folder", folder)

    for _at in moments(put_back, 7):
        if (folder / NAME).exists():
            fine(folder)
        else:
            half += 1
            begun = (folder / "weft.db").exists()
            again = weft_cloud("restore", file, "--folder", folder)
            assert isinstance(again.exception, BadInput) if begun else again.exit_code == 0
    assert half > 2
    fine(folder)
