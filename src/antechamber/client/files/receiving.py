"""Receiving a file: fetching it from the front desk and saving it."""

import errno
import http.client
from collections.abc import Callable
from contextlib import closing

from antechamber.client.files.saving import IncomingFile
from antechamber.client.server_connection import problem_words
from antechamber.protocol.notices import Offer

BLOCK_BYTES = 262_144
_PROBLEMS = {
    errno.ENOSPC: "the disk that it was to be saved on is full.",
    errno.EDQUOT: "the disk that it was to be saved on is full.",
    errno.EACCES: "the folder that it was to be saved in cannot be written to.",
    errno.EPERM: "the folder that it was to be saved in cannot be written to.",
    errno.EROFS: "the folder that it was to be saved in cannot be written to.",
    errno.ENOENT: "the folder that it was to be saved in is no more.",
}


def saving_problem(error: OSError) -> str:
    """Return in words why a file cannot be saved."""
    return _PROBLEMS.get(error.errno or 0, f"it could not be saved ({problem_words(error)}).")


def download(
    desk: http.client.HTTPConnection, offer: Offer, incoming: IncomingFile, moved: Callable[[int], None]
) -> str:
    """Write the offered file from the front desk into `incoming`; return in words what went wrong.

    Raises OSError if it cannot be written.
    """
    with closing(desk):
        try:
            desk.request("GET", offer.path)
            answer = desk.getresponse()
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            return f"the front desk did not answer ({problem_words(error)})."
        if answer.status != http.HTTPStatus.OK:
            return f"the front desk did not have it ({answer.status} {answer.reason})."
        came = 0
        while data := _block(answer):
            came += len(data)
            if came > offer.size:
                break
            incoming.write(data)
            moved(came)
        return "" if came == offer.size else "it broke off on its way from the server."


def is_kept(desk: http.client.HTTPConnection, offer: Offer) -> bool:
    """Tell the front desk that the person has not decided on a file yet; return whether it can still be had."""
    with closing(desk):
        try:
            desk.request("HEAD", offer.path)
            return desk.getresponse().status == http.HTTPStatus.OK
        except (OSError, UnicodeError, http.client.HTTPException):
            return False


def _block(answer: http.client.HTTPResponse) -> bytes:
    """Return the next bytes, none if they end or break off."""
    try:
        return answer.read(BLOCK_BYTES)
    except (OSError, http.client.HTTPException):
        return b""
