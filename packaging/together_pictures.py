"""Pictures of working together: a real server, two people, the real window driven as the tests do."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import qasync
from PySide6.QtWidgets import QDialog, QWidget

from studio.base import i18n, secrets
from studio.base.i18n import _
from studio.base.secrets import open_store
from studio.repository import accounts, pull
from studio.repository.deployments import carry_out, plan_deployment
from studio.repository.link import Link, keep_link
from studio.repository.push import push
from tests.repository.running_server import Site, serving, tables
from tests.ui.driver import Drive, running
from ui.app import application
from ui.widgets.fields import Combo
from ui.widgets.trees import Rows

PATIENCE = 120.0
MAP = "transformations/orders-to-invoices"
NAMES = ("panel", "versions", "deploy", "sign-in", "share", "push", "places", "promote")


def changed(folder: Path, file: str, old: str, new: str) -> None:
    """Another text in a file of a project."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


async def history(site: Site, folder: Path, other: Path) -> None:
    """What two people have done before the window is opened."""
    made = await site.new_project("Orders to ERP")
    keep_link(folder, Link(site.url, site.organization.id, made.id, False))
    async with site.repository() as ana, site.repository("ben") as ben:
        await push(folder, ana, "Orders become invoices")
        target = next(one for one in await ana.environments() if one.slug == "test")
        await carry_out(ana, await plan_deployment(ana, made.id, target))
        await pull.copy(ben, made.id, other)
        changed(other, f"{MAP}.yaml", 'DateAdd("dd", [customer/terms]', 'DateAdd("dd", 45')
        changed(other, "project.yaml", "Weft Comércio S.A.", "Weft Comércio Ltda.")
        await push(other, ben, "45 days for everyone, as agreed with finance")
        await pull.pull(folder, ana)
        changed(other, "operations/send-invoices.yaml", "Every open", "Each open")
        await push(other, ben, "A clearer description")
    changed(folder, f"{MAP}.yaml", "'380'", "'381'")


class Hands:
    """Hands on the window; `shot` keeps a picture under a name."""

    def __init__(self, drive: Drive, folder: Path, only: set[str], ending: str) -> None:
        self.drive, self._folder, self._only, self._ending = drive, folder, only, ending

    def shot(self, name: str, widget: QWidget | None = None) -> None:
        """A picture, if it is wanted."""
        if name in self._only:
            (widget or self.drive.window).grab().save(
                str(self._folder / f"together-{name}{self._ending}.png")
            )

    def run(self, command: str) -> None:
        """Carry a command out."""
        table = self.drive.window.table
        table.refresh()
        assert table.run(command), table.reason(command)

    async def dialog(self, title: str, ready: Callable[[], object] = lambda: True) -> QDialog:
        """A dialog, once it shows what it has to show."""
        await self.drive.until(lambda: self.drive.all(title, QDialog) and ready(), PATIENCE)
        await self.drive.rest(0.6)
        return self.drive.find(title, QDialog)

    async def closed(self, dialog: QDialog) -> None:
        """End a dialog and its process."""
        dialog.close()
        await self.drive.until(lambda: not self.drive.studio.session.ends, PATIENCE)
        await self.drive.rest()

    def filled(self, name: str) -> Callable[[], bool]:
        """A list has rows."""
        return lambda: any(self.drive.rows(view) for view in self.drive.all(name, Rows))


async def pictures(hands: Hands) -> None:
    """All of them, in the order somebody would meet them."""
    drive = hands.drive
    repository = drive.studio.session.repository
    await drive.until(lambda: repository.standing is not None and repository.standing.to_pull, PATIENCE)
    drive.window.open_object(MAP, "invoices/invoice/typeCode")
    await drive.until(
        lambda: "preview" in drive.window.area.current.summary() or not drive.studio.session.agent, PATIENCE
    )
    hands.run("repository.show")
    await drive.rest(1.5)
    hands.shot("panel")
    hands.run("repository.sign_in")
    dialog = await hands.dialog(_("Sign in to your organization"))
    hands.shot("sign-in", dialog)
    dialog.reject()
    await drive.rest()
    hands.run("repository.choose")
    dialog = await hands.dialog(_("Organization and environment"))
    hands.shot("places", dialog)
    dialog.reject()
    await drive.until(lambda: not repository.doing, PATIENCE)
    hands.run("repository.history")
    changes = _("What differs in the object")
    dialog = await hands.dialog(_("Versions in the repository"), hands.filled(changes))
    versions = drive.find(_("Versions"), Rows)
    drive.click_row(versions, versions.model().index(1, 0))
    await drive.until(hands.filled(changes), PATIENCE)
    await drive.rest(1)
    hands.shot("versions", dialog)
    await hands.closed(dialog)
    for command, title, name in (
        ("repository.deploy", _("Deploy"), "deploy"),
        ("repository.promote", _("Promote from one environment to the next"), "promote"),
    ):
        hands.run(command)
        target = _("Environment") if name == "deploy" else _("To")
        dialog = await hands.dialog(
            title, lambda target=target: any(one.count() for one in drive.all(target, Combo))
        )
        if name == "promote":
            drive.pick(_("From"), "Test")
        drive.pick(target, "Test" if name == "deploy" else "Production")
        await drive.until(hands.filled(_("Objects that differ")), PATIENCE)
        await drive.rest(1)
        hands.shot(name, dialog)
        await hands.closed(dialog)
    hands.run("repository.pull")
    await drive.until(lambda: not repository.doing and not repository.standing.to_pull, PATIENCE)
    await drive.rest(1)
    hands.run("repository.push")
    dialog = await hands.dialog(_("Push to the repository"))
    hands.shot("push", dialog)
    dialog.reject()
    await drive.rest()


async def main(options: argparse.Namespace) -> None:
    """The window in the language and theme wanted."""
    looks = {"language": options.language, "theme": options.theme, "size": "1600x1000"}
    async with running(options.project, agent=True, first_time=True, watched=False, **looks) as drive:
        await pictures(Hands(drive, options.pictures, set(options.only.split(",")), options.ending))


def begin() -> None:
    """Read the command line, start the server, take the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--language", default="en", choices=i18n.LANGUAGES)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--ending", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        place = Path(work)
        phrase = place / "phrase"
        phrase.write_text("only for a picture")
        os.environ[secrets.PASSPHRASE_FILE] = str(phrase)
        with serving(place / "server", tables(place)) as site:
            accounts.keep(site.account(environment="test"), site.token(), open_store())
            asyncio.run(history(site, options.project, place / "theirs"))
            loop = qasync.QEventLoop(application())
            asyncio.set_event_loop(loop)
            with loop:
                loop.run_until_complete(main(options))


if __name__ == "__main__":
    begin()
