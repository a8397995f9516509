"""A browser for tests: signs in on the server's own pages and lets the program in, or does not.

`browser_command(folder, email, answer)` is what the environment's BROWSER is set to; `follow` does the same at once.
"""

from __future__ import annotations

import re
import shlex
import ssl
import sys
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

PASSWORD = "quatro cavalos no telhado"
_FIELD = re.compile(r'<input[^>]* name="(\w+)"(?:[^>]* value="([^"]*)")?')


def browser_command(folder: Path, email: str, answer: str = "allow", certificate: Path | None = None) -> str:
    """A command line with %s for the address; it runs beside whoever starts it."""
    words = [sys.executable, "-m", "tests.repository.console_browser", str(folder), email, answer]
    here = shlex.quote(str(Path(__file__).resolve().parents[2]))
    return f"env PYTHONPATH={here} {shlex.join([*words, str(certificate or '')])} %s &"


class Browser:
    """Keeps cookies, those for https only on loopback too, as browsers do, and follows what pages say."""

    def __init__(self, certificate: Path | None = None) -> None:
        verify = ssl.create_default_context(cafile=str(certificate)) if certificate else True
        self._client = httpx.Client(verify=verify, trust_env=False, timeout=60)
        self._cookies: dict[str, str] = {}
        self.visited: list[str] = []

    def open(self, address: str, form: dict[str, str] | None = None) -> httpx.Response:
        """The page, after all redirects."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        while True:
            self.visited.append(address)
            kept = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            headers = {
                "Cookie": kept,
                "Origin": origin,
                "Accept": "text/html",
                "Sec-Fetch-Site": "same-origin",
            }
            method = "GET" if form is None else "POST"
            page = self._client.request(method, address, data=form, headers=headers)
            for name, value in page.cookies.items():
                self._cookies[name] = value
            if page.status_code not in (302, 303, 307):
                return page
            address, form = urljoin(address, page.headers["location"]), None

    def close(self) -> None:
        self._client.close()


def fields(page: httpx.Response, action: str) -> dict[str, str]:
    """The fields of the form that goes to `action`, as they stand in the page."""
    assert f'action="{action}"' in page.text, (page.status_code, page.url, page.text)
    start = page.text.index(f'action="{action}"')
    text = page.text[start : page.text.index("</form>", start)]
    return {name: unescape(value) for name, value in _FIELD.findall(text)}


def follow(address: str, email: str, answer: str = "allow", certificate: Path | None = None) -> list[str]:
    """What a person does with the page a program opens: signs in, and lets it in ("allow"), does not ("deny"), or
    closes the browser ("close"). The addresses that were seen."""
    browser = Browser(certificate)
    try:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        page = browser.open(address)
        if answer == "close":
            return browser.visited
        given = fields(page, "/sign-in") | {"email": email, "password": PASSWORD}
        page = browser.open(f"{origin}/sign-in", given)
        if answer == "deny":
            found = re.search(r'class="button" href="(http://127[^"]*)"', page.text)
            assert found is not None, page.text
            browser.open(unescape(found[1]))
            return browser.visited
        page = browser.open(f"{origin}/desktop/authorize", fields(page, "/desktop/authorize"))
        browser.open(page.headers["refresh"].partition("url=")[2])
        return browser.visited
    finally:
        browser.close()


if __name__ == "__main__":
    folder, who, what, trusted, target = sys.argv[1:]
    seen = follow(target, who, what, Path(trusted) if trusted else None)
    (Path(folder) / "visited.txt").write_text("\n".join(seen), "utf-8")
