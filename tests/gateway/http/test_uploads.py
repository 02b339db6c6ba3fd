"""File transfers at the front desk: an upload, a download, and then deletion; or both sides are told the problem."""

import asyncio
import errno
import gc
import os
from collections.abc import AsyncIterator

import pytest

from antechamber.gateway.http.uploads import StoredFile
from antechamber.protocol.commands import Received
from antechamber.protocol.limits import Limits
from antechamber.protocol.notices import Done, Offer, Sent, TransferFailed
from antechamber.rooms.transfers import SIZE_UNKNOWN
from tests.gateway.front_desks import Place, front_desk

BIG = bytes(range(256)) * 8192
"""A file of 2 MiB: many blocks, and more than the socket buffers hold."""


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with front_desk() as place:
        yield place


def stored_files() -> list[StoredFile]:
    """Return the open files."""
    return [thing for thing in gc.get_objects() if type(thing) is StoredFile and thing._descriptor >= 0]


async def nothing_is_kept(place: Place) -> None:
    """Check that the file is deleted once its users have ended."""
    assert place.transfers._by_ticket == {}
    await place.desk.stop()
    assert stored_files() == []


# Transfers


@pytest.mark.parametrize("content", [b"", b"See you at ten.", BIG], ids=["empty", "small", "big"])
async def test_a_file_arrives_and_is_forgotten(place: Place, content: bytes) -> None:
    offer = await place.offer(content, "papers/notes.txt")
    assert (offer.sender, offer.file, offer.size) == ("Alice", "notes.txt", len(content))
    answer = await place.ask("GET", offer.path)
    assert (answer.status, answer.body) == (200, content)
    place.bob.ask(Received(offer.ticket, id="b1"))
    assert (await place.bob.reads(Done)).id == "b1"
    sent = await place.alice.reads(Sent)
    assert (sent.sender, sent.to, sent.path) == ("Alice", "Bob", "papers/notes.txt")
    answer = await place.ask("GET", offer.path)
    assert (answer.status, answer.error) == (404, "There is no file with this ticket (any more).")
    await nothing_is_kept(place)


async def test_the_file_is_answered_as_one_to_save_and_not_to_show(place: Place) -> None:
    answer = await place.ask("GET", (await place.offer(b"<script>", 'naïve "plan" 100%.html')).path)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"na_ve _plan_ 100%.html\"; filename*=UTF-8''na%C3%AFve%20%22plan%22%20100%25.html"
    )


async def test_a_head_request_tells_the_size_and_begins_no_download(place: Place) -> None:
    offer = await place.offer(b"See you at ten.")
    answer = await place.ask("HEAD", offer.path)
    assert (answer.status, answer.headers["content-length"]) == (200, "15")
    assert place.transfer(offer.ticket).state == "offered"


async def test_a_head_request_says_that_the_target_still_thinks_about_it(place: Place) -> None:
    offer = await place.offer(b"See you at ten.")
    transfer = place.transfer(offer.ticket)
    transfer.moved_at = 0.0
    await place.ask("HEAD", offer.path)
    assert transfer.moved_at > 0.0


async def test_a_download_may_be_asked_for_again_until_the_target_has_it(place: Place) -> None:
    offer = await place.offer(BIG)
    caller = await place.call()
    await caller.ask("GET", offer.path)
    await caller.head()
    await caller.close()
    answer = await place.ask("GET", offer.path)
    assert answer.body == BIG
    assert place.transfer(offer.ticket).state == "downloading"


async def test_bytes_that_move_are_a_sign_of_life(place: Place) -> None:
    ticket = await place.ticket(5)
    transfer = place.transfer(ticket.ticket)
    caller = await place.begin_upload(ticket.path, 5)
    assert transfer.state == "uploading"
    transfer.moved_at = 0.0
    await caller.send(b"12345")
    assert (await caller.answer()).status == 204
    assert transfer.moved_at > 0.0
    await place.bob.reads(Offer)
    transfer.moved_at = 0.0
    assert (await place.ask("GET", ticket.path)).body == b"12345"
    assert transfer.moved_at > 0.0


# Links


async def test_a_file_is_received_once_a_target_that_cannot_say_so_has_fetched_it(place: Place) -> None:
    offer = await place.offer(b"See you at ten.")
    place.transfer(offer.ticket).target.outlet = place.alice.session  # as if the session had several memberships
    assert (await place.ask("HEAD", offer.path)).status == 200
    assert place.transfer(offer.ticket).state == "offered"
    assert (await place.ask("GET", offer.path)).body == b"See you at ten."
    assert (await place.alice.reads(Sent)).to == "Bob"
    await nothing_is_kept(place)


