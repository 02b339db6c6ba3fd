"""The range of each limit: a lower value would stop the server from working, a higher one would not be a limit."""

from collections.abc import Mapping
from typing import NamedTuple

from antechamber.protocol.limits import NAME_CHARACTERS_MOST, PORT_MAX, Limits

_DAY = 86_400
_YEAR = 365 * _DAY
_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


class Bound(NamedTuple):
    """The range of a setting: from `least` to `most`, or 0 as well if that has the meaning `zero`."""

    least: float
    most: float
    zero: str = ""


BOUNDS: Mapping[str, Bound] = {
    "line_bytes_max": Bound(_KIB, 64 * _KIB),  # the longest resume token still fits into a line
    "name_characters_max": Bound(1, NAME_CHARACTERS_MOST),
    "id_characters_max": Bound(1, 1_024),
    "recent_ids_max": Bound(128, 100_000),  # a reconnecting client may send up to 100 again
    "path_characters_max": Bound(1, 4_096),
    "waiting_max": Bound(0, 1_000_000),  # at 0 nobody can wait: newcomers are rejected if no seat is free
    "capacity_max": Bound(1, 1_000_000),
    "channels_max": Bound(1, PORT_MAX),
    "idle_seconds_max": Bound(0.1, _YEAR, zero="never"),
    "seat_hold_seconds": Bound(0, 7 * _DAY),
    "place_hold_seconds": Bound(0, 7 * _DAY),
    "held_visit_seconds_min": Bound(0, 3_600),
    "address_held_max": Bound(0, 1_000_000),  # at 0 no newcomer is held
    "mute_seconds_max": Bound(1, _YEAR),
    "sessions_max": Bound(1, 1_000_000),
    "sessions_per_address_max": Bound(1, 1_000_000),
    "commands_per_second_max": Bound(0.1, 100_000, zero="no bound"),
    "commands_burst_max": Bound(1, 1_000_000),
    "hello_seconds_max": Bound(0.1, 3_600),
    "linger_seconds_max": Bound(0.1, 60),
    "inbox_commands_max": Bound(1, 10_000_000),
    "turn_characters_max": Bound(_KIB, 64 * _MIB),
    "catch_up_bytes_max": Bound(_KIB, 64 * _MIB),
    "catch_up_seconds_max": Bound(0.1, 3_600),
    "outbox_bytes_max": Bound(256 * _KIB, _GIB),  # four of the longest lines
    "unread_seconds_max": Bound(1, 3_600),
    "console_bytes_max": Bound(64 * _KIB, _GIB),
    "file_bytes_max": Bound(1, 1_024 * _GIB),
    "transfers_max": Bound(1, 10_000),
    "transfers_per_session_max": Bound(1, 10_000),
    "transfer_bytes_per_session_max": Bound(1, 1_024 * _GIB),
    "transfer_seconds_max": Bound(1, 7 * _DAY),
    "transfer_idle_seconds_max": Bound(0.1, 3_600),
    "snapshot_entries_max": Bound(1, 1_000_000),
    "address_connections_per_second_max": Bound(0.1, 1_000_000, zero="no bound"),
    "address_connections_burst_max": Bound(1, 1_000_000),
    "address_hellos_per_second_max": Bound(0.01, 100_000, zero="no bound"),
    "address_hellos_burst_max": Bound(1, 1_000_000),
    "address_commands_per_second_max": Bound(0.1, 1_000_000, zero="no bound"),
    "address_commands_burst_max": Bound(1, 10_000_000),
    "address_logged_bytes_per_second_max": Bound(1, _GIB, zero="no bound"),
    "address_logged_bytes_burst_max": Bound(64 * _KIB, 1_024 * _GIB),
    "address_foundings_per_second_max": Bound(0.0001, 1_000, zero="no bound"),
    "address_foundings_burst_max": Bound(1, 1_000_000),
    "address_front_desk_connections_max": Bound(1, 1_000_000),
    "address_watchers_max": Bound(1, 1_000_000),
    "address_transfers_max": Bound(1, 10_000),
    "address_transfer_bytes_max": Bound(1, 1_024 * _GIB),
    "address_marks_max": Bound(1, 1_000_000),
    "failures_burst_max": Bound(1, 1_000),
    "address_failures_burst_max": Bound(1, 1_000_000),
    "failure_delay_seconds_max": Bound(1, _DAY),
    "failures_forgotten_seconds": Bound(1, 30 * _DAY),
}
"""The range of each limit."""

OUTBOX_TIMES = 4
FIT_THE_OUTBOX = ("turn_characters_max", "catch_up_bytes_max")
"""Limits of what is sent at once: the outbox holds `OUTBOX_TIMES` as many bytes, so that readers are not closed."""

RETENTION_DAYS = Bound(0, 36_500)
RETENTION_ENTRIES = Bound(0, 1_000_000_000)
PORT = Bound(1, PORT_MAX)


def seats(limits: Limits) -> Bound:
    """Return the range of a channel's seats."""
    return Bound(1, limits.capacity_max)
