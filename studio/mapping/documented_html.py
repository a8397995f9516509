"""A map's documentation as one HTML page that needs nothing else: loops, rules, what they read, parked ones."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from studio.base.i18n import _, language, ngettext
from studio.mapping import address
from studio.mapping.documented import CONSTANT, LOOP, MAPPED, PARKED, WANTING, Documented, Entry
from studio.mapping.letters import loop_letter

_STYLE = """
:root{--text:#1B1E23;--dim:#5D6570;--line:#DCDFE3;--ground:#FFF;--band:#F7F8F9;--code:#F1F2F4;--want:#8F4700;--link:#2A5FC4}
@media(prefers-color-scheme:dark){:root{--text:#E6E8EB;--dim:#A6ADB6;--line:#33373C;--ground:#222528;--band:#272A2E;
--code:#1B1D20;--want:#F2B265;--link:#82B0F6}}
body{font:14px/1.45 system-ui,sans-serif;color:var(--text);background:var(--ground);max-width:1200px;margin:32px auto;padding:0 24px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:32px 0 8px}p{margin:4px 0}.dim{color:var(--dim)}
table{border-collapse:collapse;width:100%;margin:8px 0}th,td{text-align:left;vertical-align:top;padding:6px 10px;
border-bottom:1px solid var(--line)}th{background:var(--band);font-weight:600;font-size:12px}
code{font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{margin:0;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;background:var(--code);padding:6px 8px;white-space:pre-wrap;overflow-wrap:anywhere}
.want td:first-child code,.want .state{color:var(--want);font-weight:600}.parked td:first-child code{text-decoration:line-through}
.letter{display:inline-block;min-width:16px;text-align:center;border:1px solid var(--dim);border-radius:3px;font-size:11px;font-weight:700}
a{color:var(--link)}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
"""


def html_text(found: Documented) -> str:
    """The page."""
    return "".join(_parts(found))


def _parts(found: Documented) -> Iterator[str]:
    map = found.transformation
    title = f"{map.name} · {found.page}" if found.page else map.name
    yield f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}"><head><meta charset="utf-8">'
    yield f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n'
    yield f"<h1>{escape(title)}</h1>\n"
    if map.description:
        yield f"<p>{escape(map.description)}</p>\n"
    yield f'<p class="dim">{escape(_counts(found))}</p>\n'
    yield from _documents(found)
    yield from _pages(found)
    loops = [entry for entry in found.entries if entry.kind == LOOP]
    if loops:
        yield f"<h2>{escape(_('Loops'))}</h2>\n<table>"
        for entry in loops:
            where = " ".join((_("where {condition}").format(condition=entry.when),)) if entry.when else ""
            yield f"<tr><td>{_letter(entry)}</td><td>{_code(entry.path)}</td><td>{escape(entry.options)} {_code(where)}</td></tr>\n"
        yield "</table>\n"
    rules = [entry for entry in found.entries if entry.kind in (MAPPED, LOOP, CONSTANT, WANTING)]
    yield from _table(_("Rules"), rules)
    yield from _table(_("Parked rules"), [entry for entry in found.entries if entry.kind == PARKED])
    yield "</body></html>\n"


def _counts(found: Documented) -> str:
    mapped, loops, constants, wanting, parked = (
        found.count(kind) for kind in (MAPPED, LOOP, CONSTANT, WANTING, PARKED)
    )
    parts = []
    if mapped:
        parts.append(ngettext("{n} node mapped", "{n} nodes mapped", mapped).format(n=mapped))
    if loops:
        parts.append(ngettext("{n} loop", "{n} loops", loops).format(n=loops))
    if constants:
        parts.append(ngettext("{n} constant", "{n} constants", constants).format(n=constants))
    if wanting:
        parts.append(ngettext("{n} wants a rule", "{n} want a rule", wanting).format(n=wanting))
    if parked:
        parts.append(_("{n} parked").format(n=parked))
    return " · ".join(parts) or ngettext("{n} rule", "{n} rules", 0).format(n=0)


def _documents(found: Documented) -> Iterator[str]:
    map = found.transformation
    rows = [(_("Source"), "", map.source), (_("Target"), "", map.target)]
    rows[1:1] = [(_("Further source"), name, use) for name, use in map.sources.items()]
    rows += [(_("Further target"), name, use) for name, use in map.targets.items()]
    yield f"<h2>{escape(_('Documents'))}</h2>\n<table>"
    for said, name, use in rows:
        yield f"<tr><td>{escape(said)}</td><td>{escape(name)}</td><td>{_code(use.schema)}</td><td>{_code(use.root)}</td></tr>\n"
    yield "</table>\n"


def _pages(found: Documented) -> Iterator[str]:
    pages = found.transformation.pages
    if not pages or found.page:
        return
    yield f"<h2>{escape(_('Pages'))}</h2>\n<table>"
    for name, paths in pages.items():
        yield f"<tr><td>{escape(name)}</td><td>{'<br>'.join(_link(path) for path in paths)}</td></tr>\n"
    yield "</table>\n"


def _table(title: str, entries: list[Entry]) -> Iterator[str]:
    if not entries:
        return
    heads = (_("Target"), _("Type"), _("Rule"), _("Reads"), _("State"))
    yield f"<h2>{escape(title)}</h2>\n<table><thead><tr>"
    yield "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr></thead><tbody>\n"
    for entry in entries:
        row = {WANTING: "want", PARKED: "parked"}.get(entry.kind, "")
        about = f'<p class="dim">{escape(entry.about)}</p>' if entry.about else ""
        yield f'<tr class="{row}" id="{escape(entry.path, quote=True)}"><td>{_code(entry.path)} {_letter(entry)}{about}</td>'
        yield f'<td>{escape(entry.type)} <span class="dim">{escape(entry.occurs)}</span></td><td>{_rule(entry)}</td>'
        reads = "<br>".join(_code(source) for source in entry.sources)
        yield f'<td>{reads}</td><td class="state">{escape(entry.state)}</td></tr>\n'
    yield "</tbody></table>\n"


def _rule(entry: Entry) -> str:
    parts = []
    if entry.loop:
        parts.append(f"<p>{escape(_('for each'))} {_code(entry.loop)}</p>")
    if entry.when:
        parts.append(f"<p>{escape(_('where'))} {_code(entry.when)}</p>")
    if entry.script:
        parts.append(f"<pre>{escape(entry.script)}</pre>")
    if entry.note:
        parts.append(f'<p class="dim">{escape(entry.note)}</p>')
    return "".join(parts)


def _letter(entry: Entry) -> str:
    return f'<span class="letter">{loop_letter(entry.letter)}</span>' if entry.letter is not None else ""


def _link(path: str) -> str:
    return f'<a href="#{escape(path, quote=True)}">{escape(address.name(path))}</a> {_code(path)}'


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""
