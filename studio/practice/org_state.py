"""What every part of the org shares: records, objects, clock, rules, and who the practice user is."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.practice.asking import Asking, asking
from studio.practice.catalog import Catalog
from studio.practice.clock import Clock
from studio.practice.rules import Rules
from studio.practice.store import Store


@dataclass
class OrgState:
    """The org, as those who write records see it; `everything` are all objects with all their fields, `admin_id` the
    practice user, `users` ids by username; `first_number` is added to record numbers to make ids."""

    store: Store
    everything: Catalog
    clock: Clock
    org_id: str
    admin_id: str
    rules: Rules = field(default_factory=Rules)
    users: dict[str, str] = field(default_factory=dict)
    first_number: int = 14_776_000
    _views: dict[str, tuple[int, Catalog]] = field(default_factory=dict)

    @property
    def asking(self) -> Asking:
        """Who asks now, and with which wishes."""
        return asking.get() or Asking(self.admin_id)

    @property
    def user_id(self) -> str:
        """Who asks now; the administrator when nobody does."""
        return self.asking.user_id

    @property
    def catalog(self) -> Catalog:
        """The objects as whoever asks may see them."""
        username = next((name for name, id_ in self.users.items() if id_ == self.user_id), "")
        access = self.rules.access.get(username)
        if access is None:
            return self.everything
        changes, view = self._views.get(username, (-1, self.everything))
        if changes != self.everything.changes:
            changes, view = self.everything.changes, access.view(self.everything)
            self._views[username] = changes, view
        return view
