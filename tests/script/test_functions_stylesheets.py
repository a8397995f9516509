"""RunXSLT and GetHostByIP: what they give, and that neither reads files, runs for ever or waits for ever."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from studio.base.errors import Cancelled
from studio.script.errors import LimitReached, RunError
from studio.script.evaluate import evaluate
from studio.script.functions import environment
from studio.script.host import Limits, PlainHost
from studio.script.parse import parse
from tests.script.both import error, run

XSL = 'xmlns:x="http://www.w3.org/1999/XSL/Transform"'
ENDLESS = (
    '<x:template match="/"><x:call-template name="t"><x:with-param name="n" select="60"/></x:call-template></x:template>'
    '<x:template name="t"><x:param name="n"/><x:if test="$n &gt; 0">'
    + '<x:call-template name="t"><x:with-param name="n" select="$n - 1"/></x:call-template>' * 2
    + "</x:if></x:template>"
)


def sheet(inside: str, method: str = "text") -> str:
    return f'<x:stylesheet version="1.0" {XSL}><x:output method="{method}"/>{inside}</x:stylesheet>'


def styled(inside: str, *documents: str, **variables: str) -> object:
    host = PlainHost(variables={"style": sheet(inside, **variables)})
    given = "".join(f", '{each}'" for each in documents)
    return evaluate(parse(f"RunXSLT($style{given})"), host)


def test_a_style_sheet_is_applied_to_each_text() -> None:
    inside = '<x:template match="/"><x:value-of select="sum(//q)"/>€</x:template>'
    assert styled(inside, "<a><q>1</q><q>2.5</q></a>", '<?xml version="1.0"?><q>4</q>') == ["3.5€", "4€"]
    assert styled(
        '<x:template match="/"><b><x:copy-of select="*"/></b></x:template>', "<a/>", method="xml"
    ) == ['<?xml version="1.0"?>\n<b><a/></b>\n']


@pytest.mark.parametrize(
    "inside",
    [
        '<x:include href="other.xsl"/>',
        '<x:import href="file:///etc/passwd"/>',
        '<x:template match="/"><x:value-of select="undefined()"/></x:template>',
        "<x:template>",
    ],
)
def test_sheets_that_cannot_be_used(inside: str) -> None:
    with pytest.raises(RunError, match="RunXSLT cannot do it"):
        styled(inside, "<a/>")


def test_no_other_file_is_read_or_written(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<s>hidden</s>", "utf-8")
    try:
        read = styled(
            f'<x:template match="/">[<x:value-of select="document(\'{secret.as_uri()}\')"/>]</x:template>',
            "<a/>",
        )
    except RunError as refused:
        read = refused.message
    assert "hidden" not in str(read)
    out = tmp_path / "out.txt"
    write = (
        f'<x:template match="/"><e:document href="{out.as_uri()}" xmlns:e="http://exslt.org/common">text</e:document>'
        "</x:template>"
    )
    with contextlib.suppress(RunError):
        styled(write, "<a/>")
    assert not out.exists()


@pytest.mark.parametrize("text", ["<!DOCTYPE a><a/>", "no xml", "", "<a>&b;</a>"])
def test_documents_that_cannot_be_read(text: str) -> None:
    with pytest.raises(RunError, match="RunXSLT cannot do it"):
        styled('<x:template match="/"/>', text)


def test_an_endless_sheet_is_stopped() -> None:
    host = PlainHost(variables={"style": sheet(ENDLESS)}, limits=Limits(seconds=0.4))
    with pytest.raises(LimitReached, match="longer than"):
        evaluate(parse("RunXSLT($style, '<a/>')"), host)
    host = PlainHost(variables={"style": sheet(ENDLESS)}, stopped=lambda: True)
    with pytest.raises(Cancelled):
        evaluate(parse("RunXSLT($style, '<a/>')"), host)


def test_names_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"192.0.2.1": "one.example", "2001:db8::1": "six.example"}

    def answer(address: str) -> tuple[str, list[str], list[str]]:
        if address not in names:
            raise OSError
        return names[address], [], [address]

    monkeypatch.setattr(socket, "gethostbyaddr", answer)
    assert run("GetHostByIP(' 192.0.2.1 ')") == "one.example"
    assert run("GetHostByIP('2001:0db8::1')") == "six.example"
    assert run("GetHostByIP('192.0.2.2')") == ""
    assert error("GetHostByIP('one.example')").message == "one.example is not an IP address."
    assert error("GetHostByIP(Null())").message == "'' is not an IP address."


def test_name_servers_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def wait(address: str) -> tuple[str, list[str], list[str]]:
        done.wait(5)
        return "late.example", [], [address]

    monkeypatch.setattr(socket, "gethostbyaddr", wait)
    monkeypatch.setattr(environment, "PATIENCE", 0.1)
    try:
        assert error("GetHostByIP('192.0.2.1')").message == "The name servers do not answer."
        with pytest.raises(Cancelled):
            evaluate(parse("GetHostByIP('192.0.2.1')"), PlainHost(stopped=lambda: True))
    finally:
        done.set()
