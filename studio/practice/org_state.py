"""What every part of the org shares: records, objects, clock, faults, and who the practice user is."""

from __future__ import annotations

from dataclasses import dataclass

from studio.practice.catalog import Catalog
from studio.practice.clock import Clock
from studio.practice.store import Store


@dataclass
class OrgState:
    """The org, as those who write records see it; `first_number` is added to record numbers to make ids."""

    store: Store
    catalog: Catalog
    clock: Clock
    org_id: str
    user_id: str
    first_number: int = 14_776_000
