"""The systems' own settings for proxies, from answers as Windows, macOS, GNOME and KDE give them, and bent ones."""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.network import system_windows, wpad
from studio.network.hops import Hop
from studio.network.proxies import fitting
from studio.network.system import system_settings
from studio.network.system_linux import read_gnome, read_kde, uses_gnome, uses_kde
from studio.network.system_macos import read_scutil
from studio.network.system_settings import SystemSettings
from studio.network.system_windows import Config, read_config, read_registry, windows_settings

PROXY = Hop("http", "proxy.corp.test", 8080)
BOTH = {"http": PROXY, "https": PROXY}


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        (Config(), SystemSettings("Windows")),
        (Config(detect=True), SystemSettings("Windows", detect=True)),
        (Config(script="http://w.test/p.pac\0"), SystemSettings("Windows", script="http://w.test/p.pac")),
        (
            Config(proxy="proxy.corp.test:8080", bypass="*.corp.test;10.*;<local>"),
            SystemSettings("Windows", proxies=BOTH, bypass="*.corp.test;10.*;<local>"),
        ),
        (
            Config(proxy="http=proxy.corp.test:8080;https=s.test:8443;ftp=f.test:21;socks=k.test:1080"),
            SystemSettings("Windows", proxies={"http": PROXY, "https": Hop("http", "s.test", 8443), "socks": Hop("socks5", "k.test", 1080)}),
        ),
        (Config(proxy="HTTPS=https://s.test:443 http=proxy.corp.test:8080"), SystemSettings("Windows", proxies={"https": Hop("https", "s.test", 443), "http": PROXY})),
        (Config(proxy="http://proxy.corp.test:8080/"), SystemSettings("Windows", proxies=BOTH)),
        (Config(proxy="socks=k.test"), SystemSettings("Windows", proxies={"socks": Hop("socks5", "k.test", 1080)})),
        (Config(proxy="http=;https=:80;=;;a b"), SystemSettings("Windows", proxies={s: Hop("http", "b", 80) for s in ("http", "https")}, unread=("ProxyServer",))),
        (Config(proxy="[2001:db8::1]:3128"), SystemSettings("Windows", proxies={s: Hop("http", "2001:db8::1", 3128) for s in ("http", "https")})),
    ],
    ids=repr,
)  # fmt: skip
def test_windows(config: Config, settings: SystemSettings) -> None:
    assert read_config(config) == settings


# Bytes 8 of the value: 1 direct, 2 proxy, 4 script, 8 look for a script.
BLOB = b"\x46\0\0\0\x0a\0\0\0" + b"\x0b" + b"\0\0\0" + b"\x14\0\0\0proxy.corp.test:8080"


@pytest.mark.parametrize(
    ("values", "config"),
    [
        ({}, Config()),
        (
            {"ProxyEnable": 1, "ProxyServer": "p:1", "ProxyOverride": "<local>", "AutoConfigURL": "http://w/p.pac",
             "DefaultConnectionSettings": BLOB},
            Config(True, "http://w/p.pac", "p:1", "<local>"),
        ),
        ({"ProxyEnable": 0, "ProxyServer": "p:1", "ProxyOverride": "<local>"}, Config()),
        ({"ProxyEnable": "1", "ProxyServer": 7, "AutoConfigURL": None, "DefaultConnectionSettings": "x"}, Config()),
        ({"ProxyEnable": 1, "ProxyServer": ["p:1"], "DefaultConnectionSettings": b"\x46"}, Config()),
    ],
)  # fmt: skip
def test_the_registry_says_the_same(values: dict[str, object], config: Config) -> None:
    assert read_registry(values) == config


SCUTIL = """\
<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
    2 : *.corp.test
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : proxy.corp.test
  HTTPSEnable : 1
  HTTPSPort : 8080
  HTTPSProxy : proxy.corp.test
  ProxyAutoConfigEnable : 1
  ProxyAutoConfigURLString : http://wpad.corp.test/proxy.pac?a=b : c
  ProxyAutoDiscoveryEnable : 1
  SOCKSEnable : 0
  SOCKSPort : 1080
  SOCKSProxy : socks.corp.test
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      HTTPEnable : 1
      HTTPProxy : other.test
      HTTPSProxy : other.test
    }
  }
}
"""


def test_macos() -> None:
    found = read_scutil(SCUTIL)
    assert found == SystemSettings(
        "macOS",
        detect=True,
        script="http://wpad.corp.test/proxy.pac?a=b : c",
        proxies=BOTH,
        bypass="*.local, 169.254/16, *.corp.test, <local>",
    )
    for host in ("printer.local", "169.254.3.4", "a.corp.test", "intranet"):
        assert fitting(found.bypass, host)
    assert not fitting(found.bypass, "corp.test")


