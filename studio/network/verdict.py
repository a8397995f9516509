"""The sentences at the end of an examination: what is so, what to ask the network team for, what one can do oneself."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Set
from dataclasses import replace

import httpcore

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.network.chains import PUBLIC_SITES
from studio.network.examination import Chain, Examination, Remedy, State, Step
from studio.network.hops import Hop
from studio.network.refusals import ProxyRefused, spelled
from studio.network.routes import Route
from studio.network.target import Target

_PROXY_STEPS = ("scheme", "sign-in")


def title(name: str, target: Target) -> str:
    """A step's title."""
    return {
        "setting": _("Setting"),
        "script": _("Proxy script"),
        "name": _("Name"),
        "connection": _("Connection"),
        "scheme": _("Scheme"),
        "sign-in": _("Sign-in"),
        "certificate": _("Certificate"),
        "answer": "Salesforce" if _of_salesforce(target.host) else target.name,
    }[name]


def expected(target: Target, route: Route | None, hop: Hop | None, done: Set[str]) -> list[str]:
    """The steps this way has."""
    proxied = hop is not None or (route is not None and route.hops[0].kind != "direct")
    steps = ["setting", *(["script"] if "script" in done else []), "name", "connection"]
    if proxied:
        steps += ["scheme", *(["sign-in"] if "sign-in" in done else [])]
    return [*steps, *(["certificate"] if target.speaks == "https" else []), "answer"]


def way_out(route: Route | None, hop: Hop | None) -> str:
    """`proxy.corp.example:8080`, or why it is direct."""
    if hop is not None:
        return hop.address
    if route is None:
        return ""
    if route.hops[0].kind != "direct":
        return route.hops[0].address
    if route.exception == "localhost":
        return _("direct, this computer")
    return _("direct, bypass list") if route.exception else _("direct")


def judged(
    found: Examination,
    target: Target,
    route: Route | None,
    hop: Hop | None,
    error: Exception | None,
    identity: str,
) -> Examination:
    """The examination with its headline, the line below it, the request and the remedies."""
    failed = found.failed
    if failed is None:
        told = _("The way to {host} is open").format(host=target.host)
        count = sum(step.state is State.FINE for step in found.steps)
        detail = ngettext("{n} step, and it is fine.", "All {n} steps are fine.", count).format(n=count)
        script = next((step for step in found.steps if step.state is State.FAILED), None)
        if script is not None:
            told = _("The way to {host} is open, but its proxy script failed").format(host=target.host)
            detail = _("Without the script, what stands below it in the settings was used.")
            request, names = _script(route, script)
            return replace(
                found,
                verdict=told,
                detail=detail,
                request=request,
                names=names,
                remedies=_remedies(script, found, hop),
            )
        return replace(found, verdict=told, detail=detail)
    request, names = _request(failed, found, target, route, hop, error, identity)
    return replace(
        found,
        verdict=_headline(failed, found, target, hop, error),
        detail=_detail(found, failed),
        request=request,
        names=names,
        remedies=_remedies(failed, found, hop),
    )


def _headline(
    failed: Step, found: Examination, target: Target, hop: Hop | None, error: Exception | None
) -> str:
    refused = error if isinstance(error, ProxyRefused) else None
    if refused is not None and refused.status not in (0, 401, 407):
        return _("The proxy does not let us through to {host}").format(host=target.host)
    if failed.name == "certificate":
        if found.chain is None:
            return _("No secure connection to {host} comes about").format(host=target.host)
        if hop is not None:
            return (
                _("The proxy lets you through, but its certificate is not trusted here")
                if found.chain.private
                else _("The proxy lets you through, but the certificate of {host} is not accepted").format(
                    host=target.host
                )
            )
        return _("The certificate of {host} is not trusted here").format(host=target.host)
    if failed.name in ("name", "connection"):
        proxied = found.way_out and ":" in found.way_out
        return (
            _("The proxy cannot be reached")
            if proxied
            else _("{host} cannot be reached").format(host=target.host)
        )
    return {
        "setting": _("The network settings cannot be used"),
        "script": _("The proxy script failed, and the way without it leads nowhere"),
        "scheme": _("The proxy asks for a sign-in, and none of ours fits"),
        "sign-in": _("The proxy does not let you in"),
        "answer": _("The way is open, but {host} does not answer").format(host=target.host),
    }[failed.name]


def _detail(found: Examination, failed: Step) -> str:
    number, count = found.steps.index(failed) + 1, len(found.steps)
    parts = [_("Step {n} of {all} failed.").format(n=number, all=count)]
    if number > 1:
        parts.append(
            ngettext("The one before it is fine.", "The {n} before it are fine.", number - 1).format(
                n=number - 1
            )
        )
    left = sum(step.state is State.NOT_REACHED for step in found.steps)
    if left:
        parts.append(
            ngettext("The last was not reached.", "The last {n} were not reached.", left).format(n=left)
        )
    return " ".join(parts)