async def test_a_head_request_takes_nothing_off_the_time_that_a_link_has(place: Place) -> None:
    offer = await place.offer(b"See you at ten.")
    transfer = place.transfer(offer.ticket)
    transfer.moved_at = 1e12
    await place.ask("HEAD", offer.path)
    assert transfer.moved_at == 1e12


async def test_a_file_whose_size_was_not_told_has_that_of_its_bytes(place: Place) -> None:
    ticket = await place.ticket(5)
    place.transfer(ticket.ticket).size = SIZE_UNKNOWN
    assert (await place.ask("PUT", ticket.path, body=b"1234567")).status == 204
    assert (await place.bob.reads(Offer)).size == 7


async def test_a_file_whose_size_was_not_told_is_no_larger_than_any() -> None:
    async with front_desk(Limits(file_bytes_max=5)) as place:
        ticket = await place.ticket(5)
        place.transfer(ticket.ticket).size = SIZE_UNKNOWN
        answer = await place.ask("PUT", ticket.path, body=b"123456")
        assert (answer.status, answer.error) == (413, "The file has 6 bytes, which is too much.")
        assert (await place.alice.reads(TransferFailed)).problem == "it is too large."
        ticket = await place.ticket(5)
        place.transfer(ticket.ticket).size = SIZE_UNKNOWN
        assert (await place.ask("PUT", ticket.path, body=b"12345")).status == 204


async def test_a_file_whose_size_was_not_told_counts_beside_the_senders_others() -> None:
    async with front_desk(Limits(transfer_bytes_per_session_max=10)) as place:
        await place.ticket(5)
        ticket = await place.ticket(5)
        place.transfer(ticket.ticket).size = SIZE_UNKNOWN
        answer = await place.ask("PUT", ticket.path, body=b"123456")
        assert (answer.status, answer.error) == (413, "The file has 6 bytes, which is too much.")
        problem = "too much of yours is on its way, try again in a moment."
        assert (await place.alice.reads(TransferFailed)).problem == problem
        ticket = await place.ticket(5)
        place.transfer(ticket.ticket).size = SIZE_UNKNOWN
        assert (await place.ask("PUT", ticket.path, body=b"12345")).status == 204


# Refused requests


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_an_unknown_ticket_is_a_404(place: Place, method: str) -> None:
    answer = await place.ask(method, "/files/none", body=b"")
    assert (answer.status, answer.error) == (404, "There is no file with this ticket (any more).")


async def test_a_file_that_is_not_here_yet_cannot_be_fetched(place: Place) -> None:
    answer = await place.ask("GET", (await place.ticket(5)).path)
    assert (answer.status, answer.error) == (409, "The file has not been uploaded yet.")


async def test_an_upload_without_a_length_is_refused_and_may_be_tried_again(place: Place) -> None:
    ticket = await place.ticket(5)
    caller = await place.call()
    await caller.ask("PUT", ticket.path, {"Transfer-Encoding": "chunked", "Connection": "close"})
    await caller.send(b"5\r\n12345\r\n0\r\n\r\n")
    answer = await caller.answer()
    assert (answer.status, answer.error) == (411, "A request with a body needs a Content-Length.")
    assert (await place.ask("PUT", ticket.path, body=b"12345")).status == 204


@pytest.mark.parametrize(("content", "status"), [(b"1234", 409), (b"123456", 413)])
async def test_a_file_of_another_size_than_announced_is_refused_and_both_are_told(
    place: Place, content: bytes, status: int
) -> None:
    ticket = await place.ticket(5)
    answer = await place.ask("PUT", ticket.path, body=content)
    problem = f"The file was announced with 5 bytes, but has {len(content)}."
    assert (answer.status, answer.error) == (status, problem)
    failed = await place.alice.reads(TransferFailed)
    assert (failed.ticket, failed.problem) == (ticket.ticket, "its size changed before it was read.")
    assert (await place.ask("PUT", ticket.path, body=b"12345")).status == 404
    await nothing_is_kept(place)


async def test_a_file_is_brought_once(place: Place) -> None:
    ticket = await place.ticket(5)
    first = await place.begin_upload(ticket.path, 5)
    await first.send(b"123")
    answer = await place.ask("PUT", ticket.path, body=b"abcde")
    assert (answer.status, answer.error) == (
        409,
        "A file can be uploaded only once, and this one has been or is being uploaded.",
    )
    await first.send(b"45")
    assert (await first.answer()).status == 204
    assert (await place.ask("PUT", ticket.path, body=b"abcde")).status == 409
    assert (await place.ask("GET", ticket.path)).body == b"12345"


# Failures


