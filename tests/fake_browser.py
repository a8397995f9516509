"""A browser for tests: opens the page it is sent to, answers the org's question, and follows the way back.

`browser_command(folder, answer)` is what the environment's BROWSER is set to; `allow`, `deny`, or `close` to do nothing.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from pathlib import Path


def browser_command(folder: Path, answer: str = "allow") -> str:
    """A command line with %s for the address; it runs beside whoever starts it."""
    return f"{sys.executable} {Path(__file__).resolve()} {folder / 'visited.txt'} {answer} %s &"


def visited(folder: Path) -> list[str]:
    """The pages the browser was sent to."""
    file = folder / "visited.txt"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def follow(log: Path, answer: str, address: str) -> None:
    """What a person does with the page."""
    with log.open("a", encoding="utf-8") as file:
        file.write(address + "\n")
    if answer == "close":
        return
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    page = opener.open(address, timeout=60).read().decode("utf-8")
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', page)
    values = {name: unescape(value) for name, value in fields if name != "answer"} | {"answer": answer}
    base = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(address))
    data = urllib.parse.urlencode(values).encode()
    # urllib goes on to localhost by itself, as a browser does.
    opener.open(f"{base}/services/oauth2/authorize", data, timeout=60).read()


if __name__ == "__main__":
    follow(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
