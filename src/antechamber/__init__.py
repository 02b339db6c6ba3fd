"""Antechamber: self-hosted chat whose channels have a limited number of seats and a fair waiting queue."""

__version__ = "0.6.0"
