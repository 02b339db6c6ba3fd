"""The number and order of the requests that begin in one pass of the loop."""

import asyncio

from antechamber.gateway.http.request_turns import REQUESTS_A_PASS, RequestTurns


async def test_so_many_requests_begin_in_a_pass_and_the_next_in_the_pass_after_it() -> None:
    turns, begun = RequestTurns(), []

    async def ask(number: int) -> None:
        await turns.take("crowd")
        begun.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(2 * REQUESTS_A_PASS + 1)]
    counts = []
    while len(begun) < len(tasks):
        await asyncio.sleep(0)
        counts.append(len(begun))
    assert begun == sorted(begun)
    assert max(b - a for a, b in zip([0, *counts], counts, strict=False)) == REQUESTS_A_PASS
    await turns.take("crowd")


async def test_addresses_take_turns_however_much_one_of_them_asks() -> None:
    turns, begun = RequestTurns(), []

    async def ask(host: str) -> None:
        await turns.take(host)
        begun.append(host)

    tasks = [asyncio.create_task(ask("crowd")) for _ in range(500)]
    tasks.append(asyncio.create_task(ask("bystander")))
    await asyncio.gather(*tasks)
    assert begun.index("bystander") <= REQUESTS_A_PASS + 1
