"""An examination of the way to an address, as lines of text for a terminal, a file or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.base.i18n import _, decimal
from studio.cli.printable import printable_line
from studio.network.examination import Chain, Examination, State

_MARKS = {State.FINE: "✓", State.FAILED: "✗", State.NOT_REACHED: "·"}


def told(found: Examination) -> list[str]:
    """All of one examination."""
    return [printable_line(line) for line in _lines(found)]


def told_project(found: Sequence[Examination]) -> list[str]:
    """A line for each address a project talks to."""
    rows = [(_("Everything this project talks to"), _("Way out"), _("Scheme"), _("Issuer"), _("Answer"))]
    rows += [
        (
            one.address.removeprefix("https://"),
            one.way_out,
            one.scheme or _("none"),
            _issuer(one),
            _answer(one),
        )
        for one in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    marks = ["", *(_MARKS[State.FAILED if one.failed else State.FINE] for one in found)]
    lines = [
        f"{mark:1} "
        + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]])
        for mark, row in zip(marks, rows, strict=True)
    ]
    return ["", *map(printable_line, lines)]


def _lines(found: Examination) -> Iterator[str]:
    time = f"{found.when:%H:%M:%S}"
    yield _("{address}, as {user}, {time}, {seconds} s").format(
        address=found.address, user=found.user, time=time, seconds=decimal(round(found.seconds, 2))
    )
    yield ""
    yield found.verdict
    yield found.detail
    yield ""
    width = max(len(step.title) for step in found.steps)
    for step in found.steps:
        lasted = "" if step.state is State.NOT_REACHED else f"  {_milliseconds(step.seconds)}"
        yield f"{_MARKS[step.state]} {step.title.ljust(width)}  {step.text}{lasted}"
    if found.chain is not None and found.chain.certificates:
        yield from _chain(found.chain)
    if found.request:
        yield from ("", _("Ask your network team:"), f"  {found.request}")
    if found.remedies:
        yield from ("", _("What you can do yourself:"))
        yield from (f"  {one.text.rstrip('…')}: {one.command}" for one in found.remedies)


def _chain(chain: Chain) -> Iterator[str]:
    yield ""
    yield _("Certificate shown for {host}, {version}").format(host=chain.host, version=chain.version)
    roles = {"root": _("root"), "issuing": _("issuing"), "server": _("server")}
    for depth, one in enumerate(chain.certificates):
        mark = "✗" if one.doubtful else "✓"
        until = (
            _("{role}, until {day}").format(role=roles[one.role], day=one.until)
            if one.until
            else roles[one.role]
        )
        yield f"{mark} {'  ' * depth}{one.name}  {until}  {one.remark}"
    root = chain.certificates[0]
    if root.fingerprint:
        pairs = ":".join(root.fingerprint[at : at + 2] for at in range(0, len(root.fingerprint), 2))
        yield _("SHA-256 of the root: {digits}").format(digits=pairs)
    if chain.about:
        yield chain.about


def _issuer(found: Examination) -> str:
    return found.chain.issuer if found.chain is not None else ""


def _answer(found: Examination) -> str:
    failed = found.failed
    if failed is None:
        return _milliseconds(found.seconds)
    return _("not trusted") if failed.name == "certificate" and found.chain is not None else failed.text


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
