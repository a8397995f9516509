"""What the server refuses, said so that a person knows what to do: application/problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from studio.base.i18n import _


class Refused(Exception):
    """A request that is not carried out: HTTP status, a stable code for programs, and sentences for people."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        next_step: str = "",
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {code}: {title}")
        self.status, self.code, self.title = status, code, title
        self.detail, self.next_step = detail, next_step
        self.headers = headers or {}
        self.extra = extra

    def body(self, request_id: str) -> dict[str, Any]:
        """The problem document."""
        said = {
            "type": f"urn:weft:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "next_step": self.next_step,
            "request_id": request_id,
        }
        return self.extra | {name: value for name, value in said.items() if value != ""}


def bad_request(
    title: str, detail: str = "", next_step: str = "", code: str = "bad_request", **extra: Any
) -> Refused:
    """400: what was sent cannot be meant."""
    return Refused(400, code, title, detail, next_step, **extra)


def not_signed_in(code: str = "not_signed_in") -> Refused:
    """401: nobody known asks."""
    return Refused(
        401,
        code,
        _("This needs somebody signed in."),
        next_step=_("Sign in, or send a valid token."),
        headers={"WWW-Authenticate": "Bearer"},
    )


def forbidden(detail: str = "", code: str = "forbidden", next_step: str = "") -> Refused:
    """403: known, and not allowed to."""
    step = next_step or _("Ask an administrator of your organization for the right.")
    return Refused(403, code, _("You are not allowed to do this."), detail, step)


def not_found() -> Refused:
    """404: not there, or not yours; the answer is the same for both."""
    return Refused(404, "not_found", _("There is nothing here, or nothing you may see."))


def conflict(
    title: str, code: str = "conflict", detail: str = "", next_step: str = "", **extra: Any
) -> Refused:
    """409: it contradicts what is there."""
    return Refused(409, code, title, detail, next_step, **extra)


def precondition_failed(current: str = "", code: str = "changed_meanwhile") -> Refused:
    """412: what If-Match names is not what is there now."""
    refused = Refused(
        412,
        code,
        _("Somebody changed this meanwhile."),
        next_step=_("Read it again, make your change there, and save it with its new version."),
    )
    refused.extra |= {"current": current} if current else {}
    return refused


def precondition_required() -> Refused:
    """428: a change without If-Match could undo another one unseen."""
    return Refused(
        428,
        "if_match_needed",
        _("This change must say what it is based on."),
        next_step=_("Send the ETag you read in an If-Match header."),
    )


def too_large(limit: int, code: str = "too_large") -> Refused:
    """413: more bytes than are taken here."""
    return Refused(
        413,
        code,
        _("This is too large: at most {limit} bytes are taken here.").format(limit=limit),
        limit=limit,
    )


def too_many(seconds: int, code: str = "too_many_requests") -> Refused:
    """429: more often than allowed."""
    return Refused(
        429,
        code,
        _("Too many requests."),
        next_step=_("Try again in {n} seconds.").format(n=seconds),
        headers={"Retry-After": str(seconds)},
        retry_after=seconds,
    )
