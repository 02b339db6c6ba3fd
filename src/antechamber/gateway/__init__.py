"""Gateways: transports on one side, the hub on the other. Bytes come in, go through a codec, and become commands."""
