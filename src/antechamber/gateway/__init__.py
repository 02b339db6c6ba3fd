"""The gateways: ports and connections. Bytes come in, a codec turns them into commands, and the hub gets these."""
