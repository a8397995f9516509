"""Parts mapped by Dask, and by what is called like Spark: the bytes and failures of one process."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.base.errors import BadInput
from studio.cli.transform_workers import workers_of
from studio.engine.parts.on_dask import dask_workers, on_client
from studio.engine.parts.on_spark import on_context
from studio.engine.plan import Plan
from tests.engine.build import plan, rows, xml
from tests.engine.in_parts import told

SOURCE = xml({"orders": {"by?": "text", "order*": {"@id": "text", "qty": "integer"}}})
TARGET = rows({"id": "text", "n": "decimal", "by": "text"})
RULES = {"row": {"loop": "orders/order"}, "row/id": "[@id]", "row/n": "10 / [qty]", "row/by": "[/orders/by]"}


def made() -> Plan:
    return plan(RULES, SOURCE, TARGET)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given.xml"
    inside = "".join(f'<order id="é{n}"><qty>{n % 7}</qty></order>\n' for n in range(3000))
    path.write_text(f"<orders><by>x</by>{inside}</orders>", encoding="utf-8")
    return path


@pytest.fixture(scope="module", autouse=True)
def tracker() -> None:
    """Python's own process that follows what processes share; it lives as long as the tests."""
    resource_tracker.ensure_running()


@contextlib.contextmanager
def cluster(workers: int = 2, processes: bool = True) -> Iterator[Any]:
    """Workers on this machine, without the dashboard."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=processes, protocol="tcp", dashboard_address=None,
        host="127.0.0.1", worker_dashboard_address=None, silence_logs=50,
    ) as started:  # fmt: skip
        yield started


@pytest.mark.network
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.full)])
def test_dask(given: Path, tmp_path: Path, workers: int) -> None:
    """S51: by the address of the scheduler, over a folder that all workers see; failures are numbered on.

    In the full run two workers are processes of their own, as they are elsewhere; here one is a thread.
    """
    alone, _stats = told(made(), given)
    shared = tmp_path / "shared"
    with cluster(workers, workers > 1) as started:
        address = started.scheduler_address
        with dask_workers(address, shared, 20_000) as mapping:
            parts, stats = told(made(), given, workers=mapping)
        with workers_of("1", address.replace("tcp://", "dask://"), shared) as named:
            assert named is not None
            assert named.count == workers
    assert parts == alone
    assert stats is not None
    assert (stats.jobs, stats.in_one, stats.failed) == (workers, "", 429)
    assert list(shared.iterdir()) == []


@pytest.mark.full
@pytest.mark.network
@pytest.mark.filterwarnings("ignore")
def test_a_dask_worker_that_dies_is_replaced(given: Path, tmp_path: Path) -> None:
    """A part is done again by another worker, into the same file."""
    from distributed import Client

    alone, _stats = told(made(), given)
    with cluster() as started, Client(started, set_as_default=False) as client:
        workers = on_client(client, tmp_path / "shared", 5000)
        client.run(_die_soon, workers=[next(iter(client.nthreads()))])
        parts, _stats = told(made(), given, workers=workers)
    assert parts == alone


def _die_soon() -> None:
    import os
    import threading

    threading.Timer(0.3, os._exit, [9]).start()


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.parts.on_dask._TIMEOUT", "1s")
    with pytest.raises(BadInput, match="No Dask scheduler answers"), dask_workers("tcp://127.0.0.1:9"):
        pytest.fail("nothing is there")


class LikeSpark:
    """The part of a SparkContext that is used: functions and values are pickled, and run in a child process."""

    defaultParallelism = 2  # noqa: N815

    def broadcast(self, value: Any) -> Shared:
        return Shared(value)

    def parallelize(self, values: Sequence[Any], slices: int) -> Rdd:
        assert slices == len(values)
        return Rdd(list(values), [])


class Shared:
    """A broadcast value."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def unpersist(self) -> None:
        """Forget it."""


class Rdd:
    """Values, and what is to be done with each."""

    def __init__(self, values: list[Any], functions: list[Callable[[Any], Any]]) -> None:
        self.values = values
        self.functions = functions

    def map(self, function: Callable[[Any], Any]) -> Rdd:
        return Rdd(self.values, [*self.functions, function])

    def collect(self) -> list[Any]:
        import cloudpickle

        program = (
            "import pickle, sys, cloudpickle\n"
            "functions, values = cloudpickle.load(sys.stdin.buffer)\n"
            "for function in functions: values = [function(value) for value in values]\n"
            "sys.stdout.buffer.write(pickle.dumps(values))\n"
        )
        sent = cloudpickle.dumps((self.functions, self.values))
        root = Path(__file__).resolve().parents[2]
        done = subprocess.run(
            [sys.executable, "-c", program], input=sent, stdout=subprocess.PIPE, cwd=root, check=True
        )
        found: list[Any] = pickle.loads(done.stdout)
        return found


def test_what_is_called_like_spark(given: Path, tmp_path: Path) -> None:
    """S51: the function and the plan go to other processes pickled."""
    alone, _stats = told(made(), given)
    parts, stats = told(made(), given, workers=on_context(LikeSpark(), tmp_path / "shared", 20_000))
    assert parts == alone
    assert stats is not None
    assert stats.jobs == 2


@pytest.mark.full
def test_spark_itself(given: Path, tmp_path: Path) -> None:
    """The same with PySpark, where it and Java are there."""
    pyspark = pytest.importorskip("pyspark")
    conf = pyspark.SparkConf().setMaster("local[2]").setAppName("weft").set("spark.ui.enabled", "false")
    conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    alone, _stats = told(made(), given)
    with pyspark.SparkContext(conf=conf) as context:
        parts, stats = told(made(), given, workers=on_context(context, tmp_path / "shared", 5000))
    for child in psutil.Process().children():  # Spark leaves its Java running until the program ends
        child.terminate()
        child.wait(30)
    assert parts == alone
    assert stats is not None
    assert stats.in_one == ""
