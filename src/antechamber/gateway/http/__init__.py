"""The front desk: the HTTP and WebSocket listener."""
