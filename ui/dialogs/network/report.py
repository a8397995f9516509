"""A report of an examination as text for somebody who has to mend it; no password, token or path of an address is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.base.i18n import _
from studio.network.examination import Examination, State
from ui.dialogs.network.addresses_part import Talked, answer_text, host_of
from ui.dialogs.network.steps_part import time_text


def report_text(found: Examination, talked: Sequence[Talked] = ()) -> str:
    """The whole report."""
    return "\n".join([*_lines(found), *_addresses(talked), ""])


def _lines(found: Examination) -> Iterator[str]:
    yield _("Proxy doctor: {address}").format(address=found.address)
    yield f"{found.when.isoformat(sep=' ', timespec='seconds')}  {found.user}  {time_text(found.seconds)}"
    yield ""
    yield found.verdict
    yield from (each for each in (found.detail,) if each)
    yield ""
    marks = {State.FINE: "ok", State.FAILED: "!!", State.NOT_REACHED: "--"}
    for step in found.steps:
        time = "" if step.state is State.NOT_REACHED else f" ({time_text(step.seconds)})"
        yield f"{marks[step.state]}  {step.title}: {step.text}{time}"
    if found.chain is not None:
        yield ""
        yield _("Certificate shown for {host}").format(host=found.chain.host) + f" ({found.chain.version})"
        for depth, one in enumerate(found.chain.certificates):
            said = ", ".join(each for each in (one.name, one.role, one.until, one.remark) if each)
            yield f"{'  ' * depth}{said}"
            if one.fingerprint:
                yield f"{'  ' * depth}SHA-256 {one.fingerprint}"
        yield from (each for each in (found.chain.reason, found.chain.about) if each)
    if found.request:
        yield ""
        yield _("Ask your network team") + ":"
        yield found.request


def _addresses(talked: Sequence[Talked]) -> Iterator[str]:
    known = [(each.address, each.found) for each in talked if each.found is not None]
    if known:
        yield ""
        yield _("Everything this project talks to") + ":"
    for address, found in known:
        issuer = found.chain.issuer if found.chain is not None else ""
        parts = (host_of(address), found.way_out, found.scheme or _("none"), issuer, answer_text(found))
        yield "  ".join(part for part in parts if part)
