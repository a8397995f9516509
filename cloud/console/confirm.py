"""What cannot be taken back is done only when its name was typed."""

from __future__ import annotations

from cloud.pages.forms import Fields, field_refused
from studio.base.i18n import _


def must_be_named(form: Fields, name: str) -> None:
    """Raises Refused unless the name was typed as it is."""
    if form["confirm"] != name.strip():
        raise field_refused("confirm", _("This is not the name: type it as it stands there."))
