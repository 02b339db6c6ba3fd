"""The client that people run. It imports the protocol and the codecs, and nothing else of the server."""
