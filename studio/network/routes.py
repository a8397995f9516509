"""Which way a host is reached: the studio's own setting, the environment, the computer's settings, a script."""

from __future__ import annotations

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.network.hops import DIRECT, Hop, read_hop
from studio.network.proxies import ProxyRules, fitting
from studio.network.settings import NetworkPreferences, Way, current

__all__ = ["Hop", "Route", "route_for"]


@dataclass(frozen=True)
class Route:
    """The ways to try, in order, and the sentence that says which setting, and which line of it, decided.

    `problem` says what is wrong with the setting where another one stood in for it.
    """

    hops: tuple[Hop, ...]
    rule: str
    problem: str = ""


async def route_for(
    scheme: str, host: str, port: int, preferences: NetworkPreferences | None = None
) -> Route:
    """How `host` is reached now; asks the preferences of the user where none are given.

    Raises BadInput where the setting holds no address of a proxy.
    """
    chosen = preferences or current()
    if chosen.way is Way.NONE:
        return Route((DIRECT,), _("Own setting: no proxy"))
    if chosen.way is Way.EXPLICIT:
        if not chosen.proxy:
            raise BadInput(
                _("The network preferences ask for a proxy and name none."),
                next_step=_("Enter one: weft proxy set ADDRESS"),
            )
        return _by_list(read_hop(chosen.proxy), chosen.bypass, host, port, _("Own setting"))
    return _environment(scheme, host, port)


def _by_list(proxy: Hop, bypass: str, host: str, port: int, source: str) -> Route:
    """The proxy, or no proxy where the list of exceptions names the host."""
    entry = fitting(bypass, host, port)
    if not entry:
        return Route((proxy,), f"{source}: {proxy}")
    return Route((DIRECT,), without_proxy(source, entry))


def without_proxy(source: str, entry: str) -> str:
    """The sentence for a host that an entry of the list of exceptions names."""
    if entry == "localhost":
        return _("{source}: this computer itself, direct").format(source=source)
    return _("{source}: bypass list, {entry}").format(source=source, entry=entry)


def _environment(scheme: str, host: str, port: int) -> Route:
    rules = ProxyRules.from_environment()
    address = rules.https if scheme == "https" else rules.http
    source = _("System: environment")
    if address is None:
        return Route((DIRECT,), _("System: no proxy"))
    return _by_list(read_hop(address, credentials=True), rules.bypass, host, port, source)
