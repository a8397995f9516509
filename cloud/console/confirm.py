"""What cannot be taken back is done only when its name was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud.access.context import Context
from cloud.pages.api import ask
from cloud.pages.forms import Fields, field_refused
from studio.base.i18n import _


def must_be_named(form: Fields, name: str) -> None:
    """Raises Refused unless the name was typed as it is."""
    if form["confirm"] != name.strip():
        raise field_refused("confirm", _("This is not the name: type it as it stands there."))


async def remove_named(
    ctx: Context, form: Fields, read: Callable[..., Any], remove: Callable[..., Any], **path: Any
) -> None:
    """Have the API remove what `read` finds, if its name was typed. Raises Refused."""
    must_be_named(form, (await ask(ctx, read, **path)).data["name"])
    await ask(ctx, remove, **path)
