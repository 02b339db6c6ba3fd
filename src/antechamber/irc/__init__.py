"""IRC's commands: what each asks of the rooms, and what its sender is told."""
