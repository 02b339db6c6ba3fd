"""Sending and receiving files from the client."""
