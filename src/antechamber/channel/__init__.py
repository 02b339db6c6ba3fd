"""One channel: its seats, waiting queue, modes, mutes and roles. Pure: no I/O, no clock."""
