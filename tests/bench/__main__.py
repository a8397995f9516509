"""python -m tests.bench [NAME] [--json]: runs the benchmarks, one line a figure."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator

import tests.bench


def names() -> list[str]:
    """The benchmarks there are: modules bench_NAME with a run() that yields figures."""
    found = [module.name for module in pkgutil.iter_modules(tests.bench.__path__)]
    return sorted(name.removeprefix("bench_") for name in found if name.startswith("bench_"))


def figures(name: str) -> Iterator[dict[str, object]]:
    """What one benchmark measured."""
    module = importlib.import_module(f"tests.bench.bench_{name}")
    yield from module.run()


def line(row: dict[str, object]) -> str:
    """A figure for people."""
    ratio = f"  {row['ratio']:.2f} × {row['peer']}" if row.get("ratio") is not None else ""
    value = row["value"]
    shown = f"{value:,.3f}" if isinstance(value, float) else f"{value}"
    return f"{row['bench']:<10} {row['case']:<44} {row['metric']:<22} {shown:>14} {row['unit']:<6}{ratio}"


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    as_json = "--json" in arguments
    asked = [argument for argument in arguments if not argument.startswith("--")]
    unknown = [name for name in asked if name not in names()]
    if unknown:
        print(f"No such benchmark: {unknown[0]}. There are: {', '.join(names())}", file=sys.stderr)
        return 2
    for name in asked or names():
        for row in figures(name):
            print(json.dumps(row) if as_json else line(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
