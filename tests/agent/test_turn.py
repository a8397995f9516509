"""One request at a time: taken at once where nobody has the turn, else in the order asked."""

from __future__ import annotations

import asyncio

import pytest

from studio.agent.turn import Turn


def test_turns_are_had_in_the_order_asked() -> None:
    async def main() -> list[str]:
        turn, found = Turn(), []

        async def ask(name: str) -> None:
            async with turn:
                found.append(name)
                await asyncio.sleep(0)

        assert turn.take()
        assert not turn.take()
        waiting = [asyncio.create_task(ask(name)) for name in "abc"]
        await asyncio.sleep(0)
        assert found == []
        turn.release()
        await asyncio.gather(*waiting)
        assert turn.take()
        return found

    assert asyncio.run(main()) == ["a", "b", "c"]


@pytest.mark.parametrize("given", [False, True])
def test_one_that_gives_up_waiting_loses_nobody_the_turn(given: bool) -> None:
    async def main() -> bool:
        turn = Turn()
        turn.take()

        async def ask() -> None:
            async with turn:
                pass

        first, second = asyncio.create_task(ask()), asyncio.create_task(ask())
        await asyncio.sleep(0)
        if given:
            # It has the turn already, and does not know it yet.
            turn.release()
        first.cancel()
        if not given:
            await asyncio.sleep(0)
            turn.release()
        await second
        assert first.cancelled() or (await asyncio.wait([first]))
        return turn.take()

    assert asyncio.run(main())
