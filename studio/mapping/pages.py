"""Pages: named parts of a large map, each some target nodes with all that is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.mapping import address
from studio.mapping.model import Rule, Transformation

Pages = Mapping[str, tuple[str, ...]]


def tops(paths: Iterable[str]) -> tuple[str, ...]:
    """The addresses without those that stand below another of them, in the order given."""
    given = dict.fromkeys(paths)
    return tuple(path for path in given if not any(up in given for up in address.ancestors(path)))


def on_page(path: str, page: Iterable[str]) -> bool:
    """A target node is one of a page's, or below one."""
    return any(address.within(path, top) for top in page)


def with_page(transformation: Transformation, name: str, paths: Iterable[str]) -> Transformation:
    """The transformation with a page that shows these nodes; without any the page is gone."""
    pages = dict(transformation.pages)
    kept = tops(paths)
    if kept:
        pages[name] = kept
    else:
        pages.pop(name, None)
    return replace(transformation, pages=pages)


def renamed(transformation: Transformation, old: str, new: str) -> Transformation:
    """The transformation with a page called otherwise, in its place."""
    pages = {new if name == old else name: paths for name, paths in transformation.pages.items()}
    return replace(transformation, pages=pages)


def free_name(transformation: Transformation, wanted: str) -> str:
    """A name for a new page that no other has: the wanted one, or with a number."""
    name, number = wanted, 2
    while name in transformation.pages:
        name, number = f"{wanted} {number}", number + 1
    return name


def rules_on(rules: Iterable[Rule], page: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of a page."""
    wanted = tuple(page)
    return tuple(rule for rule in rules if on_page(rule.path, wanted))
