"""The clients that people run. They know the protocol (codec, commands, events) and nothing of the server's inside."""
