"""Gateways: the listeners and connections that turn bytes into commands for the hub, by way of a codec."""
