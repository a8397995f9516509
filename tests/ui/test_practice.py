"""The practice org from the start page: it runs, can be reached with what is shown, and ends with the studio."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from PySide6.QtWidgets import QLineEdit

from tests.ui.driver import running, window_test

pytestmark = pytest.mark.network


def versions(address: str) -> list[str]:
    with urllib.request.urlopen(f"{address}/services/data", timeout=10) as answer:
        return [each["version"] for each in json.load(answer)]


@window_test
async def test_the_practice_org_is_started_shown_and_ended() -> None:
    async with running() as drive:
        drive.click("Practice org")
        await drive.until(lambda: drive.all("Address", QLineEdit))
        address = drive.find("Address", QLineEdit).text()
        assert "62.0" in versions(address)
        drive.click("Close")
        await drive.rest()
    with pytest.raises(urllib.error.URLError):
        versions(address)
