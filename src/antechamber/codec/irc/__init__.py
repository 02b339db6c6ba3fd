"""The IRC codec: lines of bytes <-> commands, events and numerics (RFC 1459, RFC 2812, IRCv3)."""
