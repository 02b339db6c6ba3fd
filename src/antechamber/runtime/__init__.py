"""What a program stands on: the clock and the loop, one timer, a worker thread, the terminal, paths, diagnostics."""
