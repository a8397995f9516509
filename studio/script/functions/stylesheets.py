"""RunXSLT: a style sheet in a child process, because no style sheet can be stopped from inside."""

from __future__ import annotations

import contextlib
import json
import re
import time
from typing import TYPE_CHECKING, Any

from studio.base.child import python_command
from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.script.errors import LimitReached, RunError
from studio.script.functions.arguments import only_text, text
from studio.script.functions.registry import function
from studio.script.host import Host, SourceNode
from studio.script.tree import Value
from studio.script.values import check_text_size

if TYPE_CHECKING:
    import subprocess

    from lxml import etree
else:
    etree = Lazily("lxml.etree")
    subprocess = Lazily("subprocess")

SPACE = 1 << 30
"""Bytes the child may use."""
SECONDS = 30
LARGEST = 16_000_000
_LOOK = 0.05
_TICKS = 256
_DECLARATION = re.compile(r"\s*(?:\ufeff)?<\?xml[^>]*\?>")


@function(
    "xml",
    "RunXSLT(xslt: string, xml1: node|string, xml?...: node|string): array",
    N_("What an XSLT 1.0 style sheet makes of each XML text, as an array of texts; it reads no other files."),
    'RunXSLT(\'<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">'
    '<x:output method="text"/><x:template match="/">n=<x:value-of select="count(//line)"/></x:template>'
    "</x:stylesheet>', [lines])",
    "{'n=2'}",
    fails=N_("The style sheet or an XML text cannot be read, or the style sheet wants other files."),
    host=True,
)
def _run_xslt(host: Host, style: Value, *documents: Value | SourceNode) -> Value:
    texts = [each.xml() if isinstance(each, SourceNode) else only_text("RunXSLT", each) for each in documents]
    sheet = text(style)
    if len(sheet) + sum(map(len, texts)) > LARGEST:
        raise LimitReached(_("RunXSLT takes {n} characters at most.").format(n=LARGEST))
    for each in (sheet, *texts):
        _check(each)
    seconds = min(host.limits.seconds, SECONDS)
    asked = {
        "style": _DECLARATION.sub("", sheet, count=1),
        "documents": [_DECLARATION.sub("", each, count=1) for each in texts],
        "space": SPACE,
        "seconds": max(1, round(seconds)),
    }
    said = _asked(host, json.dumps(asked).encode("ascii") + b"\n", seconds)
    if "error" in said:
        raise _cannot(said["error"][0])
    results: list[Value] = [str(each) for each in said.get("results", ())]
    check_text_size(sum(len(str(each)) for each in results))
    if "results" not in said:
        raise LimitReached(_("The style sheet uses too much memory."))
    return results


def _check(given: str) -> None:
    """Raise RunError for what is no XML, before a process is started for it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        etree.fromstring(_DECLARATION.sub("", given, count=1).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise _cannot(str(error)) from None


def _cannot(reason: str) -> RunError:
    return RunError(
        _("RunXSLT cannot do it: {reason}.").format(reason=reason.rstrip(".") or "XSLT"),
        next_step=_("A style sheet here has no document types, imports or other files."),
    )


def _asked(host: Host, question: bytes, seconds: float) -> dict[str, Any]:
    """The child's answer; empty where it ended without one. It is killed when the script must stop."""
    until = time.monotonic() + seconds
    child = subprocess.Popen(
        python_command("studio.script.stylesheet_child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        given: bytes | None = question
        while True:
            try:
                answer, _nothing = child.communicate(given, timeout=_LOOK)
                break
            except subprocess.TimeoutExpired:
                given = None
            if time.monotonic() > until:
                raise LimitReached(_("The style sheet runs longer than {n} seconds.").format(n=seconds))
            for _tick in range(_TICKS):
                host.tick()
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    found: dict[str, Any] = json.loads(answer) if answer.strip() else {}
    return found
