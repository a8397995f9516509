"""What a repository server refuses, as errors a person can act on and a program can tell apart."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from studio.base.errors import NotAllowed, NotReachable, WeftError
from studio.base.i18n import _
from studio.protocol.problems import MEDIA_TYPE, ProblemAnswer, problem_answer
from studio.protocol.projects import Conflict

# Answers of the server's own that no second try can better, though their status says it is the server's fault.
_FINAL = frozenset({"object_damaged", "tampered", "storage_cannot_write"})
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_LONGEST = 500


class Refused(NotAllowed):
    """The server understood and said no; `code` is for programs and never changes, `answer` is all it said."""

    def __init__(self, answer: ProblemAnswer) -> None:
        super().__init__(_sentence(answer), next_step=_shown(answer.next_step))
        self.answer = answer
        self.code = answer.code
        self.status = answer.status


class SignedOut(Refused):
    """The session is over, or the token is worth nothing any more: sign in again."""

    def __init__(self, answer: ProblemAnswer, server: str) -> None:
        super().__init__(answer)
        self.server = server
        self.message = _("You are not signed in to {server} any more.").format(server=server)
        self.next_step = _("Sign in again: weft sign-in {server}").format(server=server)


class RevisionConflict(Refused):
    """Somebody pushed meanwhile: `conflict` names the revision the change was made from and the one there is now."""

    def __init__(self, answer: ProblemAnswer) -> None:
        super().__init__(answer)
        self.conflict = _as(Conflict, answer.extra.get("conflict")) or Conflict(None, None)


class ContentsMissing(Refused):
    """A change names contents the repository has not: hashes for a `pack`, and those that come as `uploads`."""

    def __init__(self, answer: ProblemAnswer) -> None:
        super().__init__(answer)
        self.pack: tuple[str, ...] = _as(tuple[str, ...], answer.extra.get("pack")) or ()
        self.uploads: tuple[str, ...] = _as(tuple[str, ...], answer.extra.get("uploads")) or ()


class DeployedMeanwhile(Refused):
    """Something else is deployed by now than what was shown: `seen` was there, `tree` is (None: nothing)."""

    def __init__(self, answer: ProblemAnswer) -> None:
        super().__init__(answer)
        self.seen: str | None = _as(str, answer.extra.get("seen"))
        self.tree: str | None = _as(str, answer.extra.get("tree"))


class ServerFailed(NotReachable):
    """The server, or something on the way to it, could not do it now. `wait`: seconds it asks for, None if it did not."""

    def __init__(self, message: str, next_step: str, status: int, code: str, wait: float | None) -> None:
        super().__init__(message, next_step=next_step)
        self.status, self.code, self.wait = status, code, wait


class NotARepository(NotReachable):
    """What answers there is no repository server, or something on the way answers in its place."""


_BY_CODE: dict[str, type[RevisionConflict | ContentsMissing | DeployedMeanwhile]] = {
    "revision_conflict": RevisionConflict,
    "objects_missing": ContentsMissing,
    "deployed_meanwhile": DeployedMeanwhile,
}


def refusal(server: str, status: int, media_type: str, body: bytes, wait: float | None) -> WeftError:
    """The error of an answer that is no success; `wait` is what its Retry-After asks for."""
    answer = _told(status, media_type, body)
    if status >= 500 or status == 429:
        if answer is not None and answer.code in _FINAL:
            return Refused(answer)
        return _failed(server, status, answer, wait)
    if answer is None:
        return NotARepository(
            _("{server} answered {status}, not as a repository server does.").format(
                server=server, status=status
            ),
            next_step=_("Check the address, and whether a proxy answers in its place: weft proxy doctor"),
        )
    if status == 401:
        return SignedOut(answer, server)
    return _BY_CODE.get(answer.code, Refused)(answer)


def _told(status: int, media_type: str, body: bytes) -> ProblemAnswer | None:
    if media_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        return None
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return problem_answer(said, status) if isinstance(said, dict) else None


def _failed(server: str, status: int, answer: ProblemAnswer | None, wait: float | None) -> ServerFailed:
    if answer is not None and answer.title:
        text = _("{server}: {reason}").format(server=server, reason=_sentence(answer))
        return ServerFailed(text, _shown(answer.next_step), status, answer.code, wait)
    text = _("{server} answered {status}: it cannot do this now.").format(server=server, status=status)
    return ServerFailed(text, _("Try again later."), status, "unknown", wait)


def _sentence(answer: ProblemAnswer) -> str:
    title = _shown(answer.title) or _("The server refused ({code}).").format(code=_shown(answer.code))
    return f"{title} {_shown(answer.detail)}".rstrip()


def _shown(text: str) -> str:
    """What others wrote, fit for one line of ours: nothing that moves a cursor or turns text around."""
    return _NOT_SHOWN.sub(" ", text)[:_LONGEST].strip()


def _as(kind: Any, value: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