@pytest.mark.parametrize(
    ("output", "settings"),
    [
        ("", SystemSettings("macOS")),
        ("No proxies\n", SystemSettings("macOS")),
        ("<dictionary> {\n  HTTPEnable : 1\n}\n", SystemSettings("macOS")),
        ("<dictionary> {\n  HTTPEnable : 1\n  HTTPProxy : a b\n}\n", SystemSettings("macOS", unread=("HTTPProxy",))),
        ("<dictionary> {\n  SOCKSEnable : 1\n  SOCKSProxy : ::1\n  SOCKSPort : 9\n}", SystemSettings("macOS", proxies={"socks": Hop("socks5", "::1", 9)})),
        ("<dictionary> {\n  ProxyAutoConfigEnable : 0\n  ProxyAutoConfigURLString : http://x\n}", SystemSettings("macOS")),
        ("<dictionary> {\n  ExceptionsList : none\n  HTTPEnable : <array> {\n  }\n", SystemSettings("macOS")),
        ("x\n" + "a : <dictionary> {\n" * 5000, SystemSettings("macOS")),
    ],
)  # fmt: skip
def test_macos_of_other_shapes(output: str, settings: SystemSettings) -> None:
    assert read_scutil(output) == settings


GNOME = """\
org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.corp.test']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host ''
org.gnome.system.proxy.ftp port 0
org.gnome.system.proxy.http authentication-password 'geheim'
org.gnome.system.proxy.http authentication-user 'joao'
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'proxy.corp.test'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host ''
org.gnome.system.proxy.https port 0
org.gnome.system.proxy.socks host ''
org.gnome.system.proxy.socks port 0
"""


def test_gnome() -> None:
    found = read_gnome(GNOME)
    assert found == SystemSettings("GNOME", proxies=BOTH, bypass="localhost, 127.0.0.0/8, ::1, *.corp.test")
    assert read_gnome(GNOME.replace("'manual'", "'none'")) == SystemSettings("GNOME")
    assert read_gnome(GNOME.replace("'manual'", "'auto'")) == SystemSettings("GNOME", detect=True)
    auto = GNOME.replace("'manual'", "'auto'").replace(
        "autoconfig-url ''", 'autoconfig-url "http://w/it\'s.pac"'
    )
    assert read_gnome(auto) == SystemSettings("GNOME", script="http://w/it's.pac")
    apart = GNOME.replace("https host ''", "https host 's.test'").replace(
        "https port 0", "https port uint32 8443"
    )
    assert read_gnome(apart).proxies["https"] == Hop("http", "s.test", 8443)
    assert read_gnome(GNOME.replace("http port 8080", "http port 99999")).unread == ("http host",)
    assert read_gnome("No such schema “org.gnome.system.proxy”") == SystemSettings("GNOME")


KDE = """\
PersistentProxyConnection=false

[Proxy Settings][$Version]
update_info=kioslave.upd:kde2.2/r2

[Proxy Settings]
NoProxyFor=localhost,.corp.test,10.0.0.0/8
Proxy Config Script=http://wpad.corp.test/100%.pac
ProxyType=1
httpProxy=http://proxy.corp.test 8080
httpsProxy=proxy.corp.test:8080
socksProxy=socks://k.test 1080
"""


def test_kde() -> None:
    text = KDE.partition("\n\n")[2]
    expected = SystemSettings(
        "KDE", proxies={**BOTH, "socks": Hop("socks5", "k.test", 1080)}, bypass="localhost,.corp.test,10.0.0.0/8"
    )  # fmt: skip
    assert read_kde(text) == expected
    assert read_kde(text.replace("Type=1", "Type=0")) == SystemSettings("KDE")
    script = SystemSettings("KDE", script="http://wpad.corp.test/100%.pac")
    assert read_kde(text.replace("Type=1", "Type=2")) == script
    assert read_kde(text.replace("Type=1", "Type=3")) == SystemSettings("KDE", detect=True)
    assert read_kde(text.replace("Type=1", "Type=4")) == SystemSettings("KDE")
    assert read_kde(text + "ReversedException=true").unread == ("ReversedException",)
    assert read_kde(KDE) == SystemSettings("KDE")  # a line before the first section is no file of KDE's


