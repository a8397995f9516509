"""What stands on pages: names as text and never as markup, every text through the catalogue, a label to every field."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from cloud.app import guarded_routes
from cloud.console.lines import difference_of
from cloud.pages import assets
from studio.base import i18n
from tests.cloud.conftest import Running
from tests.cloud.console.test_forms import PAGE, sign_in
from tests.cloud.pushes import new_project
from tests.cloud.walk import path_of
from ui.theme.roles import DARK, LIGHT

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
CANARY = "<img src=x onerror=canary()>\"'&{{7*7}}"
ALONE = {"input", "img", "meta", "link", "br", "option"}
# Names of ours and of others, and what people typed: the same in every language.
OURS = re.compile(r"^(Weft|English|Português \(Brasil\)|[\W\d_]*|.*UTC|\d{4}-\d\d-\d\d|[\d.]+ [KMG]?B)$")


def pages_of(server: Running) -> Iterator[tuple[str, str]]:
    """Every page an administrator with all rights reaches, in an organization full of canaries."""
    here = server.organization(people={"admin": "admin"})
    sign_in(server, here.admin)
    role = here.admin.get(f"{here.path}/roles/{here.roles['admin']}")
    rights = {id: ["read", "write", "execute"] for id in here.environments.values()}
    body = {"name": CANARY, "admin": True, "rights": rights}
    match = {"if-match": role.headers["etag"]}
    assert (
        here.admin.put(f"{here.path}/roles/{here.roles['admin']}", json=body, headers=match).status_code
        == 200
    )
    for path, change in {
        here.path: {"name": CANARY},
        f"{here.path}/environments/test": {"name": CANARY},
    }.items():
        version = {"if-match": here.admin.get(path).headers["etag"]}
        assert here.admin.patch(path, json=change, headers=version).status_code == 200
    clone = new_project(here, here.admin, CANARY, "test")
    revision = clone.push({"it's & {{7-7}}.yaml": b"one\n", "b.yaml": CANARY.encode()}, CANARY)
    deployed = {
        "environment": "test",
        "revision": revision["id"],
        "scope": "whole",
        "seen": None,
        "message": CANARY,
    }
    assert here.admin.post(f"{clone.path}/deployments", json=deployed).status_code == 201
    things = {
        "org": here.slug,
        "project": clone.path.rpartition("/")[2],
        "revision": revision["id"],
        "environment": here.environments["test"],
        "member": here.admin.id,
        "role": here.roles["admin"],
        "kind": "oidc",
    }
    more = {
        "compare": f"?after={revision['id']}",
        "object": f"?after={revision['id']}&path=b.yaml",
        "deploy": f"?environment={here.environments['production']}",
        "promote": f"?source={here.environments['test']}&target={here.environments['production']}",
    }
    for route in guarded_routes(server.app):
        if "GET" in route.methods and route.path.startswith("/console") and route.path != "/console/new":
            path = path_of(route.path, things) + more.get(route.path.rpartition("/")[2], "")
            answer = server.client.get(path, headers=PAGE)
            assert answer.status_code == 200, (path, answer.text[:500])
            yield path, answer.text


class Reader(HTMLParser):
    """The texts of a page with the elements they stand in, its fields, labels and names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.fields: list[tuple[dict[str, str], bool]] = []
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.pictures: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in said:
            self.ids.append(said["id"])
        if tag == "label":
            self.labels.add(said.get("for", ""))
        if tag in ("input", "select", "textarea") and said.get("type") != "hidden":
            self.fields.append((said, any(name == "label" for name, _said in self.open)))
        if tag == "img":
            self.pictures.append(said)
        for name in ("aria-label", "data-label", "data-copied", "data-fault", "title", "placeholder", "alt"):
            if said.get(name):
                self.texts.append((said[name], tag))
        if tag not in ALONE or tag == "option":
            self.open.append((tag, said))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = {name for name, _said in self.open}
        mono = any(
            "mono" in said.get("class", "") or "secret" in said.get("class", "") for _n, said in self.open
        )
        if (
            data.strip()
            and not mono
            and not inside & {"script", "style", "code", "pre", "datalist", "textarea"}
        ):
            self.texts.append((" ".join(data.split()), self.open[-1][0] if self.open else ""))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


class Marked:
    """A catalogue that puts every text in marks."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return f"«{singular if n == 1 else plural}»"


NAMES = ("Development", "Production", "production", "Admin Silva", "b.yaml", "role of", "Org-", "testclient")


def untranslated(reader: Reader) -> list[str]:
    """Texts that are neither in marks nor what somebody typed."""
    return [
        said
        for said, _tag in reader.texts
        if not ("«" in said or "»" in said or "@example.com" in said or said.startswith(NAMES))
        if not (OURS.match(said) or CANARY in said)
    ]


def need_labels(path: str, reader: Reader) -> None:
    for field, wrapped in reader.fields:
        named = wrapped or field.get("aria-label") or field.get("id") in reader.labels
        assert named, f"{path}: nothing says what {field.get('name')} is"
    assert len(set(reader.ids)) == len(reader.ids), f"{path}: an id twice"
    assert reader.tags.count("h1") == 1, path
    assert {"main", "header"} <= set(reader.tags), path
    assert all("alt" in picture for picture in reader.pictures), path


def test_texts_of_every_page(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours come from the catalogue, names are text and never markup, every field has a label."""
    seen, left = 0, []
    pages = pages_of(server)
    next(pages)
    monkeypatch.setattr(i18n, "_texts", Marked)
    for path, text in pages:
        assert "<img src=x" not in text, path
        assert "49" not in re.sub(r"[0-9a-f]{8}-[0-9a-f-]+|\d{4}-\d\d-\d\dT[^\"]*|[0-9a-f]{16,}", "", text), (
            path
        )
        seen += html.escape(CANARY, quote=False)[:20] in text
        reader = read(text)
        left += [f"{path}: {said}" for said in untranslated(reader)]
        need_labels(path, reader)
    assert left == []
    assert seen > 20


def test_the_colours_are_those_of_the_window(server: Running) -> None:
    style = (assets.HERE / "weft.css").read_text()
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    for text, palette in ((light, LIGHT), (dark.split("*, *::before")[0], DARK)):
        found = dict(re.findall(r"--(\w+): (#[0-9A-F]{6})", text))
        assert len(found) > 25
        assert {role: palette[role] for role in found} == found
    rest = style.split("*, *::before", 1)[1]
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", rest)) <= {"#FFFFFF"}, "colours by role only"


def test_lines_that_came_and_went(server: Running) -> None:
    assert difference_of("a\nb\nc", "a\nB\nc") == [("@", ""), (" ", "a"), ("-", "b"), ("+", "B"), (" ", "c")]
    assert difference_of("a", "a") == []
    assert difference_of("--- a\n+++ b", "") == [("@", ""), ("-", "--- a"), ("-", "+++ b")]
    assert difference_of("x\n" * 4000, "y") is None
