"""The pages of an export side by side: five are fetched at a time, each into a file of its own, and given in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from studio.base import atomic
from studio.connectors.salesforce import bulk_query
from studio.connectors.salesforce.bulk_query import Page
from studio.connectors.salesforce.session import Org


async def side_by_side(
    org: Org, job_id: str, locator: str, folder: Path
) -> AsyncGenerator[tuple[Path, Page], None]:
    """The pages from `locator` on, in order: the file that holds a page's rows until the next is asked for, and its end.

    A page that came cut is fetched again. Close the iterator (contextlib.aclosing): its files go with it. Raises
    NotReachable, SalesforceError; the pages given before are good.
    """
    alone = False
    while locator:
        found = None if alone else await bulk_query.places(org, job_id, locator)
        alone = found is None
        starts = found.locators if found is not None else (locator,)
        paths = [folder / f"page-{number}.part" for number in range(len(starts))]
        tasks = [
            asyncio.create_task(_fetch(org, job_id, start, path))
            for start, path in zip(starts, paths, strict=True)
        ]
        try:
            for at, (task, path) in enumerate(zip(tasks, paths, strict=True)):
                page = await task
                if found is None:
                    following = page.locator
                else:
                    following = starts[at + 1] if at + 1 < len(starts) else found.following
                yield path, Page(page.records, following)
                atomic.discard(path)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for path in paths:
                atomic.discard(path)
        locator = following


async def _fetch(org: Org, job_id: str, locator: str, path: Path) -> Page:
    async def once() -> Page:
        with atomic.told(path), path.open("wb") as file:
            return await bulk_query.read_page(org, job_id, locator, file.write)

    page = await org.patiently(once)
    assert isinstance(page, Page)
    return page
