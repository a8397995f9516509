"""Every kind of proxy crossed with every case of trust: what a proxy is never changes whom we believe."""

from __future__ import annotations

import contextlib
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from studio.base.errors import NotReachable
from studio.network.client import WrongAddress
from studio.network.refusals import ProxyNotReachable
from studio.network.settings import ClientCertificate, Way, load
from tests.network.authorities import Issued, root
from tests.network.conftest import Certified
from tests.network.origin import Heard, listening, own_name
from tests.network.own_proxy import DOMAIN, PASSWORD, USER, OwnProxy, known_users, own_socks
from tests.network.proxies_run import Proxied, dante, squid, tinyproxy
from tests.network.way import also, fetched, through

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("key_store")]

SERVERS = ("squid basic", "squid digest", "squid ntlm", "tinyproxy", "squid open")
OWN = ("direct", "dante", "own socks with a password", "own ntlm", "own negotiate", "own in TLS")
TRUSTED = ("the system's authority", "an extra authority", "a client certificate")
REFUSED = (
    "an unknown authority",
    "no client certificate",
    "another host's certificate",
    "an expired one",
    "old TLS",
)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[Proxied | None]:
    """A proxy that runs for all cases of its kind; None for those that are started for each."""
    kind: str = request.param
    with contextlib.ExitStack() as stack:
        if kind == "tinyproxy":
            yield stack.enter_context(tinyproxy())
        elif kind == "squid open":
            yield stack.enter_context(squid())
        elif kind.startswith("squid"):
            yield stack.enter_context(squid(kind.removeprefix("squid ")))
        else:
            yield None


@contextlib.asynccontextmanager
async def way_out(
    kind: str, server: Proxied | None, gateway: Issued, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """Preferences that lead through the proxy; gives the origin's name on that way."""
    with contextlib.ExitStack() as stack:
        if kind == "dante":
            server = stack.enter_context(dante())
        if server is not None:
            through(server.address, server.user, server.password)
            yield server.origin
        elif kind == "direct":
            also(way=Way.NONE)
            yield own_name()[0]
        elif kind == "own socks with a password":
            async with listening(own_socks) as port:
                through(f"socks5://127.0.0.1:{port}", USER, PASSWORD)
                yield "origin.corp.test"
        else:
            known_users(folder, monkeypatch)
            tls = gateway.below("proxy", ("127.0.0.1",)).server(folder) if kind == "own in TLS" else None
            own = OwnProxy("basic" if tls else kind.removeprefix("own "))
            async with own.running(tls):
                user = USER if tls else f"{DOMAIN}\\{USER}"
                through(f"http{'s' if tls else ''}://127.0.0.1:{own.port}", user, PASSWORD)
                (folder / "gateway.pem").write_bytes(gateway.pem)
                also(extra_ca=(str(folder / "gateway.pem"),) if tls else ())
                yield "origin.corp.test"


def origin_context(case: str, certified: Certified) -> ssl.SSLContext:
    """A server's context as the case wants it."""
    if case == "another host's certificate":
        return certified.server("other.corp.test")
    if case == "an expired one":
        return certified.server(days=-2)
    if case in ("a client certificate", "no client certificate"):
        return certified.server(clients=certified.authority)
    context = certified.server()
    if case == "old TLS":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def believe(
    case: str, host: str, certified: Certified, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preferences of the case."""
    if case == "an unknown authority":
        return
    if case == "the system's authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(certified.file))
        return
    also_trusted(certified)
    if case == "a client certificate":
        own = certified.authority.below("a client")
        (folder / "client.pem").write_bytes(own.chain_pem() + own.key_pem())
        also(client_certificates={host: ClientCertificate(str(folder / "client.pem"))})


def also_trusted(certified: Certified) -> None:
    """The company's authority beside what is trusted already."""
    also(extra_ca=(*load()[0].extra_ca, str(certified.file)))


KINDS = pytest.mark.parametrize(
    ("kind", "server"), [(kind, kind) for kind in (*SERVERS, *OWN)], ids=(*SERVERS, *OWN),
    indirect=["server"], scope="module",
)  # fmt: skip


@pytest.mark.parametrize("case", [*TRUSTED, *REFUSED])
@KINDS
async def test_trust_is_the_same_on_every_way(
    kind: str,
    server: Proxied | None,
    case: str,
    certified: Certified,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Heard()
    gateway = root("Gateway Root")
    async with (
        way_out(kind, server, gateway, tmp_path, monkeypatch) as host,
        listening(heard.answers, origin_context(case, certified)) as port,
    ):
        believe(case, host, certified, tmp_path, monkeypatch)
        url = f"https://{host}:{port}/"
        if case in TRUSTED:
            assert (await fetched(url)).startswith(b"GET 0 ")
            assert heard.requests == 1
            return
        with pytest.raises(NotReachable) as caught:
            await fetched(url)
        assert host in str(caught.value)
        assert not isinstance(caught.value, ProxyNotReachable)
        if case != "no client certificate":  # in TLS 1.3 the server says so after it has been greeted
            assert isinstance(caught.value, WrongAddress)
    assert heard.requests == 0


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
async def test_a_gateway_that_opens_tls_is_believed_only_where_its_authority_is(
    trusted: bool, tmp_path: Path
) -> None:
    gateway = root("Gateway Root")
    (tmp_path / "gateway.pem").write_bytes(gateway.pem)
    heard = Heard()
    shown = gateway.below("opened", ("anywhere.example.com",)).server(tmp_path)
    async with listening(heard.answers, shown) as port, OwnProxy(elsewhere=port).running() as proxy:
        more = {"extra_ca": (str(tmp_path / "gateway.pem"),)} if trusted else {}
        through(f"http://127.0.0.1:{proxy.port}", **more)
        if trusted:
            assert (await fetched("https://anywhere.example.com/")).startswith(b"GET 0 ")
        else:
            with pytest.raises(WrongAddress, match="not trusted"):
                await fetched("https://anywhere.example.com/")
    assert heard.requests == int(trusted)


async def test_a_proxy_in_tls_that_is_not_trusted_learns_no_password(certified: Certified) -> None:
    proxy = OwnProxy("basic")
    async with proxy.running(certified.server("127.0.0.1")):
        through(f"https://127.0.0.1:{proxy.port}", USER, PASSWORD)
        with pytest.raises(ProxyNotReachable, match="its certificate is not trusted"):
            await fetched("https://anywhere.example.com/")
    assert proxy.heard == []
