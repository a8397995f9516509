"""How much an organization wants in its audit. Every change is always in it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from cloud.store.database import Transaction
from cloud.store.tables import policies
from studio.protocol.audit import AuditPolicy

SUBJECT = "audit"
MASK = "•••"
_SECRET = re.compile(
    r"pass(word|phrase)|secret|token|credential|private|recovery|totp|api_?key|^(key|code|hash)$", re.I
)


def policy_of(transaction: Transaction) -> AuditPolicy:
    """The organization's choice, or the usual one."""
    content = transaction.value(select(policies.c.content).where(policies.c.subject == SUBJECT))
    known = AuditPolicy.__dataclass_fields__
    return AuditPolicy(**{name: bool(value) for name, value in (content or {}).items() if name in known})


def set_policy(transaction: Transaction, policy: AuditPolicy) -> None:
    """Keep the organization's choice."""
    content, now = asdict(policy), transaction.now()
    if not transaction.insert_new(policies, subject=SUBJECT, content=content, changed_at=now):
        transaction.update(policies, policies.c.subject == SUBJECT, content=content, changed_at=now)


def masked(value: Any) -> Any:
    """The value with everything that is called a secret replaced: a second net, handlers leave secrets out themselves."""
    if isinstance(value, dict):
        return {
            name: MASK if _SECRET.search(str(name)) and not isinstance(each, bool | None) else masked(each)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]
    return value
