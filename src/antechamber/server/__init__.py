"""The server program: the composition root, reload, and the operator's console."""
