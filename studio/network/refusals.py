"""What can go wrong with a proxy, told so that a person or their network team knows what to do."""

from __future__ import annotations

from collections.abc import Sequence

from studio.base.errors import NotAllowed, NotReachable
from studio.base.i18n import _
from studio.network.hops import Hop

# What the code of a refusal begins with that a person can mend by saying who signs in; the proxy's address follows.
SIGN_IN = "proxy-sign-in "
# As people write the schemes' names.
_SPELLED = {"negotiate": "Negotiate", "ntlm": "NTLM", "digest": "Digest", "basic": "Basic"}
_LONGEST = 120


class ProxyRefused(NotAllowed):
    """A proxy answered and does not let us through as things are: trying again by itself would make it worse.

    `proxy` is its address, `status` the HTTP status (0: none), `offered` the sign-ins it offers, `tried` the one it
    refused (empty: none was tried), `fresh` that it has just seen who we are and said no.
    """

    proxy = ""
    status = 0
    offered: tuple[str, ...] = ()
    tried = ""
    fresh = False

    @property
    def code(self) -> str:
        """What it is called for programs: whether another user or password may help, and with which proxy."""
        asks = self.status == 407 or (bool(self.offered) and self.status in (0, 401))
        return f"{SIGN_IN}{self.proxy}" if asks else "proxy-refused"

    def again(self) -> ProxyRefused:
        """The same once more, for the next who asks."""
        other = ProxyRefused(self.message, next_step=self.next_step)
        other.proxy, other.status, other.offered, other.tried = (
            self.proxy,
            self.status,
            self.offered,
            self.tried,
        )
        return other


class ProxyNotReachable(NotReachable):
    """No way led through the proxies of a route: they are not there, fail, or do not speak as proxies do."""


def spelled(scheme: str) -> str:
    """A scheme's name as people write it."""
    return _SPELLED.get(scheme, printable(scheme))


def printable(text: str, longest: int = _LONGEST) -> str:
    """What a stranger said, fit to be shown: one line of visible characters, cut where it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _refused(
    message: str, next_step: str, hop: Hop, status: int, offered: Sequence[str], tried: str
) -> ProxyRefused:
    error = ProxyRefused(message, next_step=next_step)
    error.proxy, error.status, error.offered, error.tried = hop.address, status, tuple(offered), tried
    return error


def password_refused(hop: Hop, status: int, offered: Sequence[str], tried: str, user: str) -> ProxyRefused:
    """The proxy has seen who we are and said no. `user` is empty for whoever is logged in to this computer."""
    if user:
        message = _(
            "The proxy {proxy} refused the user {user} ({status}, sign-in {scheme}; it offers {offered})."
        ).format(
            proxy=hop.address,
            user=printable(user),
            status=status,
            scheme=spelled(tried),
            offered=_listed(offered),
        )
        step = _(
            "Enter the password anew. It is not tried again by itself, so that the user is not locked out."
        )
    else:
        message = _(
            "The proxy {proxy} refused who is logged in to this computer ({status}, sign-in {scheme}; it offers "
            "{offered})."
        ).format(proxy=hop.address, status=status, scheme=spelled(tried), offered=_listed(offered))
        step = _("Give a user and password for this proxy, or ask your network team for access.")
    error = _refused(message, step, hop, status, offered, tried)
    error.fresh = True
    return error


def sign_in_wanted(hop: Hop, status: int, offered: Sequence[str], reasons: Sequence[str]) -> ProxyRefused:
    """The proxy asks who we are, and there is no answer it takes; `reasons` says why, a sentence for each scheme."""
    message = _("The proxy {proxy} asks for a sign-in ({status}; it offers {offered}).").format(
        proxy=hop.address, status=status, offered=_listed(offered)
    )
    if reasons:
        message += " " + " ".join(reasons)
    step = _("Give a user and password for this proxy in the network preferences.")
    return _refused(message, step, hop, status, offered, "")


def target_refused(hop: Hop, target: str, status: int, reason: str) -> ProxyRefused:
    """The proxy knows us, or does not ask, and does not let us through to this computer."""
    message = _("The proxy {proxy} does not let us through to {target}: it answered {answer}.").format(
        proxy=hop.address, target=target, answer=_answer(status, reason)
    )
    step = _("Ask your network team to allow {target}.").format(target=target)
    return _refused(message, step, hop, status, (), "")


def target_not_reached(hop: Hop, target: str, status: int, reason: str) -> ProxyNotReachable:
    """The proxy tried and failed."""
    return ProxyNotReachable(
        _("The proxy {proxy} could not reach {target}: it answered {answer}.").format(
            proxy=hop.address, target=target, answer=_answer(status, reason)
        ),
        next_step=_("Check the address; if it is right, the proxy's own way out may be broken."),
    )


def odd_proxy(hop: Hop, reason: str) -> ProxyNotReachable:
    """What answers is no proxy, or a broken one."""
    return ProxyNotReachable(
        _("The proxy {proxy} does not answer as a proxy does: {reason}.").format(
            proxy=hop.address, reason=printable(reason)
        ),
        next_step=_("Check its address, its port, and whether it is spoken to in http, https or socks5."),
    )


def proxy_not_there(hop: Hop, reason: str) -> ProxyNotReachable:
    """Nobody answers at the proxy's address, or not in time."""
    return ProxyNotReachable(
        _("The proxy {proxy} cannot be reached: {reason}.").format(
            proxy=hop.address, reason=printable(reason)
        ),
        next_step=_("Check its address and port in the network preferences, and the connection."),
    )


def no_way_led_out(target: str, rule: str, problems: Sequence[tuple[Hop, str]]) -> ProxyNotReachable:
    """Every hop of a route failed; `problems` is a sentence for each."""
    listed = " ".join(f"{number}. {problem}" for number, (_hop, problem) in enumerate(problems, 1))
    return ProxyNotReachable(
        _("No way led to {target} ({rule}). {problems}").format(target=target, rule=rule, problems=listed),
        next_step=_("Check the network preferences, or ask for the proxies' state: weft proxy doctor."),
    )


def _listed(offered: Sequence[str]) -> str:
    return ", ".join(spelled(scheme) for scheme in offered[:8]) or _("no way to sign in")


def _answer(status: int, reason: str) -> str:
    return f"{status} {printable(reason, 60)}".rstrip()
