"""Rooms: a channel with its log and the sessions of its members, and the turn that fans out to them."""
