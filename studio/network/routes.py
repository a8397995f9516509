"""Which way a host is reached: the studio's own setting, the environment, the computer's settings, a script.

In this order, the first that says something decides (docs/reference/network.md has the table). A script that cannot be
had or fails does not end the matter: what stands below it in the same settings counts, at last the direct way, as in
browsers; the route then says so.
"""

from __future__ import annotations

import os

from studio.base.errors import BadInput, NotHere
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.network.hops import DIRECT, Hop, read_hop
from studio.network.pac import ScriptFailed
from studio.network.proxies import ProxyRules, fitting
from studio.network.scripted import Scripted, scripted
from studio.network.settings import NetworkPreferences, Way, current
from studio.network.system import system_settings
from studio.network.system_settings import SystemSettings

__all__ = ["Hop", "Route", "route_for"]


@dataclass(frozen=True)
class Route:
    """The ways to try, in order, and the sentence that says which setting, and which line of it, decided.

    `problem` says what is wrong with the setting where another one stood in for it; `script` what a proxy script said,
    where one decided; `exception` the entry of the list of exceptions that made it direct.
    """

    hops: tuple[Hop, ...]
    rule: str
    problem: str = ""
    script: Scripted | None = None
    exception: str = ""


async def route_for(
    scheme: str,
    host: str,
    port: int,
    preferences: NetworkPreferences | None = None,
    *,
    explain: bool = False,
) -> Route:
    """How `host` is reached now; asks the preferences of the user where none are given.

    With `explain` nothing known from before is used, and a script's deciding line is found. Raises BadInput where the
    setting holds no address of a proxy.
    """
    chosen = preferences or current()
    if chosen.way is Way.NONE:
        return Route((DIRECT,), _("Own setting: no proxy"))
    own = _("Own setting")
    if chosen.way is Way.EXPLICIT:
        if not chosen.proxy:
            raise BadInput(
                _("The network preferences ask for a proxy and name none."),
                next_step=_("Enter one: weft proxy set ADDRESS"),
            )
        return _by_list(read_hop(chosen.proxy), chosen.bypass, host, port, own)
    if chosen.way is Way.SCRIPT:
        exception = fitting(chosen.bypass, host, port)
        if exception:
            return Route((DIRECT,), _without(own, exception), exception=exception)
        settings = SystemSettings(own, detect=not chosen.script, script=chosen.script)
        return await _by_settings(settings, own, scheme, host, port, chosen, explain)
    from_environment = _environment(scheme, host, port)
    if from_environment is not None:
        return from_environment
    settings = await system_settings(fresh=explain)
    return await _by_settings(settings, _("System"), scheme, host, port, chosen, explain)


async def _by_settings(
    settings: SystemSettings,
    source: str,
    scheme: str,
    host: str,
    port: int,
    preferences: NetworkPreferences,
    explain: bool,
) -> Route:
    """A script that is found, a script that is named, a proxy, none: as browsers go through a system's settings."""
    problems = (
        [_("{names} make no sense").format(names=", ".join(settings.unread))] if settings.unread else []
    )
    exception = fitting("", host, port)
    if exception and (settings.detect or settings.script):
        return Route((DIRECT,), _without(source, exception), exception=exception)
    for address in ([""] if settings.detect else []) + ([settings.script] if settings.script else []):
        try:
            found = await scripted(address, scheme, host, port, preferences, explain=explain)
        except (ScriptFailed, NotHere) as error:
            problems.append(str(error))
            continue
        if found is not None:
            rule = _("{source}: automatic, script from {origin}").format(source=source, origin=found.origin)
            return Route(found.answer.hops, rule, " ".join(problems), found)
        problems.append(_("No script was found in this network."))
    proxy = settings.proxy(scheme)
    problem = " ".join(problems)
    if proxy is None:
        return Route((DIRECT,), _("{source}: no proxy").format(source=source), problem)
    return _by_list(proxy, settings.bypass, host, port, source, problem)


def _environment(scheme: str, host: str, port: int) -> Route | None:
    """The environment's word, None where it has none for this scheme."""
    rules = ProxyRules.from_environment(os.environ)
    name, address = ("http_proxy", rules.http) if scheme == "http" else ("https_proxy", rules.https)
    if address is None:
        return None
    try:
        proxy = read_hop(address, credentials=True)
    except BadInput as error:
        raise BadInput(
            _("{name} of the environment holds no address of a proxy: {reason}").format(
                name=name, reason=error.message
            ),
            next_step=error.next_step,
        ) from None
    return _by_list(proxy, rules.bypass, host, port, _("System: environment"))


def _by_list(proxy: Hop, bypass: str, host: str, port: int, source: str, problem: str = "") -> Route:
    """The proxy, or no proxy where the list of exceptions names the host."""
    exception = fitting(bypass, host, port)
    if not exception:
        return Route((proxy,), f"{source}: {proxy}", problem)
    return Route((DIRECT,), _without(source, exception), problem, exception=exception)


def _without(source: str, entry: str) -> str:
    """The sentence for a host that an entry of the list of exceptions names."""
    if entry == "localhost":
        return _("{source}: this computer itself, direct").format(source=source)
    return _("{source}: bypass list, {entry}").format(source=source, entry=entry)
