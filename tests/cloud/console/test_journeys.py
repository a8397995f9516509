"""People in front of Chromium: from an invitation to the audit, by passkey, without scripts, on small screens, and from a
desktop program through the browser and back. One file: each file's tests have a browser of their own."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.cloud.conftest import ALL, Running
from tests.cloud.console.conftest import SECRET, Site, give_password
from tests.cloud.identity.conftest import give_rules
from tests.cloud.identity.test_desktop_sign_in import STATE, Program

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
# The contrast of every visible text against what is behind it (WCAG 2.1), and of what is too weak its words.
TOO_WEAK = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0.99) return found;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.checkVisibility() || node.closest(".unseen, .skip")) continue;
    if (node.disabled) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(walk.currentNode.textContent.trim());
  }
  return weak;
}"""


OUT_OF_SIGHT = """() => [...document.querySelectorAll("main input:not([type=hidden]), main button, main a")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.outerHTML.slice(0, 200))"""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def test_from_an_invitation_to_the_audit(server: Running, site: Site) -> None:
    here = server.organization()
    admin = site.signed_in(here.admin)
    give_rules(server, here, second_factor=True)
    admin.goto(f"/console{here.path}/members")
    follow(admin, "Invite somebody")
    for label, text in {"First name": "Lia", "Surname": "Souza", "E-mail": "Lia@example.com"}.items():
        admin.get_by_label(label, exact=True).fill(text)
    press(admin, "Invite")
    link = admin.locator("#link").inner_text()

    lia = site.visitor()
    lia.goto(link.removeprefix(site.address))
    lia.get_by_label("Password", exact=True).fill(SECRET)
    lia.get_by_label("Password, once more").fill("another one altogether")
    press(lia, "Accept the invitation")
    expect(lia.get_by_text("The two are not the same.")).to_be_visible()
    expect(lia.get_by_label("First name")).to_have_value("Lia")
    lia.get_by_label("Password", exact=True).fill(SECRET)
    lia.get_by_label("Password, once more").fill(SECRET)
    press(lia, "Accept the invitation")
    expect(lia.get_by_role("heading", name="A second factor is needed")).to_be_visible()
    press(lia, "Set up an app")
    assert lia.get_by_alt_text("The secret as a square code").evaluate("image => image.naturalWidth") > 0
    app = pyotp.TOTP(lia.locator("#app-secret").inner_text().replace(" ", ""))
    lia.get_by_label("Code").fill("000000")
    press(lia, "Turn it on")
    expect(lia.get_by_role("alert")).to_contain_text("not one of the new secret")
    lia.get_by_label("Code").fill(app.at(server.clock.at))
    press(lia, "Turn it on")
    expect(lia.locator("#codes li")).to_have_count(10)
    follow(lia, "I have kept them")
    follow(lia, here.slug.title())
    expect(lia.get_by_text("No role of yours gives you a right")).to_be_visible()
    press(lia, "Sign out")
    expect(lia.get_by_text("You are signed out.")).to_be_visible()
    server.clock.move(seconds=60)
    lia.goto(f"/console{here.path}/roles")
    lia.get_by_label("E-mail").fill("lia@example.com")
    lia.get_by_label("Password", exact=True).fill(SECRET)
    press(lia, "Sign in")
    lia.get_by_label("Code").fill(app.at(server.clock.at))
    press(lia, "Go on")
    expect(lia).to_have_url(re.compile(f"{here.path}/roles$"))
    expect(lia.get_by_role("link", name="New role")).to_have_count(0)

    admin.get_by_role("navigation").get_by_role("link", name="Environments").click()
    follow(admin, "New environment")
    admin.get_by_label("Name", exact=True).fill("Quality")
    admin.get_by_label("Short name").fill("Quality!")
    press(admin, "Make the environment")
    expect(admin.locator("#d-slug.fault")).to_be_visible()
    admin.get_by_label("Short name").fill("quality")
    press(admin, "Make the environment")
    expect(admin.get_by_text("The environment was made.")).to_be_visible()
    admin.get_by_role("navigation").get_by_role("link", name="Roles").click()
    follow(admin, "New role")
    admin.get_by_label("Name", exact=True).fill("Tester")
    admin.get_by_label("Read contents in Quality").check()
    press(admin, "Make the role")
    follow(admin, "Tester")
    admin.get_by_label("Execute in Quality").check()
    admin.get_by_label("Read contents in Quality").uncheck()
    press(admin, "See what will change")
    expect(admin.locator(".changes li")).to_have_text(
        [re.compile("Taken away:.*Read contents in Quality"), re.compile("Given:.*Execute in Quality")]
    )
    press(admin, "Save this change")
    expect(admin.get_by_text("The role was changed.")).to_be_visible()
    expect(admin.get_by_label("Execute in Quality")).to_be_checked()
    admin.get_by_role("navigation").get_by_role("link", name="Audit").click()
    admin.get_by_label("Action").select_option("role.change")
    press(admin, "Filter")
    rows = admin.locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("summary").click()
    expect(rows.locator("pre").last).to_contain_text("execute")
    follow(admin, "Verify the record")
    expect(admin.get_by_text("The record is whole.")).to_be_visible()


