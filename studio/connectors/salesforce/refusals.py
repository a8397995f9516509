"""Why a sign-in was refused, in words of the people who can change it: each code with what it means and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from studio.base.i18n import _
from studio.connectors.salesforce.errors import SalesforceError

Words = Callable[[], tuple[str, str]]
# Codes after which the same user signing in once more, in the browser, may well be let in.
_AGAIN = frozenset({"invalid_grant", "access_denied", "expired_token", "timeout"})


class SignInRefused(SalesforceError):
    """The org did not let us in: `code` is its own word, `again` tells that signing in anew can help."""

    # The org's time in its answer, to the second; 0 while unknown.
    clock = 0.0

    @property
    def again(self) -> bool:
        """A person signing in once more may be let in."""
        return self.code in _AGAIN


def refusal(code: str, message: str, status: int = 400) -> SignInRefused:
    """The error for a code and message as the token endpoint, the browser or a SOAP fault bring them."""
    said, step = _words(code, message)()
    detail = f"{code}: {message}" if message else code
    return SignInRefused(f"{said} ({detail})", code=code, status=status, next_step=step)


def _words(code: str, message: str) -> Words:
    for key, pattern, words in _BY_MESSAGE:
        if key in ("", code) and re.search(pattern, message, re.IGNORECASE):
            return words
    return _BY_CODE.get(code, _unknown)


def _unknown() -> tuple[str, str]:
    return (
        _("The org refused the sign-in."),
        _("Look it up in the org: Setup, Login History, shows each attempt with its reason."),
    )


def _app_blocked() -> tuple[str, str]:
    return (
        _("An admin has blocked this app in the org."),
        _(
            "Ask an admin: Setup, Connected Apps OAuth Usage, Unblock; or use an External Client App of the org."
        ),
    )


def _app_not_installed() -> tuple[str, str]:
    return (
        _("This app is not installed in the org, and orgs let in installed apps only."),
        _("Use an External Client App made in this org; the set-up guide shows how to make one."),
    )


def _not_approved() -> tuple[str, str]:
    return (
        _("This user is not approved for the app."),
        _("Ask an admin to give the user the profile or permission set that the app's policies name."),
    )


def _unknown_app() -> tuple[str, str]:
    return (
        _("The org does not know this consumer key."),
        _(
            "Check the key and that the address is that of the org it was made in; a new app is known after up to ten "
            "minutes."
        ),
    )


def _wrong_secret() -> tuple[str, str]:
    return (
        _("The consumer secret does not fit the app."),
        _("Give the secret where the app demands one for its flow, and none where it does not."),
    )


def _redirect() -> tuple[str, str]:
    return (
        _("The callback address is not one of the app's."),
        _("Enter it in the External Client App exactly as the set-up guide shows it, with the same port."),
    )


def _denied() -> tuple[str, str]:
    return (
        _("The sign-in was denied in the browser."),
        _("Sign in again and press Allow, or ask an admin to approve the app for this user."),
    )


def _ended() -> tuple[str, str]:
    return (
        _("The sign-in is over: it was taken back, used up, or not used for too long."),
        _("Sign in again."),
    )


def _grant() -> tuple[str, str]:
    return (
        _("The org does not accept what the sign-in showed."),
        _("Sign in again, and check the user, the password and the login address."),
    )


def _inactive_user() -> tuple[str, str]:
    return (
        _("This user is not active in the org."),
        _("Ask an admin to activate the user, or name another."),
    )


def _inactive_org() -> tuple[str, str]:
    return (
        _("This org is locked, closed or expired."),
        _("Check the address; ask Salesforce if it should be open."),
    )


def _scope() -> tuple[str, str]:
    return (
        _("The app may not give what is asked for: access by API, and renewal at any time."),
        _("Add the scopes api and refresh_token to the External Client App."),
    )


def _flow_off() -> tuple[str, str]:
    return (
        _("This kind of sign-in is switched off for the app or the org."),
        _("Enable the flow in the External Client App, or choose another kind of sign-in."),
    )


def _no_run_as() -> tuple[str, str]:
    return (
        _("The app has no user it may work as."),
        _("Name one in the External Client App under Client Credentials Flow, Run As."),
    )


def _ip() -> tuple[str, str]:
    return (
        _("The org does not let this user in from this network."),
        _("Sign in from a network the profile allows, or ask an admin to relax the app's IP restrictions."),
    )


def _audience() -> tuple[str, str]:
    return (
        _("The assertion was made for another login address."),
        _("Give the org's own My Domain address; a sandbox is signed in to as a sandbox."),
    )


def _certificate() -> tuple[str, str]:
    return (
        _("The signature does not fit the certificate of the app."),
        _(
            "Upload the certificate of this very key to the External Client App, or give the key of that certificate."
        ),
    )


def _busy() -> tuple[str, str]:
    return (_("The org has seen too many sign-ins just now."), _("Wait some minutes, then sign in again."))


def _too_late() -> tuple[str, str]:
    return (_("The code was not entered in time."), _("Start the sign-in again and enter the new code."))


def _login() -> tuple[str, str]:
    return (
        _("User, password or security token are wrong, or the user is locked out."),
        _("Check them; from an unknown network the security token follows the password without a blank."),
    )


def _no_soap() -> tuple[str, str]:
    return (
        _("This org no longer lets anybody in by user and password."),
        _("Choose another kind of sign-in: in the browser, or with a certificate for servers."),
    )


def _password_over() -> tuple[str, str]:
    return (_("The password has expired."), _("Change it in the browser, then sign in again."))


_BY_MESSAGE: tuple[tuple[str, str, Words], ...] = (
    ("", r"must be installed|not installed|app not found", _app_not_installed),
    ("invalid_grant", r"hasn.t approved|not admin approved|not approved", _not_approved),
    ("access_denied", r"admin approved|not approved", _not_approved),
    ("invalid_grant", r"expired access/refresh|refresh token", _ended),
    ("invalid_grant", r"ip restricted|ip address", _ip),
    ("invalid_grant", r"audience", _audience),
    ("invalid_grant", r"signature", _certificate),
    ("invalid_grant", r"inactive user|user is inactive", _inactive_user),
    ("", r"inactive organization|inactive org", _inactive_org),
    ("invalid_grant", r"no client credentials user", _no_run_as),
    ("INVALID_OPERATION", r"login\(\) is disabled|soap", _no_soap),
)  # fmt: skip
_BY_CODE: Mapping[str, Words] = {
    "OAUTH_APP_BLOCKED": _app_blocked,
    "OAUTH_APP_ACCESS_DENIED": _not_approved,
    "OAUTH_APPROVAL_ERROR_GENERIC": _app_not_installed,
    "OAUTH_EC_APP_NOT_FOUND": _app_not_installed,
    "invalid_client_id": _unknown_app,
    "invalid_client": _wrong_secret,
    "invalid_client_credentials": _wrong_secret,
    "redirect_uri_mismatch": _redirect,
    "redirect_uri_missing": _redirect,
    "access_denied": _denied,
    "invalid_grant": _grant,
    "inactive_user": _inactive_user,
    "inactive_org": _inactive_org,
    "invalid_scope": _scope,
    "unsupported_grant_type": _flow_off,
    "unsupported_response_type": _flow_off,
    "unauthorized_client": _flow_off,
    "invalid_request": _flow_off,
    "rate_limit_exceeded": _busy,
    "login_rate_exceeded": _busy,
    "expired_token": _too_late,
    "INVALID_LOGIN": _login,
    "LOGIN_MUST_USE_SECURITY_TOKEN": _login,
    "PASSWORD_LOCKOUT": _login,
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": _password_over,
    "LOGIN_DURING_RESTRICTED_DOMAIN": _ip,
    "LOGIN_DURING_RESTRICTED_TIME": _ip,
    "ORG_LOCKED": _inactive_org,
    "UNSUPPORTED_API_VERSION": _no_soap,
    "API_DISABLED_FOR_ORG": _flow_off,
    "API_CURRENTLY_DISABLED": _flow_off,
}
