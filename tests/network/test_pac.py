"""Proxy scripts as they are asked: in a real child process, with real ends for those that never end."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.network.hops import DIRECT, Hop
from studio.network.pac import ScriptFailed, ask, read_chain
from studio.network.pac_lines import in_words, marked

pytest.importorskip("_quickjs", reason="no JavaScript engine for this computer")

CORP = """\
// The proxies of a company, as such scripts are written; return "DIRECT" stands in a comment, too.
var proxies = "PROXY proxy.corp.test:8080; HTTPS backup.corp.test; SOCKS5 socks.corp.test:1081; DIRECT";
function inside(host) {
  return isPlainHostName(host) || dnsDomainIs(host, ".corp.test");
}
function FindProxyForURL(url, host) {
  var pattern = /return {/g, text = 'return "x"';
  if (inside(host)) return "DIRECT";

  if (isInNet(dnsResolve(host), "127.0.0.0", "255.0.0.0")) { return "DIRECT"; }
  if (dnsDomainIs(host, ".salesforce.com") ||
      dnsDomainIs(host, ".force.com"))
    return proxies;
  if (shExpMatch(host, "*.one.test"))
    return 'SOCKS s.corp.test';
  if (url.substring(0, 6) == "https:") {
    return "PROXY secure.corp.test:8443" + (host ? "" : pattern);
  }
  return "PROXY " + url.replace(/[^a-z0-9]/g, "-");
}
"""


@pytest.mark.parametrize(
    ("scheme", "host", "port", "hops", "line", "words"),
    [
        ("https", "intranet", 443, (DIRECT,), 8, "if (inside(host)) return \"DIRECT\";"),
        ("https", "localhost.localdomain.corp.test", 443, (DIRECT,), 8, "if (inside(host)) return \"DIRECT\";"),
        ("https", "127.0.0.5", 443, (DIRECT,), 10, "address is in 127.0.0.0/255.0.0.0"),
        (
            "https", "login.salesforce.com", 443,
            (
                Hop("http", "proxy.corp.test", 8080), Hop("https", "backup.corp.test", 443),
                Hop("socks5", "socks.corp.test", 1081), DIRECT,
            ),
            13, "host ends in .salesforce.com",
        ),
        ("https", "a.one.test", 443, (Hop("socks5", "s.corp.test", 1080),), 15, "fits *.one.test"),
        ("https", "b.test", 443, (Hop("http", "secure.corp.test", 8443),), 17, 'if (url.substring(0, 6) == "https:") {'),
        ("http", "b.test", 8080, (Hop("http", "http---b-test-8080-", 80),), 19, 'return "PROXY " + url.replace(/[^a-z0-9]/g, "-");'),
    ],
)  # fmt: skip
async def test_a_usual_script(
    scheme: str, host: str, port: int, hops: tuple[Hop, ...], line: int, words: str
) -> None:
    answer = await ask(CORP, scheme, host, port, explain=True)
    assert answer.hops == hops
    assert (answer.line, answer.words) == (line, words)
    assert 0 < answer.seconds < 2


@pytest.mark.parametrize(
    ("script", "says", "line"),
    [
        ("function FindProxyForURL(u, h) { for (;;) {} }", "no answer within", None),
        ("for (;;) {}", "no answer within", None),
        ("function FindProxyForURL(u, h) {\n throw new Error('boo'); }", "boo", 2),
        ("function FindProxyForURL(u, h) {\n return nothing(); }", "nothing", 2),
        ("var a = 1;\nfunction (", "SyntaxError", 2),
        ("var x = 1;", "FindProxyForURL", None),
        ("function FindProxyForURL(u, h) { return FindProxyForURL(u, h); }", "stack overflow", None),
        ("function FindProxyForURL(u, h) { var a = []; while (1) a.push('x' + a.length); }", "64 MB", None),
        ("function FindProxyForURL(u, h) { return 'x'.repeat(1 << 20); }", "too long", None),
        ("function FindProxyForURL(u, h) { return 'use the proxy, please'; }", "names no proxy", None),
        ("function FindProxyForURL(u, h) { return {a: 1}; }", "names no proxy", None),
        ("<html>Sign in to the hotel's network</html>", "failed", 1),
    ],
)  # fmt: skip
async def test_a_script_that_does_not_answer_is_ended_and_told(
    script: str, says: str, line: int | None
) -> None:
    with pytest.raises(ScriptFailed, match=says) as caught:
        await ask(script, "https", "a.test", 443, seconds=0.5 if "for (;;)" in script else 60)
    if line is not None:
        assert caught.value.line == line
    assert caught.value.next_step


@pytest.mark.parametrize("value", ["null", "undefined", "''", "' ; '"])
async def test_no_answer_is_direct_as_in_browsers(value: str) -> None:
    script = f"function FindProxyForURL(u, h) {{ return {value}; }}"
    assert (await ask(script, "https", "a.test", 443)).hops == (DIRECT,)


async def test_a_script_sees_host_and_port_and_nothing_of_this_computer() -> None:
    script = """
    function FindProxyForURL(url, host) {
      var seen = typeof require + typeof process + typeof std + typeof os + typeof fetch;
      return "PROXY " + url.replace(/[^a-z0-9]/g, "-") + seen;
    }"""
    answer = await ask(script, "https", "2001:db8::1", 8443)
    assert answer.text == "PROXY https----2001-db8--1--8443-" + "undefined" * 5


async def test_microsofts_entry_is_asked_where_there_is_no_other() -> None:
    script = "function FindProxyForURLEx(u, h) { return isInNetEx(h, '2001:db8::/32') ? 'PROXY six:1' : 'DIRECT'; }"
    assert (await ask(script, "https", "2001:db8::1", 443)).hops == (Hop("http", "six", 1),)


async def test_names_are_looked_up_for_it() -> None:
    script = "function FindProxyForURL(u, h) { return 'PROXY ' + dnsResolve('localhost') + ':1;' + isResolvable('gone.invalid'); }"
    assert (await ask(script, "https", "a.test", 443)).hops == (Hop("http", "127.0.0.1", 1),)


async def test_a_marked_script_that_means_something_else_explains_nothing() -> None:
    script = """function FindProxyForURL(u, h) {
      return /return/.test(FindProxyForURL.toString()) && typeof __line == 'number' ? 'PROXY a:1' : 'PROXY b:1';
    }"""
    answer = await ask(script, "https", "a.test", 443, explain=True)
    assert (answer.hops, answer.line) == ((Hop("http", "b", 1),), 0)


def test_chains() -> None:
    assert read_chain("proxy a:1;  DIRECT ; PROXY a:1") == (Hop("http", "a", 1), DIRECT)
    assert read_chain("PROXY http://a:8080/; SOCKS4 old:1; QUIC q:443") == (Hop("http", "a", 8080),)
    assert read_chain("PROXY [2001:db8::1]:3128") == (Hop("http", "2001:db8::1", 3128),)
    assert read_chain(";".join(f"PROXY p{n}:1" for n in range(99)))[-1] == Hop("http", "p31", 1)
    for rubbish in ("PROXY", "PROXY :80", "http://proxy.corp.test/proxy.pac", "DIRECT x", "\x1b[31m"):
        with pytest.raises(ScriptFailed) as caught:
            read_chain(rubbish)
        assert "\x1b" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_answer_is_a_chain_or_told(text: str) -> None:
    with contextlib.suppress(ScriptFailed):
        assert read_chain(text)


hops = st.builds(
    Hop, st.sampled_from(["http", "https", "socks5"]), st.from_regex(r"[a-z][a-z0-9.-]{0,20}[a-z]", fullmatch=True), st.integers(1, 65535)
)  # fmt: skip


@given(st.lists(hops | st.just(DIRECT), min_size=1, max_size=8, unique=True))
def test_a_chain_is_read_as_it_was_written(chain: list[Hop]) -> None:
    words = {"http": "PROXY", "https": "HTTPS", "socks5": "SOCKS5", "direct": "DIRECT"}
    assert read_chain("; ".join(f"{words[hop.kind]} {hop.address}".strip() for hop in chain)) == tuple(chain)


pieces = st.sampled_from(
    ["function FindProxyForURL(url, host) {", "return", " ", "{", "}", "'", '"', "/", "//", "/*", "*/", "\n", "x", "`", "(", ")", ";", "\\"]
)  # fmt: skip


@given(st.lists(pieces, max_size=30).map("".join), st.integers(-2, 40))
def test_any_text_is_marked_or_left(script: str, line: int) -> None:
    found = marked(script)
    assert found is None or found.replace("var __line=0;", "", 1).count("return") == script.count("return")
    assert isinstance(in_words(script, line, "a.test"), str)
