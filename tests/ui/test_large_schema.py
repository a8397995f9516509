"""A map over a large schema opens without the window ever standing still: the agent parses."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.ui.canvas_hands import TARGET, Map
from tests.ui.driver import running, window_test

TEXT = """weft: transformation/1
name: Orders to queries
source: {schema: schemas/orders.xsd, root: orders}
target: {schema: schemas/partner.wsdl, root: create}
"""


@window_test
async def test_a_map_to_a_large_wsdl_opens(small: Path, shared: Path) -> None:
    wsdl = shared / "corpora" / "wsdl" / "salesforce-partner-v66" / "sforce.660.partner.wsdl"
    shutil.copy(wsdl, small / "schemas" / "partner.wsdl")
    (small / "transformations" / "to-partner.yaml").write_text(TEXT, encoding="utf-8")
    async with running(small, agent=True) as drive:
        drive.window.open_object("transformations/to-partner")
        map = Map(drive)
        await drive.until(lambda: drive.all(TARGET))
        assert map.shown(TARGET)[0] == "create"
        assert list((small / ".weft" / "schemas").glob("partner-*.schema"))
