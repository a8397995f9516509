"""The sample without a window: transform, load into the practice org, reconcile, draw the editor, say where things are.

Called by dev.py with the sample project's folder and the folder for results.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def weft(*arguments: str | Path) -> str:
    """What one weft command prints; its messages are shown. Stops the script when the command could not do its work."""
    command = [sys.executable, "-m", "studio", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.returncode)
    return done.stdout


def rows(file: Path) -> int:
    """How many records a CSV file holds."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return max(0, sum(1 for _row in csv.reader(lines)) - 1)


def operation(project: Path, name: str) -> dict[str, Any]:
    """Run one operation; its summary, with `adds_up`: every record read was written, failed or left out."""
    print(f"\n{name}", file=sys.stderr)
    summary: dict[str, Any] = json.loads(weft("run", project, name, "--json"))
    accounted = summary["written"] + summary["failed"] + summary["filtered"]
    summary["adds_up"] = accounted == summary["read"] > 0
    return summary


def loaded(project: Path, results: Path) -> dict[str, Any]:
    """Load the customers and compare what the org says with what the org then holds."""
    summary = operation(project, "upsert-accounts")
    there = results / "accounts-in-the-org.csv"
    weft(
        "move",
        "export",
        "SELECT Id, ERP_Id__c, Name FROM Account WHERE ERP_Id__c != null",
        there,
        "--org",
        "practice",
    )
    with Path(summary["files"]["succeeded"]).open(newline="", encoding="utf-8-sig") as lines:
        sent = {row["ERP_Id__c"].lower() for row in csv.DictReader(lines)}
    with there.open(newline="", encoding="utf-8-sig") as lines:
        found = {row["ERP_Id__c"].lower() for row in csv.DictReader(lines)}
    summary["there"] = there
    summary["adds_up"] = summary["adds_up"] and len(sent) == summary["written"] and sent <= found
    return summary


def main() -> int:
    """Run the sample's story; 0 when everything adds up."""
    project, results = Path(sys.argv[1]), Path(sys.argv[2]) / "results"
    results.mkdir(parents=True, exist_ok=True)
    invoices, lines = operation(project, "send-invoices"), operation(project, "list-order-lines")
    accounts = loaded(project, results)
    picture = results / "mapping.png"
    command = [sys.executable, "-m", "ui", str(project), "--screenshot", str(picture)]
    drawn = subprocess.call(command, stderr=subprocess.DEVNULL) == 0 and picture.is_file()
    adds_up = invoices["adds_up"] and lines["adds_up"] and accounts["adds_up"]
    print(f"""
The sample has run:
  invoices         {invoices["written"]:>5} of {invoices["read"]} orders     {invoices["files"]["written"]}
                   {invoices["failed"]:>5} could not be made    {invoices["files"].get("failed records", "")}
  order lines      {lines["written"]:>5}                   {lines["files"]["written"]}
  accounts         {accounts["written"]:>5} of {accounts["read"]} customers  {accounts["there"]}
                   {accounts["failed"]:>5} refused or held back {accounts["files"]["failed"]}
  every record accounted for: {"yes" if adds_up else "NO"}
  the mapping editor            {picture if drawn else "could not be drawn"}
  the project                   {project}
""")
    return 0 if adds_up and drawn else 1


if __name__ == "__main__":
    sys.exit(main())
