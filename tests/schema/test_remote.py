"""Schemas from an address: imports followed, copies kept, credentials kept in, limits of size, count and redirects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotAllowed, NotReachable, Severity, TooLarge
from studio.schema import remote
from studio.schema.model import Schema
from studio.schema.remote import Ask, Fetched, Mirror, read_remote
from tests.schema.trees import lines, xsd_text

_PART = xsd_text(
    '<xs:complexType name="Order"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType>'
)


def _main(*locations: str) -> str:
    includes = "".join(f'<xs:include schemaLocation="{one.replace("&", "&amp;")}"/>' for one in locations)
    return xsd_text(includes + '<xs:element name="order" type="t:Order"/>')


class Web:
    """Servers in memory that note what they are asked."""

    def __init__(self, **pages: str | Fetched) -> None:
        self.pages: dict[str, str | Fetched] = pages
        self.asked: list[Ask] = []
        self.down = False

    def __call__(self, ask: Ask) -> Fetched:
        self.asked.append(ask)
        if self.down:
            raise NotReachable("Nobody answers.")
        page = self.pages.get(ask.url)
        if page is None:
            raise NotReachable("Not there.", file=ask.url)
        if isinstance(page, Fetched):
            return Fetched(unchanged=True, age=page.age) if page.etag and page.etag == ask.etag else page
        return Fetched(page.encode())

    @property
    def urls(self) -> list[str]:
        return [ask.url for ask in self.asked]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Schema]:
    def reading(web: Web, url: str = "https://x.org/a/main.xsd", now: float = 1000.0) -> Schema:
        return read_remote(url, web, tmp_path / "kept", now=lambda: now)

    return reading


def test_imports_are_followed_relative_to_their_file(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a/main.xsd": _main("../b/mid.xsd"),
        "https://x.org/b/mid.xsd": _main("deep/part.xsd").replace('name="order"', 'name="other"'),
        "https://x.org/b/deep/part.xsd": _PART,
    }
    schema = read(web)
    assert not schema.problems
    assert lines(schema) == ["order 1 Order", "order/id 1 int"]
    assert web.urls == list(web.pages)
    assert schema.facts["url"] == "https://x.org/a/main.xsd"


def test_addresses_with_queries_and_on_other_servers_are_found_again(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/svc.asmx?WSDL": _main("svc.asmx?xsd=1&part=2", "https://y.org/part.xsd"),
        "https://x.org/svc.asmx?xsd=1&part=2": _main("?xsd=3").replace('name="order"', 'name="other"'),
        "https://x.org/svc.asmx?xsd=3": xsd_text('<xs:element name="third"/>'),
        "https://y.org/part.xsd": _PART,
    }
    schema = read(web, "https://x.org/svc.asmx?WSDL")
    assert not schema.problems
    assert schema.find("order/id") is not None
    assert {node.name for node in schema.roots} == {"order", "other", "third"}


def test_what_is_fresh_is_not_asked_and_what_is_unchanged_is_not_sent(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a/main.xsd": Fetched(_main("part.xsd").encode(), etag='"1"', age=500),
        "https://x.org/a/part.xsd": Fetched(_PART.encode(), modified="Mon, 01 Jun 2026 10:00:00 GMT"),
    }
    first = read(web)
    assert len(web.asked) == 2
    read(web, now=1030.0)
    assert len(web.asked) == 2
    read(web, now=1200.0)
    assert web.asked[2:] == [
        Ask("https://x.org/a/part.xsd", "", "Mon, 01 Jun 2026 10:00:00 GMT", trusted=True)
    ]
    again = read(web, now=2000.0)
    assert web.asked[3] == Ask("https://x.org/a/main.xsd", '"1"', "", trusted=True)
    assert lines(again) == lines(first)
    web.pages["https://x.org/a/main.xsd"] = Fetched(xsd_text('<xs:element name="new"/>').encode(), etag='"2"')
    assert [node.name for node in read(web, now=9000.0).roots] == ["new"]


def test_without_the_server_the_copy_is_shown_with_a_note(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {"https://x.org/a/main.xsd": _PART}
    read(web)
    web.down = True
    schema = read(web, now=1e9)
    assert [problem.severity for problem in schema.problems] == [Severity.NOTE]
    assert "the copy fetched before is shown" in schema.problems[0].message
    with pytest.raises(NotReachable):
        read(web, "https://x.org/other.xsd")


def test_credentials_go_to_the_server_of_the_address_only(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a/main.xsd": _main("https://y.org/a.xsd", "https://x.org:8443/b.xsd", "c.xsd"),
        "https://y.org/a.xsd": xsd_text(""),
        "https://x.org:8443/b.xsd": xsd_text(""),
        "https://x.org/a/c.xsd": Fetched(moved="https://z.org/c.xsd"),
        "https://z.org/c.xsd": _PART,
    }
    schema = read(web, "https://me:secret@x.org/a/main.xsd")
    assert {ask.url: ask.trusted for ask in web.asked} == {
        "https://x.org/a/main.xsd": True,
        "https://y.org/a.xsd": False,
        "https://x.org:8443/b.xsd": False,
        "https://x.org/a/c.xsd": True,
        "https://z.org/c.xsd": False,
    }
    assert schema.find("order/id") is not None
    assert "secret" not in schema.facts["url"]


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/x.xsd",
        "https://localhost:9/x.xsd",
        "https://[::1]/x.xsd",
        "https://169.254.169.254/latest",
        "https://2130706433/x.xsd",
        "https://0x7f000001/x.xsd",
        "https://intranet/x.xsd",
        "http://x.org/a/part.xsd",
        "file:///etc/passwd",
        "ftp://x.org/a.xsd",
        "https://bad:port/x",
    ],
)
def test_schemas_do_not_lead_into_this_computer_or_out_of_encryption(
    read: Callable[..., Schema], location: str
) -> None:
    web = Web()
    web.pages = {"https://x.org/a/main.xsd": _main(location), location: _PART}
    schema = read(web)
    assert web.urls == ["https://x.org/a/main.xsd"]
    assert schema.roots[0].unresolved
    assert len([one for one in schema.problems if location.partition("?")[0][:12] in one.message]) == 1


def test_redirects_are_followed_and_end(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a/main.xsd": Fetched(moved="/b/real.xsd"),
        "https://x.org/b/real.xsd": _main("part.xsd"),
        "https://x.org/b/part.xsd": _PART,
    }
    assert read(web).find("order/id") is not None
    web.pages = {"https://x.org/a/ring.xsd": Fetched(moved="ring.xsd")}
    with pytest.raises(NotReachable, match="without end"):
        read(web, "https://x.org/a/ring.xsd")
    assert web.urls.count("https://x.org/a/ring.xsd") == remote.MOST_REDIRECTS + 1
    web.pages = {"https://x.org/a/down.xsd": Fetched(moved="http://x.org/a/down.xsd")}
    with pytest.raises(NotAllowed, match="not followed"):
        read(web, "https://x.org/a/down.xsd")


def test_limits_of_count_and_size(read: Callable[..., Schema], monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Web()

    def fetch(ask: Ask) -> Fetched:
        endless.asked.append(ask)
        number = int(ask.url.rpartition("/")[2].partition(".")[0])
        return Fetched(_main(f"{number + 1}.xsd").encode())

    monkeypatch.setattr(remote, "MOST_FILES", 20)
    with pytest.raises(TooLarge, match="more than 20 files"):
        read(fetch, "https://x.org/0.xsd")
    assert len(endless.asked) == 20
    monkeypatch.setattr(remote, "MOST_BYTES", 5000)
    big = Web()
    big.pages = {"https://x.org/a/main.xsd": _PART + " " * 6000}
    with pytest.raises(TooLarge):
        read(big)


def test_rings_are_asked_once(read: Callable[..., Schema]) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a/main.xsd": _main("two.xsd"),
        "https://x.org/a/two.xsd": _PART.replace(
            "<xs:complexType", '<xs:include schemaLocation="main.xsd"/><xs:complexType'
        ),
    }
    assert read(web).find("order/id") is not None
    assert len(web.asked) == 2


def test_known_namespaces_are_not_fetched(read: Callable[..., Schema]) -> None:
    web = Web()
    text = xsd_text(
        '<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="https://www.w3.org/2001/xml.xsd"/>'
        '<xs:element name="order"><xs:complexType><xs:attribute ref="xml:lang"/></xs:complexType></xs:element>'
    )
    web.pages = {"https://x.org/a/main.xsd": text}
    schema = read(web)
    assert len(web.asked) == 1
    assert not schema.problems
    assert schema.find("order/@lang") is not None


def test_files_and_folders_of_one_name_and_odd_names_keep_apart(
    read: Callable[..., Schema], tmp_path: Path
) -> None:
    web = Web()
    web.pages = {
        "https://x.org/a": _main("a/part", "a/..%2f..%2fup.xsd", "a/xmlcatalog.xml", "a/" + "n" * 300),
        "https://x.org/a/part": _PART,
        "https://x.org/a/..%2f..%2fup.xsd": xsd_text('<xs:element name="up"/>'),
        "https://x.org/a/xmlcatalog.xml": xsd_text('<xs:element name="cat"/>'),
        "https://x.org/a/" + "n" * 300: xsd_text('<xs:element name="long"/>'),
    }
    schema = read(web, "https://x.org/a")
    assert not schema.problems
    assert {node.name for node in schema.roots} == {"order", "up", "cat", "long"}
    home = (tmp_path / "kept").resolve()
    assert all(Path(file).resolve().is_relative_to(home) for file in schema.files)


@pytest.mark.parametrize("url", ["", "main.xsd", "ftp://x/a", "https://", "https://[::", "https://x:99999/"])
def test_what_is_no_address_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput, match="no address"):
        Mirror(url, Web(), tmp_path)


def test_a_damaged_list_of_what_was_fetched_is_made_anew(read: Callable[..., Schema], tmp_path: Path) -> None:
    web = Web()
    web.pages = {"https://x.org/a/main.xsd": _PART}
    read(web)
    for listed in (tmp_path / "kept").rglob("fetched.json"):
        listed.write_text('{"https://x.org/a/main.xsd": {"file": 1}}')
    read(web)
    assert len(web.asked) == 2


def test_a_dtd_and_a_json_schema_bring_their_parts(tmp_path: Path) -> None:
    web = Web()
    web.pages = {
        "https://x.org/main.dtd": '<!ENTITY % part PUBLIC "-//X//EN" "sub/part.mod"> %part; <!ELEMENT a (b)>',
        "https://x.org/sub/part.mod": "<!ELEMENT b EMPTY>",
        "https://x.org/main.json": '{"properties": {"a": {"$ref": "sub/b.json#/x"}, "c": {"$ref": "#/y"}}}',
        "https://x.org/sub/b.json": "{}",
    }
    for url in ("https://x.org/main.dtd", "https://x.org/main.json"):
        Mirror(url, web, tmp_path).load()
    assert web.urls == list(web.pages)