def test_a_passkey_opens_the_account(server: Running, site: Site) -> None:
    here = server.organization()
    page = site.signed_in(here.admin)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/console/account/second-factor")
    page.get_by_label("Name of the new passkey").fill("work laptop")
    press(page, "Add a passkey")
    expect(page.get_by_text("The passkey was added.")).to_be_visible()
    expect(page.locator("strong", has_text="work laptop")).to_be_visible()
    press(page, "Sign out")
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", name="Organizations")).to_be_visible()


def test_without_scripts_everything_works_too(server: Running, site: Site) -> None:
    here = server.organization()
    page = site.signed_in(here.admin, java_script_enabled=False)
    page.goto(f"/console{here.path}/environments/{here.environments['test']}")
    page.get_by_label("Name", exact=True).fill("Trial")
    press(page, "Save")
    expect(page.get_by_text("The environment was changed.")).to_be_visible()
    page.goto(f"/console{here.path}/environments/{here.environments['test']}")
    page.get_by_label("Type Trial to confirm").fill("Test")
    press(page, "Remove the environment")
    expect(page.get_by_text("This is not the name")).to_be_visible()
    page.get_by_label("Type Trial to confirm").fill("Trial")
    press(page, "Remove the environment")
    expect(page.get_by_text("The environment was removed.")).to_be_visible()


def test_scripts_make_it_smoother(server: Running, site: Site) -> None:
    """A page is put in place without being loaded; a reader is told, the keyboard goes on from its head."""
    here = server.organization()
    page = site.signed_in(here.admin)
    page.goto(f"/console{here.path}")
    page.evaluate("window.kept = true")
    page.get_by_role("navigation").get_by_role("link", name="Members").click()
    expect(page.get_by_role("heading", name="Members")).to_be_focused()
    assert page.evaluate("window.kept") is True
    expect(page.locator("#said")).to_have_text("Members – Weft")
    page.goto(f"/console{here.path}/members/{here.admin.id}")
    remove = page.get_by_role("button", name="Remove from the organization")
    expect(remove).to_be_disabled()
    page.get_by_label(re.compile("to confirm")).fill(here.admin.email)
    expect(remove).to_be_enabled()
    remove.click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_and_nothing_is_wider_than_a_small_screen(
    server: Running, site: Site, scheme: str
) -> None:
    here = server.organization(people={"admin": "admin", "ana": {"test": ALL}})
    page = site.signed_in(here.admin, "pt-BR", color_scheme=scheme, viewport={"width": 360, "height": 740})
    role = here.roles["ana"]
    paths = ("", "/roles", "/audit") if scheme == "light" else ("/members", f"/roles/{role}", "/policies")
    for path in paths:
        page.goto(f"/console{here.path}{path}")
        assert page.evaluate(TOO_WEAK) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        # Nor is a box to tick out of sight inside something that scrolls.
        assert page.evaluate(OUT_OF_SIGHT) == [], path


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
