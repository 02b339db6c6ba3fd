"""The server program: its composition root, reload, listeners, and the operator's console."""
