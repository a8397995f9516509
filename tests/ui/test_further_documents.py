"""A map with further documents in the real window: it opens, is edited, previewed and saved, and nothing of it is lost."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import INVOICE, TARGET, map_of, open_map
from tests.ui.driver import running, window_test

MAP = "transformations/orders-to-invoices.yaml"
FURTHER = """  invoices/invoice/@currency-rate: "[rate::rate]"
  audit::row: {loop: orders/order}
  audit::row/who: "[customer/name]"
  gone::log/entry: "'kept'"
"""


def with_further(folder: Path) -> Path:
    """The sample's map with a lookup, a join, a second target, and rules of one that is not named."""
    (folder / "schemas/rates.csv").write_text("status,rate\nopen,0.5\n")
    (folder / "schemas/audit.yaml").write_text(
        "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {who: {type: text}}}}\n"
    )
    file = folder / MAP
    text = file.read_text()
    join = 'join: {rate: {loop: "rates::row", match: {status: "[@status]"}, kind: left}}'
    text = text.replace("{loop: orders/order", f"{{loop: orders/order, {join}", 1)
    text = text.replace("\ntarget:", "\nsources: {rates: {schema: schemas/rates.csv, root: row}}\ntarget:", 1)
    text = text.replace("\nmap:\n", "\ntargets: {audit: {schema: schemas/audit.yaml, root: row}}\nmap:\n", 1)
    at = text.index("\nmap:\n") + len("\nmap:\n")
    file.write_text(text[:at] + FURTHER + text[at:])
    return file


@window_test
async def test_nothing_is_lost(small: Path) -> None:
    file = with_further(small)
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        assert drive.shows("further documents: rates, audit, see Rules as a table")
        rules = map_of(drive).mapping
        assert {"audit::row", "audit::row/who"} <= set(rules.by_path)
        assert rules.by_path[INVOICE].join["rate"].match == {"status": "[@status]"}
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        await drive.rest()
        assert map_of(drive).mapping.get(f"{INVOICE}/issueDate") is None
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: "issueDate" not in file.read_text())
    saved = file.read_text()
    for part in (
        "audit::row: {loop: orders/order}", 'audit::row/who: "[customer/name]"', "gone::log/entry", "currency-rate",
        'rate: {loop: "rates::row"', "sources:", "rates: {schema: schemas/rates.csv", "audit: {schema: schemas/audit.yaml",
    ):  # fmt: skip
        assert part in saved, saved
