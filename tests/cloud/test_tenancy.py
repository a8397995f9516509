"""One organization never sees, makes or changes a row of another: by the layer, and on PostgreSQL by the database."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, func, literal_column, select, text, true
from sqlalchemy.exc import DBAPIError, StatementError

from cloud.store.database import OutsideTenant
from cloud.store.metadata import metadata
from cloud.store.tables import data_keys, environments, members, organizations, role_rights, roles, users
from cloud.store.tables_audit import audit_entries
from tests.cloud.conftest import Running


def test_queries_see_their_organization_however_they_are_built(server: Running) -> None:
    here, there = server.organization(), server.organization()
    elsewhere = set(there.environments.values())
    other = environments.alias("other")
    queries = [
        select(environments.c.id),
        select(other.c.id),
        select(environments.c.id).union_all(select(other.c.id)),
        select(select(environments.c.id).subquery().c.id),
        select(environments.c.id).where(environments.c.id.in_(select(other.c.id))),
        select(other.c.id).select_from(roles.outerjoin(other, true())),
        select(environments.c.id).with_for_update(),
    ]
    found = select(environments.c.id).cte("found")
    queries.append(select(found.c.id))
    with server.database.tenant(here.id) as tenant:
        for query in queries:
            ids = {row[0] for row in tenant.rows(query)}
            assert ids == set(here.environments.values())
            assert not ids & elsewhere
        count = select(func.count()).select_from(environments).where(environments.c.org_id == there.id)
        assert tenant.value(count) == 0
        assert tenant.value(
            select(select(environments.c.id).where(environments.c.org_id == there.id).exists())
        ) in (
            0,
            False,
        )


def test_changes_stay_in_their_organization(server: Running) -> None:
    here, there = server.organization(), server.organization()
    with server.database.tenant(here.id, write=True) as tenant:
        assert tenant.update(environments, true(), name="mine") == 3
        assert tenant.update(environments, environments.c.id == there.environments["test"], name="x") == 0
        assert tenant.delete(environments, environments.c.org_id == there.id) == 0
        with pytest.raises(OutsideTenant):
            tenant.insert(members, org_id=there.id, user_id=here.admin.id, joined_at=tenant.now())
        with pytest.raises(OutsideTenant):
            tenant.update(environments, true(), org_id=there.id)
        assert tenant.update(users, users.c.id == there.admin.id, surname="x") == 0
        assert tenant.update(users, users.c.id == here.admin.id, surname="x") == 1
    with server.database.tenant(there.id) as tenant:
        assert "mine" not in {row.name for row in tenant.rows(select(environments))}


def test_a_row_is_added_once(server: Running) -> None:
    here = server.organization()
    with server.database.tenant(here.id, write=True) as tenant:
        known = tenant.insert_new(members, user_id=here.admin.id, joined_at=tenant.now())
        new = tenant.insert_new(members, user_id="somebody", joined_at=tenant.now())
    assert (known, new) == (False, True)


def test_what_could_not_be_narrowed_is_refused(server: Running) -> None:
    here = server.organization()
    with server.database.tenant(here.id) as tenant:
        for statement in (
            text("SELECT * FROM members"),
            select(literal_column("(SELECT count(*) FROM members)")),
            select(text("*")).select_from(text("members")),
            select(environments.c.id).where(text("1 = 1")),
        ):
            with pytest.raises(OutsideTenant):
                tenant.rows(statement)  # type: ignore[arg-type]
        with pytest.raises(OutsideTenant):
            tenant.delete(environments, true())
    with pytest.raises(OutsideTenant), server.database.tenant(""):
        pass
    with pytest.raises(OutsideTenant), server.database.tenant("server"):
        pass


def test_past_the_layer_a_query_without_an_organization_does_not_run(server: Running) -> None:
    server.organization()
    for table in metadata.sorted_tables:
        if "scope" not in table.info:
            continue
        with server.database.engine.connect() as connection, pytest.raises(StatementError, match="weft_org"):
            connection.execute(select(table))


def test_inside_an_organization_only_its_people_are_seen(server: Running) -> None:
    here, there = server.organization(people={"admin": "admin", "ana": {}}), server.organization()
    with server.database.tenant(here.id) as tenant:
        assert {row.id for row in tenant.rows(select(users))} == {here.admin.id, here.ana.id}
    with server.database.common(user=there.admin.id) as common:
        assert [row.org_id for row in common.rows(select(members))] == [there.id]
        assert common.rows(select(environments)) == []
        assert len(common.rows(select(organizations))) >= 2


def test_nothing_is_kept_when_a_transaction_fails(server: Running) -> None:
    here = server.organization()
    called: list[str] = []

    def half() -> None:
        with server.database.tenant(here.id, write=True) as tenant:
            tenant.update(environments, true(), name="half")
            tenant.commit_hook(lambda: called.append("told"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with server.database.tenant(here.id) as tenant:
        assert "half" not in {row.name for row in tenant.rows(select(environments))}
        assert called == []


def test_entries_of_the_audit_are_never_changed(server: Running) -> None:
    """By whoever works through the server: the role may not (PostgreSQL), a trigger refuses (SQLite)."""
    here = server.organization()
    with server.database.tenant(here.id, write=True) as tenant:
        tenant.insert(
            audit_entries, number=1, at=tenant.now(), action="a", target="", actor="", via="", address="",
            request_id="", details_hash=b"", hash=b"",
        )  # fmt: skip
    with pytest.raises(DBAPIError), server.database.tenant(here.id, write=True) as tenant:
        tenant.update(audit_entries, true(), action="b")
    with pytest.raises(DBAPIError), server.database.tenant(here.id, write=True) as tenant:
        tenant.delete(audit_entries, true())


# Row-level security is PostgreSQL's; SQLite has the layer alone.
on_postgresql = pytest.mark.parametrize("server", ["postgresql"], indirect=True)


@on_postgresql
def test_the_database_itself_hides_other_organizations(server: Running) -> None:
    here, there = server.organization(), server.organization()
    engine = server.database.engine
    with engine.connect() as connection:

        def count(org: str | None) -> int:
            with connection.begin():
                if org is not None:
                    connection.exec_driver_sql("SELECT set_config('app.org', %s, true)", (org,))
                return int(connection.exec_driver_sql("SELECT count(*) FROM environments").scalar_one())

        assert [count(None), count(here.id), count(None), count(""), count(there.id)] == [0, 3, 0, 0, 3]
        foreign = "INSERT INTO members (org_id, user_id, joined_at) VALUES (%s, 'x', now())"
        with connection.begin():
            connection.exec_driver_sql("SELECT set_config('app.org', %s, true)", (here.id,))
            with pytest.raises(DBAPIError, match="row-level security"), connection.begin_nested():
                connection.exec_driver_sql(foreign, (there.id,))
        with connection.begin():
            connection.exec_driver_sql("SELECT set_config('app.org', %s, true)", (here.id,))
            done = connection.exec_driver_sql("UPDATE environments SET name = 'x'")
            assert done.rowcount == 3


@on_postgresql
def test_every_table_of_tenants_is_guarded_and_the_role_owns_none(server: Running) -> None:
    query = "SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with server.database.engine.connect() as connection:
        found = {row[0]: row[1:] for row in connection.exec_driver_sql(query)}
        role = connection.exec_driver_sql(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).one()
    assert tuple(role) == (False, False, False)
    for table in metadata.sorted_tables:
        guarded, forced, owner = found[table.name]
        assert owner == "owner"
        assert guarded == forced == ("scope" in table.info), table.name


def test_a_row_cannot_point_into_another_organization(server: Running) -> None:
    here, there = server.organization(), server.organization()
    with pytest.raises(DBAPIError), server.database.tenant(here.id, write=True) as tenant:
        tenant.insert(
            role_rights,
            role_id=here.roles["admin"],
            environment_id=there.environments["test"],
            right="read",
        )


def test_keys_of_others_are_not_seen(server: Running) -> None:
    here = server.organization()
    with server.database.tenant(here.id) as tenant:
        assert {row.org_id for row in tenant.rows(select(data_keys))} == {here.id}


@on_postgresql
def test_a_superuser_would_see_everything_so_the_guard_is_the_role(server: Running) -> None:
    server.organization()
    engine = create_engine(server.owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM environments").scalar_one() == 3
    engine.dispose()