async def test_an_upload_that_breaks_off_leaves_nothing_and_is_told(place: Place) -> None:
    ticket = await place.ticket(len(BIG))
    caller = await place.begin_upload(ticket.path, len(BIG))
    await caller.send(BIG[: len(BIG) // 2])
    await caller.close()
    assert (await place.alice.reads(TransferFailed)).problem == "it broke off on its way to the server."
    await nothing_is_kept(place)


async def test_an_upload_whose_target_leaves_is_cut(place: Place) -> None:
    ticket = await place.ticket(len(BIG))
    caller = await place.begin_upload(ticket.path, len(BIG))
    await caller.send(BIG[: len(BIG) // 2])
    place.bob.leave()
    assert (await place.alice.reads(TransferFailed)).problem == "Bob has left."
    assert await caller.ended() == b""
    await nothing_is_kept(place)


async def test_a_download_that_is_under_way_when_the_file_is_forgotten_is_cut(place: Place) -> None:
    offer = await place.offer(BIG * 4)
    caller = await place.call()
    await caller.ask("GET", offer.path)
    await caller.head()
    place.bob.ask(Received(offer.ticket, "the disk is full."))
    assert (await place.alice.reads(TransferFailed)).problem == "the disk is full."
    assert (await place.bob.reads(TransferFailed)).problem == "the disk is full."
    assert len(await caller.ended()) < len(BIG * 4)
    await nothing_is_kept(place)


OFTEN = Limits(transfer_idle_seconds_max=0.01)
"""Limits with which the hub checks often for stalled transfers, by the test's clock."""


async def fails_as_time_passes(place: Place) -> TransferFailed:
    """Advance the clock until Alice is told that her file did not arrive."""
    told = asyncio.create_task(place.alice.reads(TransferFailed))
    while not (await asyncio.wait([told], timeout=OFTEN.transfer_idle_seconds_max))[0]:
        place.clock.time += 1
    return told.result()


async def test_an_upload_that_stands_still_is_cut() -> None:
    async with front_desk(OFTEN) as place:
        ticket = await place.ticket(5)
        caller = await place.begin_upload(ticket.path, 5)
        await caller.send(b"123")
        assert (await fails_as_time_passes(place)).problem == "it made no progress for too long."
        assert await caller.ended() == b""
        await nothing_is_kept(place)


async def test_a_download_that_stands_still_is_cut() -> None:
    async with front_desk(OFTEN) as place:
        offer = await place.offer(BIG * 4)
        caller = await place.call()
        await caller.ask("GET", offer.path)
        await caller.head()
        assert (await fails_as_time_passes(place)).problem == "it made no progress for too long."
        assert len(await caller.ended()) < len(BIG * 4)
        await nothing_is_kept(place)


@pytest.mark.parametrize(
    ("number", "status", "problem"),
    [
        (errno.ENOSPC, 507, "the server's disk is full."),
        (errno.EDQUOT, 507, "the server's disk is full."),
        (errno.EIO, 500, f"the server could not keep it ({os.strerror(errno.EIO)})."),
    ],
)
@pytest.mark.parametrize("method", ["open", "append"])
async def test_a_disk_that_takes_nothing_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch, number: int, status: int, problem: str, method: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(StoredFile, method, fail)
    ticket = await place.ticket(5)
    answer = await place.ask("PUT", ticket.path, body=b"12345")
    assert (answer.status, answer.error) == (status, f"The file was not taken: {problem}")
    assert (await place.alice.reads(TransferFailed)).problem == problem
    await nothing_is_kept(place)


async def test_a_file_that_cannot_be_read_again_is_given_up(place: Place) -> None:
    offer = await place.offer(b"12345")
    content = place.transfer(offer.ticket).content
    assert isinstance(content, StoredFile)
    os.ftruncate(content._descriptor, 0)
    caller = await place.call()
    await caller.ask("GET", offer.path)
    problem = f"the server could not read it ({os.strerror(errno.EIO)})."
    assert (await place.alice.reads(TransferFailed)).problem == problem
    assert (await place.bob.reads(TransferFailed)).problem == problem
    assert b"12345" not in await caller.ended()
    await nothing_is_kept(place)


async def test_a_stop_cuts_what_is_under_way(place: Place) -> None:
    offer = await place.offer(BIG * 4)
    ticket = await place.ticket(5)
    downloading, uploading = await place.call(), await place.begin_upload(ticket.path, 5)
    await downloading.ask("GET", offer.path)
    await downloading.head()
    await place.desk.stop()
    assert await uploading.ended() == b""
    assert len(await downloading.ended()) < len(BIG * 4)


async def test_the_bytes_have_no_name_on_the_disk(place: Place) -> None:
    await place.offer(b"a secret")
    (stored,) = stored_files()
    assert os.fstat(stored._descriptor).st_nlink == 0
