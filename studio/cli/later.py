"""Verbs of the command line that this version does not have yet: each says so, instead of an error of usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.base.errors import NotHere
from studio.base.i18n import N_, _

# What is announced and not here, and what to do in its place.
_LATER: Mapping[str, str] = {
    "agent start": N_("Operations run on this computer with: weft run PROJECT OPERATION"),
    "agent register": N_("Operations run on this computer with: weft run PROJECT OPERATION"),
    "agent status": N_("See what ran with: weft agent runs"),
}


def refuse(given: Sequence[str], here: Mapping[str, str]) -> None:
    """Raise NotHere where the command line names a verb of a later version; `here` are the verbs there are."""
    words = given[:2]
    for verb in (" ".join(words), words[0] if words else ""):
        if verb in _LATER and verb not in here:
            raise NotHere(
                _("weft {verb} is not in this version.").format(verb=verb), next_step=_(_LATER[verb])
            )
