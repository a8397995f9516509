"""What the window is told of objects of another org: which there are, how they are related, what was carried."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.base.progress import Progress
from studio.base.secrets import open_store
from studio.moves.access import orgs
from studio.moves.access.orgs import TOKEN_VARIABLE, OrgLogin
from studio.moves.desks.desk_several import SeveralDesk
from tests.moves.conftest import Practice
from tests.moves.several.test_files import names
from tests.moves.several.test_orgs import fill

pytestmark = pytest.mark.network


async def test_objects_of_another_org(
    practice: Practice, other: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(other)
    orgs.add(OrgLogin("old", other.server.ready.url, "token"))
    monkeypatch.setenv(TOKEN_VARIABLE, other.server.ready.access_token)
    events: list[dict[str, Any]] = []

    def tell(event: str, **values: Any) -> None:
        events.append({"event": event, **values})

    async with AsyncExitStack() as stack:
        desk = SeveralDesk(stack, lambda: (practice.org, "practice"), open_store)

        async def ask(do: str, **message: Any) -> Any:
            return await desk.answers[do](message, tell, asyncio.Event(), Progress())

        assert {"Account", "Contact"} <= {one["name"] for one in await ask("several_source", org="old")}
        parts = [await ask("several_object", object=name) for name in ("Contact", "Account")]
        parts[0] |= {"related": "Account"}
        parts[1] |= {"action": "upsert", "key": "ERP_Id__c", "where": "Industry = 'Apparel'"}
        found = await ask("several_check", parts=parts, **{"from": "old"})
        assert [(line["object"], line["rows"], line["held"]) for line in found["steps"][:2]] == [
            ("Account", 3, 0), ("Contact", 3, 0),
        ]  # fmt: skip
        row = next(one for one in found["relations"] if one["field"] == "AccountId")
        assert (row["column"], row["parent"], row["by"], row["key"]) == ("AccountId", "Account", "Id", False)
        assert row["columns"] == []  # the ids of the other org say it: nothing to choose
        done = await ask("several_run", parts=parts, **{"from": "old"})
        assert (done["state"], done["succeeded"], done["trouble"]) == ("done", done["read"], None)
        assert {event["steps"][0]["object"] for event in events if event["event"] == "several"} == {"Account"}
        old = await ask("several_old", run=done["run"])
        assert (old["org"], old["steps"]) == ("practice", done["steps"])
        with pytest.raises(BadInput):
            await ask("several_check", parts=[parts[0]], **{"from": "old"})
    contacts = await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name")
    assert contacts == {f"Person {n}": f"Firm {n}" for n in range(1, 4)}
