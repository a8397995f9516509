"""Deploying, promoting and restoring against the real server: what is shown is what is done, or nothing is."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from studio.project.differing import Part, parts_differing
from studio.protocol.access import Environment
from studio.repository.changes import VariableChange
from studio.repository.client import Repository
from studio.repository.deployments import (
    Plan,
    carry_out,
    history,
    plan_deployment,
    plan_promotion,
    plan_restore,
    restore,
    revision_named,
)
from studio.repository.refusals import DeployedMeanwhile, Refused, RevisionConflict
from tests.repository.running_server import Site
from tests.repository.test_client import Files, push

PROJECT = "weft: project/1\nid: p\nname: Orders\nvariables:\n  host: everywhere\n  region: {region}\n"
FIRST: Files = {
    "project.yaml": PROJECT.format(region="eu").encode(),
    "environments/test.yaml": b"weft: environment/1\nvariables: {host: test-one, password: hunter2}\n",
    "transformations/orders.yaml": b'weft: transformation/1\nname: Orders\nmap:\n  a/b: "[x]"\n  a/c: "[y]"\n',
    "schemas/orders.xsd": b"<schema/>",
    "scripts/clean.jb": b"$a = 1;",
}
SECOND: Files = {
    "project.yaml": PROJECT.format(region="br").encode(),
    "environments/test.yaml": b"weft: environment/1\nvariables: {host: test-two, password: hunter3}\n",
    "transformations/orders.yaml": b'weft: transformation/1\nname: Orders\nmap:\n  a/b: "[z]"\n  a/d: "[y]"\n',
    "scripts/clean.jb": b"$a = 2;",
    "operations/send.yaml": b"weft: operation/1\nname: Send\n",
}


class Stages:
    """A project with two revisions, and its environments."""

    def __init__(self, repository: Repository, project: str, environments: tuple[Environment, ...]) -> None:
        self.repository, self.project = repository, project
        self.development, self.test, self.production = environments

    async def plan(self, revision: str = "", **more: object) -> Plan:
        return await plan_deployment(
            self.repository,
            self.project,
            self.test,
            revision=revision,
            **more,  # type: ignore[arg-type]
        )


async def staged(site: Site, repository: Repository) -> Stages:
    project = (await site.new_project()).id
    first = await push(repository, project, None, {}, FIRST, "first")
    await push(repository, project, first, FIRST, SECOND, "second")
    return Stages(repository, project, await repository.environments())


async def test_the_difference_then_the_deed(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        shown = await stages.plan("1")
        assert [(change.path, change.change) for change in shown.objects] == [
            (path, "added") for path in sorted(FIRST)
        ]
        assert {each.name: each.after for each in shown.variables} == {
            "host": "test-one", "region": "eu", "password": "…",
        }  # fmt: skip
        made = await carry_out(ana, shown, "go")
        assert (made.number, made.tree, made.message) == (1, shown.planned.source_tree, "go")
        # A second time it is the same deployment.
        assert await carry_out(ana, shown, "go") == made
        shown = await stages.plan()
        by_path = {change.path: change for change in shown.objects}
        assert {path: change.change for path, change in by_path.items()} == {
            "environments/test.yaml": "changed", "operations/send.yaml": "added", "project.yaml": "changed",
            "schemas/orders.xsd": "removed", "scripts/clean.jb": "changed", "transformations/orders.yaml": "changed",
        }  # fmt: skip
        assert by_path["transformations/orders.yaml"].parts == (
            Part(("map", "a/b"), "[x]", "[z]"), Part(("map", "a/d"), None, "[y]"), Part(("map", "a/c"), "[y]", None),
        )  # fmt: skip
        assert by_path["scripts/clean.jb"].parts == ()
        assert by_path["operations/send.yaml"].object == "operations/send"
        assert shown.variables == (
            VariableChange("host", "test-one", "test-two"), VariableChange("password", "…", "…"),
            VariableChange("region", "eu", "br"),
        )  # fmt: skip
        assert (await carry_out(ana, shown)).number == 2
        assert (await stages.plan()).empty


async def test_one_object_and_variables_only(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        await carry_out(ana, await stages.plan("1"))
        one = await stages.plan(scope="object", path="scripts/clean.jb")
        assert [change.path for change in one.objects] == ["scripts/clean.jb"]
        assert one.variables == ()
        await carry_out(ana, one)
        variables = await stages.plan(scope="variables")
        assert [change.path for change in variables.objects] == ["environments/test.yaml", "project.yaml"]
        await carry_out(ana, variables)
        left = await stages.plan()
        assert {change.path for change in left.objects} == {
            "operations/send.yaml", "schemas/orders.xsd", "transformations/orders.yaml",
        }  # fmt: skip
        with pytest.raises(Refused):
            await stages.plan(scope="object", path="scripts/none.jb")


async def test_what_is_set_in_the_repository_wins(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        await ana.set_variables(stages.project, stages.test.id, 0, {"host": "set there"})
        await carry_out(ana, await stages.plan("1"))
        shown = await stages.plan()
        assert [each.name for each in shown.variables] == ["password", "region"]


async def test_what_was_shown_or_nothing(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        shown = await stages.plan("1")
        await carry_out(ana, await stages.plan("2"))
        with pytest.raises(DeployedMeanwhile, match="meanwhile"):
            await carry_out(ana, shown)
        held = await ana.deployed(stages.project, stages.test.id)
        assert held.last is not None
        assert held.last.number == 2


async def test_a_promotion_names_both_sides(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        with pytest.raises((BadInput, Refused), match="Nothing is deployed"):
            await plan_promotion(ana, stages.project, stages.test, stages.production)
        await carry_out(ana, await stages.plan("1"))
        await ana.set_variables(stages.project, stages.test.id, 0, {"url": "a", "same": "s", "api_key": "k1"})
        await ana.set_variables(stages.project, stages.production.id, 0, {"url": "b", "same": "s"})
        shown = await plan_promotion(ana, stages.project, stages.test, stages.production)
        assert {change.change for change in shown.objects} == {"added"}
        apart = [each for each in shown.variables if each.apart]
        assert apart == [VariableChange("api_key", None, "…", True), VariableChange("url", "b", "a", True)]
        # The file of another environment is not what production's variables are worth.
        assert ("host", None, "everywhere") in [
            (each.name, each.before, each.after) for each in shown.variables
        ]
        made = await carry_out(ana, shown)
        assert (made.promoted_from, made.number) == (stages.test.id, 1)
        stale = await plan_promotion(ana, stages.project, stages.test, stages.production)
        await carry_out(ana, await stages.plan("2"))
        with pytest.raises(DeployedMeanwhile):
            await carry_out(ana, stale)
        again = await plan_promotion(ana, stages.project, stages.test, stages.production)
        [changed] = [each for each in again.objects if each.path == "transformations/orders.yaml"]
        assert len(changed.parts) == 3
        await carry_out(ana, again)
        # What a promotion leaves as it is stays so.
        assert (await ana.variables(stages.project, stages.production.id)).values["url"] == "b"


async def test_whoever_may_not_deploy_sees_the_difference(site: Site) -> None:
    async with site.repository() as ana, site.repository("ben") as ben:
        stages = await staged(site, ana)
        shown = await plan_deployment(ben, stages.project, stages.test)
        with pytest.raises(Refused) as told:
            await carry_out(ben, shown)
        assert told.value.code == "forbidden"


async def test_history_and_an_old_revision_made_new(site: Site) -> None:
    async with site.repository() as ana:
        stages = await staged(site, ana)
        assert [(each.number, each.message) for each in await history(ana, stages.project)] == [
            (2, "second"), (1, "first"),
        ]  # fmt: skip
        assert len(await history(ana, stages.project, 1)) == 1
        first = await revision_named(ana, stages.project, "1")
        assert await revision_named(ana, stages.project, first.id) == first
        for name in ("3", "0", "99999999", "no-such-id", "%2e%2e", "ü"):
            with pytest.raises(BadInput, match="no revision"):
                await revision_named(ana, stages.project, name)
        shown = await plan_restore(ana, stages.project, "1")
        assert {change.path for change in shown.objects} == {*FIRST, *SECOND}
        made = await restore(ana, shown, "back")
        assert (made.number, made.tree, made.restored) == (3, first.tree, first.id)
        stale = await plan_restore(ana, stages.project, "2")
        await push(ana, stages.project, made.id, FIRST, FIRST | {"a.txt": b"x"})
        with pytest.raises(RevisionConflict):
            await restore(ana, stale)


async def test_nothing_was_pushed_yet(site: Site) -> None:
    project = await site.new_project()
    async with site.repository() as ana:
        [_development, test, _production] = await ana.environments()
        with pytest.raises(BadInput, match="Nothing was pushed"):
            await plan_deployment(ana, project.id, test)


def test_parts_of_files_that_cannot_be_read() -> None:
    assert parts_differing("transformations/a.yaml", b"map: {", b"map: {a: b}") == ()
    assert parts_differing("scripts/a.jb", b"1", b"2") == ()
    assert parts_differing("schemas/a.xsd", b"1", b"2") == ()
    assert parts_differing("project.yaml", b"[1]", b"name: x") == (Part(("name",), None, "x"),)
    assert parts_differing("connections/a.yaml", b"login: {password: one}", b"login: {password: two}") == ()
    assert parts_differing("connections/a.yaml", b"login: {user: one}", b"login: x") == (
        Part(("login",), {"user": "one"}, "x"),
    )
