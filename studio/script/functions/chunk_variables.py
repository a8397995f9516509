"""Variables of a chunk. A run has one chunk here, so they last as long as the run."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.arguments import text
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value

# No variable of a script can have such a name.
_BEFORE = "chunk "


@function(
    "operation",
    "GetChunkDataElement(name: string): type",
    N_("The value of a variable of the chunk at hand; null where it was never set."),
    "SetChunkDataElement('last', 'A-1'); GetChunkDataElement('last')",
    "'A-1'",
    host=True,
)
def _get(host: Host, name: Value) -> Value:
    return host.variables.get(_BEFORE + text(name))


@function(
    "operation",
    "SetChunkDataElement(name: string, value: type): type",
    N_("Sets a variable of the chunk at hand and gives the value."),
    "SetChunkDataElement('last', 'A-1')",
    "'A-1'",
    host=True,
)
def _set(host: Host, name: Value, value: Value) -> Value:
    host.variables[_BEFORE + text(name)] = value
    return value
