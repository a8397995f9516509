"""Requests that come twice: the same key and the same question get the same answer, and nothing is done again."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from cloud.access.context import Context
from cloud.errors import conflict
from cloud.projects.answers import json_answer
from cloud.projects.texts import from_bytes, to_bytes
from cloud.store.database import Tenant
from cloud.store.tables_projects import answers_given
from studio.base.i18n import _
from studio.protocol.fields import Pattern

KEY = Pattern(r"^[0-9A-Za-z_-]{8,80}$")


def _key(idempotency_key: Annotated[str | None, KEY, Header()] = None) -> str | None:
    return idempotency_key


# What names a request that may come twice; without it each one counts.
RepeatKey = Annotated[str | None, Depends(_key)]
Work = Callable[[Tenant], tuple[Any, str]]


def once(
    ctx: Context, request: Request, key: str | None, body: Any, work: Work, status: int = 201
) -> Response:
    """Do the work in one transaction and answer what it gives (a value and its tag), or what it gave before.

    The key is taken before the work begins: of two at the same time one waits, and then gets the other's answer.
    """
    asked = _asked(ctx, request, body)
    with ctx.tenant(write=True) as tenant:
        if key is None:
            value, tag = work(tenant)
            return json_answer(value, status, tag=tag)
        given = tenant.insert_new(
            answers_given, user_id=ctx.user_id, key=key, asked=asked, answer=None, created_at=tenant.now()
        )
        mine = (answers_given.c.user_id == ctx.user_id) & (answers_given.c.key == key)
        record = f"{ctx.user_id}/{key}"
        if given:
            value, tag = work(tenant)
            answer = {"value": msgspec.to_builtins(value), "tag": tag}
            sealed = ctx.seal("answers_given.answer", record, to_bytes(answer))
            tenant.update(answers_given, mine, answer=sealed)
            return json_answer(value, status, tag=tag)
        row = tenant.one(select(answers_given).where(mine))
        if row is None or bytes(row.asked) != asked or row.answer is None:
            raise conflict(
                _("This Idempotency-Key was used for another request."),
                "idempotency_key_reused",
                next_step=_("Use a new key for a new request."),
            )
        ctx.audit(request.url.path, after={"repeated": key})
        answer = from_bytes(ctx.open("answers_given.answer", record, bytes(row.answer)))
        return json_answer(answer["value"], status, tag=answer["tag"], **{"idempotent-replay": "true"})


def _asked(ctx: Context, request: Request, body: Any) -> bytes:
    """What tells one question from another; without the organization's key nobody learns from it what was asked."""
    assert ctx.org is not None
    question = [request.method, request.url.path, request.headers.get("if-match", ""), body]
    name = ctx.server.envelope.stable_key(ctx.org, "repeated requests")
    return hmac.digest(name, msgspec.json.encode(question), "sha256")