def _request(
    failed: Step,
    found: Examination,
    target: Target,
    route: Route | None,
    hop: Hop | None,
    error: Exception | None,
    identity: str,
) -> tuple[str, tuple[str, ...]]:
    """What to ask the network team for, and the words of it that matter."""
    to = f"{target.host}:{target.port}"
    proxy = hop.address if hop is not None else ""
    refused = error if isinstance(error, ProxyRefused) else None
    if failed.name == "script":
        return _script(route, failed)
    if failed.name == "setting":
        return "", ()
    if refused is not None and 0 < refused.status < 100:  # a code of SOCKS
        text = _("Please allow connections to {to} on {proxy}: its rules refuse them.")
        return text.format(to=to, proxy=proxy), (to, proxy)
    if refused is not None and refused.status not in (0, 401, 407):
        text = _("Please allow connections to {to} (CONNECT) on {proxy}: it answered {status}.")
        return text.format(to=to, proxy=proxy, status=refused.status), (to, proxy)
    if failed.name in _PROXY_STEPS and refused is not None:
        return _sign_in(to, proxy, refused, identity)
    if failed.name == "certificate" and found.chain is not None:
        return _certificate(found, found.chain, target, hop, identity)
    if hop is None and (not route or route.hops[0].kind == "direct"):
        text = _(
            "Please tell me which proxy leads to {to}, or allow this computer to connect to it directly: {reason}."
        )
        return text.format(to=to, reason=failed.text.rstrip(".")), (to,)
    if failed.name in ("name", "connection"):
        named = proxy or (route.hops[0].address if route else "")
        text = _("Please check that {proxy} runs and can be reached from this computer: {reason}.")
        return text.format(proxy=named, reason=failed.text.rstrip(".")), (named,)
    text = _("Please check whether {proxy} holds connections to {to} open: {reason}.")
    return text.format(proxy=proxy, to=to, reason=failed.text.rstrip(".")), (proxy, to)


def _script(route: Route | None, failed: Step) -> tuple[str, tuple[str, ...]]:
    origin = route.script.origin if route is not None and route.script is not None else ""
    text = _("Please mend the proxy script, or tell me which proxy to use: {reason}").format(
        reason=failed.text
    )
    return text, (origin,) if origin else ()


def _sign_in(to: str, proxy: str, refused: ProxyRefused, identity: str) -> tuple[str, tuple[str, ...]]:
    offered = ", ".join(map(spelled, refused.offered)) or _("no way to sign in")
    if not refused.tried:
        text = _("Please tell me with which user to sign in with {proxy} to reach {to}. It offers {offered}.")
        return text.format(proxy=proxy, to=to, offered=offered), (proxy, to)
    text = _(
        "Please check my access to {proxy}: it refused {who} by {scheme} with {status}, on the way to {to}. It offers {offered}."
    )
    said = text.format(
        proxy=proxy,
        who=identity,
        scheme=spelled(refused.tried),
        status=refused.status,
        to=to,
        offered=offered,
    )
    return said, (proxy, to)


def _certificate(
    found: Examination, chain: Chain, target: Target, hop: Hop | None, identity: str
) -> tuple[str, tuple[str, ...]]:
    root = f"“{chain.issuer}”"
    untrusted = any(one.doubtful and one.role == "root" for one in chain.certificates)
    if not untrusted:
        text = _("Please have the certificate of {host} renewed or mended: {reason}.")
        return text.format(host=target.name, reason=chain.reason), (target.name,)
    if hop is None:
        text = _(
            "Please install the root certificate {root} in the trust store of this computer, if {host} is to be trusted."
        )
        return text.format(root=root, host=target.name), (root, target.name)
    hosts = [target.host, *(["*.my.salesforce.com"] if _of_salesforce(target.host) else [])]
    text = _(
        "Please exclude {hosts} from TLS inspection on {proxy}, or install the root certificate {root} in the trust store of this computer."
    )
    said = text.format(hosts=_(" and ").join(hosts), proxy=hop.address, root=root)
    if found.scheme and identity:
        works = _("The proxy itself works: it accepted {scheme} for {who}.")
        said += " " + works.format(scheme=found.scheme, who=identity)
    else:
        said += " " + _("The proxy itself works.")
    return said, (*hosts, hop.address, root)


def _remedies(failed: Step, found: Examination, hop: Hop | None) -> tuple[Remedy, ...]:
    remedies: list[Remedy] = []
    if failed.name == "certificate" and found.chain is not None and found.chain.reason:
        remedies.append(
            Remedy(
                "trust",
                _("Trust a certificate file for this studio…"),
                _("Only if the network team gave it to you"),
                "weft proxy set --trust FILE",
            )
        )
    if failed.name in _PROXY_STEPS and hop is not None:
        remedies.append(
            Remedy(
                "password",
                _("Enter user and password for this proxy…"),
                hop.address,
                f"weft proxy password {hop.address}",
            )
        )
    remedies.append(
        Remedy(
            "preferences",
            _("Use another proxy or another sign-in…"),
            _("Preferences ▸ Network"),
            "weft proxy set ADDRESS",
        )
    )
    return tuple(remedies)


def _of_salesforce(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in PUBLIC_SITES)


def cause_of(error: BaseException) -> BaseException:
    """What the operating system or TLS said first."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


def why(error: BaseException) -> str:
    """Why a step failed, in words."""
    if isinstance(error, WeftError):
        return str(error)
    cause = cause_of(error)
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return _("no answer came in time")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _("not trusted: {reason}").format(reason=cause.verify_message.rstrip("."))
    if isinstance(cause, ConnectionResetError | BrokenPipeError):
        return _("the connection was cut")
    if isinstance(cause, socket.gaierror):
        return _("no computer of that name is known")
    if isinstance(cause, ssl.SSLError):
        return _("no TLS came about: {reason}").format(
            reason=(cause.reason or str(cause)).replace("_", " ").lower()
        )
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__).rstrip(".")
