"""Twenty clients push to one project at once: one wins each parent, the others are told who, nobody's work is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from cloud.access.rights import Right
from tests.cloud.conftest import FULL, Running
from tests.cloud.pushes import SOME, Clone, new_project

CLIENTS = 20


def test_one_wins_each_parent_and_all_get_in(server: Running) -> None:
    here = server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    first = new_project(here, here.ana)
    first.push(SOME)
    clones = [Clone(here.ana, first.path) for _each in range(CLIENTS)]
    mine = [{f"clients/{number}": b"work of client %d" % number} for number in range(CLIENTS)]
    files = []
    for clone, own in zip(clones, mine, strict=True):
        files.append(clone.pull() | own)
        assert clone.upload(*own.values()).status_code == 200

    def commit(number: int) -> httpx.Response:
        return clones[number].commit(
            files[number], f"client {number}", key=f"client-{number}-{clones[number].head}"
        )

    waiting, winners = list(range(CLIENTS)), []
    with ThreadPoolExecutor(CLIENTS) as pool:
        while waiting:
            answers = dict(zip(waiting, pool.map(commit, waiting), strict=True))
            won = [number for number, answer in answers.items() if answer.status_code == 201]
            assert len(won) == 1
            made = answers[won[0]].json()
            assert made["message"] == f"client {won[0]}"
            winners.append(made["id"])
            for number, answer in answers.items():
                if number != won[0]:
                    assert answer.json()["code"] == "revision_conflict"
                    assert answer.json()["conflict"]["expected"] == made["parent"]
                    assert answer.json()["conflict"]["head"] == made["id"]
            # All twenty race for the first parent; then a few go on, for each costs a round.
            waiting = [number for number in waiting if number != won[0]][: 4 if FULL else 2]
            for number in waiting:
                files[number] = clones[number].pull(files[number]) | mine[number]
    told = here.ana.get(f"{first.path}/revisions?limit=50").json()["items"]
    assert [item["id"] for item in reversed(told)][1:] == winners
    last = Clone(here.ana, first.path).pull()
    assert len(winners) == (5 if FULL else 3)
    assert {path for path in last if path.startswith("clients/")} == {
        item["message"].replace("client ", "clients/") for item in told[:-1]
    }


def test_one_key_used_by_many_at_once_makes_one_revision(server: Running) -> None:
    here = server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    clone = new_project(here, here.ana)
    clone.upload(*SOME.values())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _turn: clone.commit(SOME, key="one-key-for-all"), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert here.ana.get(f"{clone.path}/status").json()["number"] == 1


def test_the_same_contents_brought_by_many_at_once_are_kept_once(server: Running) -> None:
    here = server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    clone = new_project(here, here.ana)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _turn: clone.upload(*SOME.values()), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert sum(answer.json()["stored"] for answer in answers) == len(SOME)
    clone.push(SOME)
    assert Clone(here.ana, clone.path).pull() == SOME
