"""The org as a whole: made or opened, with what its parts share and the thread its records are read on."""

from __future__ import annotations

import asyncio
import functools
import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import resource
from studio.base.system_errors import reason_of
from studio.practice import tables
from studio.practice.catalog import Catalog, SObject
from studio.practice.clock import Clock
from studio.practice.faults import Fault, Faults
from studio.practice.ids import record_id
from studio.practice.org_state import OrgState
from studio.practice.rules import Rules, read_rules
from studio.practice.seed import PracticeUser, seed_org
from studio.practice.sign_in.sessions import Sessions
from studio.practice.store import Store
from studio.practice.volume import fill

P = ParamSpec("P")
T = TypeVar("T")

ORG_ID = record_id("00D", 14_776_001)
FIRST_VERSION = 31
LAST_VERSION = 67
# What a day allows, where no fault says otherwise.
DAILY_CALLS = 100_000
_CALLS_KEPT = 10_000


@dataclass(frozen=True)
class ApiCall:
    """One request the org has answered."""

    method: str
    path: str
    status: int


class Org(OrgState):
    """Everything the endpoints work on. Make it with `Org.open`, end it with `close`."""

    def __init__(
        self, store: Store, catalog: Catalog, clock: Clock, faults: Faults, user: PracticeUser
    ) -> None:
        super().__init__(store, catalog, clock, ORG_ID, user.id, standard_rules())
        self.faults = faults
        self.user = user
        self.sessions = Sessions(ORG_ID, clock)
        self.access_token = ""
        self.catalog_changed = clock.now()
        self.calls_today = 0
        self.calls: deque[ApiCall] = deque(maxlen=_CALLS_KEPT)
        self._pool = ThreadPoolExecutor(2, "practice-records")
        # A unit of work must get on while writers that wait for it fill the pool.
        self._unit_pool = ThreadPoolExecutor(1, "practice-unit")

    @classmethod
    def open(
        cls,
        folder: Path | None,
        *,
        objects: Sequence[Path] = (),
        faults: Iterable[Fault] = (),
        seed: bool = True,
        records: int = 0,
    ) -> Org:
        """Make a new org, or open the one in `folder`. Raises BadInput for a bad object table or folder."""
        catalog, clock = Catalog(), Clock()
        for sobject in standard_objects():
            catalog.add(sobject)
        store = Store(folder)
        try:
            for name in objects:
                add_objects(catalog, store, _table_text(name), file=name)
            for row in store.connection().execute('SELECT source FROM "~objects"').fetchall():
                for sobject in tables.read_objects(row[0]):
                    catalog.add(sobject)
            for sobject in catalog:
                store.create(sobject)
            user = _practice_user(store)
            org = cls(store, catalog, clock, Faults(faults), user)
            seed_org(org, user, samples=seed)
            org.find_users()
            fill(org, records)
            org.restore_sessions()
        except BaseException:
            store.close()
            raise
        return org

    def find_users(self) -> None:
        """Look up who there is."""
        rows = self.store.connection().execute('SELECT lower("Username"), "Id" FROM "User"')
        self.users = dict(rows.fetchall())

    def restore_sessions(self) -> None:
        """Take over a lasting org's tokens; the practice user's own is made once."""
        kept = self.store.read_meta("sessions")
        if kept:
            self.sessions.restore(kept)
        self.access_token = self.store.read_meta("access_token") or self.sessions.open(
            self.user_id, lasting=True
        )
        self.store.write_meta("access_token", self.access_token)
        self.keep_sessions()

    def keep_sessions(self) -> None:
        """Write the tokens down."""
        self.store.write_meta("sessions", self.sessions.dump())

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do work that touches the records, away from the event loop."""
        loop = asyncio.get_running_loop()
        context = copy_context()
        pool = self._unit_pool if self.store.in_a_unit else self._pool
        return await loop.run_in_executor(pool, lambda: context.run(work, *args, **kwargs))

    @property
    def call_limit(self) -> int:
        """API calls a day allows."""
        return int(self.faults.value("quota") or DAILY_CALLS)

    def add_objects(self, text: str) -> list[str]:
        """Add custom objects described as a table; their names. Raises BadInput."""
        names = add_objects(self.everything, self.store, text, file=None)
        self.catalog_changed = self.clock.now()
        return names

    def close(self) -> None:
        """Stop the threads and close the records."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._unit_pool.shutdown(wait=True, cancel_futures=True)
        self.store.close()


@functools.cache
def standard_objects() -> tuple[SObject, ...]:
    """The objects every org starts with."""
    folder = resource("practice")
    picklists = tables.read_picklists((folder / "picklists.txt").read_text("utf-8"))
    objects: list[SObject] = []
    for file in sorted((folder / "objects").glob("*.txt")):
        objects += tables.read_objects(file.read_text("utf-8"), file=file, picklists=picklists)
    return tuple(objects)


@functools.cache
def standard_rules() -> Rules:
    """What every org's administrator has set up."""
    return read_rules((resource("practice") / "rules.txt").read_text("utf-8"))


def add_objects(catalog: Catalog, store: Store, text: str, *, file: Path | None) -> list[str]:
    """Read a table, make its objects and remember it for the next start."""
    names = []
    for sobject in tables.read_objects(text, file=file, catalog=catalog):
        catalog.add(sobject)
        store.create(sobject)
        names.append(sobject.name)
        # What is written down names the prefix that was found, so that ids stay what they are.
        text = re.sub(
            rf"^(\s*object\s+{sobject.name}\s*\|)\s*auto\s*\|",
            rf"\1 {sobject.prefix} |",
            text,
            flags=re.MULTILINE,
        )
    with store.writing() as connection:
        for name in names:
            connection.execute('INSERT OR REPLACE INTO "~objects" VALUES (?, ?)', (name, text))
    return names


def _table_text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else _("it is not UTF-8")
        raise BadInput(
            _("The object table cannot be read: {reason}.").format(reason=reason),
            file=file,
            next_step=_("Give the path of a text file that describes objects."),
        ) from error


def _practice_user(store: Store) -> PracticeUser:
    password = store.read_meta("password")
    if password is None:
        password = "Weft-" + secrets.token_urlsafe(12)
        store.write_meta("password", password)
        store.write_meta("security_token", secrets.token_hex(12))
    return PracticeUser(
        id=record_id("005", 14_776_001),
        username="admin@practice.example",
        password=password,
        security_token=store.read_meta("security_token") or "",
    )
