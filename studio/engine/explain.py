"""A plan as readable text: how the input is read, which engine runs, what every target node is made from."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.engine import rows
from studio.engine.choosing import BIG, whole_input, why_not_columns
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.parts.cut import why_one_process
from studio.engine.plan import Document, Join, Loop, Plan, Shape, Target, Top
from studio.engine.skeleton import depth_of
from studio.engine.spill import IN_MEMORY
from studio.engine.world import World

_ROWS = frozenset({"delimited", "parquet", "database"})


def explain(plan: Plan) -> str:
    """The page that `weft transform --explain` prints."""
    parts = [
        plan.name,
        "",
        *_documents(plan),
        *_records(plan),
        "",
        _("Rules, in the order they run:"),
        *(line for root in plan.roots for child in root.children for line in _node(child, 1)),
        "",
        _("Source nodes in use:"),
        *_shape(plan.shape, 1),
    ]
    if plan.problems:
        parts += ["", _("Problems:"), *(f"  {problem.place}: {problem.message}" for problem in plan.problems)]
    return "\n".join(parts) + "\n"


def _documents(plan: Plan) -> Iterator[str]:
    yield _("From {document}").format(document=_document(plan.source))
    for further in plan.further:
        yield _("Further source {name}: {document}").format(
            name=further.name, document=_document(further.document)
        )
        for lookup in plan.lookups:
            if lookup.document == further.name:
                fields = ", ".join(read.address.partition("::")[2] for read in lookup.fields)
                yield "  " + _(
                    "Rows are read once and found by {fields}; on disk where they are many."
                ).format(fields=fields)
        if further.shape.children:
            yield "  " + _("What rules read of it is held in memory.")
    yield _("To {document}").format(document=_document(plan.target))
    for output in plan.outputs:
        yield _("Further target {name}: {document}").format(
            name=output.name, document=_document(output.document)
        )


def _document(document: Document) -> str:
    names = {
        "xml": _("XML"),
        "json": _("JSON"),
        "lines": _("JSON lines"),
        "delimited": _("delimited text"),
    }
    root = document.root or "/"
    return f"{names.get(document.format, document.format)} {root} ({document.schema or '—'})"


def _records(plan: Plan) -> Iterator[str]:
    passes = {
        "stream": _("The input is read once, a record at a time."),
        "head": _(
            "The input is read once, a record at a time; what stands before the records is read first."
        ),
        "twice": _("The input is read twice: {reason}."),
        "whole": _("The input is held in memory: {reason}."),
    }
    yield passes[plan.passes].format(reason=plan.reason)
    views = [plan, *(plan.writing(output) for output in plan.outputs)]
    if plan.outputs:
        yield _("Each target is written in a pass of its own; a record that fails in one is in none.")
    for plan, top in ((view, top) for view in views for top in view.tops):
        path = "/".join(key.rpartition("}")[2] for key in top.chain) or "—"
        yield _("One record is one {path}, for each {target}.").format(path=path, target=top.target.path)
        if top.gathers and plan.passes != "whole":
            around = "/".join(key.rpartition("}")[2] for key in top.unit.chain)
            yield _("Records are read together with the {path} they are in.").format(path=around)
        if top.follows:
            yield _("Neighbouring records are grouped as they are read; a group is in memory at a time.")
        if top.arranges and plan.passes != "whole":
            yield _("Records are put in order before the first is written: on disk beyond {size} MB.").format(
                size=IN_MEMORY // 1_000_000
            )
        yield _engine(plan, top)
        if plan.source.format in _ROWS and plan.target.format in _ROWS and not plan.errors:
            yield from _by_column(plan)
    if plan.tops and not plan.errors:
        reason = why_one_process(plan)
        yield (
            _("In parts (--jobs): not, because {reason}.").format(reason=reason)
            if reason
            else _("In parts (--jobs): yes, each part holds whole records.")
        )


def _engine(plan: Plan, top: Top) -> str:
    if plan.errors:
        return _("It cannot run: the problems below must be mended first.")
    if plan.passes == "whole":
        return _("Engine: interpret, because the records are in memory.")
    world = World(plan.tables)
    try:
        make = rows.gathered_function if top.gathers else rows.record_function
        grouped = top.arranges and top.target.loop is not None and top.target.loop.group
        make = rows.group_function if top.follows or grouped else make
        make(plan, top, depth_of(plan.root, top.target, plan.target), world, Judge(plan, world, Item("")))
    except rows.Declined as declined:
        return _("Engine: interpret, because {reason}.").format(reason=str(declined))
    return _("Engine: rows (Python generated for these records).")


def _by_column(plan: Plan) -> Iterator[str]:
    world = World(plan.tables)
    reason = why_not_columns(plan, world, Judge(plan, world, Item("")))
    if reason:
        yield _("By column (--engine columns): not, because {reason}.").format(reason=reason)
        return
    yield _(
        "By column (--engine columns): yes, in DuckDB; values that are not as usual are left to the judge."
    )
    if whole_input(plan.tops[0]):
        yield _("Without --engine it is done so from {size} MB of input on.").format(size=BIG // 1_000_000)


def _node(target: Target, depth: int) -> Iterator[str]:
    margin = "  " * depth
    name = f"@{target.tag}" if target.attribute else target.tag or "/"
    line = f"{margin}{name}"
    if target.loop is not None:
        line += "  " + _loop(target.loop)
    if target.when is not None:
        line += "  " + _("when {script}").format(script=target.when.text)
    if target.script is not None:
        line += f" = {target.script.text}"
    if target.fixed is not None:
        line += f" = {target.fixed!r} " + _("(fixed by the schema)")
    if target.required and (target.script or target.children):
        line += "  " + _("(required)")
    yield line
    for child in target.children:
        yield from _node(child, depth + 1)


def _loop(loop: Loop) -> str:
    if loop.source is not None:
        text = _("for each {path}").format(path=loop.source.address)
    else:
        script = f"SetInstances('{loop.given}', …)" if loop.given else "—"
        text = _("for each entry of {script}").format(script=loop.each.text if loop.each else script)
    for join in loop.joins:
        text += " " + _joined(join)
    if loop.when is not None:
        text += " " + _("when {script}").format(script=loop.when.text)
    if loop.group:
        by = ", ".join(expr.text for expr in loop.group)
        text += " " + (
            _("grouped by neighbouring {scripts}") if loop.adjacent else _("grouped by {scripts}")
        ).format(scripts=by)
    for order in loop.sort:
        text += " " + (_("sorted down by {script}") if order.descending else _("sorted by {script}")).format(
            script=order.by.text
        )
    if loop.first is not None:
        text += " " + _("the first {count}").format(count=loop.first)
    if loop.last is not None:
        text += " " + _("the last {count}").format(count=loop.last)
    return text


def _joined(join: Join) -> str:
    rows, _mark, fields = join.lookup.removesuffix("::").rpartition(" by ")
    pairs = zip(fields.split(", "), join.given, strict=False)
    matched = ", ".join(f"{field} = {expr.text}" for field, expr in pairs)
    text = (
        _("joins {name}: each row of {rows} whose {matched}, or none")
        if join.left
        else _("joins {name}: each row of {rows} whose {matched}")
    )
    return text.format(name=join.name, rows=rows, matched=matched)


def _shape(shape: Shape, depth: int) -> Iterator[str]:
    for key, child in shape.children.items():
        name = key.rpartition("}")[2]
        if key.startswith("@") and not name.startswith("@"):
            name = "@" + name
        many = " *" if child.repeats else ""
        kind = f"  {child.base.value}" if child.text else ""
        yield f"{'  ' * depth}{name}{many}{kind}"
        yield from _shape(child, depth + 1)
