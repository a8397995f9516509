"""The sample without a window: transform, load into the practice org, reconcile, draw the editor, say where things are.

Called by dev.py with the sample project's folder and the folder for results.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path


def weft(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One weft command; its messages are shown, its output is given back. Stops the script when it cannot go on."""
    command = [sys.executable, "-m", "studio", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)
    return done


def rows(file: Path) -> int:
    """How many records a CSV file holds."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return max(0, sum(1 for _row in csv.reader(lines)) - 1)


def main() -> int:
    """Run the sample's story; 0 when everything adds up."""
    project, results = Path(sys.argv[1]), Path(sys.argv[2]) / "results"
    results.mkdir(parents=True, exist_ok=True)
    invoices = results / "invoices.xml"
    orders = project / "samples" / "orders.xml"
    weft(
        "transform",
        project / "transformations" / "orders-to-invoices.yaml",
        orders,
        "-o",
        invoices,
        "--stats",
    )
    lines = results / "order-lines.csv"
    weft("transform", project / "transformations" / "orders-to-csv.yaml", orders, "-o", lines, "--stats")
    customers = project / "samples" / "customers.csv"
    done = weft(
        "move", "upsert", "Account", customers, "--key", "ERP_Id__c", "--org", "practice", "--json",
        "--map", project / "transformations" / "customers-to-accounts.yaml",
    )  # fmt: skip
    summary = json.loads(done.stdout)
    counted = sum(summary[name] for name in ("succeeded", "failed", "unprocessed", "not_sent"))
    adds_up = counted == summary["read"] == rows(customers)
    files = {name: Path(path) for name, path in summary["files"].items()}
    adds_up = adds_up and sum(rows(path) for path in files.values()) == summary["read"]
    picture = results / "mapping.png"
    command = [sys.executable, "-m", "ui", str(project), "--screenshot", str(picture)]
    drawn = subprocess.call(command) == 0 and picture.is_file()
    print("\nThe sample has run:")
    print(f"  invoices                {invoices}")
    print(f"  order lines             {lines}")
    print(f"  accounts loaded         {summary['succeeded']} of {summary['read']} rows into the practice org")
    for name, path in files.items():
        print(f"    {name:<22}{path}")
    print(f"  every row accounted for {'yes' if adds_up else 'NO'}")
    print(f"  the mapping editor      {picture if drawn else 'could not be drawn'}")
    print(f"  the project             {project}")
    return 0 if adds_up and drawn else 1


if __name__ == "__main__":
    sys.exit(main())
