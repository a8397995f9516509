"""What Salesforce says when it refuses: a request's error body and a row's error text, parsed."""

from __future__ import annotations

import json
import re

from studio.base.errors import NotAllowed, NotReachable, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass

SESSION_CODES = frozenset({"INVALID_SESSION_ID", "InvalidSessionId", "INVALID_AUTH_HEADER"})
QUOTA_CODES = frozenset({"REQUEST_LIMIT_EXCEEDED", "ExceededQuota"})
BUSY_STATUSES = frozenset({429, 500, 502, 503, 504})
_NOT_ALLOWED = frozenset({401, 403})
_LONGEST_SHOWN = 600


class SalesforceError(WeftError):
    """The org refused a request: `code` is its own (`INVALID_FIELD`), `status` the HTTP status."""

    # The seconds a busy org asked to be left alone for.
    wait: float | None = None
    # The org's own words, without ours around them.
    words = ""

    def __init__(self, message: str, *, code: str, status: int, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.code = code
        self.status = status
        if status in _NOT_ALLOWED or status in BUSY_STATUSES or code in QUOTA_CODES:
            self.exit_code = NotAllowed.exit_code if status in _NOT_ALLOWED else NotReachable.exit_code

    @property
    def session_over(self) -> bool:
        """The token is not accepted (any more): sign in again."""
        return self.status == 401 or self.code in SESSION_CODES

    @property
    def quota_used_up(self) -> bool:
        """A daily allowance is used up: waiting helps, changing the request does not."""
        return self.code in QUOTA_CODES

    @property
    def passing(self) -> bool:
        """The same request may succeed in a moment."""
        return self.status in BUSY_STATUSES and not self.quota_used_up


def request_error(status: int, body: bytes) -> SalesforceError:
    """The error of an answer with a status of 300 or more.

    Understood are `[{"errorCode", "message"}]`, the same without the list and the token endpoint's
    `{"error", "error_description"}`; any other body is quoted.
    """
    code, message = code_and_message(body)
    if not code:
        shown = body[:_LONGEST_SHOWN].decode("utf-8", "replace").strip()
        code, message = f"HTTP {status}", shown or _("no further explanation")
    return SalesforceError(
        _("The org refused the request: {code}: {message}").format(
            code=code, message=message[:_LONGEST_SHOWN]
        ),
        code=code,
        status=status,
        next_step=_next_step(code, status),
    )


def fault_error(code: str, message: str) -> SalesforceError:
    """The error of a SOAP fault: all of them come with status 500, so the status is told from the code."""
    status = 401 if code in SESSION_CODES else 403 if code in QUOTA_CODES else 400
    if code == "SERVER_UNAVAILABLE":
        status = 503
    error = SalesforceError(
        _("The org refused the request: {code}: {message}").format(
            code=code, message=message[:_LONGEST_SHOWN]
        ),
        code=code,
        status=status,
        next_step=_next_step(code, status),
    )
    error.words = message[:_LONGEST_SHOWN]
    return error


def code_and_message(body: bytes) -> tuple[str, str]:
    """What an error body says of itself; two empty texts where it is none that we know."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    first = data[0] if isinstance(data, list) and data else data
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("error") or ""
    message = first.get("message") or first.get("error_description") or ""
    return str(code), str(message)


def _next_step(code: str, status: int) -> str:
    if code in QUOTA_CODES:
        return _("The day's allowance is used up; resume when it has been renewed.")
    if code == "FeatureNotEnabled":
        return _("Ask an admin of the org for the permission Bulk API Hard Delete.")
    if status == 401:
        return _("Sign in again.")
    if status == 410 or code in ("InvalidVersion", "UNSUPPORTED_API_VERSION"):
        return _("The org no longer offers this API version; choose a newer one.")
    return ""


@dataclass(frozen=True)
class RowError:
    """Why the org refused a row: its status code, its message and the fields it names."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


_CODE = re.compile(r"[A-Z][A-Z0-9_]*(?=:)")
_FIELDS = re.compile(r"(?:[A-Za-z][\w.]*(?:\s*,\s*[A-Za-z][\w.]*)*)?")


def row_error(text: str) -> RowError:
    """The parts of a failed row's `sf__Error`: `STATUS_CODE:message:Field1,Field2 --`; any text is accepted."""
    code = _CODE.match(text)
    rest = text[code.end() + 1 :] if code else text
    fields: tuple[str, ...] = ()
    ended = rest.rstrip().removesuffix("--").rstrip()
    if ended != rest.rstrip():
        message, colon, named = ended.rpartition(":")
        if colon and _FIELDS.fullmatch(named.strip()):
            fields = tuple(name.strip() for name in named.split(",") if name.strip())
            rest = message
        else:
            rest = ended
    return RowError(code[0] if code else "", rest.strip(), fields)
