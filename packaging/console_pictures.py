"""Pictures of the console: a server made and started as an administrator does, looked at in Chromium."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

EMAIL, PASSWORD = "ana@example.com", "quatro cavalos no telhado"
LANGUAGES = {"": "en", "-pt": "pt_BR"}
PATIENCE = 60_000


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def made(folder: Path, port: int) -> str:
    """Set a server up; the link that sets the first administrator's password."""
    names = ("--email", EMAIL, "--organization", "Acme Trading", "--slug", "acme")
    at = ("--folder", str(folder), "--port", str(port), "--public-url", f"https://localhost:{port}")
    told = subprocess.run(
        [sys.executable, "-m", "cloud", "init", *at, *names], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"https://\S+/set-password/\S+", told)
    assert found is not None, told
    return found[0]


def enter(page: Page, link: str) -> None:
    """Set the password and sign in."""
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button").click()
    page.locator("input[name=email]").fill(EMAIL)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form[action='/sign-in'] button").click()
    page.wait_for_url("**/console")


def pictures(page: Page, folder: Path) -> None:
    """The matrix of a role being changed, in each language."""
    for ending, language in LANGUAGES.items():
        page.goto("/console/account")
        page.locator("input[name=first_name]").fill("Ana")
        page.locator("input[name=surname]").fill("Prado")
        page.locator("select[name=language]").select_option(language)
        page.locator("main form button").first.click()
        page.locator(".notice.done").wait_for()
        page.goto("/console/organizations/acme/roles")
        page.get_by_role("link", name="Developer").click()
        page.locator("table.matrix input").first.wait_for()
        page.locator("table.matrix input:not(:checked)").first.check()
        page.mouse.move(0, 0)
        page.screenshot(path=folder / f"console-roles{ending}.png")


def main() -> None:
    """Make the pictures in docs/pictures, or in the folder named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    chosen = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        sys.exit("Chromium is needed: apt-get install chromium on Debian.")
    with tempfile.TemporaryDirectory() as kept, sync_playwright() as playwright:
        folder, port = Path(kept) / "server", free_port()
        link = made(folder, port)
        serving = subprocess.Popen(
            [sys.executable, "-m", "cloud", "serve", "--folder", str(folder)],
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(port)
            # As root Chromium has no sandbox; it opens nothing but our own pages here.
            opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            context = opened.new_context(
                base_url=f"https://localhost:{port}",
                ignore_https_errors=True,
                viewport={"width": 1100, "height": 640},
            )
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            enter(page, link)
            pictures(page, chosen.folder)
            opened.close()
        finally:
            os.kill(serving.pid, signal.SIGTERM)
            serving.wait()


def wait_for(port: int) -> None:
    """Until the server listens."""
    for _turn in range(600):
        with socket.socket() as tried:
            tried.settimeout(0.1)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("The server did not start.")


if __name__ == "__main__":
    main()
