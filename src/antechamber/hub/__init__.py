"""The hub: it takes turns, keeps them in the log, and rolls back those that the log refuses."""
