"""Handlers: what carries each command out."""
