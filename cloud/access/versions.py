"""What is edited says which version was read: ETag in the answer, If-Match in the change."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from cloud.access.context import Context
from cloud.errors import precondition_failed, precondition_required


def moment(at: datetime) -> str:
    """A moment as it is told: UTC, ISO 8601, ends in Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def etag(changed_at: datetime) -> str:
    """The version of what was last changed then."""
    since = changed_at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return f'"{(since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds:x}"'


def tell(response: Response, changed_at: datetime) -> None:
    """Say the version in the answer."""
    response.headers["ETag"] = etag(changed_at)


def must_match(ctx: Context, changed_at: datetime) -> None:
    """Refuse a change that was not made on what is there now. `*` matches whatever is there."""
    said = ctx.request.headers.get("if-match", "")
    if not said:
        raise precondition_required()
    current = etag(changed_at)
    if current not in [part.strip() for part in said.split(",")] and said.strip() != "*":
        raise precondition_failed(current)