def test_which_desktop() -> None:
    assert uses_gnome({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"})
    assert not uses_gnome({"XDG_CURRENT_DESKTOP": "KDE"})
    assert uses_kde({"XDG_CURRENT_DESKTOP": "KDE"})
    assert not uses_kde({})


near = st.sampled_from(
    [" : ", "{", "}", "<array>", "<dictionary> {", "\n", "HTTPEnable", "1", "HTTPProxy", "a", "'", "[", "]", "=",
     "org.gnome.system.proxy", ".http", " mode ", "manual", "host", "[Proxy Settings]", "ProxyType=1", "httpProxy=",
     ";", "https", "\0", "\\", '"', "::1", ":99999", "@", "//", "ExceptionsList"]
)  # fmt: skip


@given(st.lists(near | st.text(max_size=4), max_size=40).map("".join))
def test_any_answer_is_read(text: str) -> None:
    for read in (read_scutil, read_gnome, read_kde):
        found = read(text)
        assert found.proxy("https") is None or found.proxy("https").kind in ("http", "https", "socks5")
    assert read_config(Config(False, text, text, text)).source == "Windows"


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.binary(max_size=12)
    | st.lists(st.text())
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["ProxyEnable", "ProxyServer", "ProxyOverride", "AutoConfigURL", "DefaultConnectionSettings"]
        ),
        values,
    )
)
def test_any_registry_is_read(found: dict[str, object]) -> None:
    assert read_config(read_registry(found)).source == "Windows"


@pytest.mark.skipif(sys.platform == "win32", reason="the real ones are there")
def test_the_calls_to_windows_are_put_together_as_its_reference_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for Windows: texts by address, given back once each; and for its registry."""
    texts = {
        name: ctypes.create_unicode_buffer(name)
        for name in ("http://w/p.pac", "p:1", "<local>", "http://wpad/x")
    }
    given_back: list[int] = []
    answers = {"config": True}

    def config(answer: Any) -> bool:
        found = answer._obj
        found.fAutoDetect = 1
        found.lpszAutoConfigUrl, found.lpszProxy, found.lpszProxyBypass = (
            ctypes.addressof(texts[name]) for name in ("http://w/p.pac", "p:1", "<local>")
        )
        return answers["config"]

    def detect(flags: int, address: Any) -> bool:
        assert flags == 3
        address._obj.value = ctypes.addressof(texts["http://wpad/x"])
        return True

    def free(address: int) -> None:
        given_back.append(address)

    dll = SimpleNamespace(
        winhttp=SimpleNamespace(
            WinHttpGetIEProxyConfigForCurrentUser=config, WinHttpDetectAutoProxyConfigUrl=detect
        ),
        kernel32=SimpleNamespace(GlobalFree=free),
    )
    values = [("ProxyEnable", 1, 4), ("ProxyServer", "r:2", 1)]
    registry = SimpleNamespace(
        HKEY_CURRENT_USER=1,
        OpenKey=lambda _key, _name: contextlib.nullcontext(),
        QueryInfoKey=lambda _key: (0, len(values), 0),
        EnumValue=lambda _key, number: values[number],
    )
    monkeypatch.setattr(ctypes, "windll", dll, raising=False)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(sys, "platform", "win32")
    windows = runpy.run_path(str(Path(system_windows.__file__)))
    found = windows["windows_settings"]()
    assert (found.detect, found.script, found.bypass) == (True, "http://w/p.pac", "<local>")
    assert found.proxy("https") == Hop("http", "p", 1)
    assert windows["detected_script"]() == "http://wpad/x"
    assert sorted(given_back) == sorted(map(ctypes.addressof, texts.values()))
    answers["config"] = False
    assert windows["windows_settings"]().proxy("https") == Hop("http", "r", 2)


@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")
def test_windows_itself_answers() -> None:
    assert windows_settings().source == "Windows"


@pytest.mark.skipif(sys.platform != "linux", reason="a program of GNOME's stands in for the system's")
async def test_gnomes_own_program_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "gsettings"
    program.write_text(
        f"#!/bin/sh\ntest \"$*\" = 'list-recursively org.gnome.system.proxy' && cat <<'E'\n{GNOME}E\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    assert (await system_settings(fresh=True)).proxies == BOTH
    program.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await system_settings(fresh=True) == SystemSettings("GNOME")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "kioslaverc").write_text(KDE.partition("\n\n")[2])
    assert (await system_settings(fresh=True)).proxy("https") == PROXY
    monkeypatch.delenv("XDG_CURRENT_DESKTOP")
    assert await system_settings(fresh=True) == SystemSettings("Linux")


def test_a_script_is_looked_for_in_the_own_domains_only(tmp_path: Path) -> None:
    resolver = tmp_path / "resolv.conf"
    resolver.write_text(
        "domain old.test\nnameserver 10.0.0.1\nsearch a.corp.test. local corp.test\noptions x\n"
    )
    assert wpad.domains("pc7.b.corp.test", resolver) == ["b.corp.test", "a.corp.test", "corp.test"]
    assert wpad.domains("pc7", resolver) == ["a.corp.test", "corp.test"]
    assert wpad.domains("pc7", tmp_path / "gone") == []
    resolver.write_text("search com evil/..test a;b\n")
    assert wpad.domains("pc7.com", resolver) == []
