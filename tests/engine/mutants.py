"""Faults put into the compiler and the back ends one at a time: each must make a test of the engine fail.

python -m tests.engine.mutants [--count 100] [--seed 5] [--state FILE]   goes on where it stopped; prints who survives
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.machinery
import json
import os
import random
import signal
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path

from tests.engine.mutating import ROOT, Mutant, mutants, mutated

SECONDS = 600
# Tests by what is most likely to find a fault first; the rest of the list comes after them.
SUITE = (
    "test_loops", "test_values", "test_paths", "test_formats", "test_gathered", "test_nodes", "test_policies",
    "test_effects", "test_differential", "test_flat", "test_steered", "test_stretches", "test_scanning", "test_records", "test_signs",
    "test_aside", "test_trace", "test_checked", "test_typed_formats", "test_edi", "test_edi_ack", "test_edi_any",
    "test_pipes", "test_parts", "test_preview", "test_recompile",
)  # fmt: skip
FIRST = {
    "formats.edi": ("test_edi", "test_edi_ack", "test_edi_any"),
    "formats.xml_s": ("test_scanning", "test_stretches", "test_formats"),
    "formats.xml_f": ("test_scanning", "test_stretches"),
    "formats.record": ("test_records",),
    "formats.fixed": ("test_signs", "test_records"),
    "formats.nested": ("test_records", "test_typed_formats", "test_edi"),
    "formats.columns": ("test_flat", "test_records"),
    "formats.avro": ("test_typed_formats",),
    "formats.parquet": ("test_typed_formats",),
    "formats.excel": ("test_typed_formats",),
    "formats.database": ("test_typed_formats",),
    "formats.typed": ("test_typed_formats",),
    "formats.delimited": ("test_formats", "test_flat"),
    "generate": ("test_differential", "test_flat", "test_loops"),
    "rows": ("test_differential", "test_effects", "test_loops"),
}
# Faults that nobody can see, each with the reason.
EQUIVALENT: dict[tuple[str, str, str], str] = {}


def chosen(count: int, seed: int) -> list[Mutant]:
    """The mutants of a seed: each from any file, files by their number of places."""
    found = [mutant for mutant in mutants() if mutant.key not in EQUIVALENT]
    return random.Random(seed).sample(found, count)


def survives(mutant: Mutant, seconds: float = SECONDS, tests: Sequence[str] = ()) -> bool:
    """Whether the suite passes with the fault; a run without an end counts as a failing one."""
    command = [
        sys.executable,
        "-m",
        "tests.engine.mutants",
        "--one",
        mutant.module,
        str(mutant.place),
        mutant.what,
    ]
    process = subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its code with a fault."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Ours for the module alone."""
        if name != self._mutant.module:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self._mutant.file))

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the faulty code."""
        module.__file__ = str(self._mutant.file)
        exec(compile(mutated(self._mutant), str(self._mutant.file), "exec"), module.__dict__)


def run_one(name: str, place: int, what: str, tests: Sequence[str]) -> int:
    """Run the suite with one fault; 0 where nothing is found."""
    found = (each for each in mutants() if (each.module, each.place, each.what) == (name, place, what))
    sys.meta_path.insert(0, _Faulty(next(found)))
    import pytest

    short = name.removeprefix("studio.engine.")
    first = next((files for start, files in FIRST.items() if short.startswith(start)), ())
    order = tests or tuple(dict.fromkeys((*first, *SUITE)))
    files = [str(ROOT / "tests" / "engine" / f"{file}.py") for file in order]
    quiet = ["-x", "-q", "-p", "no:xdist", "-p", "no:randomly", "--no-header", "--tb=no"]
    return int(pytest.main([*quiet, *(file for file in files if Path(file).exists())]))


def main(argv: list[str]) -> int:
    """All that are chosen, one after the other."""
    parser = argparse.ArgumentParser(prog="tests.engine.mutants")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--state", type=Path)
    given = parser.parse_args(argv)
    known: dict[str, bool] = {}
    if given.state is not None and given.state.exists():
        known = dict(map(json.loads, given.state.read_text(encoding="utf-8").splitlines()))
    alive = 0
    for mutant in chosen(given.count, given.seed):
        named = f"{mutant.module}:{mutant.line} {mutant.what}: {mutant.text}"
        if named not in known:
            known[named] = survives(mutant)
            if given.state is not None:
                with given.state.open("a", encoding="utf-8") as state:
                    state.write(json.dumps([named, known[named]]) + "\n")
        alive += known[named]
        print("SURVIVES" if known[named] else "dies", named, flush=True)
    print(f"{given.count} mutants, {alive} survive")
    return 1 if alive else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.exit(run_one(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:]))
    sys.exit(main(sys.argv[1:]))
