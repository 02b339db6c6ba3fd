"""Looking up a channel's port by its name, at the front desk."""

import http.client

import msgspec

from antechamber.client.server_connection import ConnectionProblem, NoSuchChannel, problem_words
from antechamber.protocol.notices import ChannelInfo
from antechamber.protocol.text import clean

_SECONDS_MAX = 5.0
_BYTES_MAX = 4 << 20


def channel_port(host: str, front_desk_port: int, channel: str) -> int:
    """Return the port of `channel`. Raises ConnectionProblem, or NoSuchChannel if there is none."""
    where = f"{host}:{front_desk_port}"
    desk = http.client.HTTPConnection(host, front_desk_port, timeout=_SECONDS_MAX)
    try:
        desk.request("GET", "/channels")
        answer = desk.getresponse().read(_BYTES_MAX)
        channels = msgspec.json.decode(answer, type=list[ChannelInfo])
    except (OSError, UnicodeError) as error:
        words = f"the front desk at {where} does not answer: {problem_words(error)}"
        raise ConnectionProblem(f"{words} (it knows the channels by name; a port needs no asking)") from error
    except (http.client.HTTPException, msgspec.DecodeError) as error:
        raise ConnectionProblem(f"what answers at {where} is no front desk") from error
    finally:
        desk.close()
    for info in channels:
        if info.name == channel:
            return info.port
    there = ", ".join(clean(info.name) for info in channels)
    raise NoSuchChannel(f"there is no channel {clean(channel)} at {where}; there are {there}")
