"""What of a canvas comes back when its map is opened again: folding, scrolling, views, page and size, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ui.canvas.link_index import Side
from ui.canvas.views import View
from ui.canvas.zoom import known

if TYPE_CHECKING:
    from ui.canvas.canvas import MappingCanvas


def canvas_state(canvas: MappingCanvas) -> dict[str, Any]:
    """The state of both trees."""
    return {
        side.value: {
            "expanded": sorted(canvas.rows[side].expanded),
            "scroll": canvas.views[side].kept_top,
            "value": canvas.views[side].value_width,
            "current": canvas.path(side),
            "view": canvas.narrowing.view(side).value,
            "filter": canvas.heads[side].filter.text(),
            "folds": [sorted(folds) for folds in canvas.rows[side].folds],
        }
        for side in Side
    } | {"zoom": canvas.zoom}


def restore_canvas(canvas: MappingCanvas, state: Mapping[str, Any]) -> None:
    """Take back what `canvas_state` gave; what is missing or makes no sense stays as it is."""
    canvas.zoom_to(known(state.get("zoom", 1.0)))
    canvas.behind.take_shapes()
    for side in Side:
        kept = state.get(side.value)
        if isinstance(kept, Mapping):
            _restore_rows(canvas, side, kept)
    canvas.relink()
    for side in Side:
        kept = state.get(side.value)
        if isinstance(kept, Mapping):
            current, scroll = kept.get("current"), kept.get("scroll")
            if isinstance(current, str) and (row := canvas.rows[side].at(current)) >= 0:
                canvas.views[side].set_current(row)
            if isinstance(scroll, int):
                canvas.views[side].scroll_to(scroll)
    canvas.show_all()


def _restore_rows(canvas: MappingCanvas, side: Side, kept: Mapping[str, Any]) -> None:
    expanded = kept.get("expanded")
    if isinstance(expanded, list):
        canvas.rows[side].expanded = {key for key in expanded if isinstance(key, str)}
        canvas.rows[side].rebuild()
    if isinstance(kept.get("value"), int):
        canvas.views[side].value_width = kept["value"]
    view = kept.get("view")
    if view in {each.value for each in View}:
        canvas.narrowing.show_view(side, View(view))
    folds = kept.get("folds")
    if isinstance(folds, list) and len(folds) == 2 and all(isinstance(each, list) for each in folds):
        canvas.rows[side].refold(*({key for key in each if isinstance(key, str)} for each in folds))
    text = kept.get("filter")
    if isinstance(text, str) and text:
        # What it finds is searched for bit by bit, as after typing.
        canvas.heads[side].filter.setText(text)
