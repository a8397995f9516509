"""A desktop program's sign-in in a real browser: through the form, over the page that asks, back to the program."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.cloud.conftest import Running
from tests.cloud.console.conftest import SECRET, Site, give_password
from tests.cloud.identity.test_desktop_sign_in import STATE, Program


class Listener(http.server.BaseHTTPRequestHandler):
    """What a program listens with: the first request's query is what it wants."""

    def do_GET(self) -> None:
        self.server.got.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>back in the program</title>")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[http.server.HTTPServer]:
    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as made:
        made.got = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_from_the_program_through_the_browser_and_back(
    site: Site, server: Running, listener: http.server.HTTPServer
) -> None:
    ana = server.organization(people={"ana": {}}).ana
    give_password(server, ana)
    program = Program(server)
    redirect = f"http://127.0.0.1:{listener.server_address[1]}/signed-in"
    page = site.visitor()
    page.goto("/desktop/authorize?" + urlencode(program.request(redirect_uri=redirect)))
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Let it in", exact=True).click()
    page.wait_for_url(f"{redirect}?**")
    said = parse_qs(urlsplit(listener.got[0]).query)  # type: ignore[attr-defined]
    assert said["state"] == [STATE]
    status, step = program.trade(said["code"][0], redirect_uri=redirect)
    assert status == 200
    assert step["token"].startswith("weft_ses_")
