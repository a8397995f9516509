"""How an admin makes the External Client App a sign-in needs: the steps, the values to enter, where to click."""

from __future__ import annotations

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.address import DEFAULT_PORT, is_shared_login, org_address
from studio.connectors.salesforce.web_flow import PATH

SCOPES = "api refresh_token"
_PAGE = "/lightning/setup/ManageExternalClientApplication/home"


@dataclass(frozen=True)
class Step:
    """One step; `value` is what to enter or to open, made to be copied, `name` what that is."""

    text: str
    value: str = ""
    name: str = ""


def callback(port: int = DEFAULT_PORT) -> str:
    """The address the browser comes back to: the app must list it letter for letter."""
    return f"http://localhost:{port}{PATH}"


def guide(url: str = "", port: int = DEFAULT_PORT, flow: str = "web") -> tuple[Step, ...]:
    """The steps for a way of signing in, with links into the org at `url` where it is known; raises BadInput for an
    address that is none.
    """
    address = org_address(url) if url.strip() else ""
    page = f"{address}{_PAGE}" if address and not is_shared_login(address) else ""
    return (
        Step(
            _(
                "In the org, open Setup and look for External Client App Manager; press New External Client App."
            ),
            page,
            _("Page in Setup"),
        ),
        Step(
            _("Call it Weft Studio, give your e-mail address, and leave Distribution State at Local."),
            "Weft Studio",
            _("App name"),
        ),
        Step(
            _("Under API, tick Enable OAuth, and enter this callback URL, letter for letter:"),
            callback(port),
            _("Callback URL"),
        ),
        Step(
            _(
                "Choose two scopes: Manage user data via APIs (api), and Perform requests at any time "
                "(refresh_token, offline_access)."
            ),
            SCOPES,
            _("Scopes"),
        ),
        _of_flow(flow),
        Step(
            _(
                "Press Create. Then under Policies, OAuth Policies, choose who may use it, and let refresh tokens be "
                "valid until they are revoked."
            )
        ),
        Step(
            _(
                "Under Settings, OAuth Settings, press Consumer Key and Secret, and copy the consumer key here. A new app "
                "works after up to ten minutes."
            )
        ),
    )


def _of_flow(flow: str) -> Step:
    steps = {
        "device": _("Under Flow Enablement, tick Enable Device Flow."),
        "jwt": _(
            "Under Flow Enablement, tick Enable JWT Bearer Flow, and upload the certificate that belongs to your key. Under "
            "Policies, let admins approve users beforehand, and add the user's permission set."
        ),
        "client": _(
            "Under Flow Enablement, tick Enable Client Credentials Flow. Under Policies, enable it too, and name the user "
            "it works as under Run As."
        ),
    }
    usual = _(
        "Under Security, leave Require PKCE ticked and untick Require Secret for Web Server Flow: then no secret has to be "
        "kept."
    )
    return Step(steps.get(flow, usual))
